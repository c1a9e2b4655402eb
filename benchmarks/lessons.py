"""Does every lesson show what it says? Its runs on 5 seeds beside what it states, and its exercises answered for real.

Fails where a stated number lies outside the 95 % interval of the seeds' mean, widened by what the lesson allows a run;
with --exercises also where a trial of an exercise is trained and gets another feedback than the lesson says.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence

import numpy as np
import torch

from core.cheating import leak
from core.data.registry import open_source
from core.events import Compared, Evaluated, Failed, Finished, Snapshot, Started
from core.limits import ceiling_of, floor_of
from core.looking.influence import influence
from core.models.build import build_network
from core.runs.readings import read
from core.runs.sight import Eye
from core.spec import Experiment
from core.starts import open_start
from core.statistics import interval, verdicts
from core.training import train
from lessons.catalogue import LESSONS
from lessons.claims.claim import outcome
from lessons.claims.docket import DOCKET
from lessons.lesson import Lesson, Reading, Record, Seen, extra_of

SECONDS = 180  # of machine time that one lesson's runs may take


def record(experiment: Experiment, looks: bool = False, readings: Sequence[Reading] = ()) -> Record:
    """Train it here, and tell what was measured as the page does."""
    source = open_source(experiment.data.settings, None, experiment.model.checkpoint)
    start = open_start(experiment.tune.start) if experiment.tune.wanted else None
    evaluations, started, finished, weights, compared = [], None, None, None, None
    for event in train(experiment, source, start=start):
        match event:
            case Failed():
                raise RuntimeError(event.message)
            case Started():
                started = event
            case Evaluated():
                evaluations.append(event.to_json())
            case Compared():
                compared = event.to_json()
            case Snapshot():
                weights = event.state.weights
            case Finished():
                finished = event
    assert started
    assert finished
    seen: tuple[tuple[float, ...], ...] = ()
    extra: dict[str, float] = {}
    if looks or readings:
        words_read = len(getattr(source, "source_words", ()))
        model = build_network(experiment.resolved(), len(source.words), len(source.classes), words_read).eval()
        model.load_state_dict(weights)
        extra = {one.key: read(one.kind, Eye(model, source), source, one.options).value for one in readings}
    if looks:
        norms = influence(model, source.held_out(1).real(0)).arrays["influence"]
        seen = tuple(tuple(float(value) for value in row) for row in norms)
    floor = evaluations[-1]["held_out"].get("floor") if experiment.data.is_text else floor_of(experiment)
    return Record(
        settings=experiment.plain(),
        status="finished",
        evaluations=tuple(evaluations),
        parameters=started.parameters,
        tokens_per_second=finished.tokens_per_second,
        seconds=finished.seconds,
        ceiling=ceiling_of(experiment),
        floor=floor,
        cheats=leak(experiment) is not None,
        influence=seen,
        extra={**extra_of(evaluations, compared), **extra},
        kept=finished.metrics["held_out"],
    )


def readings_of(lesson: Lesson, run: str) -> list[Reading]:
    return [one for one in lesson.readings if one.run == run]


def states_truly(one: Seen, values: list[float]) -> bool:
    """Does what is stated lie in the interval of the mean over seeds, widened by what a single run may differ?"""
    found = interval(values)
    low = found.mean if found.low is None else found.low
    high = found.mean if found.high is None else found.high
    return low - one.within <= one.stated <= high + one.within


def check_runs(lesson: Lesson, seeds: int) -> int:
    """Print each stated number beside what was measured; how many are wrong."""
    began, measured = time.process_time(), dict[str, list[float]]()
    for seed in range(seeds):
        records: Mapping[str, Record] = {
            name: record(one.with_({"train.seed": seed}), name in lesson.looks, readings_of(lesson, name))
            for name, one in lesson.runs.items()
        }
        for one in lesson.seen:
            measured.setdefault(one.key, []).append(float(one.measured(records)))
        for guess in lesson.guesses:
            guess.measured(records)
    wrong = 0
    for one in lesson.seen:
        values = measured[one.key]
        word = "" if states_truly(one, values) else "WRONG"
        outside = sum(abs(value - one.stated) > one.within for value in values)
        wrong += bool(word)
        print(
            f"{lesson.slug:16}{one.key:12}{one.stated:10.4g} ± {one.within:<8.3g}{np.mean(values):10.4g}"
            f"{min(values):10.4g}{max(values):10.4g}{outside:4} outside  {word}".rstrip(),
            flush=True,
        )
    seconds = (time.process_time() - began) / seeds
    late = seconds > SECONDS
    print(f"{lesson.slug:16}{seconds:.1f} s of machine time for all its runs{'  TOO LONG' if late else ''}", flush=True)
    return wrong + late


def check_exercises(lesson: Lesson) -> int:
    """Train every trial of every exercise; how many get another feedback than the lesson says."""
    wrong = 0
    for exercise in lesson.exercises:
        for trial in exercise.trials:
            if trial.feedback == "not-yet":  # said of runs that fell short by chance: those can't be made at will
                continue
            grade = exercise.grade(record(exercise.start.with_(trial.changes), bool(lesson.looks), exercise.readings))
            word = "" if grade.key == trial.feedback else "WRONG"
            wrong += bool(word)
            told = ", ".join(f"{name} {number.value:.4g}" for name, number in grade.numbers.items())
            print(f"{lesson.slug:16}{exercise.key:12}{dict(trial.changes)} → {grade.key} ({told})  {word}".rstrip())
    return wrong


def check_claims() -> int:
    """Put every claim on trial as the page does; how many come out otherwise than they are said to."""
    wrong = 0
    for claim in DOCKET:
        for one in claim.comparisons:
            scores = [
                [
                    float(one.measured(record(side.with_({"train.seed": seed}), claim.looks)))
                    for seed in range(one.seeds)
                ]
                for side in (one.first, one.second)
            ]
            (judged,) = verdicts({name: dict(enumerate(values)) for name, values in zip("ab", scores, strict=True)})
            told = outcome(one, *scores, judged.clear)
            wrong += told != one.expected
            means = " ".join(f"{np.mean(values):.4g}" for values in scores)
            word = "" if told == one.expected else "WRONG"
            print(f"{claim.key:16}{one.key:12}{means:>18} → {told}  {word}".rstrip(), flush=True)
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Print both tables; the exit status is 1 where a lesson says what isn't so."""
    parser = argparse.ArgumentParser(prog="benchmarks lessons", description=__doc__)
    parser.add_argument("lessons", nargs="*", default=list(LESSONS), metavar="LESSON")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--exercises", action="store_true", help="train the trials of the exercises as well")
    parser.add_argument("--claims", action="store_true", help="put the claims on trial as well")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    wrong = 0
    for slug in chosen.lessons:
        wrong += check_runs(LESSONS[slug], chosen.seeds)
        if chosen.exercises:
            wrong += check_exercises(LESSONS[slug])
    if chosen.claims:
        wrong += check_claims()
    print("every lesson shows what it says" if not wrong else f"{wrong} wrong")
    return int(wrong > 0)
