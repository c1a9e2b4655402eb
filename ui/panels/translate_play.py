"""One sentence, translated by two models before the learner's eyes: what they write, and where they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from operator import eq
from typing import Any

import numpy as np
import streamlit as st

from core.data.contract import TextError
from core.data.pairs.pair_game import PairGame
from core.decoding.registry import DECODERS, Options, fitting
from core.decoding.trace import Decoded, Event, Round, Step, from_json
from core.fields import settings_of
from core.picture import Picture
from core.runs.failures import LookError, StoreError
from ui import backend, state
from ui.canvas.sentence import Row, Word, show_sentences
from ui.charts.alignment import Moment, alignment_figure
from ui.charts.palette import BOTH, FUTURE, PAST
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.controls import control
from ui.panels.look_keep import dark, draw, keep
from ui.panels.naming import plain
from ui.panels.translate_begin import pair_of
from ui.panels.watched import Watched
from ui.words import later, tr

KINDS = (later("From the data"), later("My own"))
WAYS = (later("left-to-right"), later("right-to-left"))  # as decoders name them
COLOURS = {"left-to-right": PAST, "right-to-left": FUTURE, "both": BOTH}


@lru_cache(maxsize=64)
def _translated(run: str, step: int, written: int, text: str, number: int, decoder: str, options: Options) -> Picture:
    chosen = {one.name: getattr(options, one.name) for one, _ in settings_of(options)}
    return backend.looker().translate(run, step, text, number, 1, decoder, chosen)


def choose_source(source: Any) -> tuple[str, int] | None:
    """(text, number): a sentence of the learner's own, or "" and the number of a held-out one."""
    number = state.recall("translate sentence", 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            tr("Sentence"),
            KINDS,
            format_func=tr,
            default=KINDS[0],
            required=True,
            key="translate-kind",
            persist_state="session",
            help=tr("Sentences that the models never trained on, or one that you type."),
        )
        if kind == KINDS[0]:
            words = tr("Another sentence to translate.")
            if st.button(tr("Next sentence"), icon=":material/skip_next:", help=words):
                number += 1
                state.remember("translate sentence", number)
            return "", number
        words = tr("All words of the source language.")
        with st.popover(tr("Words it knows"), icon=":material/dictionary:", help=words):
            st.text(" · ".join(source.source_words[:600]))
    suggestion = " ".join(pair_of(source, number)[0])
    words = tr("Only words that the source language has; press Enter to translate.")
    text = st.text_input(tr("Your sentence"), suggestion, key="translate-own", persist_state="session", help=words)
    try:
        source.encode(text or "")
    except TextError as error:
        st.warning(plain(tr(str(error))), icon=":material/edit:")
        return None
    return text, 0


def play(several: Sequence[Watched], source: Any, chosen: tuple[str, int]) -> None:
    """Every model's translation of the same sentence, side by side."""
    text, number = chosen
    read, truth = pair_of(source, number)
    read = text.split() if text else read
    rows = [Row(tr("source"), [Word(one) for one in read])]
    if not text:
        rows.append(Row(tr("true translation"), [Word(one, "right") for one in truth]))
    show_sentences(rows, key="translate-source")
    for column, one in zip(st.columns(len(several), gap="large"), several, strict=True):
        with column:
            play_one(one, source, text, number, [] if text else right_ones(one, read, truth))


def right_ones(watched: Watched, read: list[str], truth: list[str]) -> list[list[str]]:
    """The true translation, and others that are as right."""
    settings = watched.run.experiment.data.settings
    others = settings.all_right(read) if isinstance(settings, PairGame) else []
    return [truth, *(one for one in others if one != truth)]


def play_one(watched: Watched, source: Any, text: str, number: int, right: list[list[str]]) -> None:
    run = watched.run
    show_sentences([Row(watched.name, [], watched.colour)], key=f"translate-name-{run.id}")
    decoder, options = choose_decoder(watched)
    steps = backend.store().snapshots(run.id)
    if not steps:
        st.info(tr("This model has not begun to train yet."), icon=":material/hourglass:")
        return
    try:
        kept = backend.store().snapshot(run.id, steps[-1]).stat().st_mtime_ns
        with st.spinner(tr("Translating …")):
            seen = _translated(run.id, steps[-1], kept, text, number, decoder, options)
    except (LookError, StoreError, OSError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
        return
    if run.under_way:
        st.caption(tr("As it was after step {step}; it is still learning.", step=f"{steps[-1]:,}"))
    events = [from_json(one) for one in seen.notes["events"]]
    result = events[-1]
    assert isinstance(result, Decoded)
    words = [source.words[one] for one in result.tokens]
    show_written(watched, words, result, right)
    moments = story(events, source.words)
    if moments and moments[-1].looked is not None:
        show_alignment(watched, seen, moments)
    show_rivals(events, source.words, run.id)


def choose_decoder(watched: Watched) -> tuple[str, Options]:
    """How this model is asked to write, of the ways that it can."""
    can = fitting(watched.run.experiment.model)
    name = st.selectbox(
        tr("Decoder"),
        can,
        format_func=lambda one: tr(DECODERS[one].title),
        key=f"decoder-{watched.run.id}",
        disabled=len(can) == 1,
        help=tr("How the next words are chosen from what the model believes."),
    )
    about = DECODERS[name]
    story, cost, source = tr(about.story), tr(about.cost), tr(about.source)
    st.caption(
        tr(
            "{story} Cost: {cost}. ({source})" if source else "{story} Cost: {cost}.",
            story=story,
            cost=cost,
            source=source,
        )
    )
    options = Options()
    obeys = [(one, told) for one, told in settings_of(Options) if one.name in about.obeys]
    if watched.run.experiment.model.direction != "both":
        obeys = [(one, told) for one, told in obeys if one.name != "direction"]
    if obeys:
        with st.popover(tr("Settings"), icon=":material/tune:", help=tr("What this decoder obeys.")):
            for one, told in obeys:
                key = f"decode-{watched.run.id}-{name}-{one.name}"
                options = replace(options, **{one.name: control(one, told, one.default, key)})
    return str(name), options


def show_written(watched: Watched, words: list[str], result: Decoded, right: list[list[str]]) -> None:
    """The translation, word by word with how sure the model was; right and wrong where what is right is known.

    Where several translations are right, its words are held against the one that they are nearest to.
    """
    shown, truth = [], max(right, key=lambda one: sum(map(eq, one, words)), default=None)
    for place, word in enumerate(words):
        fits = truth is None or (place < len(truth) and truth[place] == word)
        mark = "new" if truth is None else "right" if fits else "wrong"
        shown.append(Word(word, mark, percent(result.probabilities[place], 0)))
    show_sentences([Row(tr("it writes"), shown)], key=f"translate-written-{watched.run.id}")
    if truth is not None:
        st.markdown(verdict(words, right))
    if not result.finished:
        st.caption(tr("It did not find an end and was stopped at the longest length."))
    if len(result.by_direction) > 1:
        each = " · ".join(f"{tr(way)} {value:.2f}" for way, value in result.by_direction.items())
        st.caption(tr("Log-probability in nats: {each}.", each=each))


def verdict(words: list[str], right: list[list[str]]) -> str:
    if words not in right:
        return f":material/close: {tr('Not right.')}"
    exact, other = tr("Right, word for word."), tr("Right, word for word. It is as right as the one above.")
    return f":material/check: {exact if words == right[0] else other}"


def story(events: Sequence[Event], words: Sequence[str]) -> list[Moment]:
    """The moments of the sentence that came out, in the order of writing; for blanks, one a round."""
    result = events[-1]
    assert isinstance(result, Decoded)
    if any(isinstance(one, Round) for one in events):
        rounds = [one for one in events if isinstance(one, Round) and len(one.tokens) == len(result.tokens)]
        return [_of_round(one, words) for one in rounds]
    T = len(result.tokens)
    order = list(range(T))
    if result.direction == "right-to-left":
        order.reverse()
    elif result.direction == "both":  # from both ends to the middle
        order = sorted(order, key=lambda place: min(place, T - 1 - place))
    return [_after(order[: n + 1], result, words) for n in range(T)]


def _after(places: list[int], result: Decoded, words: Sequence[str]) -> Moment:
    there = set(places)
    shown = tuple(words[token] if place in there else "" for place, token in enumerate(result.tokens))
    looked = None
    if result.attention is not None:
        looked = np.array(result.attention)
        looked[[place for place in range(len(shown)) if place not in there]] = np.nan
    said = tr("word {n} of {all}: {word}", n=len(places), all=len(shown), word=shown[places[-1]])
    return Moment(said, shown, result.probabilities, looked)


def _of_round(one: Round, words: Sequence[str]) -> Moment:
    blanked = sum(one.masked)
    said = tr(
        "round {n}: {blanked} words will be written anew" if blanked else "round {n}: all words stay",
        n=one.number + 1,
        blanked=blanked,
    )
    looked = None if one.attention is None else np.array(one.attention)
    return Moment(said, tuple(words[token] for token in one.tokens), one.probabilities, looked)


def show_alignment(watched: Watched, seen: Picture, moments: list[Moment]) -> None:
    """Where each word looked; ▶ plays it as it was written."""
    last, name = moments[-1], f"alignment-{watched.run.id[:6]}"
    assert last.looked is not None
    rows = [[word, *map(float, row)] for word, row in zip(last.words, last.looked, strict=True)]
    st.markdown(tr("**Where it looked.** Each row is a word that it wrote; the darker, the more it read there."))
    form = keep(replace(seen, arrays={"cross": last.looked}), name, ["written", *seen.tokens], lambda: rows)
    figure = alignment_figure(moments, seen.tokens, COLOURS[watched.run.experiment.model.direction], dark())
    draw(figure, name, tr("Attention of each written word over the words of the source sentence."), form)
    table = tr("The same as a table")
    with st.expander(table, key=f"table-{name}", on_change="rerun", icon=":material/table:") as opened:
        if opened.open:
            header = (tr("Written"), *(plain(one) for one in seen.tokens))
            cells = [(plain(str(row[0])), *(f"{value:.2f}" for value in row[1:])) for row in rows]
            st.markdown(as_markdown(header, cells))


def show_rivals(events: Sequence[Event], words: Sequence[str], run_id: str) -> None:
    """What else was thought of: the other sentences of the beam, and the words that lived beside, step by step."""
    result = events[-1]
    assert isinstance(result, Decoded)
    steps = [one for one in events if isinstance(one, Step) and len(one.candidates) > 1]
    if not result.others and not steps:
        return
    with st.expander(
        tr("What else it considered"), key=f"rivals-{run_id}", on_change="rerun", icon=":material/rule:"
    ) as opened:
        if not opened.open:
            return
        rivals = [result, *result.others][:8]
        rows = [(plain(" ".join(words[one] for one in each.tokens)), f"{each.score:.2f}") for each in rivals]
        st.markdown(as_markdown((tr("Sentence"), tr("Score (nats)")), rows))
        if steps:
            comma = tr(", ")
            told = [
                (f"{one.number + 1}{comma}{tr(one.direction)}", comma.join(
                    f"{plain(words[each.token])} {percent(each.probability, 0)}" for each in one.candidates
                ))
                for one in steps
            ]  # fmt: skip
            st.markdown(as_markdown((tr("Word number"), tr("Alive, the best first")), told))
