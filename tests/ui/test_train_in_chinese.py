"""The Start, Train and Runs pages to a learner who reads Chinese: no English is left, in whatever state runs are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.cheating import leak
from core.events import Evaluated, Marked, Sampled
from core.runs.failures import in_words
from core.runs.local import CRASHED, NOT_STARTED
from core.runs.store import Store
from core.runs.worker import HALTS
from core.spec import from_json
from tests.ui.chinese import english_left
from tests.ui.records import OWNER, STRANGER, Score, write_run
from ui import words
from ui.catalogue.entries import catalogue
from ui.charts.of_runs import Measured, accuracy_chart, gradient_chart, loss_chart, rate_chart
from ui.panels.samples import after, filled

NAMES = ("Transformer", "LSTM", "CPU", "float32", "auto")
ERRORS = (
    CRASHED.format(step=12, steps=300),
    NOT_STARTED,
    *(message.format(minutes=60) for _, message in HALTS.values() if message),
    in_words(MemoryError(), 1000),
    in_words(MemoryError()),
    in_words(OSError(28, "No space left on device")),
    "Training blew up: at step 31 the loss was no longer a number. The learning rate of 0.5 is too high for this "
    "model: try 0.003 and turn gradient clipping on (1).",
    "Training blew up: at step 7 the loss was no longer a number. The learning rate of 1 is too high for this model: "
    "try 0.003.",
)
LEAKS = (
    {"data": {"task": "text"}, "model": {"direction": "both"}, "objective": {"name": "next-word"}},
    {"data": {"task": "text"}, "model": {"direction": "both", "join": "sum"}, "objective": {"name": "next-word"}},
    {
        "data": {"task": "text"},
        "model": {"family": "lstm", "direction": "both"},
        "objective": {"name": "previous-word"},
    },
    {"data": {"task": "backwards"}, "model": {"family": "encoder-decoder", "direction": "both", "writing": "unmasked"}},
)


def page(name: str) -> None:
    from importlib import import_module

    import_module(f"ui.views.{name}").show()


def visit(name: str, owner: str = OWNER, **params: str) -> AppTest:
    app = AppTest.from_function(page, kwargs={"name": name}, default_timeout=30)
    app.session_state["owner"] = owner
    for key, value in {"lang": "zh", **params}.items():
        app.query_params[key] = value
    return app.run()


def left(app: AppTest) -> list[str]:
    assert not app.exception
    return english_left(app, *NAMES)


def test_the_question_of_the_start_page(store: Store) -> None:
    app = visit("start")
    assert left(app) == []
    assert app.title[0].value == "有些东西，只读一边是学不会的"
    app.button_group[0].select(70).run()
    assert left(app) == []


@pytest.mark.parametrize(
    ("one_way", "both", "p"),
    [(None, None, 0.8), (0.595, 0.999, 0.8), (0.52, 0.7, 0.8), (0.61, 1.0, 0.8), (0.6, 0.6, 0.8), (0.999, 1.0, 0.0)],
)
def test_a_race_and_its_reading(store: Store, one_way: float | None, both: float | None, p: float) -> None:
    scores = [score and Score(score) for score in (one_way, both)]
    pair = zip(("left-to-right", "both"), scores, strict=True)
    ids = [write_run(store, direction, score, **{"data.p": p}) for direction, score in pair]
    for guess in ("60", "70", "100", "10"):
        assert left(visit("start", run=",".join(ids), guess=guess)) == []


def test_an_empty_train_page_and_a_link_to_runs_that_are_gone(store: Store) -> None:
    assert left(visit("train")) == []
    assert left(visit("train", run="f" * 32)) == []


@pytest.mark.parametrize("status", ["queued", "running", "paused", "finished", "stopped", "failed", "crashed"])
def test_runs_in_every_state(store: Store, status: str) -> None:
    ids = [write_run(store, status=status), write_run(store, "both", None, status=status)]
    assert left(visit("train", run=",".join(ids))) == []
    assert left(visit("train", owner=STRANGER, run=ids[0])) == []
    assert left(visit("runs")) == []


@pytest.mark.parametrize("error", ERRORS)
def test_what_went_wrong_with_a_run_is_retold(store: Store, error: str) -> None:
    run_id = write_run(store, score=None)
    store.set_status(run_id, "failed", error)
    assert left(visit("train", run=run_id)) == []
    assert left(visit("runs")) == []


def test_the_numbers_what_a_model_writes_and_what_it_says_of_sentences(store: Store) -> None:
    settings = {"data": {"task": "text"}, "model": {"direction": "both"}, "objective": {"name": "next-word"}}
    run_id = store.create(from_json(settings), owner=OWNER, title="")
    point = {"loss": 0.3, "accuracy": 0.9, "n": 400}
    sentence = {"words": ["0", "1"], "places": [1], "truth": ["2"], "said": ["3"], "sure": [0.9]}
    told = [
        Evaluated(100, point, {**point, "floor": 2.12, "f1": 0.5, "macro_f1": 0.4}),
        Sampled(100, ["0"], ["1"], [0.5], ["2"]),
        Marked(100, ["2", "3"], [[1, 2], [0, 3]], [sentence]),
    ]
    store.append(run_id, [one.to_json() for one in told])
    store.set_status(run_id, "finished")
    app = visit("train", run=run_id)
    assert left(app) == []
    assert "泄漏" in app.warning[0].value


@pytest.mark.parametrize("plain", LEAKS)
def test_the_path_of_a_leak_is_told_step_by_step(plain: dict[str, object]) -> None:
    found = leak(from_json(plain))
    assert found is not None
    told = catalogue("zh").said(found.sentence)
    assert not any(word in told for word in ("word", "attention", "pass", "answer", "state", "To "))
    assert told.count("→") == found.sentence.count("→")


def test_the_list_of_runs_its_menu_and_its_search(store: Store) -> None:
    assert left(visit("runs")) == []
    write_run(store, "both", Score(0.99), title="", **{"data.p": 0.5})
    write_run(store, status="stopped")
    app = visit("runs")
    assert left(app) == []
    assert [badge for badge in ("双向", "从左到右") if badge in "".join(one.value for one in app.markdown)]
    app.text_input(key="runs-find").input("双向").run()
    assert len([one for one in app.checkbox if one.key and one.key.startswith("tick-")]) == 1
    app.checkbox[0].check().run()
    next(one for one in app.button if one.label == "删除勾选的…").click().run()
    assert left(app) == []
    assert "永久删除" in [one.label for one in app.button]


def test_charts_and_rows_of_words_are_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "language", lambda: "zh")
    point = {"step": 10, "held_out": {"loss": 0.5, "accuracy": 0.6}}
    run = Measured("A", "#000000", [10], [0.5], [0.6], [1.0], [0.1], [point], 10, ceiling=0.6, floor=0.1)
    for option in (accuracy_chart([run]), loss_chart([run]), gradient_chart([run]), rate_chart([run])):
        assert re.findall(r"[A-Za-z]{2,}", " ".join(told_by(option))) == []
    sample = {"step": 3, "written": ["a"], "probabilities": [0.5], "truth": ["b"], "given": ["[mask]"]}
    notes = [word.note for word in filled(sample)] + [after(sample)]
    assert notes == ["正确：b", "第 3 步之后"]


def told_by(option: dict[str, Any]) -> Iterator[str]:
    """The words of a chart: its title, axes, curves, limits, and what is read aloud of it."""
    yield from (option["title"]["text"], option["aria"]["label"]["description"], *option["legend"]["data"])
    yield from (option[axis]["name"] for axis in ("xAxis", "yAxis"))
    for line in option["series"]:
        yield line["name"]
        yield from (mark["label"]["formatter"] for mark in line.get("markLine", {}).get("data", []))
