"""The pictures of a result: scores, cost, forgetting, sweep, layers that moved, likeness, what flowed back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.tuning.strategy import FORMER
from ui.charts.curves import Limit
from ui.charts.moved import Change, change_figure, gradients_figure, grid_figure
from ui.charts.spreads import pareto_figure, spread_figure, sweep_figure
from ui.panels.look_keep import dark
from ui.panels.tune_figures import show_figure
from ui.panels.tune_outcomes import Outcome, sweeps
from ui.panels.tune_race import Running
from ui.panels.tune_start import ceiling_of_task
from ui.words import later, tr

LIKENESS, MOVED = "#2F9E8F", "#6666AA"  # shades of pictures that compare layers
COSTS: dict[str, tuple[str, Callable[[Outcome], float | None]]] = {
    "seconds": (later("seconds of training, mean of seeds"), lambda one: one.seconds or None),
    "numbers": (later("numbers that learn"), lambda one: float(one.learning) if one.learning else None),
}
Outcomes = Sequence[Outcome]
# Headings of the tables; files have them in English.
STRATEGY, SEED, STEP = later("strategy"), later("seed"), later("step")
SCORED = (STRATEGY, SEED, later("score"), later("shifted"))
LOST = (STRATEGY, SEED, later("pretraining loss, nats"))
TRIED = (STRATEGY, later("rate"), later("score, %"))
PROBED = (STRATEGY, SEED, later("before, %"), later("after, %"))
PAID = (STRATEGY, SEED, later("before, nats"), later("after, nats"))


def score_picture(now: Running, found: Outcomes) -> None:
    """Every seed, the mean and its interval, on both tests."""
    f1 = is_f1(found)
    ceiling = None if f1 else ceiling_of_task(now.race.spec.base)
    limits = [] if ceiling is None else [Limit(tr("at most {share} %", share=f"{100 * ceiling:.1f}"), 100 * ceiling)]
    spreads = [one.spread(list(one.scores.values()), 100) for one in found]
    shifted = [one.spread(one.shifted, 100) if one.shifted else None for one in found]
    unit = "F1, %" if f1 else tr("right answers, %")
    more = shifted if any(shifted) else ()
    figure = spread_figure(tr("Score of every seed on unseen sentences"), unit, spreads, more, limits)
    rows = [
        (one.title, seed, value, one.shifted[place] if place < len(one.shifted) else None)
        for one in found
        for place, (seed, value) in enumerate(one.scores.items())
    ]
    how = tr("Small dots: seeds. Large sign: their mean, with its 95 % interval.")
    if more:
        hollow = tr("Hollow, below: the same on words that never came with a label.")
        how = tr("{first} {then}", first=how, then=hollow)
    show_figure(figure, "scores", said(figure, found), SCORED, rows, how)


def said(figure: dict[str, Any], found: Outcomes) -> str:
    """A picture's title and the scores, in words."""
    title = figure["layout"]["title"]["text"].replace("<br>", " ")
    means = (f"{one.title} {100 * sum(one.scores.values()) / len(one.scores):.1f} %" for one in found)
    return tr("{name}: {value}", name=title, value=tr(", ").join(means))


def is_f1(found: Outcomes) -> bool:
    return any("f1" in told.evaluations[-1]["held_out"] for one in found for told in one.told if told.evaluations)


def cost_picture(now: Running, found: Outcomes) -> None:
    """Score against time, or against the numbers that learn."""
    which = st.segmented_control(
        tr("Cost in"),
        list(COSTS),
        default="seconds",
        required=True,
        key="tune-cost",
        format_func=lambda one: tr("Seconds") if one == "seconds" else tr("Numbers that learn"),
        persist_state="session",
        help=tr("What a strategy costs: time on this machine, or how many numbers must be kept for each task."),
    )
    unit, cost = COSTS[str(which or "seconds")]
    costed = [(one, cost(one)) for one in found]
    known = [(one, value) for one, value in costed if value]
    if not known:
        st.caption(tr("No cost was measured."))
        return
    spreads = [one.spread(list(one.scores.values()), 100) for one, _ in known]
    figure = pareto_figure(tr("Score against cost"), tr("score, %"), tr(unit), spreads, [value for _, value in known])
    rows = [(one.title, value, 100 * sum(one.scores.values()) / len(one.scores)) for one, value in known]
    how = tr("Up is better, left is cheaper. Dotted: those that no other beats in both.")
    show_figure(figure, "cost", said(figure, found), (STRATEGY, unit, TRIED[-1]), rows, how)


def forgetting_picture(now: Running, found: Outcomes) -> None:
    """The old objective's loss afterwards, beside what it was."""
    kept = [one for one in found if one.pretraining()]
    before = next(one.pretraining(at=0) for one in kept)
    first = sum(before) / len(before)
    floor = next(iter(kept[0].each(lambda one: one["more"]["pretraining"].get("floor"))), None)
    limits = [Limit(tr("before: {loss}", loss=f"{first:.2f}"), first)]
    if floor is not None:
        limits.append(Limit(tr("least possible: {loss}", loss=f"{floor:.2f}"), floor))
    spreads = [one.spread(one.pretraining()) for one in kept]
    figure = spread_figure(tr("Forgetting: pretraining loss after fine-tuning"), tr("nats"), spreads, (), limits)
    rows = [(one.title, seed, value) for one in kept for seed, value in zip(one.seeds, one.pretraining(), strict=False)]
    how = tr("Its old objective on held-out sentences of its old data. Right of “before”: it has forgotten.")
    show_figure(figure, "forgetting", tr("Pretraining loss after fine-tuning, by strategy"), LOST, rows, how)


def sweep_picture(now: Running, found: Outcomes) -> None:
    """What each learning rate scored on validation sentences."""
    lines = sweeps(list(found))
    figure = sweep_figure(tr("Learning rates that were tried"), tr("validation score, %"), lines)
    rows = [(one.name, rate, value) for one in lines for rate, value in zip(one.rates, one.scores, strict=True)]
    how = tr(
        "Short runs of at most {steps} steps, on sentences apart from the test. Ringed: the rate that raced.",
        steps=now.race.spec.sweep_steps,
    )
    show_figure(figure, "sweep", figure["layout"]["title"]["text"], TRIED, rows, how)


def moved_picture(now: Running, found: Outcomes) -> None:
    """How far each layer's weights are from where they were."""
    rows, columns, values = grid(found, lambda one: [_moved(told.compared) for told in one.told if told.compared])
    most = max(float(np.nanmax(values)), 0.05)
    figure = grid_figure(tr("How far each layer moved"), rows, told_of(columns), values, MOVED, most, dark())
    how = tr("Length of the change over the length of the weights themselves, mean of seeds. 0: it stayed as it was.")
    show_figure(figure, "moved", tr("How far each layer moved, by strategy"), *as_rows(rows, columns, values), how)


def _moved(compared: dict[str, Any]) -> dict[str, float]:
    """By layer; without the pretrained read-out where it was only kept to measure what was forgotten."""
    return {row: far for row, far in compared["moved"].items() if far or row != FORMER}


def likeness_picture(now: Running, found: Outcomes) -> None:
    """How alike the states of sentences are before and after, layer by layer."""

    def by_layer(one: Outcome) -> list[dict[str, float]]:
        known = [told.compared for told in one.told if told.compared]
        return [dict(zip(map(layer_title, each["layers"]), each["cka"], strict=True)) for each in known]

    rows, columns, values = grid(found, by_layer)
    title = tr("States before and after: likeness (CKA)")
    figure = grid_figure(title, rows, told_of(columns), values, LIKENESS, 1.0, dark())
    how = tr("Linear CKA of sentences’ mean states (Kornblith et al. 2019). 1: the same up to a turn; 0: unlike.")
    show_figure(figure, "cka", tr("CKA before and after, by layer"), *as_rows(rows, columns, values), how)


def layer_title(name: str) -> str:
    """A tap's name in a learner's words: "stack.blocks.0.state" → "layer 1"."""
    number = next((part for part in name.split(".") if part.isdigit()), None)
    return f"layer {int(number) + 1}" if number is not None else "top" if name == "joined" else name.split(".")[0]


def told_of(layers: Sequence[str]) -> list[str]:
    """Layers in the learner's language."""
    return [tr(one) for one in layers]


def grid(found: Outcomes, each: Callable[[Outcome], list[dict[str, float]]]) -> tuple[list[str], list[str], np.ndarray]:
    """(strategies, layers, means over seeds); NaN where a strategy hasn't got the layer."""
    told = [(one.title, each(one)) for one in found]
    told = [(title, seeds) for title, seeds in told if seeds]
    columns = list(dict.fromkeys(layer for _, seeds in told for seed in seeds for layer in seed))
    means = [[np.mean([s[layer] for s in seeds if layer in s] or [np.nan]) for layer in columns] for _, seeds in told]
    return [title for title, _ in told], columns, np.array(means, float)


def as_rows(
    rows: Sequence[str], columns: Sequence[str], values: np.ndarray
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A grid as a table."""
    lines = zip(rows, values.tolist(), strict=True)
    return (STRATEGY, *columns), [(row, *line) for row, line in lines]


def gradients_picture(now: Running, found: Outcomes) -> None:
    """One strategy's gradients, layer by layer and step by step."""
    known = {one.key: one for one in found if any(told.gradients for told in one.told)}
    titles = {key: one.title for key, one in known.items()}
    chosen = st.selectbox(
        tr("Strategy"),
        list(known),
        format_func=titles.__getitem__,
        key="tune-gradients",
        help=tr("Whose gradients are shown; those of its first seed."),
    )
    whose = known[chosen]
    moments = next(told.gradients for told in whose.told if told.gradients)
    layers = list(dict.fromkeys(layer for moment in moments for layer in moment["layers"]))
    norms = np.array(
        [[dict(zip(m["layers"], m["norms"], strict=True)).get(name, 0.0) for m in moments] for name in layers]
    )
    steps = [moment["step"] for moment in moments]
    figure = gradients_figure(
        tr("Gradient by layer and step: {name}", name=whose.title), told_of(layers), steps, norms, whose.colour
    )
    rows = [(step, *column) for step, column in zip(steps, norms.T.tolist(), strict=True)]
    how = tr("Length of the gradient before clipping, on a logarithmic scale. Empty: frozen at that step.")
    words = tr("Gradient norms of {name}", name=whose.title)
    show_figure(figure, "gradients", words, (STEP, *layers), rows, how)


def flow_picture(now: Running, found: Outcomes) -> None:
    """The pretrained side of two-way alignment, before and after: what it can tell, and what it lost."""
    both = [one for one in found if one.compared("known", "partner")]
    probes, losses = [], []
    for one in both:
        before = [known["start"].get("task") for known in one.compared("known")]
        after = [known["partner"].get("task") for known in one.compared("known")]
        if None not in (*before, *after):
            pair = ([100 * value for value in before], [100 * value for value in after])
            probes.append(Change(tr("{name}: pretrained side", name=one.title), one.colour, one.sign, *pair))
        losses.append(
            Change(one.title, one.colour, one.sign, one.pretraining("partner", 0), one.pretraining("partner"))
        )
    if probes:
        title = tr("What flowed back: a linear probe of the task on the pretrained side")
        figure = change_figure(title, tr("right, %"), probes)
        how = tr("The pretrained model never saw a label. Up: what the other one learned has flowed back to it.")
        show_figure(figure, "probe", title, PROBED, changes(probes, both), how)
    title = tr("What that cost: the pretrained side’s own loss")
    figure = change_figure(title, tr("nats"), losses)
    how = tr("Its old objective, before and after. Up: it has lost some of what it knew.")
    show_figure(figure, "partner", title, PAID, changes(losses, both), how)


def changes(lines: Sequence[Change], of: Outcomes) -> list[tuple[Any, ...]]:
    """A table of befores and afters."""
    return [
        (line.name, seed, before, after)
        for line, one in zip(lines, of, strict=False)
        for seed, before, after in zip(one.seeds, line.before, line.after, strict=False)
    ]


Drawn = tuple[str, Callable[[Running, Outcomes], None], Callable[[Outcomes], bool]]
PICTURES: dict[str, Drawn] = {  # title, picture, whether the runs have what it shows
    "cost": (later("Cost"), cost_picture, lambda found: True),
    "forgetting": (later("Forgetting"), forgetting_picture, lambda found: any(one.pretraining() for one in found)),
    "flow": (
        later("What flowed back"),
        flow_picture,
        lambda found: any(one.compared("known", "partner") for one in found),
    ),
    "moved": (later("Layers that moved"), moved_picture, lambda found: any(one.compared("moved") for one in found)),
    "cka": (later("Likeness"), likeness_picture, lambda found: any(one.compared("cka") for one in found)),
    "gradients": (
        later("Gradients"),
        gradients_picture,
        lambda found: any(t.gradients for one in found for t in one.told),
    ),
    "sweep": (later("Learning rates"), sweep_picture, lambda found: any(one.tried for one in found)),
}
