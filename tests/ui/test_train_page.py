"""The Train page with runs in the store: what it says, who may steer, and what it does with links that lead nowhere."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.data.contract import TextError
from core.runs.failures import StoreError
from core.runs.store import Store
from tests.ui.records import OWNER, STRANGER, Score, write_run
from ui.panels.naming import plain


def page() -> None:
    from ui.views.train import show

    show()


def visit(runs: str = "", owner: str = OWNER) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["owner"] = owner
    if runs:
        app.query_params["run"] = runs
    return app.run()


def said(app: AppTest) -> str:
    """Everything that the page says, with plain spaces."""
    parts = [*app.markdown, *app.caption, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts).replace("\u00a0", " ")


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_an_empty_page_offers_the_ways_in(store: Store) -> None:
    app = visit()
    assert not app.exception
    assert {"Train your draft", "Build a model"} <= set(buttons(app))


def test_two_runs_are_laid_over_one_another_and_their_differences_named(store: Store) -> None:
    ids = [write_run(store), write_run(store, "both", Score(0.998))]
    app = visit(",".join(ids))
    assert not app.exception
    text = said(app)
    assert "**59.5 %** right on held-out data · ceiling 60.0 %" in text
    assert "**99.8 %** right on held-out data · ceiling 100.0 %" in text
    assert "| Direction | → left to right | ⇄ both ways |" in text
    assert "100 steps in 2.0 s" in text


def test_the_same_experiment_twice_is_said_to_be_the_same(store: Store) -> None:
    app = visit(f"{write_run(store)},{write_run(store)}")
    assert "the same experiment" in said(app)


@pytest.mark.parametrize(("factors", "words"), [((0.1,), "× 0.1"), ((0.1, 1.0), "× 1 again")])
def test_a_learning_rate_that_was_changed_by_hand_is_a_difference(
    store: Store, factors: tuple[float, ...], words: str
) -> None:
    ids = [write_run(store, status="stopped"), write_run(store)]
    for factor in factors:
        store.signal(ids[0], "learning-rate", factor, owner=OWNER)
    text = said(visit(",".join(ids)))
    assert f"| Learning rate, changed by hand | {words} | – |" in text
    assert "the same numbers" not in text


@pytest.mark.parametrize(("error", "crashes"), [(TextError, False), (StoreError, False), (ValueError, True)])
def test_a_refused_draft_is_said_in_words_and_a_bug_is_not_hidden(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: type[Exception], crashes: bool
) -> None:
    def refuse(_: object) -> None:
        raise error("It was refused.")

    monkeypatch.setattr("ui.panels.overlay.launch", refuse)
    app = visit(write_run(store))
    app.button(key="train-draft").click()
    app.run()
    assert bool(app.exception) == crashes
    assert [one.value for one in app.error] == ([] if crashes else ["It was refused."])


@pytest.mark.parametrize("runs", ["0" * 32, "../../etc/passwd", "<script>", "a,b,,", "0" * 32 + ",zz"])
def test_a_link_to_nothing_is_said_in_words(store: Store, runs: str) -> None:
    app = visit(runs)
    assert not app.exception
    assert "Train your draft" in buttons(app)


def test_a_missing_run_beside_a_known_one(store: Store) -> None:
    app = visit(f"{write_run(store)},{'0' * 32}")
    assert "1 of the runs in this link can't be found" in said(app)
    assert "59.5 %" in said(app)


def test_only_the_owner_steers(store: Store) -> None:
    run_id = write_run(store, status="stopped")
    assert "Start again" in buttons(visit(run_id))
    stranger = visit(run_id, STRANGER)
    assert "Start again" not in buttons(stranger)
    assert "View only" in said(stranger)


def test_a_crashed_run_tells_what_is_safe_and_offers_to_go_on(store: Store) -> None:
    run_id = write_run(store, status="crashed")
    app = visit(run_id)
    assert "ended unexpectedly at step 100 of 100" in said(app)
    assert "Start again" in buttons(app)  # nothing was kept to resume from


def test_a_failed_run_tells_why_without_markup(store: Store) -> None:
    run_id = write_run(store)
    store.set_status(run_id, "failed", "The loss <b>exploded</b> at *step* 7.")
    text = said(visit(run_id))
    assert r"\<b\>exploded\</b\>" in text
    assert r"\*step\*" in text


@pytest.mark.parametrize("title", ["# big", "![x](http://x/y.png)", "$\\LaTeX$", ":red[hot]", "a | b", "<style>"])
def test_a_title_is_never_markup(store: Store, title: str) -> None:
    ids = [write_run(store, title=title), write_run(store, "both")]
    text = said(visit(",".join(ids)))
    assert plain(title) in text
    assert title not in text.replace(plain(title), "")


def test_the_curves_follow_the_learners_taste(store: Store) -> None:
    app = visit(write_run(store))
    app.slider(key="curves-smoothing").set_value(0.0)
    app.toggle(key="curves-log").set_value(True)
    app.run()
    assert not app.exception
