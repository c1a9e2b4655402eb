"""One layer after another, from the top (Howard & Ruder 2018, section 3.3); and the head first, then everything."""

from __future__ import annotations

from collections.abc import Sequence

from core.spec import Experiment
from core.tuning.full import Discriminative
from core.tuning.strategy import HEAD, Groups, Phase, Strategy


class Gradual(Strategy):
    """L + 2 phases of the same length: the head; the top layer with it; … ; at last the embedding, too."""

    name = "gradual"
    title = "Gradual unfreezing"
    story = "First the head learns, then the top layer, too, then the next: what lies deep is touched last and least."
    source = "Howard & Ruder 2018, section 3.3"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return Discriminative().groups(experiment, names)

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        layers = experiment.model.sizes.layers
        order = [HEAD, *(f"layer {n}" for n in range(layers, 0, -1)), "embedding"]
        share = 1 / len(order)
        return tuple(
            Phase(f"{name} joins" if n else "the head learns", share, dict.fromkeys(order[: n + 1], 1.0))
            for n, name in enumerate(order)
        )


class HeadThenAll(Strategy):
    """A random head would drag good features about before it knows anything; so it learns first."""

    name = "lp-ft"
    title = "Head first, then all"
    story = (
        "Half of the steps the head learns alone, then everything: the features aren't spoilt by a head that guesses."
    )
    source = "Kumar et al. 2022, section 3.4 (LP-FT)"

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (
            Phase("the head learns", 0.5, {HEAD: 1.0}),
            Phase("everything learns", 0.5, {HEAD: 1.0, "body": 1.0}),
        )
