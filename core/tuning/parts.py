"""Some layers only: the embedding, the bottom, or the top, each with the head (Lee et al. 2023, surgical fine-tuning).

Which layers should move follows the shift between old and new data: the input looks different, the bottom; the answers
mean something else, the top.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Strategy, at_depth, in_part


class Embeddings(Strategy):
    name = "embeddings"
    title = "Embeddings only"
    story = "What each word means by itself may change, and the head; how words are combined stays."
    source = "Lee et al. 2023, surgical fine-tuning"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        layers = experiment.model.sizes.layers
        return {HEAD: in_part(names, HEAD), "body": at_depth(names, layers, lambda at: at == 0)}


class Bottom(Strategy):
    name = "bottom"
    title = "Bottom layers"
    story = "The embedding, the lowest layers and the head learn: for data that looks different."
    source = "Lee et al. 2023, surgical fine-tuning"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        layers, k = experiment.model.sizes.layers, experiment.tune.layers
        return {HEAD: in_part(names, HEAD), "body": at_depth(names, layers, lambda at: at <= k)}


class Top(Strategy):
    name = "top"
    title = "Top layers"
    story = (
        "The highest layers and the head learn, all below is frozen: what is often called fine-tuning, but is a part."
    )
    source = "Lee, Tang & Lin 2019, What would Elsa do?"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        layers, k = experiment.model.sizes.layers, experiment.tune.layers
        return {HEAD: in_part(names, HEAD), "body": at_depth(names, layers, lambda at: at > layers - k)}
