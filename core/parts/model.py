"""The model: who may see whom, how two directions are joined, how large, and what its layers are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.fields import SpecError, check, setting

READERS = ("transformer", "lstm")  # they read; an encoder–decoder writes, too
FAMILIES = (*READERS, "encoder-decoder")
DIRECTIONS = ("left-to-right", "right-to-left", "both")
ADDITIVE_JOINS = ("concat", "sum", "mean", "scalar")  # additive only before a linear read-out
LATE_JOINS = (*ADDITIVE_JOINS, "product", "max", "gated", "learned")
JOINS = ("deep", *LATE_JOINS)
SCORINGS = ("additive", "multiplicative")
CROSSINGS = ("plain", "two-way")
WRITINGS = ("agreement", "synchronous", "mask-predict", "unmasked")
POSITIONS = ("learned", "sinusoidal", "rotary", "alibi", "none")


@dataclass(frozen=True)
class Sizes:
    """What the size dial stands for. `layers` and `heads` count per stack."""

    width: int
    layers: int
    heads: int
    feed_forward: int


DIAL = {
    "tiny": Sizes(32, 1, 2, 64),
    "small": Sizes(64, 2, 4, 128),
    "medium": Sizes(128, 4, 4, 512),
    "large": Sizes(256, 6, 8, 1024),
}
LSTM_LAYERS = {"tiny": 1, "small": 1, "medium": 2, "large": 2}
OF_ENCODER_DECODERS = ("cells", "reads", "scoring", "crossing", "writing")  # no other family has them
OF_TRANSFORMERS = ("positions", "norm_place", "norm", "activation", "key_heads", "window")  # an LSTM has none of them


@dataclass(frozen=True)
class ModelSpec:
    """The model: who may see whom, how two directions are joined, how large. None follows the size dial."""

    family: str = setting(
        "transformer",
        "Family",
        "Transformer: attention between words. LSTM: a memory that reads word by word. Encoder–decoder: one "
        "model reads a sentence, another writes one.",
        choices=FAMILIES,
    )
    direction: str = setting(
        "left-to-right", "Direction", "Which side of a word the model may read.", choices=DIRECTIONS
    )
    join: str = setting(
        "deep",
        "Join",
        "How two directions meet: deep (in every layer) or late (two one-way models, joined on top).",
        choices=JOINS,
    )
    size: str = setting("small", "Size", "One dial for width, layers and heads.", choices=tuple(DIAL))
    width: int | None = setting(
        None, "Width", "Numbers in a hidden state (per direction).", low=4, high=1024, deeper=True
    )
    layers: int | None = setting(None, "Layers", "Layers in each stack.", low=1, high=24, deeper=True)
    heads: int | None = setting(
        None, "Heads", "Attention heads in each layer; they share the width.", low=1, high=64, deeper=True
    )
    feed_forward: int | None = setting(
        None, "Feed-forward", "Hidden units of each layer's feed-forward part.", low=4, high=8192, deeper=True
    )
    dropout: float = setting(
        0.0, "Dropout", "Share of units switched off at random while training.", low=0.0, high=0.9, deeper=True
    )
    positions: str = setting(
        "learned",
        "Positions",
        "How a Transformer knows word order.",
        choices=POSITIONS,
        deeper=True,
    )
    norm_place: str = setting(
        "pre",
        "Norm stands",
        "Before each part of a layer (GPT-2), or after it is added (BERT).",
        choices=("pre", "post"),
        deeper=True,
    )
    norm: str = setting(
        "layer",
        "Norm",
        "Layer norm centres and scales each state; RMS norm only scales it.",
        choices=("layer", "rms"),
        deeper=True,
    )
    activation: str = setting(
        "gelu",
        "Activation",
        "What stands between a layer's two feed-forward maps; SwiGLU adds a third map that gates.",
        choices=("gelu", "gelu-tanh", "relu", "swiglu"),
        deeper=True,
    )
    key_heads: int | None = setting(
        None,
        "Key-value heads",
        "Heads that have keys and values of their own; groups of query heads share them. Empty: every head.",
        low=1,
        high=64,
        deeper=True,
    )
    window: int | None = setting(
        None,
        "Window",
        "How far a word may look in one layer, on each side. Empty: as far as its direction allows.",
        unit="words",
        low=1,
        high=1024,
        deeper=True,
    )
    read_out: str = setting(
        "linear",
        "Read-out",
        "What turns a state into an answer: one linear map, or a small MLP.",
        choices=("linear", "mlp"),
        deeper=True,
    )
    pool: str = setting(
        "mean",
        "State of a sentence",
        "What speaks for a whole sentence: the mean of its words' states, its first word's, or its last word's.",
        choices=("mean", "first", "last"),
        deeper=True,
    )
    tied: bool = setting(
        False, "Shared weights", "Both directions use the same weights (late joins only).", deeper=True
    )
    forget_bias: float = setting(
        1.0,
        "Forget-gate bias",
        "Where each of the LSTM's two forget-gate biases starts: higher remembers longer.",
        low=-5.0,
        high=5.0,
        deeper=True,
    )

    cells: str = setting(
        "transformer",
        "Built of",
        "What the encoder and the decoder are made of.",
        choices=READERS,
    )
    reads: str = setting(
        "both", "The encoder reads", "Which side of a word the encoder may read.", choices=DIRECTIONS, deeper=True
    )
    crossing: str = setting(
        "plain",
        "Cross-attention",
        "Plain: the decoder looks at one encoder's states. Two-way: at a backward and a forward encoder's, each by a "
        "query of its own.",
        choices=CROSSINGS,
        deeper=True,
    )
    scoring: str = setting(
        "additive",
        "Scoring",
        "How an LSTM decoder measures which word to look at: by a small network, or by a product.",
        choices=SCORINGS,
        deeper=True,
    )
    writing: str = setting(
        "agreement",
        "How it writes both ways",
        "What a decoder for both directions is: two that agree, two that listen to each other, one that fills blanks.",
        choices=WRITINGS,
    )

    def __post_init__(self) -> None:
        check(self, "model")
        sizes = self.sizes
        attends = self.built_of == "transformer"
        if attends and sizes.width % sizes.heads:
            fits = max(n for n in range(1, sizes.heads + 1) if sizes.width % n == 0)
            raise SpecError(
                "model.heads",
                sizes.heads,
                f"Heads share the width, and {sizes.width} can't be split evenly.",
                {"model.heads": fits},
            )
        if attends:
            self._check_attention(sizes)
        if self.family == "encoder-decoder":
            self._check_writing()
        if self.tied and not self.late:
            raise SpecError(
                "model.tied",
                True,
                "Only two one-way models that are joined late can share weights.",
                {"model.tied": False},
            )
        if self.family == "lstm" and self.two_way and not self.late and sizes.layers < 2:
            raise SpecError(
                "model.layers",
                sizes.layers,
                "A deep two-way LSTM needs a second layer that reads both directions of the first.",
                {"model.layers": 2},
            )

    def _check_attention(self, sizes: Sizes) -> None:
        """Heads come in groups of equal size, and rotary positions turn pairs of numbers."""
        if self.key_heads and sizes.heads % self.key_heads:
            fits = max(n for n in range(1, self.key_heads + 1) if sizes.heads % n == 0)
            reason = f"{sizes.heads} heads can't be split evenly into {self.key_heads} groups."
            raise SpecError("model.key_heads", self.key_heads, reason, {"model.key_heads": fits})
        if self.positions == "rotary" and (sizes.width // sizes.heads) % 2:
            reason = f"Rotary positions turn pairs of numbers, and each head has {sizes.width // sizes.heads}."
            raise SpecError("model.positions", "rotary", reason, {"model.positions": "learned"})

    def _check_writing(self) -> None:
        """A memory writes word by word; and two encoders are needed where two are looked at."""
        if self.cells == "lstm" and self.two_way and self.writing != "agreement":
            reason = "A memory moves word by word, so only Transformers can write this way."
            raise SpecError("model.writing", self.writing, reason, {"model.cells": "transformer"})
        if self.crossing == "two-way" and self.reads != "both":
            reason = "Two-way cross-attention looks at a forward and a backward encoder, so it must read both ways."
            raise SpecError("model.crossing", self.crossing, reason, {"model.reads": "both"})

    @property
    def built_of(self) -> str:
        """What its layers are: "transformer" or "lstm"."""
        return self.cells if self.family == "encoder-decoder" else self.family

    @property
    def encoder(self) -> ModelSpec:
        """The part of an encoder–decoder that reads. LSTMs read both ways by two passes; so do two-way crossings."""
        apart = self.reads == "both" and (self.cells == "lstm" or self.crossing == "two-way")
        join, layers = "concat" if apart else "deep", self.sizes.layers
        return replace(self, family=self.cells, direction=self.reads, join=join, layers=layers)

    @property
    def decoder(self) -> ModelSpec:
        """One decoder, which sees what it has written; without a mask everything."""
        free = self.writes in ("mask-predict", "unmasked")
        direction = "both" if free else "left-to-right"  # in the order of writing, whichever that is
        return replace(self, family=self.cells, direction=direction, join="deep", layers=self.sizes.layers)

    @property
    def writes(self) -> str:
        """How an encoder–decoder writes: its direction, or what it does to write in both."""
        return self.writing if self.two_way else self.direction

    @property
    def two_way(self) -> bool:
        return self.direction == "both"

    @property
    def late(self) -> bool:
        """Two one-way stacks, joined on top."""
        return self.two_way and self.join != "deep" and self.family != "encoder-decoder"

    @property
    def additive(self) -> bool:
        """Logits are a(left) + b(right): such a model can't express exclusive-or."""
        return self.late and self.join in ADDITIVE_JOINS and self.read_out == "linear"

    @property
    def sizes(self) -> Sizes:
        """The dial's sizes with the opened ones in their place."""
        dial = DIAL[self.size]
        layers = dial.layers
        if self.built_of == "lstm":
            layers = max(LSTM_LAYERS[self.size], 2 if self.family == "lstm" and self.two_way and not self.late else 1)
        return Sizes(
            self.width or dial.width,
            self.layers or layers,
            self.heads or dial.heads,
            self.feed_forward or dial.feed_forward,
        )

    def resolved(self) -> ModelSpec:
        """Every size filled in, settings without effect at their default: equal models are then equal."""
        s, plain = self.sizes, ModelSpec()
        full = replace(self, width=s.width, layers=s.layers, heads=s.heads, feed_forward=s.feed_forward, size="small")
        if not self.two_way or self.family == "encoder-decoder":
            full = replace(full, join=plain.join)
        full = replace(full, **{name: getattr(plain, name) for name in self._idle})
        if self.built_of == "lstm":
            made = {name: getattr(plain, name) for name in OF_TRANSFORMERS}
            return replace(full, heads=1, feed_forward=4, **made)
        return replace(full, forget_bias=plain.forget_bias, key_heads=self.key_heads or s.heads)

    @property
    def _idle(self) -> tuple[str, ...]:
        """Settings of encoder–decoders without effect here."""
        if self.family != "encoder-decoder":
            return OF_ENCODER_DECODERS
        one_way = () if self.two_way else ("writing",)
        return ("pool", *one_way, *(() if self.cells == "lstm" else ("scoring",)))
