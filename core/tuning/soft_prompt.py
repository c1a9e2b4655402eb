"""Soft prompt: a few learned vectors are read before the words, and nothing else changes (Lester et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.spec import Experiment
from core.tuning.strategy import HEAD, Groups, Phase, Shapes, Strategy, in_part

if TYPE_CHECKING:
    import torch

    from core.models.build import Model


class SoftPrompt(Strategy):
    name = "soft-prompt"
    title = "Soft prompt"
    story = "Before each sentence the model reads a few vectors that no word has; they learn what to put it in mind of."
    source = "Lester, Al-Rfou & Constant 2021, section 2"
    same_at_first = False

    def added(self, experiment: Experiment, body: Shapes) -> dict[str, tuple[int, ...]]:
        stacks = dict.fromkeys(name.split(".")[0] for name in body if name.split(".")[0].endswith("stack"))
        shape = experiment.tune.prompt, experiment.model.sizes.width
        return {f"{stack}.prompt": shape for stack in stacks}

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {HEAD: in_part(names, HEAD), "body": tuple(name for name in names if name.endswith(".prompt"))}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("the prompt and the head learn", 1.0, {HEAD: 1.0, "body": 1.0}),)

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        from core.tuning.inserts_prompt import add_prompt

        add_prompt(model, experiment.tune.prompt, draw)
