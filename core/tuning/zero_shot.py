"""A prompt without training: the pretrained model fills a blank, and words stand for classes (Schick & Schütze 2021).

p(class | sentence) is the probability that the blank holds one of the class's words, among those of all classes. True
where the pretraining task already asks the question; for a relation that no word names, nothing can be prompted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.spec import Experiment
from core.tuning.strategy import Groups, Phase, Strategy

if TYPE_CHECKING:
    import torch

    from core.data.contract import Batch, Source
    from core.models.build import Model


class ZeroShot(Strategy):
    name = "zero-shot"
    title = "Prompt, no training"
    story = (
        "Nothing learns: a word of the sentence is hidden, and the words that the model expects there tell the class."
    )
    prompts = True
    source = "Schick & Schütze 2021 (PET), section 3.1"

    def refuses(self, experiment: Experiment, objective: str) -> str:
        if objective != "masked-word":
            return "This model never learned to fill a blank. A prompt needs one that was pretrained on masked words."
        asked = experiment.data.settings
        if getattr(asked, "verbaliser", None) is None and not experiment.tune.verbaliser:
            return "No word of the language stands for these classes, so there is nothing to prompt for."
        return ""

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("nothing learns", 1.0, {}),)

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        from core.tuning.verbaliser import Verbaliser

        assert model.former is not None
        model.read_out = Verbaliser(model.former, model.read_out.scores.weight.shape[0])

    def prepare(self, model: Model, source: Source, words: Sequence[str]) -> None:
        from core.tuning.verbaliser import Verbaliser

        assert isinstance(model.read_out, Verbaliser)
        model.read_out.fill(source.verbaliser, words)  # type: ignore[attr-defined]

    def asks(self, batch: Batch, source: Any) -> Batch:
        prompted: Batch = source.prompted(batch)
        return prompted
