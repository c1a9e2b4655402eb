"""Our models in the format of `transformers`: config.json, model.safetensors and the tokenizer, loaded there as is.

The tables of core.models.layouts are read backwards. What no architecture can express is refused, with the settings
that stand in the way.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.borrowed import Borrowed
from core.fields import shown
from core.hub import CONFIG, FILES, TOKENIZER, WEIGHTS, CheckpointError, Folder
from core.loading import ACTIVATIONS, ALWAYS, NAMES, first_place
from core.models.build import Model
from core.models.layouts import LAYOUTS, Layout, Row, single
from core.spec import ModelSpec
from core.text import MASK, PAD, SPECIAL, UNKNOWN, Tokenizer

PLAIN = {"family": "transformer", "positions": "learned", "norm": "layer", "window": None}
HEADS = {  # what a head answers: how the class of transformers ends
    "words": {"bert": "ForMaskedLM", "roberta": "ForMaskedLM", "distilbert": "ForMaskedLM", "gpt2": "LMHeadModel"},
    "rows": dict.fromkeys(LAYOUTS, "ForSequenceClassification"),
    "tokens": dict.fromkeys(LAYOUTS, "ForTokenClassification"),
}
POOLS = {"bert": "pooler", "roberta": "pooler", "distilbert": "pooler-relu", "gpt2": "last"}
TITLES = {"bert": "Bert", "roberta": "Roberta", "distilbert": "DistilBert", "gpt2": "GPT2"}
DROPOUTS = {
    "bert": ("hidden_dropout_prob", "attention_probs_dropout_prob"),
    "roberta": ("hidden_dropout_prob", "attention_probs_dropout_prob"),
    "distilbert": ("dropout", "attention_dropout"),
    "gpt2": ("resid_pdrop", "attn_pdrop"),
}
FROM_ZERO = "embeddings.token_type_embeddings.weight"  # BERT has token types; a model without them adds nothing


def save_checkpoint(
    model: Model, place: Path, tokenizer: Tokenizer, origin: Folder | None = None, answers: tuple[str, ...] = ()
) -> str:
    """Write a folder that `transformers` loads with the same logits; gives back the class it is of.

    `origin`: the checkpoint that it started from; `answers`: the names of its classes, where those aren't words.
    Raises CheckpointError where the format can't express the model.
    """
    kind = architecture_of(model.spec, origin)
    asked = "words" if not answers else "rows" if model.spec.pool == POOLS[kind] else "tokens"
    if found := in_the_way(model.spec, kind, asked, origin is None):
        needs = _listed(found)
        raise CheckpointError(f"{TITLES[kind]}’s format can't say what this model is. It would need {needs}.")
    arrays = dict(_arrays(model, LAYOUTS[kind], asked, origin if kind == "roberta" else None))
    if isinstance(tokenizer, Borrowed):
        _renumber_back(arrays, LAYOUTS[kind], asked, torch.from_numpy(tokenizer.ours))
    name = TITLES[kind] + HEADS[asked][kind]
    config = {**(origin.config if origin else {}), **_config(model, kind, tokenizer, origin, answers)}
    place.mkdir(parents=True, exist_ok=True)
    save_file(arrays, place / WEIGHTS, metadata={"format": "pt"})
    (place / CONFIG).write_text(json.dumps({**config, "architectures": [name]}, indent=2))
    _save_tokenizer(tokenizer, place, model.length, origin)
    return name


def architecture_of(spec: ModelSpec, origin: Folder | None) -> str:
    """The architecture that a model is saved as: that of its origin, or the one that reads as it does."""
    if origin:
        return origin.architecture
    if spec.direction == "right-to-left":
        raise CheckpointError("No architecture of transformers reads from right to left, so it can't be saved as one.")
    return "bert" if spec.two_way else "gpt2"


def in_the_way(spec: ModelSpec, kind: str, asked: str, own: bool) -> dict[str, Any]:
    """Settings that would have to be others, with the value that the architecture has; `own`: not a checkpoint's."""
    wanted = {**PLAIN, "embedding_norm": False, "norm_place": "pre", **ALWAYS[kind], "read_out": "linear"}
    if asked == "words":
        wanted["read_out"] = ALWAYS[kind].get("read_out", "linear")
    if asked == "words" and kind == "gpt2" and own:
        wanted["tied_words"] = True  # GPT-2's scores have no bias
    if kind in ("gpt2", "distilbert"):
        wanted["token_types"] = 0
    found = {name: value for name, value in wanted.items() if getattr(spec, name) != value}
    if spec.two_way and spec.join != "deep":
        found["join"] = "deep"
    if (spec.key_heads or spec.sizes.heads) != spec.sizes.heads:
        found["key_heads"] = spec.sizes.heads
    if spec.activation not in ACTIVATIONS.values():
        found["activation"] = "gelu"
    return found


def _listed(found: dict[str, Any]) -> str:
    """Settings with their values: "model.norm = layer and model.window = none"."""
    reason = ""
    for name, value in reversed(found.items()):
        reason = f"model.{name} = {shown(value)} and {reason}" if reason else f"model.{name} = {shown(value)}"
    return reason


def _arrays(model: Model, layout: Layout, asked: str, shifted: Folder | None) -> Iterator[tuple[str, Tensor]]:
    """Their names and arrays. `shifted`: positions begin where this folder's do."""
    ours = {name: one.detach().cpu() for name, one in model.named_parameters()}
    twice = (
        layout.bias[1:] if not model.spec.tied_words else ()
    )  # the words' bias has two names where they aren't shared
    head = {"words": layout.words, "rows": layout.rows, "tokens": layout.tokens}[asked]
    for row in (*layout.body(model.spec.sizes.layers), *head):
        for one in single(row):
            if one.ours in ours:
                yield from _theirs(ours.pop(one.ours), one, layout, shifted)
                if one.theirs[0] in layout.bias:
                    yield from ((name, model.read_out.scores.bias.detach().cpu().clone()) for name in twice)
            elif one.theirs[0] == FROM_ZERO:
                yield layout.prefix + FROM_ZERO, torch.zeros(1, model.spec.sizes.width)
    bias = ours.pop("read_out.scores.bias", None)
    if bias is not None and bool(bias.any()):
        raise CheckpointError("This architecture's scores have no bias, and this model has learned one.")
    left = next((name for name in ours if not name.startswith("pooler.")), None)
    if left:
        raise CheckpointError(f"This architecture has no place for “{left}”.")


def _theirs(array: Tensor, row: Row, layout: Layout, shifted: Folder | None) -> Iterator[tuple[str, Tensor]]:
    """One array of ours as theirs: turned, cut into its parts, under all its names."""
    if row.ours == "positions" and shifted:
        array = torch.cat([array.new_zeros(first_place(shifted), array.shape[1]), array])
    body = not row.ours.startswith(("read_out.", "pooler.")) or row.theirs[0].startswith("pooler.")
    parts = (array.T if row.turned else array).chunk(len(row.theirs))
    for name, part in zip(row.theirs, parts, strict=True):
        yield (layout.prefix if body else "") + name, part.contiguous()


def _renumber_back(arrays: dict[str, Tensor], layout: Layout, asked: str, by: Tensor) -> None:
    """Tables with a row for each word go back into the checkpoint's own order."""
    tables = {layout.prefix + layout.embedding[0].theirs[0]}
    if asked == "words":
        scores = [one for row in layout.words for one in single(row) if one.ours.startswith("read_out.scores")]
        tables |= {name for one in scores for name in one.theirs} | set(layout.bias)
    for name in tables & set(arrays):
        arrays[name] = arrays[name][by].contiguous()


def _config(
    model: Model, kind: str, tokenizer: Tokenizer, origin: Folder | None, answers: tuple[str, ...]
) -> dict[str, Any]:
    """What config.json says of this model, whatever it said before."""
    spec = model.spec
    ours = {**vars(spec.sizes), "norm_epsilon": spec.norm_epsilon, "places": model.length}
    ours["activation"] = next(theirs for theirs, name in ACTIVATIONS.items() if name == spec.activation)
    ours["token_types"] = model.kinds.num_embeddings if model.kinds is not None else 1
    if origin:
        ours["places"] += first_place(origin)
    told = {theirs: ours[name] for name, theirs in NAMES[kind].items()}
    told |= dict(zip(DROPOUTS[kind], (spec.dropout, 0.0), strict=True))
    told |= {"model_type": kind, "vocab_size": model.words.num_embeddings, "tie_word_embeddings": spec.tied_words}
    if not isinstance(tokenizer, Borrowed):
        told |= {"pad_token_id": PAD, "bos_token_id": None, "eos_token_id": None}
    if answers:
        told |= {"id2label": dict(enumerate(answers)), "label2id": {name: n for n, name in enumerate(answers)}}
    return {**told, "dtype": "float32"}


def _save_tokenizer(tokenizer: Tokenizer, place: Path, length: int, origin: Folder | None) -> None:
    """The checkpoint's own files, or ours as tokenizer.json with the names of its special tokens."""
    if isinstance(tokenizer, Borrowed) and origin:
        for name in FILES:
            if name not in (CONFIG, WEIGHTS) and (origin.path / name).is_file():
                shutil.copyfile(origin.path / name, place / name)
        return
    told = json.loads(tokenizer.engine.to_str())
    for one in told["added_tokens"]:  # a blank takes the space before it along, where words do
        one["lstrip"] = one["content"] == SPECIAL[MASK] and tokenizer.kind in ("bpe", "unigram")
    (place / TOKENIZER).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    special = {"pad_token": SPECIAL[PAD], "unk_token": SPECIAL[UNKNOWN], "mask_token": SPECIAL[MASK]}
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length, **special}
    (place / "tokenizer_config.json").write_text(json.dumps(about, indent=2))
