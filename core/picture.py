"""What looking inside gives back: named arrays with named axes and the tokens they speak of. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

LOOKS = ("attention", "states", "influence")  # what there is to look at
WRITING = "continuation"  # and what a model writes on, where it can


@dataclass(frozen=True)
class Picture:
    """`arrays` by name; `axes[name]` gives each array's axes in the project's letters, such as ("L", "H", "T", "S")."""

    tokens: tuple[str, ...]
    arrays: dict[str, np.ndarray]
    axes: dict[str, tuple[str, ...]]
    notes: dict[str, Any] = field(default_factory=dict)  # plain values: layer names, explained variance, prediction
