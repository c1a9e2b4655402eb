"""Every game of the registry keeps the same promises."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from core.data.contract import IGNORE, TextError
from core.data.registry import GAMES
from core.fields import settings_of
from tests.core.data.tasks.outcomes import OUTCOMES, VIEWS, bayes

SMALL = {
    "sense": [{"T": 5, "A": 2}, {"T": 4, "A": 1, "K": 3, "p": 0.3, "epsilon": 0.2}, {"T": 3, "K": 4, "epsilon": 0.9}],
    "negate": [{"T": 5}, {"T": 4, "r": 0.85}, {"T": 3, "r": 0.5}],
    "brackets": [{"T": 6}, {"T": 6, "depth": 2, "K": 3}, {"T": 8, "depth": 1}],
    "cloze": [{"S": 3, "T": 4}, {"S": 4, "T": 5, "alpha": 1.0, "seed": 5}],
    "entity": [{}, {"T": 5, "p": 0.2}, {"T": 6, "person": 0.1, "place": 0.7, "p": 1.0}],
    "gap": [{"g": 2}, {"g": 1, "K": 2}],
    "recall": [{}, {"n": 1}],
    "compare": [{"T": 4, "N": 5}, {"T": 3, "N": 2}, {"T": 5, "N": 4}],
}
CASES = [(name, settings) for name, cases in SMALL.items() for settings in cases]
SYMBOLS = {
    "entity": lambda game: {
        **dict.fromkeys(game.words[20:32], "name"),
        **{word: f"before{i // 3}" for i, word in enumerate(game.words[32:41])},
        **{word: f"after{i // 3}" for i, word in enumerate(game.words[41:50])},
    },
    "sense": lambda game: {
        **{word: f"word{i}" for i, word in enumerate(game.words[20 : 20 + game.A])},
        **{word: f"cue{i // 3 // game.K}{i // 3 % game.K}" for i, word in enumerate(game.words[20 + game.A :])},
    },
    "negate": lambda game: {
        "verdict": "pivot",
        **{word: f"opinion{i // 3}" for i, word in enumerate(game.words[21:27])},
        **{word: f"marker{i // 3}" for i, word in enumerate(game.words[27:33])},
    },
    "brackets": lambda game: {
        **{word: f"({i}" for i, word in enumerate(game.words[: game.K])},
        **{word: f"){i}" for i, word in enumerate(game.words[game.K : 2 * game.K])},
        "open?": "(?",
        "close?": ")?",
    },
    "cloze": lambda game: {**{word: f"w{i}" for i, word in enumerate(game.words[:-1])}, "____": "?"},
    "gap": lambda game: {"colour": "asked", **{word: f"cue{i}" for i, word in enumerate(game.words[21:])}},
    "recall": lambda game: {
        **{word: f"k{i}" for i, word in enumerate(game.words[:8])},
        **{word: f"v{i}" for i, word in enumerate(game.words[8:16])},
        "____": "?",
    },
    "compare": lambda game: {"or": "pivot", **{word: f"n{i}" for i, word in enumerate(game.words[21:])}},
}


def ids(case: object) -> str:
    return str(case)


@pytest.mark.parametrize(("name", "settings"), CASES, ids=ids)
def test_ceilings_are_what_enumeration_gives(name: str, settings: dict[str, float]) -> None:
    game = GAMES[name](**settings)
    ceilings = game.ceilings()
    for view in VIEWS:
        promised = getattr(ceilings, view)
        if promised is not None:
            assert promised == pytest.approx(bayes(OUTCOMES[name](game), view)), view
        elif name != "cloze":  # for the chain, `both` is only a bound on these two
            assert ceilings.both == pytest.approx(bayes(OUTCOMES[name](game), view)), view


@pytest.mark.parametrize(("name", "settings"), CASES, ids=ids)
def test_samples_follow_the_enumerated_probabilities(name: str, settings: dict[str, float]) -> None:
    game, n = GAMES[name](**settings), 20_000
    symbols = SYMBOLS[name](game)
    chances: Counter[object] = Counter()
    for chance, words, labels in OUTCOMES[name](game):
        chances[words, tuple(labels.items())] += chance
    batch = game.sample(np.random.default_rng(0), n)
    words = np.array([symbols.get(word, ".") for word in game.words])
    seen = Counter(
        (tuple(map(str, row)), tuple((int(t), int(line[t])) for t in np.flatnonzero(line != IGNORE)))
        for row, line in zip(words[batch.tokens], batch.labels, strict=True)
    )
    assert sum(chances.values()) == pytest.approx(1)
    assert set(seen) <= {outcome for outcome, chance in chances.items() if chance > 0}
    for outcome, chance in chances.items():
        assert abs(seen[outcome] - n * chance) <= 6 * np.sqrt(n * chance) + 6, outcome


@pytest.mark.parametrize("name", GAMES)
def test_batches_keep_the_contract(name: str) -> None:
    game = GAMES[name]()
    batch = game.sample(np.random.default_rng(3), 50)
    assert batch.tokens.shape == batch.labels.shape == batch.cues.shape == (50, game.length)
    assert batch.tokens.dtype == batch.labels.dtype == np.int64
    assert 0 <= batch.tokens.min() <= batch.tokens.max() < len(game.words)
    scored = batch.labels != IGNORE
    assert scored.any(1).all()
    assert set(batch.labels[scored]) <= set(range(len(game.classes)))
    assert name == "entity" or (scored.sum(1) == 1).all()
    assert batch.cues.any(1).all()
    assert name == "recall" or not (batch.cues & scored).any()


@pytest.mark.parametrize("name", GAMES)
def test_only_the_generator_decides(name: str) -> None:
    game, again = GAMES[name](), GAMES[name]()
    first, second = game.sample(np.random.default_rng(1), 32), again.sample(np.random.default_rng(1), 32)
    assert (first.tokens == second.tokens).all()
    assert (first.labels == second.labels).all()
    assert (game.sample(np.random.default_rng(2), 32).tokens != first.tokens).any()


@pytest.mark.parametrize("name", GAMES)
def test_held_out_never_changes(name: str) -> None:
    game = GAMES[name]()
    before = game.held_out(64)
    game.sample(np.random.default_rng(0), 64)
    np.random.seed(0)
    assert (game.held_out(64).tokens == before.tokens).all()
    assert (game.held_out(64).labels == before.labels).all()


@pytest.mark.parametrize("name", GAMES)
def test_vocabulary_is_readable(name: str) -> None:
    widest = {one.name: about.high for one, about in settings_of(GAMES[name]) if one.name in "AKSN"}
    for game in (GAMES[name](), GAMES[name](**widest)):
        assert len({word.casefold() for word in game.words}) == len(game.words)
        assert len(set(game.classes)) == len(game.classes)
        assert all(re.fullmatch(r"\S+", word) for word in game.words)


@pytest.mark.parametrize("name", GAMES)
def test_encode_reads_the_games_own_sentences(name: str) -> None:
    game = GAMES[name]()
    row = game.held_out(1).tokens[0]
    sentence = " ".join(game.words[i] for i in row)
    assert (game.encode(sentence) == row).all()
    assert (game.encode(f"  {sentence.upper()} ") == row).all()


@pytest.mark.parametrize("name", GAMES)
def test_encode_says_what_is_wrong(name: str) -> None:
    game = GAMES[name]()
    word = game.words[-1]
    with pytest.raises(TextError, match="at least one word"):
        game.encode("  ")
    with pytest.raises(TextError, match=f"{game.length} words at most; yours has {game.length + 1}"):
        game.encode(" ".join([word] * (game.length + 1)))
    with pytest.raises(TextError, match=re.escape(f"“{word}x” is not a word of this game. Try “{word}”.")):
        game.encode(f"{word} {word}x")
