"""How a sentence falls apart, in numbers, and what a vocabulary costs."""

from __future__ import annotations

import pytest

from core.cutting import FULL, SIZES, cut, sizes_compared, train_all
from core.data.corpora import built_in
from core.insight import can_know
from core.models.build import build
from core.models.counts import vocabulary_cost
from core.spec import from_json
from core.text import SMALLEST, TOKENIZERS, train_tokenizer, words_of

STORY = "The cat sat on the mat, and 2 small dogs looked at it. 我喜欢鱼。\n" * 9


def test_words_are_runs_of_letters_single_chinese_characters_and_runs_of_signs() -> None:
    assert words_of("It's 我喜欢 naïve, isn't it?! 🦊🦊") == [
        "It", "'", "s", "我", "喜", "欢", "naïve", ",", "isn", "'", "t", "it", "?!", "🦊🦊",
    ]  # fmt: skip


def test_a_sentence_in_numbers() -> None:
    known = cut(train_tokenizer("word", 100, STORY), "the dogs sat on a zebra")
    assert (known.words, known.unknown, known.fertility) == (6, 2, 1.0)
    assert known.unknown_rate == pytest.approx(1 / 3)
    letters = cut(train_tokenizer("character", 100, STORY), "the mat")
    assert letters.tokens == tuple("the␣mat")
    assert letters.fertility == 3.5
    assert cut(train_tokenizer("byte", 259, STORY), "我").fertility == 3
    nothing = cut(train_tokenizer("byte", 259, STORY), "")
    assert (nothing.fertility, nothing.unknown_rate) == (0.0, 0.0)


@pytest.mark.parametrize("vocabulary", [32, 400])
def test_all_kinds_learn_from_one_text(vocabulary: int) -> None:
    trained = train_all(STORY, vocabulary)
    assert [one.kind for one in trained] == list(TOKENIZERS)
    assert all(len(one.words) <= max(vocabulary, SMALLEST.get(one.kind, 0)) for one in trained)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_a_larger_vocabulary_needs_fewer_tokens_or_knows_more(kind: str) -> None:
    found = sizes_compared(kind, built_in()[:60_000])
    assert [one.vocabulary for one in found] == sorted({one.vocabulary for one in found})
    assert all(one.vocabulary <= size for one, size in zip(found, SIZES, strict=False))
    assert found[-1].vocabulary < FULL * SIZES[len(found) - 1]  # the built-in text has few words
    tokens = [len(one.tokens) for one in found]
    assert tokens == sorted(tokens, reverse=True)
    assert len({one.words for one in found}) == 1


@pytest.mark.parametrize("model", [{}, {"family": "lstm", "direction": "both", "join": "concat"}, {"tied_words": True}])
def test_a_vocabularys_cost_is_that_of_the_built_model(model: dict[str, object]) -> None:
    experiment = from_json({"data": {"task": "text"}, "model": {"size": "tiny", **model}})
    sizes = [sum(one.numel() for one in build(experiment, words, words).parameters()) for words in (100, 1100)]
    assert vocabulary_cost(experiment, 1100) - vocabulary_cost(experiment, 100) == sizes[1] - sizes[0]
    assert vocabulary_cost(experiment, 0) == 0


@pytest.mark.parametrize(
    ("change", "unit"),
    [({"tokenizer": kind}, kind if kind in ("character", "word", "byte") else "piece") for kind in TOKENIZERS],
)
def test_what_a_model_knows_is_told_in_its_tokens(change: dict[str, str], unit: str) -> None:
    experiment = from_json({"data": {"task": "text", **change}})
    assert f"At each {unit} it knows the {unit}s before it" in can_know(experiment)
    borrowed = from_json({"data": {"task": "text", **change}, "model": {"checkpoint": "models:any"}})
    assert "At each token it knows the tokens before it" in can_know(borrowed)
