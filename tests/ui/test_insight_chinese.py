"""What the engine says that a model can and can't know, told in Chinese: whole sentences, for all that can be built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest

from core.data.registry import DATA
from core.data.transfer.questions import QUESTIONS
from core.fields import SpecError
from core.insight import can_know
from core.parts.model import DIRECTIONS, JOINS, READERS, WRITINGS
from core.parts.objective import OF_WHOLE, PAIRED
from core.spec import from_json
from core.text import TOKENIZERS
from ui.catalogue.entries import catalogue

SETTINGS: dict[str, list[dict[str, Any]]] = {  # where what is said follows from the settings
    "sense": [{}, {"p": 0.0}, {"p": 1.0}, {"p": 0.33}, {"p": 0.1}, {"epsilon": 0.2}, {"epsilon": 0.5}],
    "negate": [{}, {"r": 0.0}],
    "entity": [{}, {"p": 0.0}, {"p": 1.0}, {"p": 0.25}],
    "recall": [{}, {"n": 1}, {"n": 4}],
    "names": [{}, {"p": 0.0}, {"p": 1.0}],
    "topic": [{}, {"stray": 0.0}],
    "two-sentences": [{}, {"cue": 0.5}],
    "transfer": [{"question": question} for question in QUESTIONS],
    "text": [{"tokenizer": tokenizer} for tokenizer in TOKENIZERS],
}
NUMBER = re.compile(r"\d+(?:\.\d+)?")
QUOTED = re.compile(r"“[^”]*”|ALiBi")


def experiments(task: str) -> Iterator[dict[str, Any]]:
    objectives = DATA[task].objectives  # type: ignore[attr-defined]
    for settings in SETTINGS.get(task, [{}]):
        data = {"task": task, **settings}
        for objective in objectives:
            asked = {"data": data, "objective": {"name": objective}}
            models = writers() if objective in PAIRED else readers(objective in OF_WHOLE)
            yield from ({**asked, "model": model} for model in models)


def writers() -> Iterator[dict[str, Any]]:
    for reads, direction, writing in product(DIRECTIONS, DIRECTIONS, WRITINGS):
        yield {"family": "encoder-decoder", "reads": reads, "direction": direction, "writing": writing}


def readers(whole: bool) -> Iterator[dict[str, Any]]:
    """`whole`: one answer for a sentence, where it matters which word's state gives it, not how sides are joined."""
    pools = ("mean", "first", "last", "pooler") if whole else ("mean",)
    for family, direction, pool in product(READERS, DIRECTIONS, pools):
        one: dict[str, Any] = {"family": family, "direction": direction, "pool": pool}
        joins = JOINS if direction == "both" and not whole else ("deep",)
        places = ("learned", "none", "alibi") if family == "transformer" and not whole else ("learned",)
        for join, tied, positions in product(joins, (False, not whole), places):
            yield one | {"join": join, "tied": tied, "positions": positions}


@cache
def said(task: str) -> frozenset[str]:
    found = set()
    for plain in experiments(task):
        try:
            found.add(can_know(from_json(plain)))
        except SpecError:
            continue
    return frozenset(found)


@pytest.mark.parametrize("task", DATA)
def test_all_that_a_model_can_know_is_said_in_chinese(task: str) -> None:
    assert said(task)
    for english in said(task):
        chinese = catalogue("zh").said(english)
        assert re.findall(r"[A-Za-z]{2,}", QUOTED.sub("", chinese)) == [], chinese
        assert chinese.endswith("。")
        assert not re.search(r"[。，；：]{2}|[。，；：（] | [。，；：）]|\{|\}", chinese), chinese
        assert sorted(NUMBER.findall(chinese)) == sorted(NUMBER.findall(english)), chinese


def test_the_sides_are_not_mixed_up() -> None:
    """By the words that name them, in the sentences of every game."""
    for english in {one for task in DATA for one in said(task)}:
        chinese = catalogue("zh").said(english)
        assert ("从左到右" in chinese) == ("left-to-right" in english.lower()), chinese
        assert ("从右到左" in chinese) == ("right-to-left" in english.lower()), chinese
        for one, other in (
            ("only the words before it", "只读过前面的词"),
            ("only the words after it", "只读过后面的词"),
        ):
            assert (other in chinese) == (one in english), chinese


def test_a_token_of_a_checkpoint_and_a_piece_are_told_apart() -> None:
    pieces = next(one for one in said("text") if "At each piece it knows the pieces before it" in one)
    told = catalogue("zh").said(pieces)
    assert "片段" in told
    assert catalogue("zh").said(pieces.replace("piece", "token")) == told.replace("片段", "词元")
