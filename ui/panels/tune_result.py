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
from ui.panels.tune_launch import seeds_of
from ui.panels.tune_outcomes import Outcome, outcomes, said_of
from ui.panels.tune_pictures import PICTURES, is_f1, score_picture
from ui.panels.tune_race import Running, heading, titles
from ui.panels.tune_start import ceiling_of_task
from ui.words import later, tr


def show_result(now: Running) -> None:
    """Everything that can be said once a race is over."""
    found = outcomes(now)
    st.subheader(heading(now.race))
    if not found:
        words = tr("No run of this race came to its end, so there is nothing to compare.")
        st.warning(words, icon=":material/block:")
        return
    with st.container(border=True):
        st.markdown(verdict(now, found))
    if words := absent(now, found):
        st.caption(words)
    with st.expander(tr("How sure is that?"), icon=":material/balance:", key="tune-sure", on_change="rerun") as opened:
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
    names = {name: tr(title) for name, (title, _, fits) in PICTURES.items() if fits(found)}
    chosen = st.pills(
        tr("Picture"),
        list(names),
        format_func=names.__getitem__,
        default=next(iter(names)),
        required=True,
        key="tune-picture",
        persist_state="session",
        label_visibility="collapsed",
        wrap=True,
        help=tr("Each picture shows another side of the same runs."),
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
            why = " ".join(plain(tr(one)) for one in said if one) or tr("It was stopped.")
            parts = {"name": plain(title), "n": ended.get(key, 0), "seeds": seeds_of(now.race.spec.seeds)}
            lines.append(tr("{name}: {n} of {seeds} came to an end. {why}", **parts, why=why))
    return "  \n".join(lines)


# The verdict


def verdict(now: Running, found: Sequence[Outcome]) -> str:
    """Who leads, who is clearly behind, who can't be told apart, and what it cost in old knowledge; Markdown."""
    scores = {one.key: one.scores for one in found}
    by_key = {one.key: one for one in found}
    ahead = by_key[leader(scores)]
    ceiling = ceiling_of_task(now.race.spec.base)
    parts = {
        "name": plain(ahead.title),
        "mean": said_of(interval(list(ahead.scores.values()))),
        "seeds": seeds_of(len(ahead.scores)),
    }
    lines = [
        tr("**{name}** has the best mean score: **{mean}** over {seeds}.", **parts)
        if ceiling is None or is_f1(found)
        else tr(
            "**{name}** has the best mean score: **{mean}** over {seeds}; nobody can have more than {ceiling}.",
            **parts,
            ceiling=percent(ceiling),
        )
    ]
    of = [(one, by_key[one.behind if one.ahead == ahead.key else one.ahead]) for one in with_leader(scores)]
    lines += [line for line in (behind(of), unclear(of, ahead), untested(of)) if line]
    if line := forgot(found):
        lines.append(line)
    return "\n\n".join(lines)


def points(one: Verdict) -> str:
    return tr("{n} points", n=f"{100 * one.difference:.1f}")


def behind(of: Sequence[tuple[Verdict, Outcome]]) -> str:
    """Those that are worse, and it isn't chance."""
    worse = [tr("{name} (by {points})", name=plain(other.title), points=points(one)) for one, other in of if one.clear]
    return tr("Clearly behind it: {names}.", names=tr(", ").join(worse)) if worse else ""


def unclear(of: Sequence[tuple[Verdict, Outcome]], ahead: Outcome) -> str:
    """Those that can't be told from the leader."""
    open_ = [(one, other) for one, other in of if one.method and not one.clear]
    if not open_:
        return ""
    return tr(
        "**Not distinguishable from {name} with these {seeds}**: {others}.",
        name=plain(ahead.title),
        seeds=seeds_of(max(one.seeds for one, _ in open_)),
        others=tr(", ").join(_open(one, plain(other.title)) for one, other in open_),
    )


def _open(one: Verdict, name: str) -> str:
    """A strategy that can't be told from the leader, with how many seeds would tell."""
    if one.same:
        return tr("{name} (the same with every seed)", name=name)
    if one.needed:
        return tr("{name} ({points}; about {n} seeds would tell)", name=name, points=points(one), n=one.needed)
    return tr("{name} ({points}; even 200 seeds might not tell)", name=name, points=points(one))


def untested(of: Sequence[tuple[Verdict, Outcome]]) -> str:
    """Where there are too few seeds for any test."""
    few = [plain(other.title) for one, other in of if not one.method]
    if not few:
        return ""
    return tr(
        "**No verdict on {names}**: a test needs 3 seeds that both ran. Race again with more.",
        names=tr(", ").join(few),
    )


def forgot(found: Sequence[Outcome]) -> str:
    """Who lost most and least of what pretraining had taught."""
    losses = {one.title: one.pretraining() for one in found if one.pretraining()}
    before = next((one.pretraining(at=0) for one in found if one.pretraining(at=0)), [])
    if not before or not losses:
        return ""
    means = {title: sum(all_) / len(all_) for title, all_ in losses.items()}
    least, most = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    first = f"{sum(before) / len(before):.2f}"
    if least == most:
        return tr(
            "**Forgetting**: its pretraining loss was {before} nats before, and is {after} after {name}.",
            before=first,
            after=f"{means[least]:.2f}",
            name=plain(least),
        )
    return tr(
        "**Forgetting**: its pretraining loss was {before} nats before. It is {low} after {least}, which forgets "
        "least, and {high} after {most}, which forgets most.",
        before=first,
        low=f"{means[least]:.2f}",
        least=plain(least),
        high=f"{means[most]:.2f}",
        most=plain(most),
    )


TESTS = {
    "paired t": later("Paired t test (Student 1908)"),
    "sign flips": later("Exact sign-flip permutation test (Fisher 1935)"),
}


def how_sure(found: Sequence[Outcome]) -> str:
    """The tests, pair by pair, with their source; Markdown."""
    scores = {one.key: one.scores for one in found}
    named = {one.key: plain(one.title) for one in found}
    pairs = with_leader(scores)
    if not pairs:
        return tr("With one strategy there is nothing to compare.")
    rows = [(f"{named[one.ahead]} − {named[one.behind]}", *_told(one)) for one in pairs]
    header = (tr("Difference"), tr("Mean"), tr("Interval"), tr("p, corrected"), tr("Clear?"))
    method = next((one.method for one in pairs if one.method), "")
    words = tr(
        "{test}: strategies share their seeds (the same labelled sentences in the same order), so differences are "
        "taken seed by seed. All {n} pairs of this race are corrected together (Holm 1979), at 5 %. ± in the table "
        "below: the 95 % interval of the mean.",
        test=tr(TESTS[method]) if method else tr("Too few seeds for a test"),
        n=pairs[0].pairs,
    )
    return f"{as_markdown(header, rows)}\n\n{words}"


def _told(one: Verdict) -> tuple[str, ...]:
    """One pair's numbers, as cells of a table."""
    bounds = one.low is not None and one.high is not None
    return (
        points(one),
        tr("{low} to {high}", low=f"{100 * one.low:.1f}", high=f"{100 * one.high:.1f}") if bounds else "–",
        "–" if one.corrected is None else f"{one.corrected:.3f}",
        tr("yes") if one.clear else tr("no"),
    )


# The table


def table(now: Running, found: Sequence[Outcome]) -> str:
    """One row a strategy; Markdown."""
    before = next((one.pretraining(at=0) for one in found if one.pretraining(at=0)), [])
    lost = tr("Old loss (before: {loss})", loss=f"{sum(before) / len(before):.2f}") if before else tr("Old loss")
    header = (tr("Strategy"), tr("Score"), tr("Each seed"), tr("Shifted"), lost, tr("Numbers that learn"))
    header += (tr("Time"), tr("Memory"), tr("Rate"))
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
