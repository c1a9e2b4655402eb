"""Full fine-tuning that stays near its start: by a spring on each weight, or by practising the old task along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.spec import Experiment
from core.tuning.strategy import FORMER, HEAD, Groups, Phase, Strategy, body, in_part

if TYPE_CHECKING:
    from core.tuning.terms import Term


class Spring(Strategy):
    """L = L_task + λ‖θ − θ₀‖² over the body: weight decay towards the pretrained weights instead of towards 0."""

    name = "l2-sp"
    title = "Pull to the start (L2-SP)"
    story = "Everything learns, but each weight is on a spring that pulls it back to its pretrained value."
    source = "Li, Grandvalet & Davoine 2018"

    def pull(self, experiment: Experiment) -> float:
        return experiment.tune.pull


class Rehearsal(Strategy):
    """L = L_task + μ·L_pretraining on fresh sentences of the pretraining data."""

    name = "rehearsal"
    title = "Rehearsal"
    story = "Everything learns the task, and in each step practises what it was pretrained on along with it."
    source = "Robins 1995; Chen et al. 2020 (recall and learn)"

    def groups(self, experiment: Experiment, names: Sequence[str]) -> Groups:
        return {HEAD: in_part(names, HEAD), "body": body(names), FORMER: in_part(names, FORMER)}

    def phases(self, experiment: Experiment) -> tuple[Phase, ...]:
        return (Phase("everything learns, old and new", 1.0, {HEAD: 1.0, "body": 1.0, FORMER: 1.0}),)

    def terms(self, experiment: Experiment) -> tuple[Term, ...]:
        from core.tuning.terms import Practice

        return (Practice(experiment.tune.rehearsal or 0.3),)
