"""What a tab reads from its link and remembers: run ids by pattern, numbers in range, the draft, the learner."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

A, B = "a" * 32, "b" * 32


def page() -> None:
    import streamlit as st

    from ui import state

    st.text(repr(state.shown_runs()))
    st.text(repr(state.number_param("p", 0.8, 0, 1)))
    st.text(state.draft().model.direction)
    st.text(state.owner())


def told(**params: str) -> list[str]:
    app = AppTest.from_function(page)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return [text.value for text in app.text]


@pytest.mark.parametrize(
    ("link", "runs"),
    [
        ("", ()),
        (f"{A},{B}", (A, B)),
        (f"{B}, {A} ,{B}", (B, A)),
        (f"{A},../../{B},{B.upper()},{B}0,<b>", (A,)),
        (",".join(f"{number:032x}" for number in range(20)), tuple(f"{number:032x}" for number in range(8))),
    ],
)
def test_only_run_ids_come_from_a_link_each_once_and_not_too_many(link: str, runs: tuple[str, ...]) -> None:
    assert told(run=link)[0] == repr(runs)


@pytest.mark.parametrize(
    ("value", "number"), [("0.35", 0.35), ("0", 0.0), ("1.5", 0.8), ("-1", 0.8), ("nan", 0.8), ("x", 0.8)]
)
def test_numbers_from_a_link_are_in_range(value: str, number: float) -> None:
    assert told(p=value)[1] == repr(number)


@pytest.mark.parametrize(
    ("kept", "direction"),
    [
        ('{"model": {"direction": "both"}}', "both"),
        ('{"model": {"direction": "sideways"}}', "left-to-right"),
        ("{{{", "left-to-right"),
        (None, "left-to-right"),
    ],
)
def test_the_draft_is_kept_and_a_broken_one_gives_the_defaults(kept: str | None, direction: str) -> None:
    app = AppTest.from_function(page)
    app.session_state["draft"] = kept
    app.run()
    assert app.text[2].value == direction


def test_every_visitor_gets_an_id_of_their_own() -> None:
    first, second = told()[3], told()[3]
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


@pytest.mark.parametrize(("kept", "accepted"), [(A, True), ("x", False), (None, False), ("../" + A, False)])
def test_what_the_browser_keeps_is_checked(kept: str | None, accepted: bool) -> None:
    app = AppTest.from_function(page)
    app.session_state["identity"] = {"id": kept}
    app.run()
    assert (app.text[3].value == kept) is accepted
