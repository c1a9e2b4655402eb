"""Pictures of what many held-out sentences' hidden states tell: probes, neighbours, likeness of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from core.data.contract import IGNORE, Source
from core.looking.attention import NothingToSee
from core.looking.hidden import PARTS, Hidden, hidden, untrained
from core.looking.probes import OFFSETS, Probed, probe_labels, probe_offsets, probe_places
from core.looking.similarity import cka_table, effective_rank, nearest
from core.models.build import Network
from core.models.seq2seq import Seq2Seq
from core.picture import Picture

NEAREST = 10
MOST_KEPT = 4  # sets of states of one model
ALIKE = 2000  # words whose states are compared
DATA = ("own", "random")
PROBED: dict[str, tuple[str, ...]] = {
    "accuracy": ("L", "O"),
    "untrained": ("L", "O"),
    "chance": ("O",),
    "label": ("L", "N"),
    "label chance": ("N",),
    "place": ("L", "T"),
    "place chance": ("T",),
}
Memo = dict[Any, Any]  # what was computed before, of one model


def recalled(
    memo: Memo, model: Network, source: Source, part: str, random: bool = False, fresh: bool = False
) -> Hidden:
    """`hidden`, once for each model; `fresh`: of the untrained control."""
    if part not in PARTS:
        raise NothingToSee(f"A part is one of {', '.join(PARTS)}.")
    key = ("hidden", part if isinstance(model, Seq2Seq) else "", random, fresh)
    if key not in memo:
        while len(memo) >= MOST_KEPT:
            del memo[next(iter(memo))]  # the oldest
        memo[key] = hidden(untrained(model) if fresh else model, source, part, random)
    found: Hidden = memo[key]
    return found


def probes(
    model: Network,
    source: Source,
    memo: Memo,
    layer: int = -1,
    words: str = "own",
    offsets: tuple[int, ...] = OFFSETS,
    part: str = "encoder",
    told: Callable[[float], None] | None = None,
) -> Picture:
    """What linear probes find by layer, and in the untrained model: "accuracy" and "untrained" (L, O), "chance" (O,).

    O offsets of the word that is asked for: −1 the previous, 0 the current, 1 the next; "own" words of held-out
    sentences, or "random" ones, which tell nothing of each other. With own words where there are labels: "label",
    "label untrained" (L, 1), by place in the sentence "place" and "place untrained" (L, T); and the "chance" of each.
    nan: too few to learn from. `layer`: that one alone, so that a page can ask layer by layer and show how far it is;
    `told` hears the same as a share. notes: "layers", all of them, "rows", those in the arrays, and "offsets".
    """
    if words not in DATA:
        raise NothingToSee(f"Words are one of {', '.join(DATA)}.")
    trained, control = (recalled(memo, model, source, part, words == "random", fresh) for fresh in (False, True))
    if not -1 <= layer < len(trained.names):
        raise NothingToSee(f"There is no layer {layer}. There are 0 to {len(trained.names) - 1}.")
    rows = list(range(len(trained.names))) if layer < 0 else [layer]
    arrays: dict[str, np.ndarray] = {}
    for number, (one, end) in enumerate(((trained, ""), (control, " untrained"))):
        states = [one.states[row] for row in rows]
        found = probe_offsets(states, one.tokens, one.real, tuple(offsets))
        scores, chance = _filled(found, (len(rows), len(offsets)), told, number / 2)
        arrays["untrained" if end else "accuracy"] = scores
        arrays["chance"] = chance[0]
        if words == "own":
            arrays |= {
                f"{name}{'' if 'chance' in name else end}": x for name, x in _labelled(one, states, source).items()
            }
    axes = {name: PROBED[name.removesuffix(" untrained")] for name in arrays}
    notes = {"layers": trained.names, "rows": rows, "offsets": list(offsets), "words": words}
    return Picture((), arrays, axes, notes | {"sentences": len(trained.tokens)})


def _filled(
    found: Iterator[tuple[int, int, Probed | None]],
    shape: tuple[int, int],
    told: Callable[[float], None] | None = None,
    before: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy and chance in their places, nan where there was too little."""
    scores, chance = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    for done, (row, column, one) in enumerate(found, 1):
        if one:
            scores[row, column], chance[row, column] = one.accuracy, one.chance
        if told:
            told(before + done / (2 * shape[0] * shape[1]))
    return scores, chance


def _labelled(one: Hidden, states: list[np.ndarray], source: Source) -> dict[str, np.ndarray]:
    """Probes for the label of the asked word, and of the sentence by place; {} where words are all that is asked."""
    asked = one.real & (one.labels != IGNORE)
    whole = one.answers
    if whole is None and (not asked.any() or tuple(source.classes) == tuple(source.words)):
        return {}
    if whole is None:
        scores, chance = _filled(probe_labels(states, one.labels, asked), (len(states), 1))
        found = {"label": scores, "label chance": chance[0]}
        if not (asked.sum(1) == 1).all():  # several answers in a sentence: none speaks for it
            return found
        whole = one.labels[asked]
    else:
        found = {}
    scores, chance = _filled(probe_places(states, whole, one.real), (len(states), one.real.shape[1]))
    return {**found, "place": scores, "place chance": chance[0]}


def neighbours(
    model: Network,
    source: Source,
    ids: np.ndarray,
    states: list[np.ndarray],
    memo: Memo,
    word: int = -1,
    part: str = "encoder",
    k: int = NEAREST,
) -> Picture:
    """The held-out words whose states lie nearest to that of one word of a sentence, by layer: "cosine" (L, K).

    states: the sentence's own, (T, D) of each layer. notes: "layers", and of each layer "found", the words in context,
    and "words". A word of the very same sentence doesn't count.
    """
    if not -len(ids) <= word < len(ids):
        raise NothingToSee(f"There is no word {word + 1} in a sentence of {len(ids)}.")
    others = recalled(memo, model, source, part)
    flat, rows, places = others.flat()
    own = [np.array_equal(others.tokens[row][others.real[row]], ids) for row in range(len(others.tokens))]
    kept = ~np.array(own)[rows]
    if not kept.any():
        raise NothingToSee("There are no other sentences to look in.")
    rows, places = rows[kept], places[kept]
    cosines, found, words = [], [], []
    for layer, mine in zip(flat, states, strict=True):
        order, near = nearest(mine[word], layer[kept], k)
        cosines.append(near[0])
        found.append([others.around(int(rows[n]), int(places[n])) for n in order[0]])
        words.append([others.words[others.tokens[rows[n], places[n]]] for n in order[0]])
    notes = {"layers": others.names, "word": word % len(ids), "found": found, "words": words}
    return Picture((), {"cosine": np.stack(cosines).astype(np.float32)}, {"cosine": ("L", "K")}, notes)


class Other(Protocol):
    """A model that is looked at beside the first one."""

    model: Network
    source: Source
    memo: Memo


def likeness_of(
    model: Network, source: Source, memo: Memo, other: Other | None = None, part: str = "encoder"
) -> Picture:
    """`likeness` of a model's layers with those of another run or snapshot, or with one another."""
    mine = recalled(memo, model, source, part)
    return likeness(mine, mine if other is None else recalled(other.memo, other.model, other.source, part))


def likeness(a: Hidden, b: Hidden) -> Picture:
    """ "cka" (L, M) of every layer of one model with every layer of another, or itself; "rank" (L,) and "other" (M,).

    Both read the same sentences; their words must be the same in number. notes: "layers" and "other layers".
    """
    if not np.array_equal(a.tokens, b.tokens):
        n = min(len(a.tokens), len(b.tokens))
        if a.tokens.shape[1] != b.tokens.shape[1] or not np.array_equal(a.tokens[:n], b.tokens[:n]):
            raise NothingToSee("These two models read different texts, so their states can't be laid side by side.")
        a, b = (
            one._replace(tokens=one.tokens[:n], real=one.real[:n], states=[x[:n] for x in one.states]) for one in (a, b)
        )
    (first, _, _), (second, _, _) = a.flat(ALIKE), b.flat(ALIKE)
    arrays = {
        "cka": cka_table(first, second).astype(np.float32),
        "rank": np.array([effective_rank(one) for one in first], np.float32),
        "other rank": np.array([effective_rank(one) for one in second], np.float32),
    }
    axes: dict[str, tuple[str, ...]] = {"cka": ("L", "M"), "rank": ("L",), "other rank": ("M",)}
    return Picture((), arrays, axes, {"layers": a.names, "other layers": b.names, "words": len(first[0])})
