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


@dataclass(frozen=True)
class Place:
    """`name` is the page's module in ui/views and its path in the address."""

    name: str
    title: str
    icon: str
    help: str


PLACES = (
    Place("start", "Start", ":material/swap_horiz:", "Half a minute: two models, one line, and who can pass it"),
    Place("lessons", "Lessons", ":material/school:", "Ask, predict, run the real thing, and see, step by step"),
    Place("build", "Build", ":material/tune:", "Choose a model, its direction and what it learns"),
    Place("train", "Train", ":material/monitoring:", "Watch runs learn, side by side"),
    Place("look", "Look inside", ":material/visibility:", "What a trained model attends to and knows"),
    Place("fine_tune", "Fine-tune", ":material/model_training:", "One pretrained model, many ways to teach it a task"),
    Place("translate", "Translate", ":material/translate:", "One model reads a sentence, another writes it anew"),
    Place("runs", "Runs", ":material/list:", "Everything you have trained"),
)


def _show(name: str) -> None:
    """A page's module is imported when it is first visited: the server stays small until then."""
    import_module(f"ui.views.{name}").show()


def page(name: str) -> st.Page:
    """The page called `name`, for st.navigation, st.page_link and st.switch_page."""
    place = next(place for place in PLACES if place.name == name)
    show: Callable[[], None] = partial(_show, name)
    return st.Page(show, title=place.title, icon=place.icon, url_path=name, default=name == "start")


def go(name: str, **params: str) -> NoReturn:
    """Leave for another page, with these parameters in its link."""
    state.leave_for(page(name), params)


def link_to(name: str, **params: str) -> str:
    """The address of a page, to be sent to somebody."""
    return f"{state.address()}/{name}?{urlencode(params, safe=',')}"
