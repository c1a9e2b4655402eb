"""The list of runs: what each is and reached, finding, renaming, deleting, and only one's own."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.runs.store import Store
from tests.ui.records import OWNER, STRANGER, Score, write_run
from tests.ui.test_train_page import buttons, said


def page() -> None:
    from ui.views.runs import show

    show()


def visit() -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["owner"] = OWNER
    return app.run()


def titles(app: AppTest) -> list[str]:
    lines = [str(one.value) for one in app.markdown]
    return [line.strip("*") for line in lines if line.startswith("**") and line.endswith("**")]


def test_nobodys_list_says_what_to_do(store: Store) -> None:
    app = visit()
    assert not app.exception
    assert "Build a model" in buttons(app)


def test_own_runs_only_newest_first_with_accuracy_and_ceiling(store: Store) -> None:
    write_run(store, title="older")
    write_run(store, "both", Score(0.991), title="newer", status="stopped")
    write_run(store, owner=STRANGER, title="not mine")
    app = visit()
    assert not app.exception
    assert titles(app) == ["newer", "older"]
    text = said(app)
    assert "**99.1 %** right on held-out data · ceiling 100.0 %" in text
    assert "**59.5 %** right on held-out data · ceiling 60.0 %" in text
    assert "stopped" in text


def test_a_run_without_a_title_says_what_it_is(store: Store) -> None:
    write_run(store)
    assert titles(visit()) == ["Word senses · Transformer → left to right"]


def test_what_is_read_aloud_has_no_markup(store: Store) -> None:
    write_run(store, title="<b>Mine*")
    app = visit()
    assert [box.label for box in app.checkbox] == ["Tick this run"]
    assert [menu.proto.popover.label for menu in app.get("popover")] == ["Menu"]


def test_the_search_wants_every_word(store: Store) -> None:
    write_run(store, title="red lamp")
    write_run(store, title="red door")
    app = visit()
    app.text_input(key="runs-find").set_value("red DOOR").run()
    assert titles(app) == ["red door"]
    app.text_input(key="runs-find").set_value("lamp door").run()
    assert titles(app) == []
    assert "No run fits" in said(app)


def test_the_list_narrows_by_status(store: Store) -> None:
    write_run(store, title="one")
    write_run(store, title="two", status="failed")
    app = visit()
    app.button_group(key="runs-status").set_value(["failed"]).run()
    assert titles(app) == ["two"]


def test_a_new_title_is_kept(store: Store) -> None:
    run_id = write_run(store)
    app = visit()
    app.text_input(key=f"title-{run_id}").set_value("  my favourite ").run()
    assert store.existing(run_id).title == "my favourite"
    assert titles(app) == ["my favourite"]


def test_ticked_runs_are_deleted_after_a_question(store: Store) -> None:
    gone, kept = write_run(store, title="gone"), write_run(store, title="kept")
    app = visit()
    app.checkbox(key=f"tick-{gone}").check().run()
    next(button for button in app.button if button.label == "Delete the ticked …").click().run()
    assert store.run(gone) is not None  # asked first
    next(button for button in app.button if button.label == "Delete for good").click().run()
    assert store.run(gone) is None
    assert store.run(kept) is not None


def test_a_long_list_has_pages(store: Store) -> None:
    for number in range(16):
        write_run(store, title=f"run {number}")
    app = visit()
    assert not app.exception
    assert titles(app) == [f"run {number}" for number in range(15, 0, -1)]
