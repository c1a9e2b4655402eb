"""Fine-tuning is training: the same loop, with a start, few labels, phases of who learns, and old knowledge measured.

No strategy is named here. Each says by its edit, groups, phases and terms what it does (core.tuning.strategy).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from core.checkpoints import TrainingState, copy_weights
from core.data.contract import IGNORE, Batch, Source
from core.data.labels.judge import judge
from core.data.labels.scores import confusion, f1_of
from core.events import Event, Started
from core.hub import CheckpointError, Folder
from core.models.build import Model
from core.models.imported import load_checkpoint
from core.objectives import Question, ask, encoded, evaluate, judged, log_chances
from core.spec import Experiment
from core.starts import Start
from core.training import CHECK, CHECKED, DATA, Control, Training, generator
from core.tuning.build import build_tuned, edit, fill
from core.tuning.changes import compare
from core.tuning.groups import Groups
from core.tuning.past import Past
from core.tuning.registry import STRATEGIES
from core.tuning.strategy import HEAD, Phase

POOL, VALIDATE = 7, 8  # streams of random draws, beside those of core.training
SOME = 300  # sentences of each kind that are measured before the end, where all are
VALIDATED = 1000
CACHED = 2**24  # numbers of frozen states that are kept


class Tuning(Training):
    """A run that goes on from a pretrained model. `tuned` is that model with what the strategy adds."""

    tuned: Model

    def __init__(
        self, experiment: Experiment, source: Source, state: TrainingState | None, control: Control, start: Start
    ) -> None:
        self.start, self.strategy = start, STRATEGIES[experiment.tune.strategy]
        if why := self.strategy.refuses(experiment, start.experiment.objective_name):
            raise CheckpointError(why)
        super().__init__(experiment, source, state, control)
        self.past = Past(start, self.device)
        self.terms = self.strategy.terms(experiment)
        self.phase: Phase | None = None
        self.enter()

    def built(self, fresh: bool) -> Model:
        """The pretrained model with its edit; a resumed run, too, has to know where it started from."""
        start = self.start
        model = build_tuned(self.experiment, len(self.source.words), len(self.source.classes), start.past)
        fill(model, weights_of(start), body=not self.strategy.fresh)
        edit(model, self.experiment)
        self.strategy.prepare(model, self.source, start.words)
        self.before = copy_weights(model)
        self.tuned = model
        return model

    def events(self) -> Iterator[Event]:
        learning = sum(one.numel() for group in self.groups.members.values() for one in group) if self.steps else 0
        for event in super().events():
            yield replace(event, learning=learning) if isinstance(event, Started) else event

    # Who learns

    def optimisers(self, half: bool) -> Groups:
        names = [name for name, _ in self.tuned.named_parameters()]
        groups = self.strategy.groups(self.experiment, names)
        pull = self.strategy.pull(self.experiment)
        self.groups = Groups(self.tuned, self.spec, groups, half, {group: pull for group in groups if group != HEAD})
        return self.groups

    @cached_property
    def phases(self) -> list[tuple[int, Phase]]:
        """(the step before which it ends, phase) in order; the last one ends with the run."""
        phases = self.strategy.phases(self.experiment)
        ends = np.cumsum([phase.share for phase in phases]) * self.steps
        return [(round(end), phase) for end, phase in zip(ends, phases, strict=True)]

    def enter(self) -> None:
        """Let those learn whose turn it is."""
        phase = next((phase for end, phase in self.phases if self.step < end), self.phases[-1][1])
        if self.steps and phase is not self.phase:
            self.phase = phase
            own = 1.0 if self.strategy.head_follows else self.experiment.tune.head_rate / (self.spec.learning_rate or 1)
            self.groups.enter({group: rate * (own if group == HEAD else 1) for group, rate in phase.rates.items()})

    def learn(self) -> None:
        self.enter()
        super().learn()

    # From what

    @cached_property
    def pool(self) -> Batch | None:
        """The labelled sentences that there are, the same under every strategy; None: fresh ones without end."""
        if (n := self.experiment.tune.labels) is None:
            return None
        draw = getattr(self.source, "pool", self.source.sample)
        found: Batch = self.strategy.asks(draw(generator(self.spec.seed, POOL), n), self.source)
        return found

    def drawn(self) -> Batch:
        if self.pool is None:
            return self.strategy.asks(super().drawn(), self.source)
        N = len(self.pool.tokens)
        self.rows = self.draws(DATA).permutation(N)[: self.spec.batch]
        return self.pool.rows(self.rows)

    def loss(self, question: Question) -> tuple[Tensor, Tensor]:
        if self.still is not None:
            states = self.still[torch.from_numpy(self.rows).to(self.device)]
        else:
            states = encoded(self.tuned, question)  # (B, T, D')
        loss, right = judged(self.tuned, question, states, self.spec.label_smoothing)
        for term in self.terms:
            loss = loss + term(self, question, states)
        return loss, right

    @cached_property
    def still(self) -> Tensor | None:
        """The states of all labelled sentences, where nothing that makes them ever learns; computed once."""
        only_head = self.steps and set(self.groups.parts) == {HEAD}
        frozen = only_head and not self.terms and not self.strategy.mixes
        if not frozen or self.pool is None or self.experiment.model.dropout or self.spec.accumulate > 1:
            return None
        if self.pool.tokens.size * self.tuned.spec.sizes.width > CACHED:
            return None
        with torch.no_grad():
            return encoded(self.tuned, ask(self.pool, self.device))

    # What is measured

    @property
    def begins_measured(self) -> bool:
        return self.step == 0

    @cached_property
    def checked(self) -> dict[str, Batch]:
        wanted, source = self.spec.held_out or 1, self.source
        held_out = source.held_out(wanted)
        if self.experiment.data.is_made:
            validation = source.sample(generator(0, VALIDATE), VALIDATED)
        else:  # half of what is kept from training chooses, the other half judges
            validation, held_out = held_out.rows(slice(0, None, 2)), held_out.rows(slice(1, None, 2))
        train = source.sample(generator(self.spec.seed, CHECK), CHECKED)
        found = {"held_out": held_out, "validation": validation}
        if hasattr(source, "shifted"):
            found["shifted"] = source.shifted(wanted)
        asked = {name: self.strategy.asks(batch, source) for name, batch in found.items()}
        return {"train": self.strategy.asks(train, source) if self.pool is None else self.pool, **asked}

    def measure(self) -> dict[str, dict[str, float]]:
        """All kinds of sentences, some of them until the end, and what is left of the pretraining."""
        last = self.step == self.steps or self.ended
        whole = last or not self.step  # what is forgotten is told from the start to the end
        some = {name: batch if last else batch.rows(slice(SOME)) for name, batch in self.checked.items()}
        metrics = {name: self.scored(name, batch) for name, batch in some.items() if asks(batch)}
        if self.control.thorough and self.past.measured and not self.strategy.fresh:
            metrics["pretraining"] = self.past.measure(self.tuned, whole)
            if self.tuned.partner is not None:
                metrics["partner"] = self.past.measure(self.tuned.partner, whole)
        return metrics

    def scored(self, name: str, batch: Batch) -> dict[str, float]:
        """Loss, accuracy, and F1 where classes or tags are asked for; of held-out sentences the answers are kept."""
        if self.experiment.objective_name == "answer":
            return evaluate(self.tuned, batch, self.device)
        chances = log_chances(self.tuned, batch, self.device)  # (N, K)
        found = judge(self.experiment.objective.spans, self.source.classes, batch, chances)
        if name == "held_out":
            self.judged = found
        loss = -float(chances[np.arange(len(chances)), found.truth].mean())
        right = float((found.said == found.truth).mean())
        rare: int | None = getattr(self.source, "rare", None)
        table = confusion(found.truth, found.said, len(self.source.classes))
        f1 = {} if rare is None else {"f1": f1_of(table, rare)}
        return {"loss": loss, "accuracy": right, "n": len(chances), **found.scores(), **f1}

    def marked(self) -> Iterator[Event]:
        return super().marked() if self.step == self.steps else iter(())

    def finish(self) -> Iterator[Event]:
        """What became of the pretrained model, layer by layer, before the last word."""
        *kept, last = super().finish()
        yield from kept
        if self.control.thorough:
            with torch.no_grad():
                yield compare(self)
        yield last

    def state(self) -> TrainingState:
        return replace(super().state(), past=self.start.past)


def asks(batch: Batch) -> bool:
    return batch.answers is not None or bool((batch.labels != IGNORE).any())


def weights_of(start: Start) -> dict[str, Tensor]:
    """The pretrained model's weights by our names."""
    if isinstance(start.weights, Folder):
        return load_checkpoint(start.weights, start.order).state_dict()
    return TrainingState.load(start.weights).weights
