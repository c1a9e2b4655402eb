"""Head only: the pretrained model stays as it is, a linear read-out learns on its states."""

from __future__ import annotations

from collections.abc import Sequence

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Strategy, in_part


class Head(Strategy):
    name = "head"
    title = "Head only"
    story = "A new read-out learns; everything below is frozen. Its states are computed once, so this is the fastest."
    source = "Linear probing: Alain & Bengio 2017; Kumar et al. 2022, section 3"
    head_follows = True

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {HEAD: in_part(names, HEAD)}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("the head learns", 1.0, {HEAD: 1.0}),)
