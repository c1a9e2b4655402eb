"""Every translation game keeps its promises: a right translation, exact ceilings, a held-out set of its own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest

from core.data.contract import IGNORE, TextError
from core.data.pairs.backwards import Backwards
from core.data.pairs.dialects import Dialects
from core.data.pairs.later import Later
from core.data.pairs.pair_game import PairGame
from core.data.registry import PAIRS
from core.fields import SpecError, settings_of
from core.text import END, PAD, SPECIAL_WRITTEN
from tests.core.data.pairs.rules import RULES, Outcome, Words, dialects_outcomes, later_outcomes

OTHERS = {
    "backwards": [{"most": 3, "V": 4}],
    "later": [{"epsilon": 0.3, "A": 6}, {"p": 0.0, "N": 3, "A": 1}],
    "dialects": [{"N": 1}],
    "chinese": [{"script": "characters"}],
    "summarise": [{"n": 8, "q": 1.0}],
    "dialogue": [{"n": 6, "u": 0.0}, {"u": 1.0}],
}
CASES = [(name, settings) for name in PAIRS for settings in ({}, *OTHERS.get(name, []))]


@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_every_translation_is_right(name: str, settings: dict[str, float]) -> None:
    game = PAIRS[name](**settings)
    pairs = game.pairs(np.random.default_rng(0), 600)
    for source, target in pairs:
        assert tuple(target) in RULES[name](game, tuple(source)), " ".join(source)
    assert {word for source, _ in pairs for word in source} <= set(game.source_lexicon)
    assert {word for _, target in pairs for word in target} <= set(game.lexicon)


@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_batches_keep_the_contract(name: str, settings: dict[str, float]) -> None:
    game = PAIRS[name](**settings)
    batch, pairs = game.sample(np.random.default_rng(3), 60), game.pairs(np.random.default_rng(3), 60)
    assert batch.tokens.shape == batch.labels.shape
    assert (batch.labels == IGNORE).all()
    assert batch.tokens.dtype == batch.source.dtype == batch.lengths.dtype == batch.source_lengths.dtype == np.int64
    assert batch.tokens.shape[1] <= game.length
    assert batch.source.shape[1] <= game.source_length
    for row, (source, target) in enumerate(pairs):
        n, s = batch.lengths[row], batch.source_lengths[row]
        assert [game.words[one] for one in batch.tokens[row, : n - 1]] == list(target)
        assert batch.tokens[row, n - 1] == END
        assert (batch.tokens[row, n:] == PAD).all()
        assert [game.source_words[one] for one in batch.source[row, :s]] == list(source)
        assert (batch.source[row, s:] == PAD).all()


@pytest.mark.parametrize("name", PAIRS)
def test_only_the_generator_decides(name: str) -> None:
    game = PAIRS[name]()
    first, second = game.sample(np.random.default_rng(1), 32), PAIRS[name]().sample(np.random.default_rng(1), 32)
    assert (first.source == second.source).all()
    assert (first.tokens == second.tokens).all()
    assert game.pairs(np.random.default_rng(2), 32) != game.pairs(np.random.default_rng(1), 32)
    assert (game.held_out(40).source[:20] == game.held_out(40).source[:20]).all()


@pytest.mark.parametrize("name", PAIRS)
def test_held_out_sentences_never_occur_in_training(name: str) -> None:
    game = PAIRS[name]()
    assert game.apart
    held = {tuple(source) for source, _ in game.pairs(np.random.default_rng(5), 2000, test=True)}
    seen = {tuple(source) for source, _ in game.pairs(np.random.default_rng(6), 4000)}
    assert not held & seen
    assert len(held) > 500


def test_a_small_language_says_that_nothing_is_kept_apart() -> None:
    game = PAIRS["backwards"](most=2, V=3)
    assert not game.apart
    assert game.held_out(30).tokens.shape[0] == 30


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("backwards", {"V": 3, "most": 3}),
        ("later", {"N": 3, "A": 1, "p": 0.5}),
        ("dialects", {"N": 3, "V": 4}),
        ("dialogue", {"n": 1, "u": 0.0}),
        *((name, {}) for name in PAIRS),
    ],
    ids=str,
)
def test_sources_are_counted_right(name: str, settings: dict[str, float]) -> None:
    game = PAIRS[name](**settings)
    found = {tuple(source) for source, _ in game.pairs(np.random.default_rng(0), 6000)}
    assert len(found) <= game.sources
    assert game.apart or len(found) == game.sources


VIEWS: dict[str, Callable[[Words, Words, int], object]] = {  # of a whole source and the rest of the true translation
    "left": lambda source, target, t: (source, target[:t]),
    "right": lambda source, target, t: (source, target[t + 1 :]),
    "both": lambda source, target, t: (source, target[:t], target[t + 1 :]),
}
READING: dict[str, Callable[[Words, Words, int], object]] = {  # as much of the source has been read
    "left": lambda source, target, t: source[: t + 1],
    "right": lambda source, target, t: (len(source) - t, source[t:]),
    "both": lambda source, target, t: (t, source),
}


def bayes(outcomes: list[Outcome], view: Callable[[Words, Words, int], object]) -> float:
    """Share of right words for a reader that bets on the likeliest wherever its view is the same; [end] is certain."""
    table: dict[object, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for chance, source, target in outcomes:
        for t, word in enumerate(target):
            table[t, view(source, target, t)][word] += chance
    words = len(outcomes[0][2])
    return (sum(max(row.values()) for row in table.values()) + 1) / (words + 1)


LATER = [Later(N=3, A=1), Later(N=5, A=2, p=0.3), Later(N=4, A=2, p=0.6, epsilon=0.2), Later(N=3, epsilon=0.9)]
DIALECTS = [Dialects(N=3, V=2), Dialects(N=1, V=3), Dialects(N=2, V=5)]


@pytest.mark.parametrize("game", [*LATER, *DIALECTS], ids=repr)
def test_ceilings_are_what_enumeration_gives(game: Later | Dialects) -> None:
    outcomes = later_outcomes(game) if isinstance(game, Later) else dialects_outcomes(game)
    assert sum(chance for chance, _, _ in outcomes) == pytest.approx(1)
    for name, view in VIEWS.items():
        assert getattr(game.ceilings(), name) == pytest.approx(bayes(outcomes, view)), name
    whole: dict[Words, list[float]] = defaultdict(list)
    joint: dict[tuple[Words, Words], float] = defaultdict(float)
    for chance, source, target in outcomes:
        joint[source, target] += chance
    for (source, _), chance in joint.items():
        whole[source].append(chance)
    assert game.exact() == pytest.approx(sum(map(max, whole.values())))


@pytest.mark.parametrize("game", LATER, ids=repr)
def test_who_has_not_read_on_must_guess(game: Later) -> None:
    for name, view in READING.items():
        words = (game.N + getattr(game.reading(), name)) / (game.N + 1)
        assert words == pytest.approx(bayes(later_outcomes(game), view)), name


def test_consistent_sentences_by_rounds() -> None:
    """NOTES T11: 2^(1 − N/T)."""
    game = Dialects(N=6)
    assert [game.consistent(rounds) for rounds in (1, 2, 3, 6)] == pytest.approx([2**-5, 2**-2, 2**-1, 1])
    rng, found = np.random.default_rng(0), 0
    for _ in range(20_000):  # two rounds: three words drawn freely, three that follow the first of them
        first = rng.integers(0, 2, 3)
        found += len({*first, first[0]}) == 1
    assert found / 20_000 == pytest.approx(game.consistent(2), abs=0.02)
    assert game.dialect_of(["lift", "flat"]) == "British"
    assert game.dialect_of(["elevator", "flat"]) == "mixed"
    assert game.dialect_of(["elevator", "[unknown]"]) == game.dialect_of([]) == ""


@pytest.mark.parametrize("name", PAIRS)
def test_ceilings_of_certain_languages(name: str) -> None:
    game: PairGame = PAIRS[name]()
    certain = all(len(RULES[name](game, tuple(source))) == 1 for source, _ in game.pairs(np.random.default_rng(0), 200))
    assert certain == (game.exact() == 1.0)


@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_vocabularies_are_readable(name: str, settings: dict[str, float]) -> None:
    game = PAIRS[name](**settings)
    for words in (game.words, game.source_words):
        assert words[: len(SPECIAL_WRITTEN)] == SPECIAL_WRITTEN
        assert len({word.casefold() for word in words}) == len(words)
        assert all(re.fullmatch(r"\S+", word) for word in words)
    assert len(game.story) > 40
    assert all(about.label and about.help.endswith(".") for _, about in settings_of(game))


@pytest.mark.parametrize("name", PAIRS)
def test_encode_reads_sources_and_says_what_is_wrong(name: str) -> None:
    game = PAIRS[name]()
    batch, ((source, _),) = game.held_out(1), game.pairs(np.random.default_rng(2**31 - 1), 1, test=True)
    assert (game.encode(" ".join(source)) == batch.source[0]).all()
    assert (game.encode(f"  {' '.join(source).upper()} ") == batch.source[0]).all()
    word = next(one for one in game.source_lexicon if len(one) > 4)
    with pytest.raises(TextError, match="at least one word"):
        game.encode("  ")
    with pytest.raises(TextError, match=f"{game.source_length} words at most"):
        game.encode(" ".join([word] * (game.source_length + 1)))
    with pytest.raises(TextError, match=re.escape(f"“{word}x” is not a word of this game. Try “{word}”.")):
        game.encode(f"{word} {word}x")
    with pytest.raises(TextError, match="not a word"):
        game.encode("[end]")


def test_impossible_lengths_offer_possible_ones() -> None:
    with pytest.raises(SpecError) as caught:
        PAIRS["backwards"](shortest=9)
    PAIRS["backwards"](shortest=caught.value.works["data.shortest"])


def test_all_right_translations_hold_the_true_one() -> None:
    game = Dialects()
    for source, target in game.pairs(np.random.default_rng(3), 50):
        assert list(target) in game.all_right(source)
        assert len(game.all_right(source)) == 2
    assert Backwards().all_right(["cat"]) == []
