"""Claims on trial: judge first, then have the experiment run on the spot with several seeds, and read its outcome."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.runs.failures import LookError
from core.statistics import interval, verdicts
from lessons.catalogue import LESSONS
from lessons.claims.claim import VERDICTS, Claim, Comparison, outcome
from lessons.claims.docket import DOCKET
from lessons.texts import Text
from ui import backend, state
from ui.panels.attempt import attempt
from ui.panels.launch import launch
from ui.panels.lesson_way import go_to, record
from ui.panels.lesson_words import number, phrase, text_of
from ui.panels.naming import plain
from ui.panels.polling import pace, polled
from ui.panels.watched import watch
from ui.places import go
from ui.words import language, tr

ROW = "claims"  # of the store's progress
SIDES = ("first", "second")
ICONS = {"true": ":material/check_circle:", "false": ":material/cancel:", "depends": ":material/balance:"}


def words() -> Text:
    return Text("claims", language())


def kept() -> dict[str, Any]:
    """What this learner said of each claim, and the runs that they had tested it with."""
    return backend.store().progress.of(state.owner()).get(ROW, {})


def keep(claim: Claim, **changes: Any) -> None:
    now = kept()
    backend.store().progress.keep(state.owner(), ROW, {**now, claim.key: {**now.get(claim.key, {}), **changes}})


def show_claims() -> None:
    st.title(words().title("claims"), anchor=False)
    st.markdown(words().body("claims"))
    now = kept()
    for claim in DOCKET:
        with st.container(border=True):
            show_claim(claim, now.get(claim.key, {}))


def show_claim(claim: Claim, done: dict[str, Any]) -> None:
    """The claim; once it is judged, the verdict with its reason, and its trials."""
    text = words()
    st.subheader(text.title(f"claim.{claim.key}"), anchor=False)
    said = done.get("said")
    st.pills(
        text.title("your-judgement"),
        VERDICTS,
        default=said,
        format_func=lambda one: text.title(f"verdict.{one}"),
        key=f"judge-{claim.key}",
        on_change=attempt,
        args=(partial(judge, claim),),
    )
    if not said:
        return
    agreed = text.title("you-agree" if said == claim.verdict else "you-differ")
    st.markdown(f"{ICONS[claim.verdict]} **{agreed}** {text.body(f'claim.{claim.key}')}")
    for comparison in claim.comparisons:
        show_comparison(claim, comparison, done.get(comparison.key, {}))
    with st.container(horizontal=True, vertical_alignment="center"):
        if claim.lesson in LESSONS:
            lesson = LESSONS[claim.lesson]
            st.button(
                f"{text.title('to-lesson')}: {text_of(lesson).title('lesson')}",
                icon=":material/school:",
                type="tertiary",
                help=text.body("to-lesson"),
                key=f"lesson-{claim.key}",
                on_click=open_lesson,
                args=(claim.lesson,),
            )
        with st.popover(phrase("sources"), icon=":material/menu_book:", type="tertiary", key=f"sources-{claim.key}"):
            st.markdown("\n".join(f"- {source}" for source in claim.sources))


def judge(claim: Claim) -> None:
    said = state.widget(f"judge-{claim.key}")
    if said in VERDICTS:
        keep(claim, said=said)


def open_lesson(slug: str) -> None:
    state.set_param("show", None)
    go_to(LESSONS[slug], "question")


def show_comparison(claim: Claim, comparison: Comparison, done: dict[str, Any]) -> None:
    """One trial: the button, the runs under way, the numbers, and what they say."""
    text, name = words(), f"claim.{claim.key}.{comparison.key}"
    st.markdown(f"**{text.title(name)}**")
    ids = [run_id for side in SIDES for run_id in done.get("runs", {}).get(side, [])]
    several = watch(ids)
    if several:
        polled(partial(draw_progress, ids), pace(one.run for one in several))
    if several and len(several) == len(ids) and not done.get("found") and not any(one.run.under_way for one in several):
        done = note(claim, comparison, done) or done
    if found := done.get("found"):
        tell(comparison, name, found)
    with st.container(horizontal=True):
        st.button(
            text.title("test-again" if ids else "test"),
            type="secondary" if ids else "primary",
            icon=":material/replay:" if ids else ":material/play_arrow:",
            help=(text.body("test-again" if ids else "test")).replace("{{seeds}}", str(comparison.seeds)),
            disabled=any(one.run.under_way for one in several),
            key=f"test-{claim.key}-{comparison.key}",
            on_click=attempt,
            args=(partial(begin, claim, comparison),),
        )
        curves = f"curves-{claim.key}-{comparison.key}"
        if several and st.button(
            text.title("to-curves"), icon=":material/monitoring:", help=text.body("to-curves"), key=curves
        ):
            go("train", run=",".join(one.run.id for one in several))


def begin(claim: Claim, comparison: Comparison) -> None:
    """Start both sides with every seed."""
    sides = (comparison.first, comparison.second)
    ids = launch([one.with_({"train.seed": seed}) for one in sides for seed in range(comparison.seeds)])
    keep(claim, **{comparison.key: {"runs": {"first": ids[: comparison.seeds], "second": ids[comparison.seeds :]}}})


def draw_progress(ids: list[str]) -> float | None:
    """How many runs have finished. Says when to draw again."""
    several = watch(ids)
    ended = [one for one in several if not one.run.under_way]
    if len(ended) < len(several):
        told = words().title("under-way").replace("{{done}}", str(len(ended))).replace("{{all}}", str(len(several)))
        st.progress(len(ended) / len(several), told)
    return pace(one.run for one in several)


def note(claim: Claim, comparison: Comparison, done: dict[str, Any]) -> dict[str, Any] | None:
    """Write down what the ended runs measured; None where one of them did not finish."""
    try:
        records = {
            side: [record(one, claim.looks) for one in watch(done["runs"][side])] for side in SIDES
        }  # in order of their seeds
    except LookError as problem:
        st.warning(plain(tr(str(problem))), icon=":material/warning:")
        return None
    if not all(one.finished for of_side in records.values() for one in of_side):
        st.warning(words().title("failed"), icon=":material/warning:")
        return None
    found = {side: [float(comparison.measured(one)) for one in records[side]] for side in SIDES}
    now = {**done, "found": found}
    keep(claim, **{comparison.key: now})
    return now


def tell(comparison: Comparison, name: str, found: dict[str, list[float]]) -> None:
    """Both means with their intervals, and what follows from them."""
    text = words()
    titles = {side: text.title(f"{name}.{side}") for side in SIDES}
    for column, side in zip(st.columns(2), SIDES, strict=True):
        column.metric(titles[side], number(sum(found[side]) / len(found[side]), comparison.unit))
        column.caption(spread(comparison, found[side]))
    (judged,) = verdicts({side: dict(enumerate(found[side])) for side in SIDES})
    told = outcome(comparison, found["first"], found["second"], judged.clear)
    gap = number(judged.difference, comparison.unit)
    if comparison.unit == "percent":  # a difference of shares is told in points
        gap = text.title("points").replace("{{points}}", f"{100 * judged.difference:.1f}")
    said = text.title(f"outcome.{told}")
    for key, value in {**titles, "gap": gap, "seeds": str(len(found["first"]))}.items():
        said = said.replace("{{" + key + "}}", value)
    st.markdown(f"{said} {text.title('as-expected' if told == comparison.expected else 'otherwise')}")


def spread(comparison: Comparison, values: list[float]) -> str:
    """The interval of the mean over seeds, in words."""
    of, text = interval(values), words()
    said = text.title("one-value" if of.low is None or of.low == of.high else "interval")
    for key, value in {"mean": of.mean, "low": of.low, "high": of.high}.items():
        said = said.replace("{{" + key + "}}", "" if value is None else number(value, comparison.unit))
    return said
