"""What other programs call the weights that we have: one table for each architecture, read in both directions.

A row says: our part, and their part or parts; several stand one below the other in ours (query, key, value). `{n}` is
the number of the layer, `*` both weight and bias. GPT-2 keeps its matrices turned: (in, out) instead of (out, in).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Row:
    """Our part and theirs. `turned`: their matrix is the transpose of ours."""

    ours: str
    theirs: tuple[str, ...]
    turned: bool = False


def _rows(turned: bool = False, **named: str) -> tuple[Row, ...]:
    """Rows from `part="their name"`, or several names with commas; __ stands for a dot."""
    return tuple(Row(ours.replace("__", "."), tuple(theirs.split(", ")), turned) for ours, theirs in named.items())


@dataclass(frozen=True)
class Layout:
    """`prefix` stands before the body's names where there is a head on top.

    Heads: `words` (for each word of the vocabulary), `pooler` (of the bare model), `rows` (a class for a whole row,
    with a pooler of its own in some), `tokens` (a class for each token).
    """

    prefix: str
    embedding: tuple[Row, ...]
    layer: tuple[Row, ...]
    top: tuple[Row, ...]
    words: tuple[Row, ...]
    pooler: tuple[Row, ...]
    rows: tuple[Row, ...]
    tokens: tuple[Row, ...]
    bias: tuple[str, ...] = ()  # two names of the words' bias: without shared word vectors the second one counts
    unused: str = "(?!)"  # parts that we know and have no use for

    def body(self, layers: int) -> Iterator[Row]:
        """Everything but the heads, layers counted out."""
        yield from self.embedding
        for n in range(layers):
            for row in self.layer:
                named = tuple(name.replace("{n}", str(n)) for name in row.theirs)
                yield replace(row, ours=f"stack.blocks.{n}.{row.ours}", theirs=named)
        yield from self.top


BERT = Layout(
    prefix="bert.",
    embedding=_rows(
        words__weight="embeddings.word_embeddings.weight",
        positions="embeddings.position_embeddings.weight",
        kinds__weight="embeddings.token_type_embeddings.weight",
        norm="embeddings.LayerNorm.*",
    ),
    layer=_rows(
        attention__query_key_value="encoder.layer.{n}.attention.self.query.*, encoder.layer.{n}.attention.self.key.*, "
        "encoder.layer.{n}.attention.self.value.*",
        attention__output="encoder.layer.{n}.attention.output.dense.*",
        attention_norm="encoder.layer.{n}.attention.output.LayerNorm.*",
        feed_forward__inner="encoder.layer.{n}.intermediate.dense.*",
        feed_forward__outer="encoder.layer.{n}.output.dense.*",
        feed_forward_norm="encoder.layer.{n}.output.LayerNorm.*",
    ),
    top=(),
    words=_rows(
        read_out__hidden="cls.predictions.transform.dense.*",
        read_out__norm="cls.predictions.transform.LayerNorm.*",
        read_out__scores__weight="cls.predictions.decoder.weight",
        read_out__scores__bias="cls.predictions.bias",
    ),
    pooler=_rows(pooler="pooler.dense.*"),
    rows=_rows(pooler="pooler.dense.*", read_out__scores="classifier.*"),
    tokens=_rows(read_out__scores="classifier.*"),
    bias=("cls.predictions.bias", "cls.predictions.decoder.bias"),
    unused=r"cls\.seq_relationship\..*",
)
ROBERTA = replace(
    BERT,
    prefix="roberta.",
    words=_rows(
        read_out__hidden="lm_head.dense.*",
        read_out__norm="lm_head.layer_norm.*",
        read_out__scores__weight="lm_head.decoder.weight",
        read_out__scores__bias="lm_head.bias",
    ),
    rows=_rows(pooler="classifier.dense.*", read_out__scores="classifier.out_proj.*"),
    bias=("lm_head.bias", "lm_head.decoder.bias"),
    unused="(?!)",
)
DISTILBERT = Layout(
    prefix="distilbert.",
    embedding=_rows(
        words__weight="embeddings.word_embeddings.weight",
        positions="embeddings.position_embeddings.weight",
        norm="embeddings.LayerNorm.*",
    ),
    layer=_rows(
        attention__query_key_value="transformer.layer.{n}.attention.q_lin.*, transformer.layer.{n}.attention.k_lin.*, "
        "transformer.layer.{n}.attention.v_lin.*",
        attention__output="transformer.layer.{n}.attention.out_lin.*",
        attention_norm="transformer.layer.{n}.sa_layer_norm.*",
        feed_forward__inner="transformer.layer.{n}.ffn.lin1.*",
        feed_forward__outer="transformer.layer.{n}.ffn.lin2.*",
        feed_forward_norm="transformer.layer.{n}.output_layer_norm.*",
    ),
    top=(),
    words=_rows(
        read_out__hidden="vocab_transform.*",
        read_out__norm="vocab_layer_norm.*",
        read_out__scores__weight="vocab_projector.weight",
        read_out__scores__bias="vocab_projector.bias",
    ),
    pooler=(),
    rows=_rows(pooler="pre_classifier.*", read_out__scores="classifier.*"),
    tokens=_rows(read_out__scores="classifier.*"),
)
GPT2 = Layout(
    prefix="transformer.",
    embedding=_rows(words__weight="wte.weight", positions="wpe.weight"),
    layer=(
        *_rows(attention_norm="h.{n}.ln_1.*", feed_forward_norm="h.{n}.ln_2.*"),
        *_rows(
            turned=True,
            attention__query_key_value="h.{n}.attn.c_attn.*",
            attention__output="h.{n}.attn.c_proj.*",
            feed_forward__inner="h.{n}.mlp.c_fc.*",
            feed_forward__outer="h.{n}.mlp.c_proj.*",
        ),
    ),
    top=_rows(stack__norm="ln_f.*"),
    words=_rows(read_out__scores__weight="lm_head.weight"),
    pooler=(),
    rows=_rows(read_out__scores__weight="score.weight"),
    tokens=_rows(read_out__scores="classifier.*"),
)
LAYOUTS = {"bert": BERT, "roberta": ROBERTA, "distilbert": DISTILBERT, "gpt2": GPT2}


def single(row: Row) -> Iterator[Row]:
    """The row of each single array: weight and bias apart."""
    if not row.theirs[0].endswith(".*"):
        yield row
        return
    for kind in ("weight", "bias"):
        theirs = tuple(name.replace("*", kind) for name in row.theirs)
        yield Row(f"{row.ours}.{kind}", theirs, row.turned and kind == "weight")
