"""BitFit: nothing but biases learn (Ben Zaken et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Strategy, body, in_part


class BitFit(Strategy):
    name = "bitfit"
    title = "Biases only (BitFit)"
    story = "Only the biases of the pretrained model learn, a few in a hundred of its numbers, and the head."
    source = "Ben Zaken, Ravfogel & Goldberg 2022"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        biases = tuple(name for name in body(names) if ".bias" in name)  # LSTMs call theirs bias_ih_l0
        return {HEAD: in_part(names, HEAD), "body": biases}
