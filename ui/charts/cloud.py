"""Hidden states as a cloud of points, one picture a layer: plain values, drawn by ui/canvas/cloud.js."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.charts.heads import readable
from ui.charts.palette import BOTH, FUTURE, PAST
from ui.charts.tables import as_markdown
from ui.words import later, tr

COLOURS = ("#56B4E9", "#CC79A7", "#999933", "#44AA99", "#AA4499", "#DDCC77")  # one a group, none that means a side
SIGNS = ("dot", "square", "diamond", "triangle", "cross", "ring")
REST = "#9A9A9A"
SIDES = {"left-to-right": PAST, "right-to-left": FUTURE}


@dataclass(frozen=True)
class Group:
    """Points of one colour and one sign; `members` (N,) bool. `said`: its name on the page, where it isn't `name`."""

    name: str
    colour: str
    sign: str
    members: np.ndarray
    said: str = ""

    @property
    def label(self) -> str:
        return self.said or self.name


@dataclass(frozen=True)
class Cloud:
    """points (L, N, C) and the sentence's own words (L, T, C) in units of each layer's spread; C is 2 or 3.

    `explained` (L, C): each component's share of the variance. `told`: what is said of each point. `asked` and `cues`
    are places of the sentence. `title`, `layers` and `by` stand as in the code and are said when they are drawn.
    """

    points: np.ndarray
    own: np.ndarray
    explained: np.ndarray
    layers: tuple[str, ...]
    groups: tuple[Group, ...]
    told: tuple[str, ...]
    tokens: tuple[str, ...]
    asked: tuple[int, ...] = ()
    cues: tuple[int, ...] = ()
    title: str = later("Hidden states")
    by: str = later("answer")
    tints: tuple[str, ...] = ()  # one colour a layer, in place of the groups'

    @property
    def titles(self) -> list[str]:
        """What each layer's picture shows, and how much of the spread it holds."""
        share = 100 * self.explained[:, : self.points.shape[-1]].sum(-1)
        return [
            tr(
                "{title}, {layer}: this picture holds {share} % of the spread",
                title=tr(self.title),
                layer=tr(layer),
                share=f"{one:.0f}",
            )
            for layer, one in zip(self.layers, share, strict=True)
        ]

    def group_of(self) -> np.ndarray:
        """(N,) the number of each point's group."""
        return np.stack([group.members for group in self.groups]).argmax(0)

    def header(self) -> list[str]:
        return ["layer", self.by, "first", "second", "third"[: 5 * (self.points.shape[-1] == 3)] or "–", "sentence"]

    def lines(self) -> list[list[Any]]:
        """Every point of every layer."""
        names = [self.groups[one].name for one in self.group_of()]
        found = []
        for layer, points in zip(self.layers, self.points, strict=True):
            for name, place, told in zip(names, points, self.told, strict=True):
                x, y, *rest = (round(float(one), 5) for one in place)
                found.append([layer, name, x, y, *(rest or [""]), told])
        return found

    def table(self) -> str:
        """For each layer how much the picture holds, and how well it tells the groups apart."""
        found = []
        for layer, points, share in zip(self.layers, self.points, self.explained, strict=True):
            alike = agreement(points, self.group_of())
            found.append([tr(layer), f"{100 * share[: points.shape[-1]].sum():.1f} %", f"{100 * alike:.1f} %"])
        same = tr("nearest dot has the same {what}", what=tr(self.by))
        return as_markdown([tr("Layer"), tr("spread in this picture"), same], found)


def in_spreads(points: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each layer in units of its own spread, so that layers can be compared by shape."""
    spread = np.sqrt((points**2).sum(-1).mean(-1))[:, None, None]  # (L, 1, 1)
    scale = np.where(spread > 0, spread, 1)
    return points / scale, own / scale


def grouped(
    labels: np.ndarray, names: Sequence[str], rest: str = later("others"), without: int | None = None
) -> tuple[Group, ...]:
    """A group for each label (N,) but `without`, the most frequent first; from the seventh on they share one."""
    order = [label for label, _ in Counter(labels[labels != without].tolist()).most_common()]
    if len(order) <= len(COLOURS):
        order.sort()
    groups = [
        Group(readable(names[label]), colour, sign, labels == label)
        for label, colour, sign in zip(order, COLOURS, SIGNS, strict=False)
    ]
    others = np.isin(labels, order[len(COLOURS) :])
    return (*groups, Group(rest, REST, "ring", others, tr(rest))) if others.any() else tuple(groups)


def ranked(values: np.ndarray, unit: str) -> tuple[Group, ...]:
    """Groups of equal size by a number (N,), such as a place, from light to dark violet.

    `unit` tells what is counted, with an {n}: "word {n}".
    """
    shades = ("#C9BFEF", "#A99BE3", "#8A76D3", "#6A54B8", "#4B3891", "#2E1F66")
    edges = np.unique(np.quantile(values, np.linspace(0, 1, len(shades) + 1)).round())
    number = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(len(edges) - 2, 0))
    groups = []
    for one in np.unique(number):
        here = number == one
        low, high = int(values[here].min()), int(values[here].max())
        n = str(low) if low == high else f"{low}–{high}"
        shade = shades[int(one * (len(shades) - 1) / max(number.max(), 1))]
        groups.append(Group(unit.format(n=n), shade, "dot", here, tr(unit, n=n)))
    return tuple(groups)


def of_direction(sides: Sequence[str]) -> list[str]:
    """The colour of the side that each layer has read."""
    return [SIDES.get(side, BOTH) for side in sides]


def agreement(points: np.ndarray, labels: np.ndarray) -> float:
    """How often the nearest other point has the same label, 0…1: points (N, C), labels (N,)."""
    if len(labels) < 2:
        return 0.0
    distance = (points**2).sum(-1)[:, None] + (points**2).sum(-1) - 2 * points @ points.T  # (N, N)
    np.fill_diagonal(distance, np.inf)
    return float((labels[distance.argmin(1)] == labels).mean())
