"""What a fetched checkpoint is, told from its settings and the header of its weights; no weight is read."""

from __future__ import annotations

import re
from math import prod
from typing import Any

from core.fields import SpecError
from core.hub import FILES, CheckpointError, Folder, read_header
from core.parts import ModelSpec

BERT = {
    "layers": "num_hidden_layers",
    "width": "hidden_size",
    "heads": "num_attention_heads",
    "feed_forward": "intermediate_size",
    "places": "max_position_embeddings",
    "token_types": "type_vocab_size",
    "norm_epsilon": "layer_norm_eps",
    "activation": "hidden_act",
}
NAMES: dict[str, dict[str, str]] = {  # our settings by what each architecture's config.json calls them
    "bert": BERT,
    "roberta": BERT,
    "distilbert": {
        "layers": "n_layers",
        "width": "dim",
        "heads": "n_heads",
        "feed_forward": "hidden_dim",
        "places": "max_position_embeddings",
        "activation": "activation",
    },
    "gpt2": {
        "layers": "n_layer",
        "width": "n_embd",
        "heads": "n_head",
        "feed_forward": "n_inner",
        "places": "n_positions",
        "norm_epsilon": "layer_norm_epsilon",
        "activation": "activation_function",
    },
}
TWO_WAY = {"direction": "both", "norm_place": "post", "embedding_norm": True, "read_out": "transform"}
ALWAYS: dict[str, dict[str, Any]] = {  # what no config.json says, because it is always so
    "bert": TWO_WAY,
    "roberta": TWO_WAY,
    "distilbert": {**TWO_WAY, "norm_epsilon": 1e-12},
    "gpt2": {"direction": "left-to-right"},
}
USUAL: dict[str, dict[str, Any]] = {  # what is meant where it isn't said
    "bert": {"places": 512, "token_types": 2, "norm_epsilon": 1e-12, "activation": "gelu"},
    "roberta": {"places": 512, "token_types": 2, "norm_epsilon": 1e-12, "activation": "gelu"},
    "distilbert": {"places": 512, "activation": "gelu"},
    "gpt2": {"places": 1024, "norm_epsilon": 1e-5, "activation": "gelu_new"},
}
ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu-tanh", "gelu_pytorch_tanh": "gelu-tanh", "relu": "relu"}
PLAIN: dict[str, Any] = {  # settings of variants that are wired otherwise, and their value in the plain architecture
    "is_decoder": False,
    "add_cross_attention": False,
    "position_embedding_type": "absolute",
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "embedding_size": None,
}
WORDS = re.compile(r"(.*\.)?(word_embeddings|wte)\.weight")
CONSTANTS = re.compile(r"(.*\.)?(attn\.(masked_)?bias|position_ids)")  # kept in old files, but never trained
LENGTH = 64  # tokens that it reads at once, unless more are wanted
GENTLE = {"steps": 100, "batch": 16, "learning_rate": 5e-5, "held_out": 64, "snapshots": 2}  # Devlin et al. 2019, A.3
TOKENIZERS = ({"tokenizer.json"}, {"vocab.txt"}, {"vocab.json", "merges.txt"})
CUTS = "Start from it with model.checkpoint, or load it with --out and look inside."
NO_TOKENIZER = (
    "Its weights run here, but there is no tokenizer (tokenizer.json, vocab.txt, or vocab.json with merges.txt), so "
    "text can't be cut into tokens."
)


def about_checkpoint(folder: Folder) -> dict[str, Any]:
    """Architecture, sizes, parameters and files; CheckpointError where settings and weights don't fit."""
    settings = model_settings(folder)
    vocabulary = vocabulary_of(folder)
    header = read_header(folder.weights)
    _check_words(header, [vocabulary, settings["width"]])
    files = [name for name in FILES if (folder.path / name).is_file()]
    return {
        "architecture": folder.architecture,
        **{name: settings[name] for name in ("layers", "width", "heads")},
        "vocabulary": vocabulary,
        "parameters": sum(prod(one["shape"]) for name, one in header.items() if not CONSTANTS.fullmatch(name)),
        "folder": str(folder.path),
        "files": files,
        "works": CUTS if any(needed <= set(files) for needed in TOKENIZERS) else NO_TOKENIZER,
    }


def model_settings(folder: Folder) -> dict[str, Any]:
    """ModelSpec's settings for this checkpoint, but for its name. CheckpointError for a variant that isn't plain."""
    kind, config = folder.architecture, folder.config
    _check_plain(config)
    settings: dict[str, Any] = {"family": "transformer", **ALWAYS[kind]}
    for ours, theirs in NAMES[kind].items():
        usual = USUAL[kind].get(ours)
        given = config.get(theirs, usual)
        if ours == "activation":
            settings[ours] = _activation(given)
        elif ours == "norm_epsilon":
            settings[ours] = float(given) if isinstance(given, int | float) else usual
        elif ours == "feed_forward" and kind == "gpt2" and given is None:
            settings[ours] = 4 * settings["width"]
        else:
            settings[ours] = _whole(theirs, given, low=0 if ours == "token_types" else 1)
    settings["places"] -= first_place(folder)
    settings["tied_words"] = bool(config.get("tie_word_embeddings", True))
    try:
        ModelSpec(**settings)
    except SpecError as error:
        reason = error.reason if error.name != "model.places" else "It has no place for a word."
        raise CheckpointError(f"This checkpoint can't run here. {reason} ({error.name} = {error.value})") from None
    return settings


def vocabulary_of(folder: Folder) -> int:
    """How many tokens the checkpoint knows."""
    return _whole("vocab_size", folder.config.get("vocab_size"))


def first_place(folder: Folder) -> int:
    """Which row of the positions is the first word's: RoBERTa's counting begins after its padding's id."""
    if folder.architecture != "roberta":
        return 0
    padding = folder.config.get("pad_token_id", 1)
    return 1 + _whole("pad_token_id", 1 if padding is None else padding, low=0)


def _activation(given: Any) -> str:
    if given in ACTIVATIONS:
        return ACTIVATIONS[given]
    raise CheckpointError(
        f"This checkpoint's layers use the activation “{given}”. Bothways knows {', '.join(ACTIVATIONS)}."
    )


def _check_plain(config: dict[str, Any]) -> None:
    for name, plain in PLAIN.items():
        value = config.get(name, plain)
        if value != plain and value is not None:
            raise CheckpointError(
                f"This checkpoint is a variant that is wired otherwise ({name} = {value}). "
                "Bothways reads the plain architecture: choose another one."
            )


def _whole(name: str, value: Any, low: int = 1) -> int:
    if type(value) is not int or value < low:
        raise CheckpointError(
            f"config.json is damaged: {name} should be a whole number, {low} or more. Get it once more."
        )
    return value


def _check_words(header: dict[str, dict[str, Any]], expected: list[int]) -> None:
    """CheckpointError unless the table of word vectors is there and is as large as config.json says."""
    tables = [one["shape"] for name, one in header.items() if WORDS.fullmatch(name)]
    if not tables:
        raise CheckpointError("The weights hold no table of word vectors, so they aren't of the model in config.json.")
    if expected not in tables:
        there, said = (" × ".join(map(str, shape)) for shape in (tables[0], expected))
        raise CheckpointError(
            f"Weights and settings don't fit: the word vectors are {there}, but config.json says {said}. "
            "Get both files from the same checkpoint."
        )


def in_lines(facts: dict[str, Any]) -> str:
    """The facts as lines for a terminal."""
    shown = {name: ", ".join(value) if isinstance(value, list) else value for name, value in facts.items()}
    return "\n".join(
        f"{name:<13} {value:,}" if type(value) is int else f"{name:<13} {value}" for name, value in shown.items()
    )


def starting(folder: Folder, name: str) -> dict[str, dict[str, Any]]:
    """An experiment that starts from this checkpoint, as plain values, with gentle steps: its weights are good."""
    settings = model_settings(folder)
    return {
        "data": {"task": "text", "length": min(LENGTH, settings["places"])},
        "model": {**settings, "checkpoint": name},
        "train": dict(GENTLE),
    }
