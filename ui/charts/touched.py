"""What a strategy touches, before anything runs: layers from bottom to top, phases from left to right (ECharts option).

Light on purpose: it is drawn once for every strategy that is ticked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ui.words import later, tr

FROZEN, LEARNS = later("frozen"), later("learns")
PART, ADDED = later("a part of it learns"), later("new parts learn")
COLOURS = {FROZEN: "rgba(128,128,128,0.20)", LEARNS: "#2F9E8F", PART: "#9CCFC6", ADDED: "#C77BB0"}
EDGE = "rgba(128,128,128,0.55)"
INK, FAINT = "#10141C", "#8A8F98"


@dataclass(frozen=True)
class Cell:
    """One row of the model in one phase: `learns` of its `own` parameters, and `added` new ones that learn.

    `rate`: the factor on the learning rate; 1 where it is the usual one.
    """

    own: int
    learns: int = 0
    added: int = 0
    rate: float = 1.0

    @property
    def kind(self) -> str:
        if self.added:
            return ADDED
        if not self.learns:
            return FROZEN
        return LEARNS if self.learns == self.own else PART

    @property
    def short(self) -> str:
        """What stands in the cell: how many numbers learn, and how fast where that differs."""
        if self.kind == FROZEN:
            return ""
        count = f"+{thousands(self.added)}" if self.added else thousands(self.learns)
        if self.added and self.learns:
            count = f"{thousands(self.learns)} {count}"
        return count if abs(self.rate - 1) < 1e-9 else f"{count} · ×{self.rate:.2g}"

    @property
    def long(self) -> str:
        """The same as a sentence."""
        if self.kind == FROZEN:
            return tr("frozen: {n} parameters stay as they are", n=f"{self.own:,}")
        learns, own, added = (f"{count:,}" for count in (self.learns, self.own, self.added))
        told = tr("{n} of {all} parameters learn", n=learns, all=own)
        if self.added:
            told = told if self.learns else tr("what was there stays frozen")
            told = f"{told}{tr(', ')}{tr('{n} new ones learn', n=added)}"
        if abs(self.rate - 1) < 1e-9:
            return told
        return f"{told}{tr(', ')}{tr('at {rate} times the learning rate', rate=f'{self.rate:.3g}')}"


def thousands(count: int) -> str:
    """33472 → "33 k": short enough for a cell."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f} k" if count < 10_000 else f"{count / 1000:.0f} k"


def layers_option(rows: Sequence[str], phases: Sequence[str], cells: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    """`cells` (rows, phases), `rows` from the words at the bottom to the head at the top."""
    kinds = list(COLOURS)
    data = [
        {
            "value": [phase, row, kinds.index(cell.kind)],
            "name": f"{phases[phase]} · {rows[row]}: {cell.long}",
            "label": {"show": bool(cell.short), "formatter": cell.short, "color": INK},
        }
        for row, line in enumerate(cells)
        for phase, cell in enumerate(line)
    ]
    quiet = {"axisTick": {"show": False}, "axisLine": {"show": False}, "splitLine": {"show": False}}
    many = len(phases) > 3
    names = {"interval": 0, "fontSize": 10, "width": 240 // len(phases), "overflow": "break", "hideOverlap": False}
    names |= {"formatter": "{value}"} if not many else {"rotate": 30, "width": 90}
    present = {cell.kind for line in cells for cell in line}
    pieces = [
        {"value": place, "label": tr(kind), "color": COLOURS[kind]}
        for place, kind in enumerate(kinds)
        if kind in present
    ]
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": said(rows, phases, cells)}},
        "tooltip": {"formatter": "{b}", "confine": True, "extraCssText": "max-width: 260px; white-space: normal;"},
        "grid": {"left": 4, "right": 4, "top": 26, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": list(phases), "axisLabel": names, **quiet},
        "yAxis": {"type": "category", "data": list(rows), "axisLabel": {"fontSize": 10}, **quiet},
        "visualMap": {
            "type": "piecewise",
            "dimension": 2,
            "pieces": pieces,
            "orient": "horizontal",
            "left": 0,
            "top": 0,
            "itemGap": 8,
            "itemWidth": 11,
            "itemHeight": 11,
            "textStyle": {"fontSize": 10, "color": FAINT},
            "selectedMode": False,
        },
        "series": [{"type": "heatmap", "data": data, "itemStyle": {"borderColor": EDGE, "borderWidth": 0.8}}],
    }


def height_of(rows: int, phases: int) -> int:
    """Pixels that the picture needs."""
    return 56 + 24 * rows + (34 if phases > 3 else 14 if phases > 1 else 0)


def said(rows: Sequence[str], phases: Sequence[str], cells: Sequence[Sequence[Cell]]) -> str:
    """The picture in words, phase by phase, for those who can't see it."""
    told = []
    for number, phase in enumerate(phases):
        moving = [f"{row} ({line[number].short})" for row, line in zip(rows, cells, strict=True) if line[number].short]
        told.append(
            tr("{phase}: {parts} learn", phase=phase, parts=tr(", ").join(moving))
            if moving
            else tr("{phase}: nothing learns", phase=phase)
        )
    return tr("{sentence}.", sentence=tr("; ").join(told))
