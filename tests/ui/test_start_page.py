"""The start page: the question comes before the button, and the reading tells this run's own numbers."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.store import Store
from tests.ui.records import OWNER, Score, write_run
from tests.ui.test_train_page import buttons, said
from ui.panels.race import racers


def page() -> None:
    from ui.views.start import show

    show()


def visit(**params: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["owner"] = OWNER
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def race(store: Store, one_way: Score | None, both: Score | None, **changes: object) -> str:
    first = write_run(store, "left-to-right", one_way, **changes)
    return f"{first},{write_run(store, 'both', both, **changes)}"


def train_button(app: AppTest) -> object:
    return next(button for button in app.button if button.label == "Train both models")


def test_the_button_works_only_after_a_prediction_and_no_answer_is_given_away(store: Store) -> None:
    app = visit()
    assert not app.exception
    assert train_button(app).disabled  # type: ignore[attr-defined]
    assert "ceiling" not in said(app).lower()
    assert app.button_group[0].value is None
    app.button_group[0].select(70).run()
    assert not train_button(app).disabled  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "params", [{"p": "nonsense"}, {"p": "7"}, {"seed": "-1", "p": "nan"}, {"run": "x"}, {"guess": "1e9"}]
)
def test_broken_links_lead_to_the_question(store: Store, params: dict[str, str]) -> None:
    app = visit(**params)
    assert not app.exception
    assert "80 % of all sentences" in said(app)


def test_settings_come_from_the_link(store: Store) -> None:
    assert "35 % of all sentences" in said(visit(p="0.35"))


def test_a_finished_race_is_read_out_with_its_own_numbers(store: Store) -> None:
    app = visit(run=race(store, Score(0.5955), Score(0.9985)), guess="90")
    assert not app.exception
    text = said(app)
    assert "Left to right stopped at 59.6 %. Its ceiling is 60.0 %" in text
    assert "100 steps, 2.0 s of training" in text
    assert "In 80 % of the sentences the cue comes later" in text
    assert "Both ways passed that line: 99.9 %" in text
    assert "You predicted 90 %; it was 59.6 %" in text
    assert {"Build your own", "See all their curves", "Look inside", "Predict again"} <= set(buttons(app))


def test_the_order_of_the_runs_in_the_link_does_not_matter(store: Store) -> None:
    one_way, both = race(store, Score(0.6), Score(1.0)).split(",")
    assert "Left to right stopped at 60.0 %" in said(visit(run=f"{both},{one_way}"))


def test_without_a_guess_in_the_link_nothing_is_judged(store: Store) -> None:
    assert "You predicted" not in said(visit(run=race(store, Score(0.6), Score(1.0))))


def test_a_race_that_was_stopped_before_it_measured_anything_still_shows(store: Store) -> None:
    app = visit(run=race(store, None, None, status="stopped"))
    assert not app.exception
    assert "What happened" not in "".join(str(one.value) for one in app.subheader)
    assert {"Predict again"} <= set(buttons(app))


def test_other_runs_are_no_race(store: Store) -> None:
    app = visit(run=f"{write_run(store)},{write_run(store)}")
    assert not app.exception
    assert train_button(app)


def test_the_chart_draws_what_its_title_says(store: Store) -> None:
    app = visit(run=race(store, Score(0.6), Score(1.0)))
    (chart,) = app.get("echarts_chart")
    option = json.loads(chart.proto.spec)
    assert option["title"]["text"] == "Right answers on unseen sentences"
    assert [one["name"] for one in option["series"]] == ["Left to right", "Both ways", "ceilings"]


def test_the_racers_differ_in_direction_alone() -> None:
    from core.spec import differences

    assert [name for name, _, _ in differences(*racers(0.8, 3))] == ["model.direction"]
