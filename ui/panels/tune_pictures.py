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

LIKENESS, MOVED = "#2F9E8F", "#6666AA"  # shades of pictures that compare layers
COSTS: dict[str, tuple[str, Callable[[Outcome], float | None]]] = {
    "seconds": ("seconds of training, mean of seeds", lambda one: one.seconds or None),
    "numbers": ("numbers that learn", lambda one: float(one.learning) if one.learning else None),
}
Outcomes = Sequence[Outcome]


def score_picture(now: Running, found: Outcomes) -> None:
    """Every seed, the mean and its interval, on both tests."""
    f1 = is_f1(found)
    ceiling = None if f1 else ceiling_of_task(now.race.spec.base)
    limits = [] if ceiling is None else [Limit(f"at most {100 * ceiling:.1f} %", 100 * ceiling)]
    spreads = [one.spread(list(one.scores.values()), 100) for one in found]
    shifted = [one.spread(one.shifted, 100) if one.shifted else None for one in found]
    unit = "F1, %" if f1 else "right answers, %"
    more = shifted if any(shifted) else ()
    figure = spread_figure("Score of every seed on unseen sentences", unit, spreads, more, limits)
    header = ("strategy", "seed", "score", "shifted")
    rows = [
        (one.title, seed, value, one.shifted[place] if place < len(one.shifted) else None)
        for one in found
        for place, (seed, value) in enumerate(one.scores.items())
    ]
    hollow = " Hollow, below: the same on words that never came with a label." if more else ""
    how = f"Small dots: seeds. Large sign: their mean, with its 95 % interval.{hollow}"
    show_figure(figure, "scores", said(figure, found), header, rows, how)


def said(figure: dict[str, Any], found: Outcomes) -> str:
    """A picture's title and the scores, in words."""
    title = figure["layout"]["title"]["text"].replace("<br>", " ")
    means = (f"{one.title} {100 * sum(one.scores.values()) / len(one.scores):.1f} %" for one in found)
    return f"{title}: {', '.join(means)}"


def is_f1(found: Outcomes) -> bool:
    return any("f1" in told.evaluations[-1]["held_out"] for one in found for told in one.told if told.evaluations)


def cost_picture(now: Running, found: Outcomes) -> None:
    """Score against time, or against the numbers that learn."""
    which = st.segmented_control(
        "Cost in",
        list(COSTS),
        default="seconds",
        required=True,
        key="tune-cost",
        format_func={"seconds": "Seconds", "numbers": "Numbers that learn"}.__getitem__,
        persist_state="session",
        help="What a strategy costs: time on this machine, or how many numbers must be kept for each task.",
    )
    unit, cost = COSTS[str(which or "seconds")]
    costed = [(one, cost(one)) for one in found]
    known = [(one, value) for one, value in costed if value]
    if not known:
        st.caption("No cost was measured.")
        return
    spreads = [one.spread(list(one.scores.values()), 100) for one, _ in known]
    figure = pareto_figure("Score against cost", "score, %", unit, spreads, [value for _, value in known])
    rows = [(one.title, value, 100 * sum(one.scores.values()) / len(one.scores)) for one, value in known]
    how = "Up is better, left is cheaper. Dotted: those that no other beats in both."
    show_figure(figure, "cost", said(figure, found), ("strategy", unit, "score, %"), rows, how)


def forgetting_picture(now: Running, found: Outcomes) -> None:
    """The old objective's loss afterwards, beside what it was."""
    kept = [one for one in found if one.pretraining()]
    before = next(one.pretraining(at=0) for one in kept)
    first = sum(before) / len(before)
    floor = next(iter(kept[0].each(lambda one: one["more"]["pretraining"].get("floor"))), None)
    limits = [Limit(f"before: {first:.2f}", first)]
    if floor is not None:
        limits.append(Limit(f"least possible: {floor:.2f}", floor))
    spreads = [one.spread(one.pretraining()) for one in kept]
    figure = spread_figure("Forgetting: pretraining loss after fine-tuning", "nats", spreads, (), limits)
    rows = [(one.title, seed, value) for one in kept for seed, value in zip(one.seeds, one.pretraining(), strict=False)]
    how = "Its old objective on held-out sentences of its old data. Right of “before”: it has forgotten."
    header = ("strategy", "seed", "pretraining loss, nats")
    show_figure(figure, "forgetting", "Pretraining loss after fine-tuning, by strategy", header, rows, how)


def sweep_picture(now: Running, found: Outcomes) -> None:
    """What each learning rate scored on validation sentences."""
    lines = sweeps(list(found))
    figure = sweep_figure("Learning rates that were tried", "validation score, %", lines)
    rows = [(one.name, rate, value) for one in lines for rate, value in zip(one.rates, one.scores, strict=True)]
    steps = now.race.spec.sweep_steps
    how = f"Short runs of at most {steps} steps, on sentences apart from the test. Ringed: the rate that raced."
    show_figure(figure, "sweep", figure["layout"]["title"]["text"], ("strategy", "rate", "score, %"), rows, how)


def moved_picture(now: Running, found: Outcomes) -> None:
    """How far each layer's weights are from where they were."""
    rows, columns, values = grid(found, lambda one: [_moved(told.compared) for told in one.told if told.compared])
    most = max(float(np.nanmax(values)), 0.05)
    figure = grid_figure("How far each layer moved", rows, columns, values, MOVED, most, dark())
    how = "Length of the change over the length of the weights themselves, mean of seeds. 0: it stayed as it was."
    show_figure(figure, "moved", "How far each layer moved, by strategy", *as_rows(rows, columns, values), how)


def _moved(compared: dict[str, Any]) -> dict[str, float]:
    """By layer; without the pretrained read-out where it was only kept to measure what was forgotten."""
    return {row: far for row, far in compared["moved"].items() if far or row != FORMER}


def likeness_picture(now: Running, found: Outcomes) -> None:
    """How alike the states of sentences are before and after, layer by layer."""

    def by_layer(one: Outcome) -> list[dict[str, float]]:
        known = [told.compared for told in one.told if told.compared]
        return [dict(zip(map(layer_title, each["layers"]), each["cka"], strict=True)) for each in known]

    rows, columns, values = grid(found, by_layer)
    figure = grid_figure("States before and after: likeness (CKA)", rows, columns, values, LIKENESS, 1.0, dark())
    how = "Linear CKA of sentences’ mean states (Kornblith et al. 2019). 1: the same up to a turn; 0: unlike."
    show_figure(figure, "cka", "CKA before and after, by layer", *as_rows(rows, columns, values), how)


def layer_title(name: str) -> str:
    """A tap's name in a learner's words: "stack.blocks.0.state" → "layer 1"."""
    number = next((part for part in name.split(".") if part.isdigit()), None)
    return f"layer {int(number) + 1}" if number is not None else "top" if name == "joined" else name.split(".")[0]


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
    return ("strategy", *columns), [(row, *line) for row, line in lines]


def gradients_picture(now: Running, found: Outcomes) -> None:
    """One strategy's gradients, layer by layer and step by step."""
    known = {one.key: one for one in found if any(told.gradients for told in one.told)}
    titles = {key: one.title for key, one in known.items()}
    chosen = st.selectbox(
        "Strategy",
        list(known),
        format_func=titles.__getitem__,
        key="tune-gradients",
        help="Whose gradients are shown; those of its first seed.",
    )
    whose = known[chosen]
    moments = next(told.gradients for told in whose.told if told.gradients)
    layers = list(dict.fromkeys(layer for moment in moments for layer in moment["layers"]))
    norms = np.array(
        [[dict(zip(m["layers"], m["norms"], strict=True)).get(name, 0.0) for m in moments] for name in layers]
    )
    steps = [moment["step"] for moment in moments]
    figure = gradients_figure(f"Gradient by layer and step: {whose.title}", layers, steps, norms, whose.colour)
    rows = [(step, *column) for step, column in zip(steps, norms.T.tolist(), strict=True)]
    how = "Length of the gradient before clipping, on a logarithmic scale. Empty: frozen at that step."
    show_figure(figure, "gradients", f"Gradient norms of {whose.title}", ("step", *layers), rows, how)


def flow_picture(now: Running, found: Outcomes) -> None:
    """The pretrained side of two-way alignment, before and after: what it can tell, and what it lost."""
    both = [one for one in found if one.compared("known", "partner")]
    probes, losses = [], []
    for one in both:
        before = [known["start"].get("task") for known in one.compared("known")]
        after = [known["partner"].get("task") for known in one.compared("known")]
        if None not in (*before, *after):
            pair = ([100 * value for value in before], [100 * value for value in after])
            probes.append(Change(f"{one.title}: pretrained side", one.colour, one.sign, *pair))
        losses.append(
            Change(one.title, one.colour, one.sign, one.pretraining("partner", 0), one.pretraining("partner"))
        )
    if probes:
        title = "What flowed back: a linear probe of the task on the pretrained side"
        figure = change_figure(title, "right, %", probes)
        how = "The pretrained model never saw a label. Up: what the other one learned has flowed back to it."
        show_figure(figure, "probe", title, ("strategy", "seed", "before, %", "after, %"), changes(probes, both), how)
    title = "What that cost: the pretrained side’s own loss"
    figure = change_figure(title, "nats", losses)
    how = "Its old objective, before and after. Up: it has lost some of what it knew."
    show_figure(
        figure, "partner", title, ("strategy", "seed", "before, nats", "after, nats"), changes(losses, both), how
    )


def changes(lines: Sequence[Change], of: Outcomes) -> list[tuple[Any, ...]]:
    """A table of befores and afters."""
    return [
        (line.name, seed, before, after)
        for line, one in zip(lines, of, strict=False)
        for seed, before, after in zip(one.seeds, line.before, line.after, strict=False)
    ]


Drawn = tuple[str, Callable[[Running, Outcomes], None], Callable[[Outcomes], bool]]
PICTURES: dict[str, Drawn] = {  # title, picture, whether the runs have what it shows
    "cost": ("Cost", cost_picture, lambda found: True),
    "forgetting": ("Forgetting", forgetting_picture, lambda found: any(one.pretraining() for one in found)),
    "flow": ("What flowed back", flow_picture, lambda found: any(one.compared("known", "partner") for one in found)),
    "moved": ("Layers that moved", moved_picture, lambda found: any(one.compared("moved") for one in found)),
    "cka": ("Likeness", likeness_picture, lambda found: any(one.compared("cka") for one in found)),
    "gradients": ("Gradients", gradients_picture, lambda found: any(t.gradients for one in found for t in one.told)),
    "sweep": ("Learning rates", sweep_picture, lambda found: any(one.tried for one in found)),
}
