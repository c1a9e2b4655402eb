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
    start = f"{told.where}, "
    if best >= ceilings.both:
        return f"{start}{told.both}: {_reach(best)}.{_hard_way(experiment)}"
    if model.additive and best == ceilings.additive:
        return (
            f"{start}{told.both}. But its two halves are only added up, and {told.added}: {_limit('such model', best)}."
        )
    why = "its two directions share their weights and are joined alike, so" if model.tied else "without positions"
    if not model.late and mirrored(model):
        why = "ALiBi tells how far a word stands, not on which side, so"
    return f"{start}{told.both}. But {why} {told.mixed}: {_limit('such model', best)}."


def _one_way(model: ModelSpec, told: Told, settings: Any, ceilings: Ceilings, best: float) -> str:
    if best >= ceilings.both:
        side = "before" if model.direction == "left-to-right" else "after"
        return (
            f"{told.where}, it has read only the words {side} it, and with these settings that is enough: "
            f"reading both ways could not do better than {percent(best)} either."
        )
    lacks = (told.left if model.direction == "left-to-right" else told.right)(settings)
    return f"{told.where}, {lacks}, so {_limit(f'{model.direction} model', best)}."


def _tags(model: ModelSpec) -> str:
    """Tags of a learner's own sentences, where no ceiling is known."""
    if model.two_way:
        return "At each word it has read the whole sentence, so whatever tells the word’s tag is in sight."
    read, lacks = ("up to it", "follows") if model.direction == "left-to-right" else ("from it on", "precedes")
    return f"At each word it has read only the words {read}: a tag that is told by what {lacks} must be guessed."


def _whole(model: ModelSpec, settings: Any) -> str:
    """One answer for a whole sentence: what matters is which word's state gives it."""
    read = {"mean": "the mean of all words’ states", "last": "the last word’s state"}.get(
        model.pool, "the first word’s state"
    )
    ceilings: Ceilings | None = settings.ceilings()
    best = None if ceilings is None else binding(model, ceilings)
    if _answers_blindly(model):
        side = "follows" if model.direction == "left-to-right" else "precedes"
        ends = "" if best is None else f", so {_limit('such model', best)}"
        return (
            f"Its answer comes from {read}. Reading {model.direction}, that word has seen nothing of what {side}: it "
            f"answers before it has read the sentence{ends}. Read it at the other end, or take the mean."
        )
    known = f"Its answer comes from {read}, and together they have read the whole sentence"
    if model.pool != "mean":
        known = f"Its answer comes from {read}, which has seen the whole sentence"
    if not model.two_way:
        known += ": to tell what a whole sentence is about, one direction is enough"
    if best is None or best >= 1:
        return f"{known}."
    return f"{known}. Some words stray, so even the best reader is right in {percent(best)} of the sentences, no more."


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
        "whether the second sentence follows can only be told by topic. One random sentence in six is on the same "
        f"topic, and some words stray, so no model can be right more often than {best}"
    )
    if objective == "next-sentence":
        return f"It reads two sentences; {topic}."
    return f"It fills hidden words from both sides, and beside that judges the pair; {topic}. Their losses are added."


def _limit(kind: str, best: float) -> str:
    return f"no {kind} can be right more often than {percent(best)}"


def _reach(best: float) -> str:
    if best >= 1:
        return "it can be right every time"
    return f"the best that any model can do is {percent(best)}, because chance remains in the data"


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
    unit = {"character": "character", "word": "word", "byte": "byte"}.get(settings.tokenizer, "piece")
    unit = "token" if model.checkpoint else unit
    reach = f"up to {settings.length}"
    loose = model.family == "transformer" and model.positions == "none"
    order = f" Without positions it knows which {unit}s are there, hardly in which order." if loose else ""
    if leak(experiment):
        return _copies(experiment.objective_name, unit) + order
    if experiment.objective_name == "next-word":
        known = f"At each {unit} it knows the {unit}s before it, {reach}, and guesses the next: it can write on"
        lacks = "but never use what follows, so a blank is filled from one side only"
    elif experiment.objective_name == "previous-word":
        known = f"At each {unit} it knows the {unit}s after it, {reach}, and guesses the one before"
        lacks = "so it can write a text backwards, but never use what came before"
    elif experiment.objective_name in _OF_ORDERS:
        known, lacks = (said.format(unit=unit, reach=reach) for said in _OF_ORDERS[experiment.objective_name])
    else:
        known = f"At each blank it knows the {unit}s on both sides, {reach}, so it can fill gaps"
        lacks = "but not write on from left to right, because what follows isn't there yet"
    late = " Each side is read on its own; they meet only at the blank." if model.late else ""
    if experiment.objective_name == "two-way-lm":
        late = ""
    return f"{known}, {lacks}.{late}{order}"


_OF_ORDERS = {  # what a model knows where it is asked, and what that leaves out
    "two-way-lm": (
        "At each {unit} one half knows the {unit}s before it, {reach}, and guesses the next; the other half knows "
        "those after it and guesses the previous one: it can write on in either direction",
        "but no guess ever uses both sides at once, so a blank is not filled from both",
    ),
    "prefix-lm": (
        "It reads a beginning both ways, {reach} {unit}s, and then writes on from left to right, each {unit} knowing "
        "all before it",
        "but what comes later never helps, so it can't fill a gap",
    ),
    "permutation-lm": (
        "Each {unit} is guessed from a random part of the others, {reach}, on both sides: it can fill gaps one after "
        "the other, each knowing those already filled, and write on as well",
        "but it learns every order at once, the hard ones too, so the same steps bring it less far",
    ),
}


def _copies(objective: str, unit: str) -> str:
    """What is true where the answer is in sight."""
    asked, unseen = ("previous", "comes before") if objective == "previous-word" else ("next", "comes after")
    return (
        f"At each {unit} it has already read the {asked} one, which it is asked for. So it can copy its answer instead "
        f"of guessing it: a low loss will not mean that it knows what {unseen}."
    )
