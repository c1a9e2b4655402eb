"""What a lesson is: a frozen value. Its words stand in en.md and zh.md beside it, its numbers here.

A lesson goes question → predict → run → see → explain → check. What was measured reaches it as plain `Record`s, one for
each of its runs by name; it never sees a store, a page or a tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.spec import Experiment

LANGUAGES = {"en": "English", "zh": "简体中文"}
STAGES = ("question", "predict", "run", "see", "explain", "check")
UNITS = ("percent", "nats", "times", "steps", "words", "parameters", "number")
RIGHT = "right"  # the feedback that passes an exercise


@dataclass(frozen=True)
class Number:
    """A number of the text, in one of UNITS; percents as shares in 0…1."""

    value: float
    unit: str = "percent"


@dataclass(frozen=True)
class Record:
    """What is known of one run. `settings`: every setting by dotted name; `evaluations` as the events tell them."""

    settings: Mapping[str, Any]
    status: str
    evaluations: tuple[Mapping[str, Any], ...] = ()
    parameters: int = 0
    tokens_per_second: float = 0.0
    seconds: float = 0.0
    ceiling: float | None = None  # the best that this kind of model can reach, 0…1
    floor: float | None = None  # the least possible held-out loss, nats
    cheats: bool = False  # can it read its own answer?
    influence: tuple[tuple[float, ...], ...] = ()  # (T, S), where the lesson looks inside
    extra: Mapping[str, float] = field(default_factory=dict)  # what only some lessons measure
    kept: Mapping[str, float] = field(default_factory=dict)  # of the weights at the end, on held-out data

    @property
    def held_out(self) -> Mapping[str, float]:
        """What the weights that were kept score on held-out data; the last measurement where that isn't told."""
        last: Mapping[str, float] = self.kept or self.evaluations[-1]["held_out"]
        return last

    @property
    def accuracy(self) -> float:
        return self.held_out["accuracy"]

    @property
    def loss(self) -> float:
        return self.held_out["loss"]

    @property
    def finished(self) -> bool:
        return self.status == "finished" and bool(self.evaluations)


Records = Mapping[str, Record]
Measure = Callable[[Records], Any]


@dataclass(frozen=True)
class NumberGuess:
    """A prediction of one number by a slider from `low` to `high`; within `near` of what is measured counts as hit."""

    key: str
    measured: Measure
    low: float
    high: float
    step: float
    unit: str = "percent"
    near: float = 0.03


@dataclass(frozen=True)
class ChoiceGuess:
    """A prediction by choosing: `measured` gives the option that turned out right, or of `several` all of them."""

    key: str
    measured: Measure
    options: tuple[str, ...]
    several: bool = False


@dataclass(frozen=True)
class CurveGuess:
    """A sketch of a curve: one value at each of `moments`; `what` of the run is accuracy or loss."""

    key: str
    run: str
    moments: tuple[int, ...]
    what: str = "accuracy"
    low: float = 0.0
    high: float = 1.0
    near: float = 0.08  # mean distance that counts as a hit

    def measured(self, records: Records) -> tuple[float, ...]:
        return sampled(records[self.run], self.moments, self.what)


@dataclass(frozen=True)
class MaskGuess:
    """A guess at who sees whom, painted into a square: rows are the words that look, columns the words looked at."""

    key: str
    run: str
    words: int

    def measured(self, records: Records) -> tuple[tuple[bool, ...], ...]:
        return tuple(tuple(value > 0 for value in row) for row in records[self.run].influence)


Guess = NumberGuess | ChoiceGuess | CurveGuess | MaskGuess


@dataclass(frozen=True)
class Seen:
    """What should be seen: `stated` is what the lesson says, and `within` how far a run may be from it."""

    key: str
    measured: Callable[[Records], float]
    stated: float
    within: float
    unit: str = "percent"


@dataclass(frozen=True)
class Knob:
    """A setting that the lesson opens, by its dotted name: `options` to choose from, or a range."""

    name: str
    options: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    unit: str = "number"


@dataclass(frozen=True)
class Reading:
    """What is read off a trained run beside its events: `kind` and `options` as `core.runs.readings` knows them.

    The number stands in the run's Record as `extra[key]`; the page shows what it was read from. `run`: whose, by its
    name in the lesson; an exercise has only its own.
    """

    key: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True)
class Grade:
    """What is said of a run: a feedback of the exercise (RIGHT passes), and the numbers in its words."""

    key: str
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """A way to answer an exercise, and the feedback that it must get. `outcome`: what such a run measures."""

    changes: Mapping[str, Any]
    feedback: str
    outcome: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Exercise:
    """Answered by a run of the learner's own: `start` with some knobs turned. Settings in `kept` may not change."""

    key: str
    start: Experiment
    knobs: tuple[Knob, ...]
    grade: Callable[[Record], Grade]
    hints: int
    feedback: tuple[str, ...]  # beside RIGHT
    trials: tuple[Trial, ...]  # one that passes, two that look plausible and don't
    kept: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question with one right option; every option has its explanation in the text."""

    key: str
    options: tuple[str, ...]
    right: str


@dataclass(frozen=True)
class Symbol:
    latex: str
    key: str
    shape: str = ""  # in the project's letters, such as (B, T, D)


@dataclass(frozen=True)
class Formula:
    """A formula beside the code that computes it. `code`: references such as "core/x.py:name"."""

    key: str
    latex: str
    symbols: tuple[Symbol, ...]
    code: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Lesson:
    """One lesson. `runs` are its experiments by name, trained side by side; `numbers` fill the text."""

    slug: str
    minutes: int
    runs: Mapping[str, Experiment]
    guesses: tuple[Guess, ...]
    seen: tuple[Seen, ...]
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    formulas: tuple[Formula, ...]
    sources: tuple[str, ...]
    numbers: Mapping[str, Number] = field(default_factory=dict)
    knobs: tuple[Knob, ...] = ()
    terms: tuple[str, ...] = ()  # of the glossary
    chart: str = "accuracy"  # or "loss": what is drawn while it trains
    game: bool = True  # show sentences of the game with the question
    looks: tuple[str, ...] = ()  # runs whose influence is measured after training
    writes: tuple[str, ...] = ()  # runs whose own text is shown
    readings: tuple[Reading, ...] = ()  # what is read off its runs when they are over, and shown


def extra_of(evaluations: Sequence[Mapping[str, Any]], compared: Mapping[str, Any] | None) -> dict[str, float]:
    """What is known of a fine-tuned run beyond its scores; {} of any other.

    "shifted": right answers on words that no label came with. "before", "after": the loss of its old objective, nats;
    "partner" the same of the pretrained model that learned along. "start.task", "tuned.rank" …: what was compared.
    """
    more = [one.get("more", {}) for one in evaluations]
    if not more or "pretraining" not in more[-1]:
        return {}
    found = {"before": more[0]["pretraining"]["loss"], "after": more[-1]["pretraining"]["loss"]}
    if "shifted" in more[-1]:
        found["shifted"] = more[-1]["shifted"]["accuracy"]
    if "partner" in more[-1]:
        found["partner"] = more[-1]["partner"]["loss"]
    known: Mapping[str, Mapping[str, float]] = (compared or {}).get("known", {})
    return found | {f"{who}.{what}": value for who, values in known.items() for what, value in values.items()}


def sampled(record: Record, moments: tuple[int, ...], what: str) -> tuple[float, ...]:
    """The held-out value nearest to each moment; 0 … 1 for accuracy, nats for loss."""
    points = [(one["step"], one["held_out"][what]) for one in record.evaluations]
    return tuple(float(min(points, key=lambda point: abs(point[0] - moment))[1]) for moment in moments)


def distance(guess: Guess, said: Any, measured: Any) -> float:
    """How far a prediction is from what was measured, as a multiple of what counts as a hit; 0 is exact."""
    if isinstance(guess, NumberGuess):
        return float(abs(said - measured) / guess.near)
    if isinstance(guess, CurveGuess):
        gaps = [abs(one - other) for one, other in zip(said, measured, strict=True)]
        return sum(gaps) / len(gaps) / (guess.near * (guess.high - guess.low))
    if isinstance(guess, MaskGuess):
        wrong = sum(a != b for row, other in zip(said, measured, strict=True) for a, b in zip(row, other, strict=True))
        return wrong * 4 / guess.words**2  # a quarter of the cells wrong is one hit's breadth away
    if guess.several:
        return 2.0 * len(set(said) ^ set(measured))
    return 0.0 if said == measured else 4.0


def verdict(guess: Guess, said: Any, measured: Any) -> str:
    """In one word, for a kind sentence: "hit", "close" or "far"."""
    far = distance(guess, said, measured)
    if isinstance(guess, MaskGuess):
        return "hit" if far == 0 else "close" if far <= 1 else "far"
    return "hit" if far <= 1 else "close" if far <= 3 else "far"
