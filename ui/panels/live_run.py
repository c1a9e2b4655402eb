"""Runs as they train: a card each, their curves over one another, what they write, and the numbers behind it all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.canvas.sentence import Row, show_sentences
from ui.charts.of_runs import Measured, Taste, accuracy_chart, gradient_chart, loss_chart, rate_chart
from ui.charts.tables import as_csv, as_markdown
from ui.panels.amounts import percent
from ui.panels.marks import show_marks
from ui.panels.naming import plain, summary
from ui.panels.polling import SLOWLY, pace
from ui.panels.reading import leaked
from ui.panels.samples import show_samples
from ui.panels.steering import steer
from ui.panels.watched import Watched, watch
from ui.panels.words_of_run import badge, device_words, status_words
from ui.words import tr

CARDS_IN_A_ROW = 3
CHART_HEIGHT, LOW_CHART_HEIGHT = 320, 250


def measured(watched: Watched) -> Measured:
    """A run's numbers in the charts' terms."""
    history, data = watched.history, watched.run.experiment.data
    return Measured(
        watched.name,
        watched.colour,
        history.steps,
        history.losses,
        history.accuracies,
        history.gradient_norms,
        history.learning_rates,
        history.evaluations,
        watched.run.steps,
        watched.ceiling,
        1 / len(data.settings.classes) if data.is_made else None,
        watched.floor,
    )


def draw_live(ids: Sequence[str], taste: Taste) -> float | None:
    """What changes with every step of these runs: cards, accuracy and loss. Says when to draw again."""
    several = watch(ids)
    for start in range(0, len(several), CARDS_IN_A_ROW):
        row = several[start : start + CARDS_IN_A_ROW]
        for column, watched in zip(st.columns(len(row), border=True), row, strict=True):
            with column, st.container(gap="xsmall"):
                card(watched)
    runs = [measured(one) for one in several]
    left, right = st.columns(2)
    left.echarts_chart(accuracy_chart(runs, taste), key="accuracy", height=CHART_HEIGHT)
    right.echarts_chart(loss_chart(runs, taste), key="loss", height=CHART_HEIGHT)
    return pace(one.run for one in several)


def draw_slower(ids: Sequence[str], taste: Taste) -> float | None:
    """What may lag a moment: gradient norm, learning rate, and what text models write. Says when to draw again."""
    several = watch(ids)
    runs = [measured(one) for one in several]
    left, right = st.columns(2)
    left.echarts_chart(gradient_chart(runs, taste), key="gradient", height=LOW_CHART_HEIGHT)
    right.echarts_chart(rate_chart(runs), key="rate", height=LOW_CHART_HEIGHT)
    for watched in several:
        show_samples(watched)
        show_marks(watched)
    return pace((one.run for one in several), SLOWLY)


def card(watched: Watched) -> None:
    """Who, where it stands, what it reached, and the controls."""
    run = watched.run
    show_sentences([Row(watched.name, [], watched.colour)], key=f"name-{run.id}")
    st.caption(plain(summary(run.experiment)))
    st.markdown(f"{badge(run.status)} {status_words(watched)}")
    if run.under_way:
        st.progress(min(1.0, run.step / max(1, run.steps)))
    st.markdown(result_words(watched))
    if words := leaked(watched):
        st.warning(words, icon=":material/visibility:")
    if words := device_words(watched):
        st.caption(words)
    steer(watched)


def result_words(watched: Watched) -> str:
    """The held-out accuracy beside its ceiling."""
    if watched.held_out is None:
        return tr("Nothing measured yet.")
    last, right = watched.history.evaluations[-1]["held_out"], percent(watched.held_out)
    if "loss_next" in last:
        return tr(
            "**{right}** right on held-out data; loss **{next}** for the next word, **{previous}** for the previous "
            "one",
            right=right,
            next=f"{last['loss_next']:.2f}",
            previous=f"{last['loss_previous']:.2f}",
        )
    pairs = last.get("pair_accuracy")
    found = [
        tr("**{right}** right on held-out data", right=right)
        if pairs is None
        else tr("**{right}** right on held-out hidden words, **{pairs}** on pairs", right=right, pairs=percent(pairs))
    ]
    if watched.ceiling is not None:
        found.append(tr("ceiling {share}", share=percent(watched.ceiling)))
    if "f1" in last:
        found.append(tr("names F1 {share}", share=percent(last["f1"])))
    if "macro_f1" in last:
        found.append(tr("macro F1 {share}", share=percent(last["macro_f1"])))
    told = " · ".join(found)
    if "exact" not in last:
        return told
    exact = percent(last["exact"])
    whole = tr("**{share}** of the sentences that it writes on its own are right from end to end", share=exact)
    return f"{told}  \n{whole}"


def numbers_as_csv(ids: Sequence[str]) -> str:
    """Every measured step of every run, one row each; held-out numbers where they were measured."""
    header = ("run", "step", "loss", "accuracy", "gradient norm", "learning rate", "held-out loss", "held-out accuracy")
    rows = []
    for one in watch(ids):
        history = one.history
        tested = {point["step"]: point["held_out"] for point in history.evaluations}
        per_step = (history.losses, history.accuracies, history.gradient_norms, history.learning_rates)
        for step, *values in zip(history.steps, *per_step, strict=True):
            found = tested.get(step, {})
            rows.append((one.name, step, *values, found.get("loss", ""), found.get("accuracy", "")))
    return as_csv(header, rows)


def numbers_as_table(several: Sequence[Watched]) -> str:
    """The evaluations of every run as a Markdown table."""
    rows = [
        (plain(one.name), f"{point['step']:,}", *(_cells(point["train"])), *(_cells(point["held_out"])))
        for one in several
        for point in one.history.evaluations
    ]
    columns = (tr("Run"), tr("Step"), tr("Loss"), tr("Right"), tr("Held-out loss"), tr("Held-out right"))
    return as_markdown(columns, rows)


def _cells(point: dict[str, float]) -> tuple[str, str]:
    return f"{point['loss']:.3f}", percent(point["accuracy"])
