"""What one visitor's tab remembers. The only file that touches st.session_state and st.query_params.

Nothing here is the truth about a run: that is in the store, and a reload loses nothing but unsaved choices. Only plain
values are kept, because a hot reload of the code would make instances of old classes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any, NoReturn

import streamlit as st

from core.fields import SpecError
from core.runs.folders import RUN_ID
from core.spec import Experiment, from_json
from ui.canvas.identity import ask_identity

IDENTITY = "identity"  # the component's key
MOST_SHOWN = 8  # runs in one overlay


def identify() -> None:
    """Ask this browser for its anonymous learner id, and have it keep the language that was chosen here.

    Drawn once per page by the router, after the page.
    """
    ask_identity(owner(), recall("language", ""), kept_language(), IDENTITY)


def kept_language() -> str:
    """The language that was once chosen in this browser; "" where none was, and before the browser has answered."""
    return str((st.session_state.get(IDENTITY) or {}).get("language") or "")


def owner() -> str:
    """Who may control the runs that are started here: 32 hex digits, unguessable, kept by the browser.

    Until the browser has answered (it does so within the first moment) it is a fresh one, which a new browser keeps.
    """
    kept = (st.session_state.get(IDENTITY) or {}).get("id")
    if isinstance(kept, str) and RUN_ID.fullmatch(kept):
        st.session_state["owner"] = kept
    elif "owner" not in st.session_state:
        st.session_state["owner"] = secrets.token_hex(16)
    return str(st.session_state["owner"])


def draft() -> Experiment:
    """The experiment being built in this tab, else the defaults. Links are read by the Build page, strictly."""
    kept = st.session_state.get("draft")
    try:
        return from_json(kept) if kept else Experiment()
    except SpecError:
        return Experiment()


def keep_draft(experiment: Experiment) -> None:
    st.session_state["draft"] = json.dumps(experiment.to_json())


def shown_runs() -> tuple[str, ...]:
    """Runs named by the link (?run=a,b), each once, in order; what isn't a run's id is left out."""
    named = (one.strip() for one in st.query_params.get("run", "").split(","))
    return tuple(dict.fromkeys(one for one in named if RUN_ID.fullmatch(one)))[:MOST_SHOWN]


def show_runs(ids: Iterable[str]) -> None:
    """Put runs into the link."""
    set_param("run", ",".join(ids))


def param(name: str) -> str | None:
    return st.query_params.get(name)


def number_param(name: str, default: float, low: float, high: float) -> float:
    """A number from the link, or the default where there is none or none that fits."""
    try:
        value = float(st.query_params.get(name, ""))
    except ValueError:
        return default
    return value if low <= value <= high else default


def set_param(name: str, value: str | None) -> None:
    """Write one parameter of the link; None or "" takes it away."""
    if value:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def address() -> str:
    """Where this app is, without a page's name."""
    return (st.context.url or "").rsplit("/", 1)[0]


def leave_for(page: Any, params: dict[str, str]) -> NoReturn:
    """Go to another page with these parameters in its link."""
    st.switch_page(page, query_params=params)


def remember(name: str, value: Any) -> None:
    """Keep a plain value for as long as this tab is open."""
    st.session_state[f"kept.{name}"] = value


def recall(name: str, default: Any = None) -> Any:
    return st.session_state.get(f"kept.{name}", default)


def widget(key: str, default: Any = None) -> Any:
    """The present value of a keyed widget, for callbacks."""
    return st.session_state.get(key, default)


def choose_again(but: str) -> None:
    """Tell the browser every choice anew, because it knows choices by their words, and these have just changed.

    `but`: what the keys of widgets that stay as they are begin with.
    """
    for key, value in st.session_state.items():
        several = value if isinstance(value, list | tuple) else [value]
        plain = all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in several)
        if several and plain and not str(key).startswith(but):
            st.session_state[key] = value
