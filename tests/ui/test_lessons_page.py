"""The course: nothing runs before it is predicted, what was measured stands beside it, the place left is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.store import Store
from lessons.catalogue import COURSE, LESSONS
from lessons.lesson import STAGES
from tests.ui.records import OWNER, STRANGER, Score, events
from tests.ui.test_train_page import buttons, said
from ui import backend

LESSON = LESSONS["one-way"]
GUESSES = {"share": 0.8, "more": "much"}


def page() -> None:
    from ui.views.lessons import show

    show()


def visit(owner: str = OWNER, **params: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["owner"] = owner
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def button(app: AppTest, key: str) -> Any:
    return next(one for one in app.button if one.key == key)


def ran(store: Store, accuracy: float = 0.597, status: str = "finished") -> dict[str, str]:
    """The lesson's runs as a worker would have written them."""
    ids = {}
    for name, experiment in LESSON.runs.items():
        ids[name] = store.create(experiment, owner=OWNER)
        store.append(ids[name], [one.to_json() for one in events(Score(accuracy))])
        store.set_status(ids[name], status)
    return ids


def way(store: Store) -> dict[str, Any]:
    return store.progress.of(OWNER)["one-way"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.slug)
def test_every_lesson_opens_with_its_question_and_predictions(store: Store, lesson: Any, language: str) -> None:
    for step in ("question", "predict"):
        app = visit(lesson=lesson.slug, step=step, lang=language)
        assert not app.exception
        assert "{{" not in said(app)
    assert button(app, "lock").disabled
    assert [one.key for one in app.button if one.key and one.key.startswith("step-") and not one.disabled] == [
        "step-question",
        "step-predict",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_overview_shows_every_lesson_in_both_languages(store: Store, language: str) -> None:
    app = visit(lang=language)
    assert not app.exception
    for lesson in COURSE:
        assert button(app, f"open-{lesson.slug}")
    assert ("课程" in app.title[0].value) == (language == "zh")


def test_a_prediction_is_locked_before_anything_runs(store: Store) -> None:
    app = visit(lesson="one-way", step="run")  # a step that isn't open leads back to the prediction
    assert button(app, "lock").disabled
    assert not [one for one in app.button if one.key == "train"]
    app.slider(key="ask-one-way-share").set_value(80.0).run()
    assert button(app, "lock").disabled
    app.radio(key="ask-one-way-more").set_value("much").run()
    button(app, "lock").click().run()
    assert way(store)["guesses"] == GUESSES
    assert button(app, "train")
    again = visit(lesson="one-way", step="predict")  # and can't be changed
    assert not again.slider
    assert "80" in said(again)


def test_what_was_measured_stands_beside_the_prediction(store: Store) -> None:
    store.progress.keep(OWNER, "one-way", {"guesses": GUESSES, "runs": ran(store), "step": "see"})
    app = visit(lesson="one-way")
    assert not app.exception
    text = said(app).replace("\u00a0", " ")
    assert "You predicted: **80 %**" in text
    assert "Measured: **59.7 %**" in text
    assert "A surprise" in text
    assert "The first model ended at 59.7 %" in text
    assert way(store)["found"] == {"share": 0.597, "more": "same"}
    (chart,) = app.get("echarts_chart")
    assert json.loads(chart.proto.spec)["title"]["text"] == "Right answers on unseen sentences"


def test_a_run_that_comes_out_otherwise_is_told_so(store: Store) -> None:
    store.progress.keep(OWNER, "one-way", {"guesses": GUESSES, "runs": ran(store, 0.52), "step": "see"})
    assert "Other than usual" in "".join(one.value for one in visit(lesson="one-way").info)


def test_what_was_measured_outlives_its_runs(store: Store) -> None:
    store.progress.keep(OWNER, "one-way", {"guesses": GUESSES, "runs": ran(store), "step": "see"})
    visit(lesson="one-way")
    for run in store.runs(OWNER):
        store.delete(run.id, OWNER)
    app = visit(lesson="one-way", step="see")
    assert not app.exception
    assert "59.7" in said(app)
    assert "no longer kept" in "".join(one.value for one in app.info)


def test_runs_that_did_not_finish_may_be_trained_again(store: Store) -> None:
    store.progress.keep(OWNER, "one-way", {"guesses": GUESSES, "runs": ran(store, status="stopped"), "step": "run"})
    app = visit(lesson="one-way")
    assert not app.exception
    assert "did not finish" in "".join(one.value for one in app.warning)
    assert button(app, "train")


def test_a_lesson_may_be_begun_anew(store: Store) -> None:
    store.progress.keep(OWNER, "one-way", {"guesses": GUESSES, "runs": ran(store), "step": "predict"})
    app = visit(lesson="one-way", step="predict")
    button(app, "restart").click().run()
    assert not app.exception
    assert "guesses" not in way(store)
    assert len(store.runs(OWNER)) == 2  # what was trained stays


def test_hints_come_in_steps_and_answers_are_explained(store: Store) -> None:
    store.progress.keep(OWNER, "one-way", {"guesses": GUESSES, "runs": ran(store), "step": "check"})
    app = visit(lesson="one-way")
    assert not app.info
    button(app, "hint-line").click().run()
    assert len(app.info) == 1
    button(app, "hint-line").click().run()
    button(app, "hint-line").click().run()
    assert len(app.info) == 3
    assert button(app, "hint-line").disabled
    app.radio(key="answer-one-way-cure").set_value("training").run()
    assert "it has seen thousands" in "".join(one.value for one in app.info).lower()
    app.radio(key="answer-one-way-cure").set_value("sight").run()
    assert app.success
    assert way(store)["answers"]["cure"] == ["training", "sight"]


def test_an_exercise_is_graded_by_its_run(store: Store) -> None:
    exercise = LESSON.exercises[0]
    ids = {}
    for name, changes, accuracy in (("bad", {}, 0.6), ("good", {"data.p": 0.2}, 0.9), ("other", {"data.K": 3}, 0.9)):
        ids[name] = store.create(exercise.start.with_(changes), owner=OWNER)
        store.append(ids[name], [one.to_json() for one in events(Score(accuracy))])
        store.set_status(ids[name], "finished")
    begun = {"guesses": GUESSES, "runs": ran(store), "step": "check"}
    for name, told in (("other", "kept-changed"), ("bad", "too-low"), ("good", "right")):
        store.progress.keep(OWNER, "one-way", {**begun, "exercises": {"line": {"run": ids[name], "tries": 1}}})
        app = visit(lesson="one-way")
        assert not app.exception
        assert way(store)["exercises"]["line"]["said"] == told
    assert way(store)["exercises"]["line"]["passed"]
    assert "You did not make the model better" in "".join(one.value for one in app.success)


@pytest.mark.parametrize("params", [{"lesson": "nonsense"}, {"lesson": "one-way", "step": "x"}, {"bring": "../x"}])
def test_broken_links_are_no_dead_end(store: Store, params: dict[str, str]) -> None:
    app = visit(**params)
    assert not app.exception
    assert buttons(app)


def test_progress_goes_to_another_device_by_a_link(store: Store) -> None:
    mine = {"guesses": GUESSES, "measured": {"left": 0.6, "larger": 0.6}, "found": GUESSES, "runs": {}}
    store.progress.keep(OWNER, "one-way", mine)
    token = store.progress.link(OWNER)
    app = visit(STRANGER, bring=token)
    next(one for one in app.button if one.label == "Add it to mine").click().run()
    assert store.progress.of(STRANGER)["one-way"] == mine
    assert store.progress.of(OWNER)["one-way"] == mine
    assert "Added" in "".join(one.value for one in app.success)


@pytest.mark.parametrize("show", ["glossary", "claims"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_glossary_and_claims_open(store: Store, show: str, language: str) -> None:
    app = visit(show=show, term="ceiling", lang=language)
    assert not app.exception
    assert "{{" not in said(app)
    assert app.subheader


def test_a_claim_is_judged_first_and_told_by_its_seeds(store: Store) -> None:
    from lessons.claims.docket import CLAIMS

    app = visit(show="claims")
    assert not [one for one in app.button if one.key and one.key.startswith("test-")]
    comparison = CLAIMS["taste"].comparisons[0]
    ids: dict[str, list[str]] = {"first": [], "second": []}
    for side, score in (("first", 1.0), ("second", 0.7)):
        for seed in range(3):
            run_id = store.create(getattr(comparison, side).with_({"train.seed": seed}), owner=OWNER)
            store.append(run_id, [one.to_json() for one in events(Score(score - 0.001 * seed * (side == "first")))])
            store.set_status(run_id, "finished")
            ids[side].append(run_id)
    store.progress.keep(OWNER, "claims", {"taste": {"said": "true", "product": {"runs": ids}}})
    app = visit(show="claims")
    assert not app.exception
    assert "**Product** is ahead by 29.9 points" in said(app)
    assert "We found otherwise" in said(app)


def test_the_steps_are_six(store: Store) -> None:
    app = visit(lesson="one-way")
    assert [one.key for one in app.button if one.key and one.key.startswith("step-")] == [f"step-{s}" for s in STAGES]
    assert backend.store() is store
