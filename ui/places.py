"""The table of pages, and going from one to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from ui import state
from ui.words import later, tr


@dataclass(frozen=True)
class Place:
    """`name` is the page's module in ui/views and its path in the address."""

    name: str
    title: str
    icon: str


PLACES = (
    Place("start", later("Start"), ":material/swap_horiz:"),
    Place("lessons", later("Lessons"), ":material/school:"),
    Place("build", later("Build"), ":material/tune:"),
    Place("train", later("Train"), ":material/monitoring:"),
    Place("look", later("Look inside"), ":material/visibility:"),
    Place("fine_tune", later("Fine-tune"), ":material/model_training:"),
    Place("translate", later("Translate"), ":material/translate:"),
    Place("runs", later("Runs"), ":material/list:"),
)


def _show(name: str) -> None:
    """A page's module is imported when it is first visited: the server stays small until then."""
    import_module(f"ui.views.{name}").show()


def page(name: str) -> st.Page:
    """The page called `name`, for st.navigation, st.page_link and st.switch_page."""
    place = next(place for place in PLACES if place.name == name)
    show: Callable[[], None] = partial(_show, name)
    return st.Page(show, title=tr(place.title), icon=place.icon, url_path=name, default=name == "start")


def go(name: str, **params: str) -> NoReturn:
    """Leave for another page, with these parameters in its link."""
    state.leave_for(page(name), params)


def link_to(name: str, **params: str) -> str:
    """The address of a page, to be sent to somebody."""
    return f"{state.address()}/{name}?{urlencode(params, safe=',')}"
