"""Every fine-tuning strategy, from none of the weights to all: menus, the command line and tests walk this table."""

from __future__ import annotations

from core.tuning.adapters import Adapters
from core.tuning.alignment import Alignment
from core.tuning.alternating import Alternating
from core.tuning.bitfit import BitFit
from core.tuning.features import Features
from core.tuning.full import Discriminative, Full
from core.tuning.gradual import Gradual, HeadThenAll
from core.tuning.head import Head
from core.tuning.lora import Lora
from core.tuning.parts import Bottom, Embeddings, Top
from core.tuning.prefix import Prefix
from core.tuning.scratch import Scratch
from core.tuning.soft_prompt import SoftPrompt
from core.tuning.staying import Rehearsal, Spring
from core.tuning.strategy import Strategy
from core.tuning.zero_shot import ZeroShot

KINDS: tuple[type[Strategy], ...] = (
    Scratch,
    ZeroShot,
    Features,
    Head,
    Embeddings,
    Bottom,
    Top,
    BitFit,
    SoftPrompt,
    Prefix,
    Adapters,
    Lora,
    Full,
    Discriminative,
    Gradual,
    HeadThenAll,
    Spring,
    Rehearsal,
    Alternating,
    Alignment,
)
STRATEGIES: dict[str, Strategy] = {kind.name: kind() for kind in KINDS}
