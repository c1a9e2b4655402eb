"""What a strategy touches, before anything runs: who learns in which phase, how many numbers, how much memory."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.tuning.plan import Plan
from core.tuning.strategy import Phase, layer_of
from ui.charts.touched import Cell, height_of, layers_option
from ui.panels.amounts import amount, percent, size_of
from ui.words import later, tr

ROWS = (later("embedding"), later("layer {n}"), later("top"), later("head"), later("pretrained head"))
BESIDE = (later("pretrained model"), later("{name} joins"))


def cells_of(plan: Plan, phases: Sequence[Phase]) -> list[list[Cell]]:
    """(rows, phases): what learns where."""
    picture = plan.picture()
    every = list(plan.phases)
    return [[_cell(plan, row, phase, picture[row][every.index(phase)]) for phase in phases] for row in plan.rows()]


def _cell(plan: Plan, row: str, phase: Phase, counts: dict[str, int]) -> Cell:
    rates = [
        rate
        for group, rate in phase.rates.items()
        if any(layer_of(name, plan.layers) == row for name in plan.groups.get(group, ()))
    ]
    own = counts["frozen"] + counts["trained"]
    return Cell(own, counts["trained"], counts["added"], max(rates, default=1.0))


def unrepeated(phases: Sequence[Phase]) -> tuple[tuple[Phase, ...], int]:
    """The phases of one round, and how many rounds there are."""
    n = len(phases)
    for period in range(1, n):
        if n % period == 0 and all(phases[i] == phases[i % period] for i in range(n)):
            return tuple(phases[:period]), n // period
    return tuple(phases), 1


def show_layers(plan: Plan, key: str) -> None:
    """The picture, and what it amounts to."""
    phases, rounds = unrepeated(plan.phases)
    rows = plan.rows()
    option = layers_option([tr(row) for row in rows], [tr(phase.name) for phase in phases], cells_of(plan, phases))
    st.echarts_chart(option, key=f"layers {key}", height=height_of(len(rows), len(phases)))
    total = sum(sum(line[0].values()) for line in plan.picture().values())
    words = tr(
        "**{learning}** of {all} numbers learn ({share}); for them the optimiser keeps {size}.",
        learning=amount(plan.learning),
        all=amount(total),
        share=percent(plan.learning / total if total else 0),
        size=size_of(plan.optimiser_bytes),
    )
    again = tr("{n} rounds of this.", n=rounds)
    st.caption(tr("{first} {then}", first=again, then=words) if rounds > 1 else words)
