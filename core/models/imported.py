"""Weights that others trained, put into our modules: BERT, DistilBERT, RoBERTa and GPT-2, from safetensors only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from re import fullmatch

import numpy as np
import torch
from torch import Tensor

from core.hub import CheckpointError, Folder, read_header
from core.loading import CONSTANTS, first_place, model_settings, vocabulary_of
from core.models.build import Model
from core.models.layouts import LAYOUTS, Layout, Row, single
from core.spec import ModelSpec

FLOATS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64}


@torch.no_grad()
def start_from(model: Model, folder: Folder, order: np.ndarray | None = None) -> list[str]:
    """Fill a model with a checkpoint's weights, as float32; gives back the names of our parts that stay fresh.

    Fresh are a head that the checkpoint hasn't got, and one for other answers. Raises CheckpointError in words where
    the rest doesn't fit, naming the array. `order` (V,): their id of each of our tokens (see core.borrowed).
    """
    layout = LAYOUTS[folder.architecture]
    theirs = stored(folder, layout)
    ours = _arrays(model)
    _skip_places(theirs, folder)
    for row in layout.body(model.spec.sizes.layers):
        _fill(ours, theirs, row)
    fresh = _fill_head(model, ours, theirs, layout)
    if order is not None:
        _renumber(model, order, set(fresh))
    _check_rest(theirs, layout)
    if left := [name for name in ours if not name.startswith(("read_out.", "pooler."))]:
        raise CheckpointError(f"This model has “{left[0]}”, and a {folder.architecture} checkpoint has no such part.")
    return fresh


def _renumber(model: Model, order: np.ndarray, fresh: set[str]) -> None:
    """Put the rows of tables that have one for each word into our order of words."""
    if len(order) != model.words.num_embeddings:
        raise CheckpointError(f"The tokenizer has {len(order):,} tokens; this model, {model.words.num_embeddings:,}.")
    by = torch.from_numpy(order)
    for name, one in model.named_parameters():
        of_words = name == "words.weight" or (name.startswith("read_out.scores.") and len(one) == len(order))
        if of_words and name not in fresh:
            one.copy_(one[by])


def load_checkpoint(folder: Folder, order: np.ndarray | None = None) -> Model:
    """The checkpoint as a model of ours that answers with words, ready to be asked: float32, dropout off."""
    spec, words = ModelSpec(**model_settings(folder)), vocabulary_of(folder)
    model = Model(spec, words, words, spec.places or 1, spec.token_types)
    start_from(model, folder, order)
    return model.eval()


@dataclass(frozen=True)
class Stored:
    """An array in a file, read when it is wanted: a large model is never in memory twice. `skip` rows are no word's."""

    path: Path
    start: int
    kind: torch.dtype
    shape: tuple[int, ...]
    skip: int = 0

    def read(self) -> Tensor:
        """The array as float32."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            raw = bytearray(file.read(prod(self.shape) * self.kind.itemsize))
        return torch.frombuffer(raw, dtype=self.kind).reshape(self.shape).float()[self.skip :]


def stored(folder: Folder, layout: Layout) -> dict[str, Stored]:
    """All weights by the names of the table: without prefix, old names renewed, constants left out."""
    with folder.weights.open("rb") as file:
        start = 8 + int.from_bytes(file.read(8), "little")
    arrays = {}
    for name, about in read_header(folder.weights).items():
        if CONSTANTS.fullmatch(name):
            continue
        if about["dtype"] not in FLOATS:
            raise CheckpointError(
                f"“{name}” is kept as {about['dtype']}: this checkpoint was made smaller by rounding. Choose the "
                "version in float32, float16 or bfloat16."
            )
        kind, shape = FLOATS[about["dtype"]], tuple(about["shape"])
        arrays[_renewed(name, layout)] = Stored(folder.weights, start + about["data_offsets"][0], kind, shape)
    return arrays


def _renewed(name: str, layout: Layout) -> str:
    """Their name today: the first BERTs called a norm's weight and bias gamma and beta."""
    name = name.removeprefix(layout.prefix)
    head, _, last = name.rpartition(".")
    return f"{head}.{ {'gamma': 'weight', 'beta': 'bias'}[last] }" if last in ("gamma", "beta") else name


def _arrays(model: Model) -> dict[str, Tensor]:
    """Our weights by name, each once."""
    return {name: one.data for name, one in model.named_parameters()}


def _skip_places(theirs: dict[str, Stored], folder: Folder) -> None:
    """RoBERTa counts places from its padding's id + 1 on: the rows before that are of no word."""
    name = "embeddings.position_embeddings.weight"
    if (first := first_place(folder)) and name in theirs:
        theirs[name] = replace(theirs[name], skip=first)


def _fill(ours: dict[str, Tensor], theirs: dict[str, Stored], row: Row) -> None:
    """Move what a row names from theirs into ours; parts that this model hasn't got stay."""
    for one in single(row):
        if one.ours not in ours:
            continue
        if missing := next((name for name in one.theirs if name not in theirs), None):
            raise CheckpointError(f"The weights lack “{missing}”, so they aren't whole. Get the checkpoint once more.")
        place, parts = ours.pop(one.ours), [theirs.pop(name) for name in one.theirs]
        arrays = [part.read() for part in parts]
        given = torch.cat(arrays) if len(arrays) > 1 else arrays[0]
        given = given.T if one.turned else given
        if given.shape != place.shape:
            raise CheckpointError(_unfit(one, parts[0].shape, given.shape, place.shape))
        place.copy_(given)


def _unfit(row: Row, there: Iterable[int], given: Iterable[int], wanted: Iterable[int]) -> str:
    said, fits = (" × ".join(map(str, shape)) for shape in (given, wanted))
    shape = " × ".join(map(str, there))
    return (
        f"“{row.theirs[0]}” is {shape} in the weights, which gives {said}, and this model's “{row.ours}” is {fits}. "
        "Start from the checkpoint once more, so that the model takes its sizes."
    )


def _fill_head(model: Model, ours: dict[str, Tensor], theirs: dict[str, Stored], layout: Layout) -> list[str]:
    """Fill the head that this model has from the checkpoint's, where that answers the same; else it stays fresh."""
    words, classes = model.words.num_embeddings, model.read_out.scores.weight.shape[0]
    _settle_bias(model, theirs, layout)
    heads = [layout.words] if words == classes else [layout.rows, layout.tokens]
    chosen = next((head for head in heads if _fits(head, ours, theirs)), ())
    if words == classes and any(one.theirs[0] in theirs for row in layout.words for one in single(row)):
        chosen = layout.words  # said to be there: what it lacks is named
    for row in (*chosen, *layout.pooler):
        if row in chosen or row.theirs[0].replace("*", "weight") in theirs:
            _fill(ours, theirs, row)
    _silence(ours, chosen)
    for head in (layout.words, layout.rows, layout.tokens, layout.pooler):
        for one in (one for row in head for one in single(row)):
            for name in one.theirs:
                theirs.pop(name, None)  # known, and of another head
    return sorted(name for name in ours if name.startswith(("read_out.", "pooler.")))


def _settle_bias(model: Model, theirs: dict[str, Stored], layout: Layout) -> None:
    """Of the two names of the words' bias, keep the first with the array that counts."""
    if layout.bias:
        first, second = layout.bias
        array = theirs.pop(second, None)
        if array is not None and (first not in theirs or not model.spec.tied_words):
            theirs[first] = array


def _fits(head: Iterable[Row], ours: dict[str, Tensor], theirs: dict[str, Stored]) -> bool:
    """Whether the checkpoint has this head, and for as many answers as ours."""
    singles = [one for row in head for one in single(row)]
    wanted = [(ours[one.ours], one.theirs[0]) for one in singles if one.ours in ours]
    return bool(wanted) and all(name in theirs and theirs[name].shape[0] == len(place) for place, name in wanted)


def _silence(ours: dict[str, Tensor], chosen: Iterable[Row]) -> None:
    """A bias that a loaded head hasn't got (GPT-2's scores) is zero, as in a fresh head; it counts as loaded."""
    loaded = {one.ours for row in chosen for one in single(row)}
    if "read_out.scores.weight" in loaded and "read_out.scores.bias" not in loaded and "read_out.scores.bias" in ours:
        ours.pop("read_out.scores.bias").zero_()


def _check_rest(theirs: dict[str, Stored], layout: Layout) -> None:
    """CheckpointError where weights are left over that we don't know: the model would not be what it is."""
    rest = [name for name in theirs if not fullmatch(layout.unused, name)]
    if rest:
        raise CheckpointError(
            f"The weights hold “{rest[0]}”, which this model has no place for, so it would not say what it should. "
            "Choose a checkpoint of the plain architecture."
        )
