"""Runs as a page watches them: the record, what was measured, a name and a colour of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.limits import ceiling_of, floor_of
from core.runs.history import History, history
from core.runs.store import Run
from ui import backend, state
from ui.charts.palette import run_colours
from ui.panels.naming import short_names


@dataclass(frozen=True)
class Watched:
    run: Run
    history: History
    name: str
    colour: str

    @property
    def mine(self) -> bool:
        return self.run.owner == state.owner()

    @property
    def ceiling(self) -> float | None:
        """Computed from the game; None for text."""
        return ceiling_of(self.run.experiment)

    @property
    def floor(self) -> float | None:
        """The least possible held-out loss in nats: from the game, or by the worker for the built-in language."""
        if self.run.experiment.data.asks_words:
            return self.history.held_out.get("floor")
        return floor_of(self.run.experiment)

    @property
    def held_out(self) -> float | None:
        """The accuracy on held-out data, 0…1; None before it is measured."""
        return self.history.held_out.get("accuracy")


def known_runs(ids: Sequence[str]) -> list[Run]:
    """The runs that exist, in order."""
    return [run for run in map(backend.store().run, ids) if run]


def watch(ids: Sequence[str]) -> list[Watched]:
    """Everything measured so far, of every run that exists."""
    runs = known_runs(ids)
    experiments = [run.experiment for run in runs]
    names = short_names(experiments, [run.title for run in runs])
    colours = run_colours(one.model.direction for one in experiments)
    store = backend.store()
    return [
        Watched(run, history(store, run.id), name, colour)
        for run, name, colour in zip(runs, names, colours, strict=True)
    ]
