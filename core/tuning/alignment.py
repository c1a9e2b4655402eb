"""Two-way fine-tuning by alignment: the pretrained and the fine-tuned model learn together and pull at each other.

L = L_task(fine-tuned) + λ·L_align + μ·L_pretraining(pretrained). Both read the same sentences; L_align is small where
their states of a sentence are near. So knowledge of the task can flow back into the pretrained model, and costs it some
of its own unless it practises along (μ).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.spec import Experiment
from core.tuning.strategy import HEAD, PARTNER, Groups, Phase, Shapes, Strategy, body, in_part

if TYPE_CHECKING:
    import torch

    from core.models.build import Model
    from core.tuning.terms import Term


class Alignment(Strategy):
    name = "alignment"
    title = "Two-way alignment"
    story = "The pretrained model learns along: what the fine-tuned one finds out about a sentence flows back to it."
    source = "“Bidirectional fine-tuning” by alignment; InfoNCE: van den Oord et al. 2018"

    def added(self, experiment: Experiment, body: Shapes) -> dict[str, tuple[int, ...]]:
        names = {name: name.replace("former.", "read_out.") for name in body if not name.startswith("read_out.")}
        return {f"partner.{theirs}": body[ours] for ours, theirs in names.items()}

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        found = {HEAD: in_part(names, HEAD), "body": body(names)}
        if experiment.tune.flow != "to fine-tuned":
            beside = [name for name in in_part(names, PARTNER) if not name.startswith("partner.read_out.")]
            found[PARTNER] = tuple(beside)
        if experiment.tune.rehearsal:
            head = tuple(name for name in in_part(names, PARTNER) if name.startswith("partner.read_out."))
            found[PARTNER] = (*found.get(PARTNER, ()), *head)
        return found

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        learns = experiment.tune.flow != "to fine-tuned" or experiment.tune.rehearsal
        groups = (HEAD, "body", PARTNER) if learns else (HEAD, "body")
        return (
            Phase("both models learn" if learns else "the fine-tuned model learns", 1.0, dict.fromkeys(groups, 1.0)),
        )

    def edit(self, model: Model, experiment: Experiment, draw: torch.Generator) -> None:
        from core.tuning.build import beside

        model.partner = beside(model)

    def terms(self, experiment: Experiment) -> tuple[Term, ...]:
        from core.tuning.terms import Closeness, Practice

        tune = experiment.tune
        near = Closeness(tune.align, tune.temperature, tune.distance, tune.flow)
        return (near, Practice(tune.rehearsal, of_partner=True)) if tune.rehearsal else (near,)
