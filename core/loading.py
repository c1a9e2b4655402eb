"""What a fetched checkpoint is, told from its settings and the header of its weights; no weight is read."""

from __future__ import annotations

import re
from math import prod
from typing import Any

from core.hub import FILES, CheckpointError, Folder, read_header

NAMES = {  # architecture: what its config.json calls layers, width and heads
    "bert": ("num_hidden_layers", "hidden_size", "num_attention_heads"),
    "roberta": ("num_hidden_layers", "hidden_size", "num_attention_heads"),
    "distilbert": ("n_layers", "dim", "n_heads"),
    "gpt2": ("n_layer", "n_embd", "n_head"),
}
WORDS = re.compile(r"(.*\.)?(word_embeddings|wte)\.weight")
CONSTANTS = re.compile(r"(.*\.)?(attn\.(masked_)?bias|position_ids)")  # kept in old files, but never trained
WORKS = "The files are whole and of a kind that Bothways reads. Running these weights here doesn't work yet."


def about_checkpoint(folder: Folder) -> dict[str, Any]:
    """Architecture, sizes, parameters and files; CheckpointError where settings and weights don't fit."""
    layers, width, heads = (_whole(folder.config, name) for name in NAMES[folder.architecture])
    vocabulary = _whole(folder.config, "vocab_size")
    header = read_header(folder.weights)
    _check_words(header, [vocabulary, width])
    return {
        "architecture": folder.architecture,
        "layers": layers,
        "width": width,
        "heads": heads,
        "vocabulary": vocabulary,
        "parameters": sum(prod(one["shape"]) for name, one in header.items() if not CONSTANTS.fullmatch(name)),
        "folder": str(folder.path),
        "files": [name for name in FILES if (folder.path / name).is_file()],
        "works": WORKS
        if folder.tokenizer
        else f"{WORKS} There is no tokenizer.json, so text can't be cut into tokens.",
    }


def _whole(config: dict[str, Any], name: str) -> int:
    value = config.get(name)
    if type(value) is not int or value < 1:
        raise CheckpointError(f"config.json is damaged: {name} should be a whole number, 1 or more. Get it once more.")
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
    shown = {**facts, "files": ", ".join(facts["files"])}
    return "\n".join(
        f"{name:<13} {value:,}" if type(value) is int else f"{name:<13} {value}" for name, value in shown.items()
    )
