"""The model: who may see whom, how two directions are joined, how large, and what its layers are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.fields import check, setting
from core.parts.fits import check_fit

READERS = ("transformer", "lstm")  # they read; an encoder–decoder writes, too
FAMILIES = (*READERS, "encoder-decoder")
DIRECTIONS = ("left-to-right", "right-to-left", "both")
ADDITIVE_JOINS = ("concat", "sum", "mean", "scalar")  # additive only before a linear read-out
LATE_JOINS = (*ADDITIVE_JOINS, "product", "max", "gated", "learned")
JOINS = ("deep", *LATE_JOINS)
SCORINGS = ("additive", "multiplicative")
CROSSINGS = ("plain", "two-way")
WRITINGS = ("agreement", "synchronous", "mask-predict", "unmasked")
READ_OUTS = ("linear", "mlp", "transform")
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
OF_TRANSFORMERS = (  # an LSTM has none of them
    "positions", "places", "norm_place", "norm", "norm_epsilon", "embedding_norm", "activation", "key_heads", "window",
)  # fmt: skip


@dataclass(frozen=True)
class ModelSpec:
    """The model: who may see whom, how two directions are joined, how large. None follows the size dial."""

    checkpoint: str = setting(
        "", "Start from", "Weights that others trained, by their name. Empty: fresh weights, drawn at random."
    )
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
    places: int | None = setting(
        None,
        "Places",
        "How many places have a learned position. Empty: as many as the data needs.",
        low=1,
        high=8192,
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
    norm_epsilon: float = setting(
        1e-5,
        "Norm's epsilon",
        "What is added to the variance before dividing by its root: BERT adds 1e-12, GPT-2 and RoBERTa 1e-5.",
        low=1e-12,
        high=0.1,
        deeper=True,
    )
    embedding_norm: bool = setting(
        False, "Norm after the embedding", "One more norm before the first layer, as in BERT.", deeper=True
    )
    token_types: int = setting(
        0,
        "Token types",
        "Learned vectors that tell a first from a second sentence (BERT has 2). Data that needs them brings them.",
        low=0,
        high=16,
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
        "What turns a state into an answer: one linear map, a small MLP, or BERT's: an MLP with a norm inside.",
        choices=READ_OUTS,
        deeper=True,
    )
    tied_words: bool = setting(
        False,
        "Read-out shares word vectors",
        "A word's score is its own vector's product with the state, so that the read-out learns no table of its own.",
        deeper=True,
    )
    pool: str = setting(
        "mean",
        "State of a sentence",
        "What speaks for a whole sentence: the mean of its words' states, its first word's, its last word's, or the "
        "first word's through one more map, as in BERT (with ReLU: DistilBERT).",
        choices=("mean", "first", "last", "pooler", "pooler-relu"),
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
        check_fit(self)

    @property
    def built_of(self) -> str:
        """What its layers are: "transformer" or "lstm"."""
        return self.cells if self.family == "encoder-decoder" else self.family

    @property
    def encoder(self) -> ModelSpec:
        """The part of an encoder–decoder that reads. LSTMs read both ways by two passes; so do two-way crossings."""
        apart = self.reads == "both" and (self.cells == "lstm" or self.crossing == "two-way")
        join, layers = "concat" if apart else "deep", self.sizes.layers
        return replace(
            self, family=self.cells, direction=self.reads, join=join, layers=layers, pool="mean", tied_words=False
        )

    @property
    def decoder(self) -> ModelSpec:
        """One decoder, which sees what it has written; without a mask everything."""
        free = self.writes in ("mask-predict", "unmasked")
        direction = "both" if free else "left-to-right"  # in the order of writing, whichever that is
        writing, layers = self.writing if self.two_way else ModelSpec.writing, self.sizes.layers
        return replace(self, family=self.cells, direction=direction, join="deep", writing=writing, layers=layers)

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
    def pools(self) -> bool:
        """Whether a map of its own makes a sentence's state."""
        return self.pool.startswith("pooler")

    @property
    def reads_width(self) -> bool:
        """Whether the read-out's last map reads states of the model's width."""
        beside = self.join == "concat" if self.late else self.family == "lstm" and self.two_way
        return self.read_out != "linear" or not beside

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
        return (
            "pool",
            "token_types",
            "places",
            "embedding_norm",
            *one_way,
            *(() if self.cells == "lstm" else ("scoring",)),
        )
