"""Predictions before the run: a number, a choice, a curve drawn by hand, a mask painted by hand. Locked, and kept."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from lessons.lesson import ChoiceGuess, CurveGuess, Guess, Lesson, MaskGuess, NumberGuess
from lessons.outline import numbers_of
from lessons.progress import Way, locked
from ui import state
from ui.canvas.paint import paint_mask
from ui.canvas.sketch import draw_curve
from ui.panels.attempt import attempt
from ui.panels.controls import explain
from ui.panels.lesson_way import forget, go_to, keep, way_of
from ui.panels.lesson_words import aid, number, phrase, text_of, told
from ui.words import tr

Said = Any  # a number, an option, several options, a curve, a mask


def predict(lesson: Lesson, way: Way) -> None:
    """Every question with its way to answer; one button locks all answers."""
    if locked(lesson, way):
        st.subheader(phrase("locked"), anchor=False)
        st.markdown(phrase_of(lesson, way))
        st.caption(aid("lock"))
        st.button(
            phrase("restart"),
            icon=":material/restart_alt:",
            type="tertiary",
            help=aid("restart"),
            key="restart",
            on_click=attempt,
            args=(partial(restart, lesson),),
        )
        return
    said: dict[str, Said] = {}
    squares = all(isinstance(guess, MaskGuess) for guess in lesson.guesses)
    places = st.columns(len(lesson.guesses)) if squares else [st.container() for _ in lesson.guesses]
    for place, guess in zip(places, lesson.guesses, strict=True):
        with place, st.container(border=True):
            said[guess.key] = ask(lesson, guess)
    ready = all(one is not None for one in said.values())
    st.button(
        phrase("lock"),
        type="primary",
        icon=":material/lock:",
        disabled=not ready,
        help=aid("lock") if ready else phrase("lock-first"),
        key="lock",
        on_click=attempt,
        args=(partial(lock, lesson, said),),
    )
    if not ready:
        st.caption(phrase("lock-first"))


def lock(lesson: Lesson, said: dict[str, Said]) -> None:
    """Keep the predictions for good, and go on to the run."""
    way = way_of(lesson)
    if not locked(lesson, way):
        keep(lesson, {**way, "guesses": said})
    go_to(lesson, "run")


def restart(lesson: Lesson) -> None:
    """Forget this lesson's predictions, answers and place."""
    forget(lesson)
    for guess in lesson.guesses:
        state.remember(_draft(lesson, guess), None)
    go_to(lesson, "question")


def ask(lesson: Lesson, guess: Guess) -> Said:
    """One question; None until it is answered."""
    text = text_of(lesson)
    st.markdown(f"**{told(text.title(f'guess.{guess.key}'), numbers_of(lesson))}**")
    if body := text.body(f"guess.{guess.key}"):
        explain(told(body, numbers_of(lesson)))
    asks = {NumberGuess: _number, ChoiceGuess: _choice, CurveGuess: _curve, MaskGuess: _mask}
    return asks[type(guess)](lesson, guess)


def _draft(lesson: Lesson, guess: Guess) -> str:
    return f"guess.{lesson.slug}.{guess.key}"


def _note(name: str, widget: str) -> None:
    state.remember(name, state.widget(widget))


def _number(lesson: Lesson, guess: NumberGuess) -> float | None:
    scale = 100 if guess.unit == "percent" else 1
    name, widget = _draft(lesson, guess), f"ask-{lesson.slug}-{guess.key}"
    kept = state.recall(name)
    decimals = 0 if scale * guess.step >= 1 else 1
    unit = number(1, guess.unit).replace("\u00a0", " ").lstrip("0123456789.").replace("%", "%%")
    st.slider(
        text_of(lesson).title(f"guess.{guess.key}"),
        float(scale * guess.low),
        float(scale * guess.high),
        float(scale * guess.low),
        float(scale * guess.step),
        format=f"%.{decimals}f{unit}",
        key=widget,
        label_visibility="collapsed",
        on_change=_note,
        args=(name, widget),
        persist_state="session",
    )
    return None if kept is None else kept / scale


def _choice(lesson: Lesson, guess: ChoiceGuess) -> str | list[str] | None:
    text, name, widget = text_of(lesson), _draft(lesson, guess), f"ask-{lesson.slug}-{guess.key}"
    kept = state.recall(name)
    titles = {one: told(text.title(f"guess.{guess.key}.{one}"), numbers_of(lesson)) for one in guess.options}
    note = {"on_change": _note, "args": (name, widget), "key": widget, "label_visibility": "collapsed"}
    note["persist_state"] = "session"
    label = text.title(f"guess.{guess.key}")
    if guess.several:
        st.pills(
            label,
            guess.options,
            selection_mode="multi",
            format_func=titles.__getitem__,
            wrap=True,
            **note,
        )
        return kept or None
    st.radio(label, guess.options, index=None, format_func=titles.__getitem__, **note)
    return kept


def _curve(lesson: Lesson, guess: CurveGuess) -> list[float] | None:
    name = _draft(lesson, guess)
    kept = state.recall(name)
    st.caption(aid("sketch"))
    words = {"step": phrase("axis.step"), "value": phrase(f"axis.{guess.what}")}
    unit = "percent" if guess.what == "accuracy" else "nats"
    start = kept or [guess.high / 2] * len(guess.moments)
    drawn = draw_curve(guess.moments, start, guess.high, unit, words, f"ask-{lesson.slug}-{guess.key}")
    if drawn is not None:
        state.remember(name, list(drawn))
        return list(drawn)
    return kept


def _mask(lesson: Lesson, guess: MaskGuess) -> list[list[bool]] | None:
    name = _draft(lesson, guess)
    kept = state.recall(name)
    st.caption(aid("paint"))
    words = {"row": phrase("paint.row"), "column": phrase("paint.column")}
    words |= {"filled": phrase("paint.filled"), "empty": phrase("paint.empty")}
    empty = np.zeros((guess.words, guess.words), dtype=bool).tolist()
    drawn = paint_mask(tokens_of(lesson, guess), kept or empty, words, f"ask-{lesson.slug}-{guess.key}")
    if drawn is not None:
        state.remember(name, [list(row) for row in drawn])
        return [list(row) for row in drawn]
    return kept


def tokens_of(lesson: Lesson, guess: MaskGuess) -> list[str]:
    """The sentence that is looked at afterwards: the first held-out one."""
    game = lesson.runs[guess.run].data.settings
    return [game.words[token] for token in game.held_out(1).real(0)]


def said_words(lesson: Lesson, guess: Guess, said: Said) -> str:
    """A prediction, or what was measured for it, in words."""
    text = text_of(lesson)
    if isinstance(guess, NumberGuess):
        return number(said, guess.unit)
    if isinstance(guess, ChoiceGuess):
        options = said if guess.several else [said]
        titles = [told(text.title(f"guess.{guess.key}.{one}"), numbers_of(lesson)) for one in options]
        return tr(", ").join(titles) or "–"
    return "↓"


def phrase_of(lesson: Lesson, way: Way) -> str:
    """The locked predictions as a list."""
    text = text_of(lesson)
    lines = []
    for guess in lesson.guesses:
        words = told(text.title(f"guess.{guess.key}"), numbers_of(lesson))
        said = said_words(lesson, guess, way["guesses"][guess.key])
        lines.append(f"- {words} **{said if said != '↓' else phrase('your-sketch')}**")
    return "\n".join(lines)
