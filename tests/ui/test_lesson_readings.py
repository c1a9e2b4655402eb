"""What a lesson reads off its runs stands on the page, is kept beside the predictions, and grades exercises."""

from __future__ import annotations

import pytest

from core.runs.readings import Example
from core.runs.store import Store
from lessons.catalogue import LESSONS
from tests.ui.records import OWNER, Score, events
from tests.ui.test_lessons_page import visit
from tests.ui.test_train_page import said
from ui.panels.lesson_readings import alignment, row

LESSON = LESSONS["tokens"]
GUESSES = {"chinese": 1.0, "token": "words", "text": "words"}


def ran(store: Store) -> dict[str, str]:
    """The lesson's runs as a worker would have written them: all with the same loss for each token."""
    ids = {name: store.create(one, owner=OWNER) for name, one in LESSON.runs.items()}
    for run_id in ids.values():
        store.append(run_id, [one.to_json() for one in events(Score(0.3))])
        store.set_status(run_id, "finished")
    return ids


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reading_is_shown_and_kept(store: Store, language: str) -> None:
    store.progress.keep(OWNER, "tokens", {"guesses": GUESSES, "runs": ran(store), "step": "see"})
    app = visit(lesson="tokens", lang=language)
    assert not app.exception
    kept = store.progress.of(OWNER)["tokens"]
    assert kept["measured"]["chinese"] == 3  # bytes of a Chinese character
    assert kept["measured"]["lost"] == 1
    assert kept["measured"]["characters-text"] == 0.5  # a token is a character
    assert kept["measured"]["words-text"] < 0.1
    assert kept["found"]["text"] == "characters"
    assert ("**Pieces, Chinese: tokens for each character: 3**" in said(app)) == (language == "en")


def test_words_are_marked_by_the_nearest_right_translation() -> None:
    drawn = row(Example(("piso", "camión"), ("flat", "truck", "too"), ("flat", "lorry")))
    assert drawn.label == "piso camión"
    assert [one.mark for one in drawn.words] == ["right", "wrong", "wrong"]
    tokens = row(Example((), ("the", "[unknown]")))
    assert [one.mark for one in tokens.words] == ["", "hidden"]


def test_the_square_has_a_row_for_each_written_word() -> None:
    square = alignment(Example(("a", "b"), ("x", "y", "z"), (), ((0.9, 0.1), (0.2, 0.8), (0.5, 0.5))))
    assert square.values.shape == (3, 2)
    assert len(square.rows) == 3
    assert len(square.columns) == 2
