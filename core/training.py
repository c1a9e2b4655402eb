"""The one loop that trains every model: a generator of events. Whoever listens is in charge; to pause is not to pull.

Each draw of step k comes from generators seeded by (seed, stream, k) alone. So the data doesn't change with the model,
and a resumed run gives the same numbers, bit for bit, as one that was never interrupted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from core.checkpoints import TrainingState, copy_weights
from core.data.batches import frame, parts_of
from core.data.contract import Batch, Source
from core.data.corpora import TextSource, joints_of, marks_of
from core.data.labels.judge import Judged, judge
from core.data.transfer.sentences import Sentences
from core.data.writing import taught
from core.device import (
    FULL,
    DeviceError,
    choose_device,
    choose_precision,
    out_of_memory,
    rounding,
    without_denormals,
)
from core.events import Evaluated, Event, Failed, Finished, Marked, Progress, Snapshot, Started, snapshot_steps
from core.generation import sample, translated
from core.hub import CheckpointError
from core.looking.gradients import GradientWatch
from core.models.build import Model, Network, build_network
from core.models.greedy import exact
from core.models.imported import start_from
from core.models.seq2seq import Seq2Seq
from core.objectives import Question, answer, ask, evaluate, log_chances
from core.optimiser import AdamW, Optimiser, learning_rate
from core.parts.objective import OF_PAIRS
from core.shelf import find, tokenizer_of
from core.spec import Experiment
from core.starts import Start

DATA, MASK, DROPOUT, CHECK, WRITE = range(1, 6)  # streams of random draws
ALONE = 64  # held-out sentences that a translator writes on its own at every test
CHECKED = 500  # training sequences that are measured beside the held-out ones


@dataclass
class Control:
    """What whoever listens may change while a run goes on; read before each step."""

    learning_rate_factor: float = 1.0  # multiplies the schedule from now on
    report_seconds: float = 0.2  # a Progress comes at least this often
    snapshot: bool = False  # a Snapshot after the next step, once
    thorough: bool = True  # a fine-tuned model is compared with its start; False: only its task is measured


class Diverged(Exception):
    """The loss stopped being a number."""


def train(
    experiment: Experiment,
    source: Source,
    *,
    state: TrainingState | None = None,
    control: Control | None = None,
    start: Start | None = None,
) -> Iterator[Event]:
    """Carry out an experiment, or go on from `state`; the last event is Finished or Failed. `start`: to fine-tune."""
    from core.tuning.loop import Tuning  # which is a Training

    step = state.step if state else 0
    given = experiment.resolved(), source, state, control or Control()
    try:
        run = Tuning(*given, start) if start else Training(*given)
        for event in without_denormals(run.events()):
            step = event.step
            yield event
    except (Diverged, DeviceError, CheckpointError) as problem:
        yield Failed(step, str(problem))
    except (MemoryError, RuntimeError) as problem:
        if not out_of_memory(problem):
            raise
        yield Failed(step, FULL)


def generator(seed: int, stream: int, step: int = 0) -> np.random.Generator:
    """The random draws of one step, whatever came before."""
    return np.random.default_rng((seed, stream, step))


class Training:
    """A run in progress: the model, its optimiser, and what has been measured since the last report."""

    def __init__(self, experiment: Experiment, source: Source, state: TrainingState | None, control: Control) -> None:
        self.experiment, self.spec, self.source, self.control = experiment, experiment.train, source, control
        self.steps = 1 if self.spec.steps is None else self.spec.steps
        self.device = choose_device(self.spec.device)
        self.precision = choose_precision(self.spec, experiment.model, self.tokens_per_step, self.device)
        self.source_words = len(getattr(source, "source_words", ()))
        self.model = self.built(fresh=state is None)
        self.model.to(self.device).train()
        self.model.recompute(self.spec.recompute)
        rounds = self.precision == "bfloat16" and self.device.type == "cpu"
        self.optimiser = self.optimisers(rounds) if self.steps else None  # looking takes no gradients
        self.step, self.seconds, self.ended = 0, 0.0, False
        self.best, self.best_loss, self.waited = dict[str, Tensor](), math.inf, 0
        self.best_step: int | None = None
        if state:
            self._restore(state)
        self.first, self.seconds_before = self.step, self.seconds
        self.watch = GradientWatch(self.model, self.steps, self.spec.clip)
        self.measured: list[Tensor] = []  # (loss, accuracy, gradient norm) of each step since the last report
        self.rates: list[float] = []
        self.metrics: dict[str, dict[str, float]] = {}
        self.judged: Judged | None = None  # what the last measurement found of labelled sentences

    def built(self, fresh: bool) -> Network:
        """The model; where it is `fresh`, with the weights to begin with."""
        model = build_network(self.experiment, len(self.source.words), len(self.source.classes), self.source_words)
        if fresh and (name := self.experiment.model.checkpoint) and isinstance(model, Model):
            start_from(model, find(name), tokenizer_of(name).order)
        return model

    def optimisers(self, half: bool) -> Optimiser:
        return AdamW(self.model, self.spec, half)

    def events(self) -> Iterator[Event]:
        """All events from here to the end; each tells what has already been recorded."""
        parameters = sum(one.numel() for one in self.model.parameters())
        threads, device = torch.get_num_threads(), str(self.device)
        yield Started(self.step, self.steps, parameters, device, self.precision, threads, self.tokens_per_step)
        if self.step == 0:
            yield Snapshot(0, self.state())
        moments, told = snapshot_steps(self.steps, self.spec.snapshots), -math.inf  # the first step is told at once
        if self.begins_measured:
            yield from self.evaluate()
        while self.step < self.steps and not self.ended:
            self.learn()
            evaluates = self.step % (self.spec.evaluate_every or 1) == 0 or self.step == self.steps
            keeps = self.control.snapshot or self.step in moments
            due = time.monotonic() - told >= self.control.report_seconds
            if evaluates or keeps or due:
                yield from self.report()
                told = time.monotonic()
            if evaluates:
                yield from self.evaluate()
            if keeps and not self.ended and self.step < self.steps:
                self.control.snapshot = False
                yield Snapshot(self.step, self.state())
        yield from self.finish()

    @property
    def begins_measured(self) -> bool:
        """Whether the model is measured before the first step."""
        return not self.steps

    @property
    def tokens_per_step(self) -> int:
        return (self.spec.batch or 1) * self.source.length

    @property
    def tokens_per_second(self) -> float:
        return (self.step - self.first) * self.tokens_per_step / max(1e-9, self.seconds - self.seconds_before)

    def learn(self) -> None:
        """One step: draw a batch, predict, compare, move the weights."""
        began = time.perf_counter()
        framed = self.framed(self.drawn(), self.draws(MASK))
        rate = learning_rate(self.spec, self.step) * self.control.learning_rate_factor
        if self.experiment.model.dropout:
            torch.manual_seed(int(self.draws(DROPOUT).integers(2**63)))
        loss, accuracy = self.gradients(framed)
        assert self.optimiser
        self.watch.look(self.step + 1)
        norm = self.optimiser.step(rate)
        self.measured.append(torch.stack([loss, accuracy, norm]))
        self.rates.append(rate)
        self.step += 1
        self.seconds += time.perf_counter() - began

    def drawn(self) -> Batch:
        """What is learned from in this step."""
        return self.source.sample(self.draws(DATA), self.spec.batch or 1)

    def loss(self, question: Question) -> tuple[Tensor, Tensor]:
        """(mean loss in nats, right answers)."""
        return answer(self.model, question, self.spec.label_smoothing)

    def gradients(self, framed: Batch) -> tuple[Tensor, Tensor]:
        """Loss and accuracy of a batch, its gradients collected part by part: each part weighs what it is asked."""
        questions = [ask(part, self.device) for part in parts_of(framed, self.spec.accumulate)]
        asked = sum(question.asked for question in questions)
        loss, hits = torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        for question in questions:
            with rounding(self.precision, self.device):
                mean, right = self.loss(question)
            share = mean * (question.asked / asked)
            share.backward()  # type: ignore[no-untyped-call]
            loss, hits = loss + share.detach(), hits + right
        return loss, hits / asked

    def draws(self, stream: int) -> np.random.Generator:
        return generator(self.spec.seed, stream, self.step)

    def framed(self, batch: Batch, rng: np.random.Generator) -> Batch:
        """The batch with its question: shifted or masked as the objective says."""
        words, marks, joints = len(self.source.words), marks_of(self.source), joints_of(self.source)
        framed = frame(self.experiment.objective, batch, rng, words, marks, joints)
        paired = self.experiment.model.family == "encoder-decoder"
        return taught(framed, self.experiment.model.writes, rng) if paired else framed

    def report(self) -> Iterator[Event]:
        """The steps since the last report. Raises Diverged at the first one that is not a number any more."""
        rows = torch.stack(self.measured).tolist() if self.measured else []
        sound = next((i for i, row in enumerate(rows) if not all(map(math.isfinite, row))), len(rows))
        rates, step = self.rates[:sound], self.step - len(rows) + sound
        self.measured, self.rates = [], []
        if sound:
            losses, accuracies, norms = (list(column) for column in zip(*rows[:sound], strict=True))
            left = (self.steps - self.step) * self.tokens_per_step / max(1e-9, self.tokens_per_second)
            yield Progress(step, losses, accuracies, norms, rates, self.seconds, self.tokens_per_second, left)
            yield from self.watch.told(step)
        if sound < len(rows):
            raise Diverged(self._advice(step + 1))

    def _advice(self, step: int) -> str:
        rate = (self.spec.learning_rate or 0.0) * self.control.learning_rate_factor
        cure = f"{min(rate / 10, 0.003):.2g}"
        cure = cure if self.spec.clip else f"{cure} and turn gradient clipping on (1)"
        told = f"Training blew up: at step {step} the loss was no longer a number."
        return f"{told} The learning rate of {rate:g} is too high for this model: try {cure}."

    def evaluate(self) -> Iterator[Event]:
        """Measure on held-out and on training data, the same at every call; remember the best weights if asked to."""
        with rounding(self.precision, self.device):
            self.metrics = self.measure()
        if self.spec.patience:
            self._watch(self.metrics["held_out"]["loss"])
        more = {name: found for name, found in self.metrics.items() if name not in ("train", "held_out")}
        yield Evaluated(self.step, self.metrics["train"], self.metrics["held_out"], more)
        yield from self.marked()
        asked = self.experiment.objective.name
        if isinstance(self.model, Seq2Seq):
            yield translated(self.step, self.model, self.source, self.alone)
        elif self.experiment.data.asks_words or asked in OF_PAIRS:
            yield sample(self.step, self.model, self.source, self.checked["held_out"], self.draws(WRITE), asked)

    def measure(self) -> dict[str, dict[str, float]]:
        """Loss and accuracy on both fixed sets; the least possible loss on the held-out one where it is known."""
        metrics = {name: evaluate(self.model, batch, self.device) for name, batch in self.checked.items()}
        if self.floor is not None:
            metrics["held_out"]["floor"] = self.floor
        if isinstance(self.model, Seq2Seq):
            metrics["held_out"]["exact"] = exact(self.model, self.alone)
        elif self.experiment.objective_name in ("classify", "tag"):
            chances = log_chances(self.model, batch := self.checked["held_out"], self.device)
            self.judged = judge(self.experiment.objective.spans, self.source.classes, batch, chances)
            metrics["held_out"].update(self.judged.scores())
        return metrics

    def marked(self) -> Iterator[Event]:
        """What was said of labelled sentences at the last measurement."""
        if judged := self.judged:
            sentences = judged.sentences(self.source.words, self.checked["held_out"])
            yield Marked(self.step, list(judged.classes), judged.table(), sentences)

    @cached_property
    def alone(self) -> Batch:
        """Held-out pairs that an encoder–decoder translates on its own, without the true words."""
        some = self.source.held_out(self.spec.held_out or 1).rows(slice(ALONE))
        return frame(self.experiment.objective, some, generator(0, CHECK, 3), len(self.source.words))

    @cached_property
    def floor(self) -> float | None:
        """Nats that even the best possible reader of the built-in language would lose; None elsewhere."""
        if not isinstance(self.source, TextSource | Sentences):
            return None
        return self.source.least_loss(self.experiment.objective, self.checked["held_out"])

    @cached_property
    def checked(self) -> dict[str, Batch]:
        held_out = self.source.held_out(self.spec.held_out or 1)
        sample = self.source.sample(generator(self.spec.seed, CHECK), min(CHECKED, self.spec.held_out or 1))
        return {
            "train": self.framed(sample, generator(self.spec.seed, CHECK, 1)),
            "held_out": self.framed(held_out, generator(0, CHECK, 2)),  # the same blanks for every seed
        }

    def _watch(self, loss: float) -> None:
        """Early stopping (Prechelt 1998): give up after `patience` evaluations without a better held-out loss."""
        if loss < self.best_loss:
            self.best, self.best_step, self.best_loss, self.waited = copy_weights(self.model), self.step, loss, 0
        else:
            self.waited += 1
            self.ended = self.waited >= self.spec.patience

    def finish(self) -> Iterator[Event]:
        """Go back to the best weights where early stopping kept them; measure, keep, and say so."""
        reason = "stopped early" if self.step < self.steps else "done"
        if self.best and self.best_step != self.step:
            self.model.load_state_dict(self.best)
            assert self.optimiser
            self.optimiser.renew()
            self.metrics = {}
        self.ended = True
        if not self.metrics:
            with rounding(self.precision, self.device):
                self.metrics = self.measure()
            yield from self.marked()
        yield Snapshot(self.step, self.state())
        yield Finished(self.step, reason, self.seconds, self.tokens_per_second, self.metrics, self.best_step)

    def state(self) -> TrainingState:
        """A copy of all that is needed to go on from here."""
        return TrainingState(
            experiment=self.experiment,
            words=len(self.source.words),
            classes=len(self.source.classes),
            source_words=self.source_words,
            step=self.step,
            weights=copy_weights(self.model),
            optimiser=self.optimiser.state() if self.optimiser else {},
            best=dict(self.best),
            best_step=self.best_step,
            best_loss=self.best_loss,
            waited=self.waited,
            learning_rate_factor=self.control.learning_rate_factor,
            seconds=self.seconds,
            ended=self.ended,
        )

    def _restore(self, state: TrainingState) -> None:
        self.model.load_state_dict(state.weights)
        if self.optimiser:
            self.optimiser.restore(state.optimiser)
            self.optimiser.renew()
        self.step, self.seconds, self.ended = state.step, state.seconds, state.ended
        self.best, self.best_step = dict(state.best), state.best_step
        self.best_loss, self.waited = state.best_loss, state.waited
        self.control.learning_rate_factor = state.learning_rate_factor
