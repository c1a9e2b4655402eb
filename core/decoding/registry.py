"""Every way to decode: what it does, what it costs, who can do it, and the settings that it obeys. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.decoding.trace import Event
from core.fields import SpecError, check, setting
from core.spec import ModelSpec

if TYPE_CHECKING:
    from core.models.seq2seq import Seq2Seq


@dataclass(frozen=True)
class About:
    """`cost`: steps of the model for a sentence of n words. `obeys`: the settings of `Options` that matter."""

    title: str
    story: str
    cost: str
    source: str
    obeys: tuple[str, ...] = ()


DECODERS = {
    "greedy": About(
        "Greedy",
        "Takes the likeliest word at each step and never looks back.",
        "n steps",
        "",
        ("direction",),
    ),
    "sampling": About(
        "Sampling",
        "Draws each word by chance, as likely as the model believes it to be.",
        "n steps",
        "Holtzman et al. 2020",
        ("direction", "temperature", "top_k", "top_p", "seed"),
    ),
    "beam": About(
        "Beam search",
        "Keeps the k likeliest beginnings alive, so that a word can win which doesn't look best at first.",
        "n steps of k hypotheses",
        "Wu et al. 2016, section 7",
        ("direction", "width", "alpha"),
    ),
    "agreement": About(
        "Agreement",
        "Each direction writes its k best sentences; the one that both together find likeliest wins.",
        "about 4n steps of k hypotheses",
        "Liu et al. 2016",
        ("width", "alpha"),
    ),
    "synchronous": About(
        "From both ends",
        "One writer begins at the start, one at the end; each reads what the other has written, until they meet.",
        "n/2 steps of 2k halves",
        "Zhou, Zhang & Zong 2019; Zhou, Zhang, Yu & Zong 2019",
        ("width", "alpha"),
    ),
    "mask-predict": About(
        "Mask and predict",
        "Writes all words at once, then blanks the least sure and predicts them again.",
        "as many steps as rounds, each over all n words",
        "Ghazvininejad et al. 2019",
        ("rounds", "lengths", "temperature", "seed"),
    ),
}
_ONE_WAY = ("greedy", "sampling", "beam")
FITTING = {  # by `ModelSpec.writes`; the first is the usual one
    "left-to-right": _ONE_WAY,
    "right-to-left": _ONE_WAY,
    "agreement": ("agreement", *_ONE_WAY),
    "synchronous": ("synchronous",),
    "mask-predict": ("mask-predict",),
    "unmasked": _ONE_WAY,  # as if it were causal: what it learned to copy is not there yet
}


@dataclass(frozen=True)
class Options:
    """How a sentence is decoded."""

    width: int = setting(4, "Beam", "Hypotheses that live on after each word.", low=1, high=32)
    alpha: float = setting(
        0.0, "Length reward", "Divide a score by ((5 + words) / 6) to this power, or short ones win.", low=0.0, high=2.0
    )
    temperature: float = setting(
        1.0,
        "Temperature",
        "Below 1 draws likely words more often, above 1 is bolder; 0 draws nothing.",
        low=0.0,
        high=5.0,
    )
    top_k: int | None = setting(
        None, "Top k", "Draw from this many likeliest words. Empty: from all.", low=1, high=1000
    )
    top_p: float = setting(1.0, "Top p", "Draw from the fewest words that hold this share.", low=0.01, high=1.0)
    rounds: int = setting(4, "Rounds", "How often the least sure words are predicted again, plus one.", low=1, high=64)
    lengths: int = setting(1, "Lengths", "Sentence lengths that are tried, likeliest first.", low=1, high=8)
    seed: int = setting(0, "Seed", "Another seed draws other words.", low=0, high=2**31 - 1)
    direction: str = setting(
        "left-to-right",
        "Direction",
        "Which of two decoders writes.",
        choices=("left-to-right", "right-to-left"),
    )

    def __post_init__(self) -> None:
        check(self, "decode")


def fitting(spec: ModelSpec) -> tuple[str, ...]:
    """The decoders that a model of this spec can be asked for; the first is the usual one."""
    return FITTING[spec.writes] if spec.family == "encoder-decoder" else ()


def decode(
    model: Seq2Seq, ids: np.ndarray, decoder: str | None = None, options: Options | None = None
) -> Iterator[Event]:
    """Write the translation of `ids` (S,), told step by step; the last event is a `Decoded`.

    `decoder` None: the usual one of the model. Raises SpecError, in words, for one that the model can't do.
    """
    can = fitting(model.spec)
    if not can:
        reason = "Only an encoder–decoder translates."
        raise SpecError("model.family", model.spec.family, reason, {"model.family": "encoder-decoder"})
    if decoder is not None and decoder not in can:
        known = f"There is no decoder “{decoder}”." if decoder not in DECODERS else "This model doesn't write that way."
        raise SpecError("decode.decoder", decoder, known, {"decode.decoder": can[0]})
    from core.decoding.running import run

    return run(model, ids, decoder or can[0], options or Options())
