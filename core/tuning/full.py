"""Full fine-tuning: everything learns at once, the usual way (Devlin et al. 2019, section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Strategy, at_depth, in_part


class Full(Strategy):
    name = "full"
    title = "Full"
    story = "Every weight learns, all the time, at one small rate: the standard way to fine-tune BERT and GPT."
    source = "Devlin et al. 2019, section 3.2"


class Discriminative(Strategy):
    """Layer l learns at η / decay^(L − l): the lower, the slower."""

    name = "discriminative"
    title = "Discriminative rates"
    story = "Every weight learns, but each layer more slowly than the one above: what is general changes least."
    source = "Howard & Ruder 2018, section 3.2"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        layers = experiment.model.sizes.layers
        floors = {f"layer {n}": at_depth(names, layers, lambda at, n=n: at == n) for n in range(1, layers)}  # type: ignore[misc]
        return {
            HEAD: in_part(names, HEAD),
            "embedding": at_depth(names, layers, lambda at: at == 0),
            **floors,
            f"layer {layers}": at_depth(names, layers, lambda at: at >= layers),
        }

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        layers, decay = experiment.model.sizes.layers, experiment.tune.decay
        rates = {f"layer {n}": decay ** -(layers - n) for n in range(1, layers + 1)}
        return (
            Phase("everything learns, lower layers slower", 1.0, {HEAD: 1.0, "embedding": decay**-layers, **rates}),
        )
