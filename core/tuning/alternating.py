"""Two-way fine-tuning by layers: the top and the bottom half learn in turns, so that each adapts to the other.

Block coordinate descent over two halves; relatives are chain-thaw (Felbo et al. 2017) and gradual unfreezing (Howard &
Ruder 2018). The optimiser's memory of each half is kept while it rests.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Strategy, at_depth, in_part


class Alternating(Strategy):
    """Top: the upper layers and the head. Bottom: the embedding and the lower layers."""

    name = "alternating"
    title = "Top and bottom in turn"
    story = "The upper half and the head learn while the lower half waits, then the lower half alone, round by round."
    source = "“Bidirectional fine-tuning” by alternating layers; compare Felbo et al. 2017, chain-thaw"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        layers, split = experiment.model.sizes.layers, cut(experiment)
        return {
            HEAD: in_part(names, HEAD),
            "top": at_depth(names, layers, lambda at: at > split),
            "bottom": at_depth(names, layers, lambda at: at <= split),
        }

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        tune = experiment.tune
        share = 1 / (2 * tune.rounds)
        top = Phase("the top learns", share, {HEAD: 1.0, "top": 1.0})
        other = Phase("the bottom learns", share, {"bottom": 1.0})
        if tune.turn == "everything":
            other = Phase("everything learns", share, {HEAD: 1.0, "top": 1.0, "bottom": 1.0})
        return (top, other) * tune.rounds


def cut(experiment: Experiment) -> int:
    """How many layers are the bottom half."""
    split, layers = experiment.tune.split, experiment.model.sizes.layers
    return layers // 2 if split is None else split
