"""Choose what is learned, and how."""

from __future__ import annotations

import streamlit as st

from core.data.registry import DATA
from core.data.transfer.questions import Transfer
from core.fields import settings_of
from core.parts.objective import OF_OBJECTIVES, OF_WHOLE
from core.spec import OBJECTIVE_OF, TrainSpec
from ui import backend
from ui.panels import choices
from ui.panels.controls import explain
from ui.words import later, tr

OBJECTIVE_WORDS = {
    "next-word": later("From the words before, guess the next one. So GPT learns."),
    "previous-word": later("From the words after, guess the one before."),
    "span-corruption": later("From a text with pieces cut out, write the pieces. So T5 learns (Raffel et al. 2020)."),
    "translate": later("From a whole sentence, and what is written of another so far, guess that one’s next word."),
    "two-way-lm": later(
        "Two models, one from each side, each guess the word that comes next on their way. So ELMo learns "
        "(Peters et al. 2018)."
    ),
    "next-sentence": later(
        "Two sentences: does the second follow the first, or is it another text’s? Half of them are. So "
        "BERT learns beside its blanks (Devlin et al. 2019)."
    ),
    "sentence-order": later(
        "Two sentences that belong together: are they in their order, or swapped? Half of them "
        "are swapped. So ALBERT learns (Lan et al. 2020)."
    ),
    "masked-and-next": later(
        "Hidden words and next sentence at once, their losses added: the whole of BERT’s pretraining."
    ),
    "classify": later("From the state of the whole sentence, say its class."),
    "tag": later("From the state of each word, say its tag."),
    "masked-word": later(
        "Words are hidden, a few swapped or left: from both sides, say what stood there. So BERT learns."
    ),
    "prefix-lm": later(
        "A beginning is given and read both ways; what follows is guessed word by word. So UniLM and a "
        "kind of T5 learn (Dong et al. 2019; Raffel et al. 2020)."
    ),
    "permutation-lm": later(
        "Words are guessed one after the other in a random order, each from those before it in that "
        "order. So XLNet learns (Yang et al. 2019)."
    ),
}


SPAN_WORDS = later(
    "Accuracy counts each word’s likeliest tag. Names are counted whole: the likeliest legal row is chosen for the "
    "sentence at once, so that even a one-way model’s names can profit from words that it reads later."
)


def choose_objective() -> None:
    """What is predicted of text, and how labels are read off. Games ask their own question."""
    task = choices.get("data", "task")
    asked = DATA[task].objectives
    if task == "transfer":
        asked = Transfer(question=choices.get("data", "question")).objectives
    if asked == ("classify",):
        choices.ask("model", "pool")
        explain(tr(OBJECTIVE_WORDS["classify"]))
    elif asked == ("tag",):
        explain(tr(OBJECTIVE_WORDS["tag"]))
        if task not in ("speech", "transfer"):  # whose tags name no spans
            choices.ask("objective", "spans")
            explain(tr(SPAN_WORDS))
    if len(asked) == 1:
        return
    follows = OBJECTIVE_OF[choices.get("model", "direction")] if task in ("text", "sentences") else asked[0]
    name = choices.ask("objective", "name", derived=follows, only=asked) or follows
    explain(tr(OBJECTIVE_WORDS[name]))
    if name in OF_WHOLE:
        choices.ask("model", "pool")
    if "mask_rate" in OF_OBJECTIVES.get(name, ()):
        choices.ask("objective", "mask_rate")
    deeper = [one for one in OF_OBJECTIVES.get(name, ()) if one != "mask_rate"]
    if deeper:
        with st.expander(
            tr("Open every setting"), key="open-objective", on_change="rerun", icon=":material/tune:"
        ) as opened:
            if opened.open:
                for one in deeper:
                    choices.ask("objective", one)


def choose_training() -> None:
    """Steps and learning rate at once, the rest on request."""
    recipe = DATA[choices.get("data", "task")]().recipe
    steps, rate = st.columns(2)
    with steps:
        choices.ask("train", "steps", derived=recipe.steps)
    with rate:
        choices.ask("train", "learning_rate", derived=recipe.learning_rate)
    with st.expander(
        tr("Open every setting"), key="open-training", on_change="rerun", icon=":material/tune:"
    ) as opened:
        if opened.open:
            _open_training(recipe.batch, recipe.held_out, recipe.steps)


def _open_training(batch: int, held_out: int, steps: int) -> None:
    chosen = choices.get("train", "steps") or steps
    derived = {"batch": batch, "held_out": held_out, "evaluate_every": max(1, chosen // 20)}
    settings = [
        (one.name, about) for one, about in settings_of(TrainSpec) if one.name not in ("steps", "learning_rate")
    ]
    left, right = st.columns(2)
    for index, name in enumerate(name for name, about in settings if not about.choices):
        with left if index % 2 == 0 else right:
            choices.ask("train", name, derived=derived.get(name))
    for name, about in settings:
        if about.choices:
            choices.ask("train", name, only=_devices(about.choices) if name == "device" else ())


def _devices(all_: tuple[str, ...]) -> tuple[str, ...]:
    """Those that this machine has, as far as is known, and the one that is chosen."""
    machine, chosen = backend.machine(), choices.get("train", "device")
    return tuple(name for name in all_ if machine.has(name) or name == chosen)
