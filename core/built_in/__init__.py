"""The pretrained model that comes along: what it was trained on and how, and where its weights are.

`python -m core pretrain FILE` trains it anew. Words are hidden more often than in BERT (40 %, not 15 %; Wettig
et al. 2023), because a sentence has but twelve.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core.spec import Experiment, from_json

RECIPE = Path(__file__).with_name("pretraining.json")
WEIGHTS = Path(__file__).with_name("pretrained.safetensors")


@cache
def pretraining() -> Experiment:
    """The experiment whose weights these are."""
    return from_json(RECIPE.read_text(encoding="utf-8"))
