"""Choosing the sentence that is looked at, and what the model answers to it."""

from __future__ import annotations

import streamlit as st

from core.data.contract import Source, TextError
from core.models.direction import visible
from core.parts.objective import OF_PAIRS, OF_WHOLE
from core.picture import Picture
from core.spec import Experiment
from core.text import MASK, SPECIAL, UNKNOWN
from ui import state
from ui.canvas.sentence import Row, Word, show_sentences
from ui.panels.amounts import percent
from ui.panels.look_examples import Looked, example, own
from ui.panels.naming import plain

FILLS = ("masked-word", "permutation-lm", "masked-and-next")  # objectives of models that fill blanks
ASKED_SHOWN = 3  # answers told in full
KINDS = ("From the data", "My own")


def choose_sentence(experiment: Experiment, source: Source) -> Looked | None:
    """An example or a sentence of the learner's own; None, with a message, while it can't be read."""
    task = experiment.data.task
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Sentence",
            KINDS,
            default=KINDS[0],
            required=True,
            key="look-kind",
            persist_state="session",
            help="Sentences that the model never trained on, or one that you type.",
        )
        if kind == KINDS[0]:
            number = state.recall(f"look example {task}", 0)
            if st.button(
                "Next example", icon=":material/skip_next:", help="Another sentence that it never trained on."
            ):
                number += 1
                state.remember(f"look example {task}", number)
            return example(experiment, source, number)
        vocabulary(source)
    return typed(experiment, source)


def typed(experiment: Experiment, source: Source) -> Looked | None:
    """A sentence of the learner's own; whatever is wrong with it, the input stays as it was typed."""
    suggestion = example(experiment, source, state.recall(f"look example {experiment.data.task}", 0)).text
    blank = " Write ____ for the word to fill in." if experiment.objective_name in FILLS else ""
    text = st.text_input(
        "Your sentence",
        suggestion.replace("\n", " "),
        key=f"look-own-{experiment.data.task}",
        persist_state="session",
        help="Only words that the model knows; press Enter to look." + blank,
    )
    try:
        return own(experiment, source, text or "")
    except TextError as error:
        st.warning(plain(str(error)), icon=":material/edit:")
        return None


def vocabulary(source: Source) -> None:
    """All the words that may be typed."""
    with st.popover("Words it knows", icon=":material/dictionary:", help="The model's whole vocabulary."):
        words = getattr(source, "source_words", source.words)
        st.text(" · ".join(words[:600]) + (f" … and {len(words) - 600:,} more" if len(words) > 600 else ""))


def show_answer(experiment: Experiment, looked: Looked, picture: Picture) -> None:
    """The sentence with its cue and its question, and what the model answers, with probabilities and the truth."""
    predictions = picture.notes["prediction"]
    asked = looked.asked
    words = []
    for place, word in enumerate(looked.words):
        mark = "asked" if place in asked else "cue" if place in looked.cues else ""
        answer, chance = predictions[place][0] if place in asked else ("", 0.0)
        words.append(Word(word, mark, f"{answer} {percent(chance, 0)}" if answer else ""))
    show_sentences([Row("", words)], key="look-sentence")
    if experiment.objective_name in OF_WHOLE:
        st.markdown(said_of_all(looked, picture.notes["whole"], experiment.objective_name in OF_PAIRS))
        if experiment.objective_name != "masked-and-next":
            return
    for place in asked[:ASKED_SHOWN]:
        st.markdown(answered(experiment, looked, place, predictions[place]))
    if experiment.objective_name == "two-way-lm":
        before = ", ".join(f"“{plain(word)}” {percent(chance)}" for word, chance in predictions[len(looked.words)])
        st.markdown(f"Before “{plain(looked.words[0])}” its right-to-left half expects {before}.")
    if len(asked) > ASKED_SHOWN:
        st.caption(f"The answers at the other {len(asked) - ASKED_SHOWN} places stand under their words.")
    if unread := not_read(experiment, looked):
        st.caption(unread)
    if not asked:
        st.caption(nothing_asked(experiment))
    elif unseen := hidden_cue(experiment, looked, asked[0]):
        st.caption(unseen)


def answered(experiment: Experiment, looked: Looked, place: int, likely: list[tuple[str, float]]) -> str:
    """One line of Markdown: the likeliest answers with their probabilities, and the truth where it is known."""
    word = plain(looked.words[place])
    said = "“{}” {}".format if experiment.data.asks_words else "{} {}".format
    shares = [said(plain(answer), percent(chance)) for answer, chance in likely]
    where = {
        "answer": f"At “{word}” the model says",
        "tag": f"At “{word}” the model says",
        "next-word": f"After “{word}” it expects",
        "previous-word": f"Before “{word}” it expects",
        "two-way-lm": f"After “{word}” its left-to-right half expects",
        "prefix-lm": f"After “{word}” it expects",
        "masked-word": "In the blank it puts",
        "permutation-lm": "In the blank it puts",
        "masked-and-next": "In the blank it puts",
    }[experiment.objective_name]
    line = f"{where} **{shares[0]}**" + (f" ({', '.join(shares[1:])})" if shares[1:] else "") + "."
    if place not in looked.truth:
        return line
    truth = looked.truth[place]
    if experiment.data.asks_words:
        return f"{line} The text has **“{plain(truth)}”**."
    return f"{line} The truth: **{plain(truth)}**, {'✓ right' if truth == likely[0][0] else '✗ so it is wrong here'}."


def said_of_all(looked: Looked, likely: list[tuple[str, float]], pair: bool = False) -> str:
    """One line on the class of the whole sentence, and the truth where it is known."""
    shares = [f"{plain(answer)} {percent(chance)}" for answer, chance in likely]
    whom = "Does the second sentence follow the first? The" if pair else "Of the whole sentence the"
    line = f"{whom} model says **{shares[0]}** ({', '.join(shares[1:])})."
    if not looked.whole:
        return line
    right = "✓ right" if looked.whole == likely[0][0] else "✗ so it is wrong here"
    return f"{line} The truth: **{plain(looked.whole)}**, {right}."


def nothing_asked(experiment: Experiment) -> str:
    if experiment.objective_name in FILLS:
        return "Write ____ in your sentence, and the model fills it in."
    return "This sentence has no word that the game asks about, so there is no answer to show."


def not_read(experiment: Experiment, looked: Looked) -> str:
    """What of a learner's own text says nothing to the model; "" where it can read all."""
    if not experiment.data.is_text:
        return ""
    if lost := looked.words.count(SPECIAL[UNKNOWN]):
        words = "One word is" if lost == 1 else f"{lost} words are"
        return f"{words} not in the model's vocabulary: it reads {plain(SPECIAL[UNKNOWN])} there."
    if SPECIAL[MASK] in looked.words and experiment.objective_name not in FILLS:
        return "This model never met a blank in training, so ____ says nothing to it."
    return ""


def hidden_cue(experiment: Experiment, looked: Looked, place: int) -> str:
    """Why a one-way model can't know, where the cue stands on its blind side; "" elsewhere."""
    direction = experiment.model.direction
    sees = visible(direction, len(looked.words))[place]
    if not looked.cues or any(sees[cue] for cue in looked.cues):
        return ""
    return f"The cue stands where this {direction} model can't look: here it can only guess."
