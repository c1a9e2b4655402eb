"""What is read off trained models: the same by the looking process and in place, and exact where it must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.data.registry import open_source
from core.picture import Picture
from core.runs.looker import Looker
from core.runs.readings import OF_PAIRS, OF_TEXT, READINGS, SHOWN, read
from core.runs.sight import Eye, open_eye
from core.spec import Experiment, from_json
from lessons.catalogue import COURSE
from tests.core.runs.conftest import Server

SMALL = {"model.size": "tiny", "train.batch": 32, "train.held_out": 64}


def translator(**changes: Any) -> Experiment:
    named = {name.replace("__", "."): value for name, value in changes.items()}
    first = from_json({"data": {"task": "backwards"}, "model": {"family": "encoder-decoder"}})
    return first.with_({**SMALL, "train.steps": 150, "train.learning_rate": 0.01, **named})


@pytest.fixture(scope="module")
def looker(server: Server) -> Iterator[Looker]:
    looker = Looker(server.store, server.starter)
    yield looker
    looker.close()


@pytest.fixture(scope="module")
def trained(server: Server) -> tuple[str, Eye]:
    experiment = translator()
    run_id = server.start(experiment)
    server.until(run_id, "finished")
    weights = server.store.snapshot(run_id, server.store.snapshots(run_id)[-1])
    return run_id, open_eye(experiment, weights, server.store.read_text)


class Through:
    """A run seen through the looking process, as a page sees it."""

    def __init__(self, looker: Looker, run: str, step: int) -> None:
        self.looker, self.run, self.step = looker, run, step

    def look(self, text: str, what: str, /) -> Picture:
        return self.looker.look(self.run, self.step, text, what)

    def translate(self, text: str, first: int, count: int, decoder: str, options: dict[str, Any], /) -> Picture:
        return self.looker.translate(self.run, self.step, text, first, count, decoder, options)


@pytest.mark.parametrize("kind", OF_PAIRS)
def test_pages_and_benchmarks_read_the_same(
    server: Server, looker: Looker, trained: tuple[str, Eye], kind: str
) -> None:
    run_id, eye = trained
    behind = Through(looker, run_id, server.store.snapshots(run_id)[-1])
    one, other = (read(kind, sees, eye.source, {"count": 12}) for sees in (behind, eye))
    assert one.value == other.value
    assert [each.written for each in one.examples] == [each.written for each in other.examples]
    assert 0 <= one.value <= 1


class Oracle:
    """Writes every sentence rightly, but the first `wrong` of them; looks at the mirror image, or straight on."""

    def __init__(self, game: Any, wrong: int = 0, straight: bool = False) -> None:
        self.game, self.wrong, self.straight, self.asked = game, wrong, straight, list[dict[str, Any]]()

    def translate(self, text: str, first: int, count: int, decoder: str, options: dict[str, Any], /) -> Picture:
        self.asked.append(options)
        held_out = self.game.held_out(100)
        row = first % 100
        words = [self.game.words[one] for one in held_out.tokens[row, : held_out.lengths[row] - 1]]
        return Picture((), {}, {}, {"written": [words[:-1] if first < self.wrong else words]})

    def look(self, text: str, what: str, /) -> Picture:
        S = len(text.split())
        square = np.eye(S) if self.straight else np.eye(S)[::-1]
        return Picture(tuple(text.split()), {"cross": square[None, None]}, {}, {})


def test_every_fault_counts_and_no_other() -> None:
    game = open_source(translator().data.settings)
    assert read("whole", Oracle(game), game, {"count": 20}).value == 1
    found = read("whole", Oracle(game, wrong=5), game, {"count": 20})
    assert found.value == 0.75
    assert len(found.examples) == SHOWN
    assert all(one.written != one.truth for one in found.examples)


def test_any_right_translation_is_right() -> None:
    game = open_source(translator(data__task="dialects").data.settings)
    found = read("whole", Oracle(game), game, {"count": 10})
    assert found.value == 1
    assert all(list(one.truth) in game.all_right(one.read) for one in found.examples)  # type: ignore[attr-defined]


def test_each_sentence_is_drawn_with_a_seed_of_its_own() -> None:
    game = open_source(translator().data.settings)
    oracle = Oracle(game)
    read("whole", oracle, game, {"count": 4, "temperature": 1.0})
    assert oracle.asked == [{"temperature": 1.0, "seed": number} for number in range(4)]


def test_a_mirror_image_is_told_from_a_straight_line() -> None:
    game = open_source(translator(data__shortest=4, data__most=4).data.settings)
    assert read("mirrored", Oracle(game), game, {"count": 9}).value == 1
    assert read("mirrored", Oracle(game, straight=True), game, {"count": 9}).value == 0


def test_bytes_keep_all_of_chinese_at_three_a_character() -> None:
    for kind, tokens, lost in (("byte", 3.0, 0.0), ("bpe", 3.0, 0.0), ("word", 1.0, 1.0)):
        source = open_source(from_json({"data": {"task": "text", "tokenizer": kind}}).data.settings)
        asked = {"sentence": "我喜欢学习"}
        assert read("fertility", Oracle(source), source, asked).value == tokens
        assert read("unknown", Oracle(source), source, asked).value == lost
    characters = open_source(from_json({"data": {"task": "text", "tokenizer": "character"}}).data.settings)
    assert read("characters", Oracle(characters), characters, {"characters": 2000}).value == 1


def test_lessons_ask_for_readings_that_there_are() -> None:
    for lesson in COURSE:
        own = [one for exercise in lesson.exercises for one in exercise.readings]
        assert all(one.kind in READINGS for one in (*lesson.readings, *own))
        assert all(one.run in lesson.runs for one in lesson.readings)
        assert set(OF_TEXT) | set(OF_PAIRS) == set(READINGS)
