"""From scratch: the baseline that pretraining has to beat."""

from __future__ import annotations

from core.tuning.strategy import Strategy


class Scratch(Strategy):
    name = "scratch"
    title = "From scratch"
    story = (
        "The same model with fresh weights: it learns the task alone. What pretraining is worth is the distance to it."
    )
    source = "Baseline"
    same_at_first = False
    fresh = True
