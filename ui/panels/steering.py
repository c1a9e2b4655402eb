"""The controls of a run: pause, one step, on, stop, learning rate, resume. For its owner; others look on."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui import backend, state
from ui.panels.attempt import attempt
from ui.panels.watched import Watched
from ui.words import tr

FACTORS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


def steer(watched: Watched) -> None:
    """Draw the controls that make sense in the run's present state."""
    run = watched.run
    if not watched.mine:
        words = tr("Its owner can pause, stop and resume it.")
        st.caption(tr("View only: this run belongs to someone else."), help=words)
    elif run.under_way:
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            _under_way(run.id, run.status)
    elif run.resumable:
        _ended(watched)


def _under_way(run_id: str, status: str) -> None:
    if status == "paused":
        _button(tr("Go on"), "play_arrow", run_id, tr("Train on from this step."), "resume")
        _button(tr("One step"), "skip_next", run_id, tr("Learn from one single batch, then wait again."), "step")
    else:
        words = tr("Hold the training where it is; nothing is lost.")
        _button(tr("Pause"), "pause", run_id, words, "pause", disabled=status == "queued")
    _button(tr("Stop"), "stop", run_id, tr("End this run here. It can be resumed later."), "stop")
    _rate(run_id)


def _ended(watched: Watched) -> None:
    run = watched.run
    step = backend.store().resume_step(run.id)
    st.button(
        tr("Resume from step {step}", step=f"{step:,}") if step else tr("Start again"),
        icon=":material/replay:",
        key=f"resume-{run.id}",
        type="primary" if run.status == "crashed" else "secondary",
        help=tr("Goes on from the last snapshot. The numbers are the same as if it had never been interrupted."),
        on_click=_resume,
        args=(run.id,),
    )


def _button(label: str, icon: str, run_id: str, help: str, signal: str, disabled: bool = False) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"{signal}-{run_id}",
        help=help,
        disabled=disabled,
        on_click=_stop if signal == "stop" else _tell,
        args=(run_id,) if signal == "stop" else (run_id, signal),
    )


def _tell(run_id: str, signal: str, value: float | None = None) -> None:
    attempt(partial(backend.runner().signal, run_id, signal, value, owner=state.owner()))


def _stop(run_id: str) -> None:
    attempt(partial(backend.runner().cancel, run_id, owner=state.owner()))


def _resume(run_id: str) -> None:
    attempt(partial(backend.runner().resume, run_id, owner=state.owner()))


def _rate(run_id: str) -> None:
    """The factor on the planned learning rate; shows what was last asked for, in any tab."""
    key, asked = f"rate-{run_id}", backend.store().last_signal(run_id, "learning-rate") or 1.0
    choices = sorted({*FACTORS, asked})
    st.selectbox(
        tr("Learning rate"),
        choices,
        index=choices.index(asked),
        format_func=lambda factor: f"× {factor:g}",
        key=key,
        width=120,
        help=tr(
            "Multiplies the planned learning rate from now on: too high and the loss jumps, too low and it creeps."
        ),
        on_change=_tell_rate,
        args=(run_id, key),
    )


def _tell_rate(run_id: str, key: str) -> None:
    _tell(run_id, "learning-rate", float(state.widget(key, 1.0)))
