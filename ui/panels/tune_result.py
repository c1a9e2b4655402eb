"""The result of a race: a verdict in words, a table, and pictures of what each strategy gained, forgot and cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.statistics import Verdict, interval, leader, with_leader
from ui.charts.tables import as_markdown
from ui.panels.amounts import amount, duration, percent, size_of
from ui.panels.naming import plain
from ui.panels.tune_figures import choose_format
from ui.panels.tune_keep import keep
from ui.panels.tune_outcomes import Outcome, outcomes, said_of
from ui.panels.tune_pictures import PICTURES, is_f1, score_picture
from ui.panels.tune_race import Running, heading, titles
from ui.panels.tune_start import ceiling_of_task


def show_result(now: Running) -> None:
    """Everything that can be said once a race is over."""
    found = outcomes(now)
    st.subheader(heading(now.race))
    if not found:
        st.warning("No run of this race came to its end, so there is nothing to compare.", icon=":material/block:")
        return
    with st.container(border=True):
        st.markdown(verdict(now, found))
    if words := absent(now, found):
        st.caption(words)
    with st.expander("How sure is that?", icon=":material/balance:", key="tune-sure", on_change="rerun") as opened:
        if opened.open:
            st.markdown(how_sure(found))
    st.markdown(table(now, found))
    left, right = st.columns(2, gap="medium")
    with left:
        score_picture(now, found)
    with right:
        choose_picture(now, found)
    choose_format()
    keep(now, found)


def choose_picture(now: Running, found: Sequence[Outcome]) -> None:
    """One picture more, by choice; the others aren't drawn."""
    names = {name: title for name, (title, _, fits) in PICTURES.items() if fits(found)}
    chosen = st.pills(
        "Picture",
        list(names),
        format_func=names.__getitem__,
        default=next(iter(names)),
        required=True,
        key="tune-picture",
        persist_state="session",
        label_visibility="collapsed",
        wrap=True,
        help="Each picture shows another side of the same runs.",
    )
    chosen = chosen if chosen in names else next(iter(names))
    PICTURES[str(chosen)][1](now, found)


def absent(now: Running, found: Sequence[Outcome]) -> str:
    """Strategies without a finished seed, and seeds that are missing, with what their runs said."""
    ended = {one.key: len(one.scores) for one in found}
    lines = []
    for key, title in titles(now.race.spec.strategies).items():
        if ended.get(key, 0) < now.race.spec.seeds:
            said = dict.fromkeys(cell.run.message for cell in now.cells if cell.entry.key == key and cell.run)
            why = " ".join(plain(one) for one in said if one) or "It was stopped."
            lines.append(f"{plain(title)}: {ended.get(key, 0)} of {count(now.race.spec.seeds)} came to an end. {why}")
    return "  \n".join(lines)


# The verdict


def verdict(now: Running, found: Sequence[Outcome]) -> str:
    """Who leads, who is clearly behind, who can't be told apart, and what it cost in old knowledge; Markdown."""
    scores = {one.key: one.scores for one in found}
    by_key = {one.key: one for one in found}
    ahead = by_key[leader(scores)]
    seeds = len(ahead.scores)
    ceiling = ceiling_of_task(now.race.spec.base)
    top = "" if ceiling is None or is_f1(found) else f"; nobody can have more than {percent(ceiling)}"
    mean = said_of(interval(list(ahead.scores.values())))
    lines = [f"**{plain(ahead.title)}** has the best mean score: **{mean}** over {count(seeds)}{top}."]
    of = [(one, by_key[one.behind if one.ahead == ahead.key else one.ahead]) for one in with_leader(scores)]
    lines += [line for line in (behind(of), unclear(of, ahead), untested(of)) if line]
    if line := forgot(found):
        lines.append(line)
    return "\n\n".join(lines)


def count(seeds: int) -> str:
    return f"{seeds} seed{'s' if seeds != 1 else ''}"


def points(one: Verdict) -> str:
    return f"{100 * one.difference:.1f} points"


def behind(of: Sequence[tuple[Verdict, Outcome]]) -> str:
    """Those that are worse, and it isn't chance."""
    worse = [f"{plain(other.title)} (by {points(one)})" for one, other in of if one.clear]
    return f"Clearly behind it: {', '.join(worse)}." if worse else ""


def unclear(of: Sequence[tuple[Verdict, Outcome]], ahead: Outcome) -> str:
    """Those that can't be told from the leader."""
    open_ = [(one, other) for one, other in of if one.method and not one.clear]
    if not open_:
        return ""
    said = []
    for one, other in open_:
        needed = "the same with every seed" if one.same else points(one)
        if not one.same:
            needed += f"; about {one.needed} seeds would tell" if one.needed else "; even 200 seeds might not tell"
        said.append(f"{plain(other.title)} ({needed})")
    n = max(one.seeds for one, _ in open_)
    return f"**Not distinguishable from {plain(ahead.title)} with these {count(n)}**: {', '.join(said)}."


def untested(of: Sequence[tuple[Verdict, Outcome]]) -> str:
    """Where there are too few seeds for any test."""
    few = [plain(other.title) for one, other in of if not one.method]
    return (
        f"**No verdict on {', '.join(few)}**: a test needs 3 seeds that both ran. Race again with more." if few else ""
    )


def forgot(found: Sequence[Outcome]) -> str:
    """Who lost most and least of what pretraining had taught."""
    losses = {one.title: one.pretraining() for one in found if one.pretraining()}
    before = next((one.pretraining(at=0) for one in found if one.pretraining(at=0)), [])
    if not before or not losses:
        return ""
    means = {title: sum(all_) / len(all_) for title, all_ in losses.items()}
    least, most = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    first = sum(before) / len(before)
    same = f"**Forgetting**: its pretraining loss was {first:.2f} nats before"
    if least == most:
        return f"{same}, and is {means[least]:.2f} after {plain(least)}."
    return (
        f"{same}. It is {means[least]:.2f} after {plain(least)}, which forgets least, and {means[most]:.2f} after "
        f"{plain(most)}, which forgets most."
    )


def how_sure(found: Sequence[Outcome]) -> str:
    """The tests, pair by pair, with their source; Markdown."""
    scores = {one.key: one.scores for one in found}
    named = {one.key: plain(one.title) for one in found}
    pairs = with_leader(scores)
    if not pairs:
        return "With one strategy there is nothing to compare."
    rows = [
        (
            f"{named[one.ahead]} − {named[one.behind]}",
            points(one),
            "–" if one.low is None or one.high is None else f"{100 * one.low:.1f} to {100 * one.high:.1f}",
            "–" if one.corrected is None else f"{one.corrected:.3f}",
            "yes" if one.clear else "no",
        )
        for one in pairs
    ]
    method = next((one.method for one in pairs if one.method), "")
    test = {
        "paired t": "Paired t test (Student 1908)",
        "sign flips": "Exact sign-flip permutation test (Fisher 1935)",
    }.get(method, "Too few seeds for a test")
    return (
        as_markdown(("Difference", "Mean", "Interval", "p, corrected", "Clear?"), rows)
        + f"\n\n{test}: strategies share their seeds (the same labelled sentences in the same order), so differences "
        f"are taken seed by seed. All {pairs[0].pairs} pairs of this race are corrected together (Holm 1979), at 5 %. "
        "± in the table below: the 95 % interval of the mean."
    )


# The table


def table(now: Running, found: Sequence[Outcome]) -> str:
    """One row a strategy; Markdown."""
    before = next((one.pretraining(at=0) for one in found if one.pretraining(at=0)), [])
    lost = f"Old loss (before: {sum(before) / len(before):.2f})" if before else "Old loss"
    header = ("Strategy", "Score", "Each seed", "Shifted", lost, "Numbers that learn", "Time", "Memory", "Rate")
    best = leader({one.key: one.scores for one in found})
    return as_markdown(header, [row_of(one, one.key == best) for one in found])


def row_of(one: Outcome, best: bool) -> tuple[str, ...]:
    name = f"**{plain(one.title)}**" if best else plain(one.title)
    after = one.pretraining()
    peak = one.peak
    return (
        name,
        said_of(interval(list(one.scores.values()))),
        "\u00a0· ".join(f"{100 * value:.1f}" for value in one.scores.values()).replace(" ", "\u00a0"),
        said_of(interval(one.shifted)) if one.shifted else "–",
        said_of(interval(after), 1.0, 2, "") if after else "–",
        "–" if one.learning is None else amount(one.learning),
        duration(one.seconds) if one.seconds else "–",
        "–" if peak is None else size_of(peak),
        "–" if one.rate is None or not one.learning else f"{one.rate:g}",
    )
