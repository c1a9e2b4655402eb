"""Whose language a page speaks: asked once in each run, and anew when it is switched."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ui import words


def script() -> None:
    import streamlit as st

    from ui.words import language, switch, tr

    st.write(tr("Language"), tr("Runs"), language())
    switch()
    st.write(language())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    wanted = words._wanted
    monkeypatch.setattr(words, "_wanted", lambda: found.append(wanted()) or found[-1])
    return found


def test_a_run_of_a_page_asks_once(asked: list[str]) -> None:
    at = AppTest.from_function(script).run()
    assert asked == ["en"]
    at.run()
    assert asked == ["en", "en"]
    assert words.language() == "en"  # no page is being drawn
    assert len(asked) == 2


def test_a_link_and_the_switch_change_it(asked: list[str]) -> None:
    at = AppTest.from_function(script)
    at.query_params["lang"] = "zh"
    at.run()
    assert [one.value for one in at.markdown] == ["语言 运行记录 zh", "zh"]
    at.get("button_group")[0].set_value("en")
    at.run()
    assert [one.value for one in at.markdown] == ["Language Runs en", "en"]
    assert at.query_params["lang"] in ("en", ["en"])
    assert asked == ["zh", "en"]
