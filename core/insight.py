"""What a model can and can't know about its data, in one plain sentence or two, before anything is trained."""

from __future__ import annotations

from typing import Any

from core.cheating import leak
from core.data.contract import Ceilings
from core.insight_of_pairs import can_write
from core.limits import binding, ceilings_of, mirrored
from core.parts.objective import OF_PAIRS, OF_WHOLE
from core.spec import Experiment, ModelSpec
from core.told import TOLD, Told, percent

UNITS = {"character": "character", "word": "word", "byte": "byte", "checkpoint": "token", "other": "piece"}


def can_know(experiment: Experiment) -> str:
    """What this model can and can't know for this data, in plain words and with the ceiling that follows."""
    if experiment.model.family == "encoder-decoder":
        return can_write(experiment)
    if experiment.data.asks_words:
        return _text(experiment)
    settings, model = experiment.data.settings, experiment.model
    if experiment.objective_name in OF_PAIRS and not _answers_blindly(model):
        return _pair(experiment)
    if experiment.objective_name in OF_WHOLE:
        return _whole(model, settings)
    if not experiment.data.is_made:
        return _tags(model)
    told, ceilings = TOLD[getattr(settings, "question", experiment.data.task)], settings.ceilings()
    best = binding(model, ceilings)
    if not model.two_way:
        return _one_way(model, told, settings, ceilings, best)
    if best >= ceilings.both:
        return _reach(told, best) + _hard_way(experiment)
    return _two_sided(model, told, best, model.additive and best == ceilings.additive)


def _reach(told: Told, best: float) -> str:
    if best >= 1:
        return f"{told.where}, {told.both}: it can be right every time."
    return (
        f"{told.where}, {told.both}: the best that any model can do is {percent(best)}, because chance remains in the "
        "data."
    )


def _two_sided(model: ModelSpec, told: Told, best: float, added: bool) -> str:
    """Why a model that reads both sides still can't do what both sides allow."""
    limit = f"no such model can be right more often than {percent(best)}"
    if added:
        return f"{told.where}, {told.both}. But its two halves are only added up, and {told.added}: {limit}."
    if not model.late and mirrored(model):
        return (
            f"{told.where}, {told.both}. But ALiBi tells how far a word stands, not on which side, so {told.mixed}: "
            f"{limit}."
        )
    if model.tied:
        return (
            f"{told.where}, {told.both}. But its two directions share their weights and are joined alike, so "
            f"{told.mixed}: {limit}."
        )
    return f"{told.where}, {told.both}. But without positions {told.mixed}: {limit}."


def _one_way(model: ModelSpec, told: Told, settings: Any, ceilings: Ceilings, best: float) -> str:
    forwards = model.direction == "left-to-right"
    if best >= ceilings.both:
        read = "it has read only the words before it" if forwards else "it has read only the words after it"
        return (
            f"{told.where}, {read}, and with these settings that is enough: "
            f"reading both ways could not do better than {percent(best)} either."
        )
    if forwards:
        lacks = told.left(settings)
        return f"{told.where}, {lacks}, so no left-to-right model can be right more often than {percent(best)}."
    lacks = told.right(settings)
    return f"{told.where}, {lacks}, so no right-to-left model can be right more often than {percent(best)}."


def _tags(model: ModelSpec) -> str:
    """Tags of a learner's own sentences, where no ceiling is known."""
    if model.two_way:
        return "At each word it has read the whole sentence, so whatever tells the word’s tag is in sight."
    if model.direction == "left-to-right":
        return "At each word it has read only the words up to it: a tag that is told by what follows must be guessed."
    return "At each word it has read only the words from it on: a tag that is told by what precedes must be guessed."


def _whole(model: ModelSpec, settings: Any) -> str:
    """One answer for a whole sentence: what matters is which word's state gives it."""
    read = {"mean": "the mean of all words’ states", "last": "the last word’s state"}.get(
        model.pool, "the first word’s state"
    )
    ceilings: Ceilings | None = settings.ceilings()
    best = None if ceilings is None else binding(model, ceilings)
    if _answers_blindly(model):
        why = _blindly(model, best)
        return f"Its answer comes from {read}. {why} Read it at the other end, or take the mean."
    known = f"Its answer comes from {read}, which has seen the whole sentence"
    if model.pool == "mean":
        known = f"Its answer comes from {read}, and together they have read the whole sentence"
    if not model.two_way:
        known = f"{known}: to tell what a whole sentence is about, one direction is enough"
    if best is None or best >= 1:
        return f"{known}."
    return f"{known}. Some words stray, so even the best reader is right in {percent(best)} of the sentences, no more."


def _blindly(model: ModelSpec, best: float | None) -> str:
    unseen = "Reading right-to-left, that word has seen nothing of what precedes"
    if model.direction == "left-to-right":
        unseen = "Reading left-to-right, that word has seen nothing of what follows"
    if best is None:
        return f"{unseen}: it answers before it has read the sentence."
    return (
        f"{unseen}: it answers before it has read the sentence, so no such model can be right more often than "
        f"{percent(best)}."
    )


def _answers_blindly(model: ModelSpec) -> bool:
    """Is a sentence's state that of a word which has seen no other?"""
    end = {"left-to-right": "first", "right-to-left": "last"}.get(model.direction)
    return end is not None and (model.pool == end or (end == "first" and model.pool.startswith("pooler")))


def _pair(experiment: Experiment) -> str:
    """What a verdict on two sentences can rest on."""
    objective, known = experiment.objective_name, ceilings_of(experiment)
    best = percent(known.both if known else 1.0)
    if objective == "sentence-order":
        if experiment.data.settings.cue <= 0.5:
            return "Both sentences are on one topic and determiners tell nothing: no model can tell which came first."
        return (
            "Both sentences are on one topic, so topic can't help. Only determiners tell which came first, and not "
            f"always: no model can be right more often than {best}."
        )
    topic = (
        "One random sentence in six is on the same topic, and some words stray, so no model can be right more often "
        f"than {best}."
    )
    if objective == "next-sentence":
        return f"It reads two sentences; whether the second sentence follows can only be told by topic. {topic}"
    return (
        "It fills hidden words from both sides, and beside that judges the pair; whether the second sentence follows "
        f"can only be told by topic. {topic} Their losses are added."
    )


def _hard_way(experiment: Experiment) -> str:
    """Possible is not the same as learned (SCIENCE §1.2)."""
    task, model = experiment.data.task, experiment.model
    if task == "recall" and model.late and not model.additive:
        return " Nothing forbids it, yet models that are joined late rarely learn to look a pet up in so few steps."
    if task == "gap" and model.family == "lstm":
        return f" What is hard is to keep it in memory for {experiment.data.settings.g} words."
    return ""


def _text(experiment: Experiment) -> str:
    settings, model = experiment.data.settings, experiment.model
    unit = UNITS["checkpoint"] if model.checkpoint else UNITS.get(settings.tokenizer, UNITS["other"])
    loose = model.family == "transformer" and model.positions == "none"
    order = f" Without positions it knows which {unit}s are there, hardly in which order." if loose else ""
    objective = experiment.objective_name
    if leak(experiment):
        return _copies(objective, unit) + order
    known = _KNOWN.get(objective, _BLANKS).format(unit=unit, reach=settings.length)
    late = " Each side is read on its own; they meet only at the blank." if model.late else ""
    if objective == "two-way-lm":
        late = ""
    return f"{known}{late}{order}"


_KNOWN = {  # by objective: what a model knows where it is asked, and what that leaves out
    "next-word": (
        "At each {unit} it knows the {unit}s before it, up to {reach}, and guesses the next: it can write on, but "
        "never use what follows, so a blank is filled from one side only."
    ),
    "previous-word": (
        "At each {unit} it knows the {unit}s after it, up to {reach}, and guesses the one before, so it can write a "
        "text backwards, but never use what came before."
    ),
    "two-way-lm": (
        "At each {unit} one half knows the {unit}s before it, up to {reach}, and guesses the next; the other half "
        "knows those after it and guesses the previous one: it can write on in either direction, but no guess ever "
        "uses both sides at once, so a blank is not filled from both."
    ),
    "prefix-lm": (
        "It reads a beginning both ways, up to {reach} {unit}s, and then writes on from left to right, each {unit} "
        "knowing all before it, but what comes later never helps, so it can't fill a gap."
    ),
    "permutation-lm": (
        "Each {unit} is guessed from a random part of the others, up to {reach}, on both sides: it can fill gaps one "
        "after the other, each knowing those already filled, and write on as well, but it learns every order at once, "
        "the hard ones too, so the same steps bring it less far."
    ),
}
_BLANKS = (
    "At each blank it knows the {unit}s on both sides, up to {reach}, so it can fill gaps, but not write on from left "
    "to right, because what follows isn't there yet."
)


def _copies(objective: str, unit: str) -> str:
    """What is true where the answer is in sight."""
    if objective == "previous-word":
        return (
            f"At each {unit} it has already read the previous one, which it is asked for. So it can copy its answer "
            "instead of guessing it: a low loss will not mean that it knows what comes before."
        )
    return (
        f"At each {unit} it has already read the next one, which it is asked for. So it can copy its answer instead "
        "of guessing it: a low loss will not mean that it knows what comes after."
    )
