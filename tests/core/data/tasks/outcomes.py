"""Every sentence that a small game can produce, with its exact probability, written down independently of the samplers.

Words that differ without telling anything (fillers; names of a span; the three cue words of one sense) share a symbol.
An outcome is (probability, sentence, {scored position: label}).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise, permutations, product

from core.data.tasks.brackets import Brackets
from core.data.tasks.chain import chain
from core.data.tasks.cloze import Cloze
from core.data.tasks.compare import Compare
from core.data.tasks.entity import Entity
from core.data.tasks.gap import Gap
from core.data.tasks.negate import Negate
from core.data.tasks.recall import Recall
from core.data.tasks.sense import Sense

Sentence = tuple[str, ...]
Outcome = tuple[float, Sentence, dict[int, int]]


def put(length: int, **words: int) -> Sentence:
    """A sentence of fillers with words at places."""
    at = {place: word for word, place in words.items()}
    return tuple(at.get(t, ".") for t in range(length))


def sense(game: Sense) -> Iterator[Outcome]:
    for t, word, true, told in product(range(1, game.T - 1), range(game.A), range(game.K), range(game.K)):
        chance = 1 / (game.T - 2) / game.A / game.K
        chance *= 1 - game.epsilon if true == told else game.epsilon / (game.K - 1)
        for cue in range(game.T):
            if cue != t:
                side = (1 - game.p) / t if cue < t else game.p / (game.T - 1 - t)
                yield chance * side, put(game.T, **{f"word{word}": t, f"cue{word}{told}": cue}), {t: true}


def negate(game: Negate) -> Iterator[Outcome]:
    for t, praise, denied in product(range(1, game.T - 1), range(2), range(2)):
        chance = 1 / (game.T - 2) / 2 * (game.r if denied else 1 - game.r)
        for before, after in product(range(t), range(t + 1, game.T)):
            words = {"pivot": t, f"opinion{praise}": before, f"marker{denied}": after}
            yield chance / t / (game.T - 1 - t), put(game.T, **words), {t: praise ^ denied}


def brackets(game: Brackets) -> Iterator[Outcome]:
    def grow(shape: str, chance: float) -> Iterator[tuple[str, float]]:
        level = shape.count("(") - shape.count(")")
        if len(shape) == game.T:
            yield shape, chance
            return
        options = [
            step
            for step, legal in (("(", level < game.depth and level < game.T - len(shape)), (")", level > 0))
            if legal
        ]
        for step in options:
            yield from grow(shape + step, chance / len(options))

    for shape, chance in grow("", 1.0):
        for kinds in product(range(game.K), repeat=game.T // 2):
            types, opened, fresh = [], [], iter(kinds)
            for step in shape:
                if step == "(":
                    opened.append(next(fresh))
                types.append(opened[-1] if step == "(" else opened.pop())
            for t in range(game.T):
                shown = [f"{step}{kind}" for step, kind in zip(shape, types, strict=True)]
                shown[t] = shape[t] + "?"
                yield chance / game.K ** len(kinds) / game.T, tuple(shown), {t: types[t]}


def cloze(game: Cloze) -> Iterator[Outcome]:
    rows, start = chain(game.S, game.alpha, game.seed)
    for path in product(range(game.S), repeat=game.T):
        chance = start[path[0]]
        for a, b in pairwise(path):
            chance *= rows[a, b]
        for t in range(1, game.T - 1):
            shown = tuple("?" if s == t else f"w{word}" for s, word in enumerate(path))
            yield chance / (game.T - 2), shown, {t: path[t]}


def entity(game: Entity) -> Iterator[Outcome]:
    priors = (game.person, game.place, 1 - game.person - game.place)
    for size, kind, after in product((1, 2, 3), range(3), range(2)):
        chance = priors[kind] / 3 * (game.p if after else 1 - game.p)
        for start in range(1, game.T - size):
            shown = ["."] * game.T
            shown[start : start + size] = ["name"] * size
            shown[start + size if after else start - 1] = f"{'after' if after else 'before'}{kind}"
            yield chance / (game.T - size - 1), tuple(shown), dict.fromkeys(range(start, start + size), kind)


def gap(game: Gap) -> Iterator[Outcome]:
    for colour, right in product(range(game.K), range(2)):
        yield (
            1 / game.K / 2,
            put(2 * game.g + 1, asked=game.g, **{f"cue{colour}": 2 * game.g * right}),
            {game.g: colour},
        )


def recall(game: Recall) -> Iterator[Outcome]:
    pairs = list(product(permutations(range(8), game.n), permutations(range(8), game.n)))
    for (keys, values), asked in product(pairs, range(game.n)):
        told = [word for key, value in zip(keys, values, strict=True) for word in (f"k{key}", f"v{value}")]
        yield 1 / len(pairs) / game.n, (*told, "?", f"k{keys[asked]}"), {2 * game.n: values[asked]}


def compare(game: Compare) -> Iterator[Outcome]:
    for t, (a, b) in product(range(1, game.T - 1), permutations(range(game.N), 2)):
        chance = 1 / (game.T - 2) / game.N / (game.N - 1)
        for before, after in product(range(t), range(t + 1, game.T)):
            yield (
                chance / t / (game.T - 1 - t),
                put(game.T, pivot=t, **{f"n{a}": before, f"n{b}": after}),
                {t: int(a > b)},
            )


OUTCOMES: dict[str, Callable[..., Iterator[Outcome]]] = {
    "sense": sense,
    "negate": negate,
    "brackets": brackets,
    "cloze": cloze,
    "entity": entity,
    "gap": gap,
    "recall": recall,
    "compare": compare,
}
VIEWS: dict[str, Callable[[Sentence, int], object]] = {
    "left": lambda words, t: words[: t + 1],
    "right": lambda words, t: (len(words) - t, words[t:]),
    "both": lambda words, t: (t, words),
    "tied": lambda words, t: tuple(sorted((words[: t + 1], words[t:][::-1]))),
    "unordered": lambda words, t: (words[t], tuple(sorted(words))),
}


def joint(outcomes: Iterator[Outcome], view: str) -> dict[object, dict[int, float]]:
    """Probability of each (view of the scored position, label), over scored positions."""
    table: dict[object, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for chance, words, labels in outcomes:
        for t, label in labels.items():
            table[VIEWS[view](words, t)][label] += chance
    return table


def bayes(outcomes: Iterator[Outcome], view: str) -> float:
    """Best possible accuracy for a reader with this view: bet on the likeliest label wherever the view agrees."""
    table = joint(outcomes, view)
    return sum(max(row.values()) for row in table.values()) / sum(sum(row.values()) for row in table.values())
