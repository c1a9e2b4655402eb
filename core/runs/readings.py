"""What is read off a trained model when its run is over: whole translations, alignment, tokens. No torch.

Whoever sees (the looking process behind the page, or an `Eye` in the same process) is asked sentence by sentence; a
reading is one number, with the first few sentences that it was read from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from core.cutting import cut
from core.data.corpora import TextSource, built_in
from core.data.pairs.pair_game import PairGame
from core.measures import words_right
from core.picture import Picture

SHOWN = 2  # examples that are kept
EXAMPLES = 100  # held-out sentences that differ, as `core.runs.sight` counts them


class Sees(Protocol):
    """A trained model, seen from outside: the methods of `core.runs.sight.Eye`."""

    def look(self, text: str, what: str, /) -> Picture: ...

    def translate(self, text: str, first: int, count: int, decoder: str, options: dict[str, Any], /) -> Picture: ...


@dataclass(frozen=True)
class Example:
    """A source sentence, what was written of it, the right translation that is nearest; `looked`: (T, S)."""

    read: tuple[str, ...]
    written: tuple[str, ...]
    truth: tuple[str, ...] = ()
    looked: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Found:
    value: float
    examples: tuple[Example, ...] = field(default_factory=tuple)


def whole(sees: Sees, game: PairGame, options: Mapping[str, Any]) -> Found:
    """The share of held-out sentences that come out right from the first word to the last, by any right translation.

    `options`: "count" sentences, the "decoder", and its settings. Each sentence is drawn with a seed of its own.
    """
    drawn = {name: value for name, value in options.items() if name not in ("count", "decoder")}
    examples = []
    for number, (source, target) in enumerate(_pairs(game, int(options["count"]))):
        how = {**drawn, "seed": number} if drawn else {}
        written = tuple(sees.translate("", number, 1, options.get("decoder", ""), how).notes["written"][0])
        right = [tuple(one) for one in game.all_right(source)] or [target]
        truth = max(right, key=lambda one: words_right([written], [one]))
        examples.append(Example(source, written, truth))
    return Found(sum(one.written == one.truth for one in examples) / len(examples), tuple(examples[:SHOWN]))


def mirrored(sees: Sees, game: PairGame, options: Mapping[str, Any]) -> Found:
    """The share of written words that look most at their mirror image: the last source word for the first, and so on.

    Where a word looks is the mean over layers and heads of its cross-attention (Bahdanau et al. 2015, §5.2.1).
    """
    hits, examples = [], []
    for source, target in _pairs(game, int(options["count"])):
        seen = sees.look(" ".join(source), "attention")
        looked = seen.arrays["cross"].mean((0, 1))  # (T, S)
        most = looked.argmax(-1)
        hits += [int(at) == len(source) - 1 - t for t, at in enumerate(most)]
        rows = tuple(tuple(float(value) for value in row) for row in looked)
        examples.append(Example(source, seen.tokens, target, rows))
    examples.sort(key=lambda one: -len(one.read))  # a long one shows most
    return Found(float(np.mean(hits)) if hits else 0.0, tuple(examples[:1]))


def _pairs(game: PairGame, count: int) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The first `count` held-out sentences with their translations, from the first one again after EXAMPLES."""
    held_out = game.held_out(EXAMPLES)
    assert held_out.source is not None
    assert held_out.source_lengths is not None
    assert held_out.lengths is not None
    found = []
    for number in range(count):
        row = number % EXAMPLES
        read = held_out.source[row, : held_out.source_lengths[row]]
        said = held_out.tokens[row, : held_out.lengths[row] - 1]  # without its end mark
        found.append((tuple(game.source_words[one] for one in read), tuple(game.words[one] for one in said)))
    return found


def fertility(source: TextSource, options: Mapping[str, Any]) -> Found:
    """Tokens per word of a "sentence" (Rust et al. 2021, §3.1)."""
    return _cut(source, options, "fertility")


def unknown(source: TextSource, options: Mapping[str, Any]) -> Found:
    """The share of a "sentence"'s tokens that stand for something unknown."""
    return _cut(source, options, "unknown_rate")


def _cut(source: TextSource, options: Mapping[str, Any], what: str) -> Found:
    found = cut(source.tokenizer, options["sentence"])
    return Found(float(getattr(found, what)), (Example((), found.tokens),))


def characters(source: TextSource, options: Mapping[str, Any]) -> Found:
    """Characters for each token, in the last "characters" of the built-in text."""
    text = built_in()[-int(options["characters"]) :]
    return Found(len(text) / len(source.tokenizer.encode(text)))


OF_PAIRS: dict[str, Callable[[Sees, PairGame, Mapping[str, Any]], Found]] = {"whole": whole, "mirrored": mirrored}
OF_TEXT: dict[str, Callable[[TextSource, Mapping[str, Any]], Found]] = {
    "fertility": fertility,
    "unknown": unknown,
    "characters": characters,
}
READINGS = (*OF_PAIRS, *OF_TEXT)


def read(kind: str, sees: Sees, source: Any, options: Mapping[str, Any]) -> Found:
    """One reading of a run, by its kind; `source`: where its sentences come from."""
    if kind in OF_TEXT:
        return OF_TEXT[kind](source, options)
    return OF_PAIRS[kind](sees, source, options)
