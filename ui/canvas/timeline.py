"""The one slider through training: the learning curve behind it, a step for each snapshot, play, and marked moments.

It waits for the page: the next moment is asked for when the beacon tells that the last one is drawn, so that playing
and dragging go as fast as pictures come, and no faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ui.words import tr

_HERE = Path(__file__).parent
_HTML = """
<div class="line">
  <button type="button" class="play"></button>
  <div class="track" role="slider" tabindex="0"><canvas></canvas></div>
  <button type="button" class="mark"></button>
</div>
"""
_timeline = st.components.v2.component(
    "bothways_timeline",
    html=_HTML,
    css=_HERE.joinpath("timeline.css").read_text(encoding="utf-8"),
    js="".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("pen.js", "timeline.js")),
)
_beacon = st.components.v2.component(
    "bothways_beacon",
    html="<span></span>",
    js="export default ({ data }) => { window.dispatchEvent(new CustomEvent('bothways-drawn', { detail: data })) }",
)


@dataclass(frozen=True)
class Moments:
    """Snapshots at `steps`, accuracies 0…1 `measured` at steps, `marked` steps; `name` tells whose they are."""

    name: str
    steps: Sequence[int]
    measured: Sequence[tuple[int, float]] = ()
    marked: Sequence[int] = ()
    colour: str = "#5847a5"


def show_timeline(moments: Moments, now: int, key: str) -> tuple[int, int | None]:
    """(the step that is chosen, a step that was marked or unmarked just now)."""
    about = {
        "steps": tuple(moments.steps),
        "measured": tuple(tuple(one) for one in moments.measured),
        "marked": tuple(moments.marked),
        "now": now,
        "said": tuple(said(moments.name).items()),
        "colour": moments.colour,
        "beacon": key,
    }
    answer = _timeline(key=key, data=about, on_step_change=lambda: None, on_marked_change=lambda: None)
    chosen = answer.step if answer.step in moments.steps else now
    return int(chosen), None if answer.marked is None else int(answer.marked)


def said(name: str) -> dict[str, str]:
    """What the slider and its buttons say."""
    return {
        "track": tr("Moment of training of {name} (step)", name=name),
        "play": tr("Play through training"),
        "plays": tr("Play through training, snapshot by snapshot"),
        "stop": tr("Stop"),
        "mark": tr("Mark this moment; marks stay in the link"),
        "unmark": tr("Take the mark away"),
    }


def tell_drawn(key: str, step: int, count: int) -> None:
    """Tell the timeline `key` that the pictures of `step` stand; `count` makes each telling a new one."""
    _beacon(key=f"{key}-drawn", data={"key": key, "step": step, "count": count})
