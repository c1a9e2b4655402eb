"""Choosing the sentence that is looked at, and what the model answers to it."""

from __future__ import annotations

from collections.abc import Sequence

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
from ui.words import later, tr

FILLS = ("masked-word", "permutation-lm", "masked-and-next")  # objectives of models that fill blanks
ASKED_SHOWN = 3  # answers told in full
KINDS = (later("From the data"), later("My own"))

ANSWERED = {
    "answer": later("At “{word}” the model says {answers}."),
    "tag": later("At “{word}” the model says {answers}."),
    "next-word": later("After “{word}” it expects {answers}."),
    "previous-word": later("Before “{word}” it expects {answers}."),
    "two-way-lm": later("After “{word}” its left-to-right half expects {answers}."),
    "prefix-lm": later("After “{word}” it expects {answers}."),
    "masked-word": later("In the blank it puts {answers}."),
    "permutation-lm": later("In the blank it puts {answers}."),
    "masked-and-next": later("In the blank it puts {answers}."),
}
CUE_HIDDEN = {
    "left-to-right": later("The cue stands where this left-to-right model can't look: here it can only guess."),
    "right-to-left": later("The cue stands where this right-to-left model can't look: here it can only guess."),
    "both": later("The cue stands where this both model can't look: here it can only guess."),
}


def choose_sentence(experiment: Experiment, source: Source) -> Looked | None:
    """An example or a sentence of the learner's own; None, with a message, while it can't be read."""
    task = experiment.data.task
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            tr("Sentence"),
            KINDS,
            format_func=tr,
            default=KINDS[0],
            required=True,
            key="look-kind",
            persist_state="session",
            help=tr("Sentences that the model never trained on, or one that you type."),
        )
        if kind == KINDS[0]:
            number = state.recall(f"look example {task}", 0)
            help = tr("Another sentence that it never trained on.")
            if st.button(tr("Next example"), icon=":material/skip_next:", key="look-next", help=help):
                number += 1
                state.remember(f"look example {task}", number)
            return example(experiment, source, number)
        vocabulary(source)
    return typed(experiment, source)


def typed(experiment: Experiment, source: Source) -> Looked | None:
    """A sentence of the learner's own; whatever is wrong with it, the input stays as it was typed."""
    suggestion = example(experiment, source, state.recall(f"look example {experiment.data.task}", 0)).text
    help = tr("Only words that the model knows; press Enter to look.")
    if experiment.objective_name in FILLS:
        help = f"{help} {tr('Write ____ for the word to fill in.')}"
    text = st.text_input(
        tr("Your sentence"),
        suggestion.replace("\n", " "),
        key=f"look-own-{experiment.data.task}",
        persist_state="session",
        help=help,
    )
    try:
        return own(experiment, source, text or "")
    except TextError as error:
        st.warning(plain(tr(str(error))), icon=":material/edit:")
        return None


def vocabulary(source: Source) -> None:
    """All the words that may be typed."""
    with st.popover(tr("Words it knows"), icon=":material/dictionary:", help=tr("The model's whole vocabulary.")):
        words = getattr(source, "source_words", source.words)
        shown, rest = " · ".join(words[:600]), len(words) - 600
        st.text(tr("{listed} … and {n} more", listed=shown, n=f"{rest:,}") if rest > 0 else shown)


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
        expected = predictions[len(looked.words)]
        before = tr(", ").join(f"“{plain(word)}” {percent(chance)}" for word, chance in expected)
        first = plain(looked.words[0])
        st.markdown(tr("Before “{word}” its right-to-left half expects {answers}.", word=first, answers=before))
    if len(asked) > ASKED_SHOWN:
        st.caption(tr("The answers at the other {n} places stand under their words.", n=len(asked) - ASKED_SHOWN))
    if unread := not_read(experiment, looked):
        st.caption(unread)
    if not asked:
        st.caption(nothing_asked(experiment))
    elif unseen := hidden_cue(experiment, looked, asked[0]):
        st.caption(unseen)


def answered(experiment: Experiment, looked: Looked, place: int, likely: list[tuple[str, float]]) -> str:
    """One line of Markdown: the likeliest answers with their probabilities, and the truth where it is known."""
    word = plain(looked.words[place])
    written = "“{}” {}".format if experiment.data.asks_words else "{} {}".format
    shares = [written(plain(answer), percent(chance)) for answer, chance in likely]
    line = tr(ANSWERED[experiment.objective_name], word=word, answers=with_others(shares))
    if place not in looked.truth:
        return line
    truth = looked.truth[place]
    if experiment.data.asks_words:
        return f"{line} {tr('The text has **“{word}”**.', word=plain(truth))}"
    return f"{line} {judged(truth, truth == likely[0][0])}"


def with_others(shares: Sequence[str]) -> str:
    """The likeliest answer in bold, and the others behind it."""
    if not shares[1:]:
        return f"**{shares[0]}**"
    return tr("**{first}** ({others})", first=shares[0], others=tr(", ").join(shares[1:]))


def judged(truth: str, right: bool) -> str:
    """What would have been right, and whether it was said."""
    if right:
        return tr("The truth: **{truth}**, ✓ right.", truth=plain(truth))
    return tr("The truth: **{truth}**, ✗ so it is wrong here.", truth=plain(truth))


def said_of_all(looked: Looked, likely: list[tuple[str, float]], pair: bool = False) -> str:
    """One line on the class of the whole sentence, and the truth where it is known."""
    shares = [f"{plain(answer)} {percent(chance)}" for answer, chance in likely]
    answers = with_others(shares)
    line = (
        tr("Does the second sentence follow the first? The model says {answers}.", answers=answers)
        if pair
        else tr("Of the whole sentence the model says {answers}.", answers=answers)
    )
    return f"{line} {judged(looked.whole, looked.whole == likely[0][0])}" if looked.whole else line


def nothing_asked(experiment: Experiment) -> str:
    if experiment.objective_name in FILLS:
        return tr("Write ____ in your sentence, and the model fills it in.")
    return tr("This sentence has no word that the game asks about, so there is no answer to show.")


def not_read(experiment: Experiment, looked: Looked) -> str:
    """What of a learner's own text says nothing to the model; "" where it can read all."""
    if not experiment.data.is_text:
        return ""
    if lost := looked.words.count(SPECIAL[UNKNOWN]):
        unknown = plain(SPECIAL[UNKNOWN])
        if lost == 1:
            return tr("One word is not in the model's vocabulary: it reads {unknown} there.", unknown=unknown)
        return tr("{n} words are not in the model's vocabulary: it reads {unknown} there.", n=lost, unknown=unknown)
    if SPECIAL[MASK] in looked.words and experiment.objective_name not in FILLS:
        return tr("This model never met a blank in training, so ____ says nothing to it.")
    return ""


def hidden_cue(experiment: Experiment, looked: Looked, place: int) -> str:
    """Why a one-way model can't know, where the cue stands on its blind side; "" elsewhere."""
    direction = experiment.model.direction
    sees = visible(direction, len(looked.words))[place]
    if not looked.cues or any(sees[cue] for cue in looked.cues):
        return ""
    return tr(CUE_HIDDEN[direction])
