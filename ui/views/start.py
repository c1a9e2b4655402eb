"""Half a minute to the point: two models train side by side, one stops at its line, the other passes it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.data.tasks.sense import Sense
from ui import state
from ui.panels.attempt import attempt
from ui.panels.launch import launch
from ui.panels.onward import MOST_SEEDS, again, ways_on
from ui.panels.polling import pace, polled
from ui.panels.race import draw_race, pair, racers, tell_game
from ui.panels.reading import judged, reading
from ui.panels.watched import Watched
from ui.words import tr

GUESSES = tuple(range(0, 101, 10))
DEFAULT_P = 0.8  # the cue comes late in four of five sentences: a line that is well below what two sides give


def show() -> None:
    st.title(tr("Some things can't be learned from one side"))
    ids = state.shown_runs()
    racing = pair(ids)
    if racing is None:
        st.markdown(
            tr(
                "Train two small language models, here and now: one may read only what stands to the **left** of a "
                "word, the other reads **both** sides, and one of them will stop at a line that no training can cross."
            )
        )
        ask(state.number_param("p", DEFAULT_P, 0, 1), int(state.number_param("seed", 0, 0, MOST_SEEDS)))
    else:
        watch_race(ids, racing)


def ask(p: float, seed: int) -> None:
    """The game, a prediction, and then the button."""
    game = Sense(p=p)
    left, right = st.columns([7, 5], gap="large")
    with left:
        tell_game(game, tr("1 · The game"))
    with right:
        st.subheader(tr("2 · Your prediction"))
        st.markdown(tr("**How often can a model that reads only the words to the left be right?**"))
        guess = st.pills(
            tr("Your prediction"),
            GUESSES,
            format_func=lambda value: f"{value} %",
            key=f"guess-{p}",
            label_visibility="collapsed",
            wrap=True,
            help=tr("There are two meanings, so a coin flip is right half the time."),
        )
        st.subheader(tr("3 · Find out"))
        ready = guess is not None
        st.button(
            tr("Train both models"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=not ready,
            help=tr("Trains two models from scratch on this machine." if ready else "First choose your prediction."),
            on_click=attempt,
            args=(partial(begin, p, seed, guess),),
        )
        st.caption(
            tr("Takes some seconds. Nothing is prepared: every number will be measured now.")
            if ready
            else tr("Choose your prediction first.")
        )
        last_race()


def last_race() -> None:
    """Back to the race of this tab that was left for another page."""
    kept = state.recall("race")
    words = tr("Opens the two runs that you trained last.")
    if kept and st.button(tr("Your last race"), icon=":material/history:", type="tertiary", help=words):
        state.set_param("guess", kept["guess"])
        state.show_runs(kept["runs"])
        st.rerun()


def begin(p: float, seed: int, guess: int) -> None:
    """Start the race before the page is drawn again: nothing is waited for twice."""
    ids = launch(racers(p, seed))
    state.remember("race", {"guess": str(guess), "runs": list(ids)})
    state.set_param("guess", str(guess))
    state.show_runs(ids)


def watch_race(ids: tuple[str, ...], racing: tuple[Watched, Watched]) -> None:
    """The race on one side; beside it the question, then the answer to it."""
    one_way, both = racing
    live = any(one.run.under_way for one in racing)
    measured = one_way.held_out is not None and both.held_out is not None
    chart, words = st.columns([7, 5], gap="large")
    with chart:
        polled(partial(draw_race, ids), pace(one.run for one in racing))
    with words:
        guess = state.number_param("guess", -1, 0, 100)
        if not live and measured:
            st.subheader(tr("What happened"))
            st.markdown(reading(one_way, both))
            if guess >= 0:
                with st.container(border=True):
                    st.markdown(f":material/psychology: {judged(guess / 100, one_way)}")
        else:
            tell_game(one_way.run.experiment.data.settings, tr("The game"))
            if guess >= 0:
                st.markdown(tr("Your prediction for left to right: **{guess} %**", guess=f"{guess:.0f}"))
    if not live:
        ways_on(one_way, both)
        again(one_way.run.experiment)
