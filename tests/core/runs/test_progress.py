"""Learners' progress is kept by owner; a link carries a copy of it and nothing else."""

from __future__ import annotations

import pytest

from core.runs.failures import StoreError
from core.runs.store import Store

MINE, YOURS = "a" * 32, "b" * 32


def test_progress_is_kept_by_owner_and_over_a_restart(store: Store) -> None:
    store.progress.keep(MINE, "one-way", {"step": "run", "guesses": {"share": 0.8}})
    store.progress.keep(MINE, "one-way", {"step": "see", "words": "中文"})
    store.progress.keep(YOURS, "one-way", {"step": "predict"})
    again = Store(store.home)
    assert again.progress.of(MINE) == {"one-way": {"step": "see", "words": "中文"}}
    assert again.progress.of(YOURS)["one-way"]["step"] == "predict"
    again.progress.forget(MINE, "one-way")
    assert again.progress.of(MINE) == {}
    assert again.progress.of(YOURS)


def test_a_link_shows_progress_until_it_is_stopped(store: Store) -> None:
    store.progress.keep(MINE, "one-way", {"step": "see"})
    token = store.progress.link(MINE)
    assert token == store.progress.link(MINE)
    assert token != MINE
    assert store.progress.behind(token) == {"one-way": {"step": "see"}}
    store.progress.unlink(MINE)
    assert store.progress.behind(token) is None
    assert store.progress.link(MINE) != token


@pytest.mark.parametrize("token", ["", "x", "../etc", "0" * 32, MINE])
def test_other_tokens_lead_nowhere(store: Store, token: str) -> None:
    store.progress.keep(MINE, "one-way", {"step": "see"})
    assert store.progress.behind(token) is None


@pytest.mark.parametrize(("lesson", "way"), [("../x", {}), ("one-way", {"a": "x" * 100_000})])
def test_what_no_lesson_would_keep_is_refused(store: Store, lesson: str, way: dict[str, str]) -> None:
    with pytest.raises(StoreError):
        store.progress.keep(MINE, lesson, way)
