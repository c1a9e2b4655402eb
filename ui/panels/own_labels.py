"""A learner's own labelled file: brought, looked at, its columns chosen and checked before anything is trained."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from core.data.contract import TextError
from core.data.labels.own import Examples, OwnClasses, OwnLabels, apart, examples, file_of, guess
from core.data.labels.tables import Table, Words, read_table, read_words
from core.data.registry import DATA
from core.fields import SpecError, read, settings_of
from core.runs.failures import StoreError
from core.text import check_text
from ui import backend, state
from ui.charts.tables import as_markdown
from ui.panels import choices
from ui.panels.naming import plain

EXAMPLE, OWN = "example file", "own file"
COLUMNS = ("text", "header", "text_column", "label_column", "token_column", "tag_column")  # asked for here
KINDS = {"own-classes": ["csv", "tsv", "txt"], "own-tags": ["conll", "conllu", "tsv", "txt", "iob", "bio"]}
SHOWN, LETTERS, CLASSES_SHOWN = 4, 70, 12
GUESSED = "Empty cells are left out. The guess is made from the cells; any column can be chosen."


def choose_labels(task: str) -> None:
    """The file, its columns, and what is in it."""
    own = bool(choices.get("data", "text")) or state.recall(f"wants {task}", False)
    which = st.segmented_control(
        "File",
        (EXAMPLE, OWN),
        default=OWN if own else EXAMPLE,
        required=True,
        key=choices.key("data", "which"),
        help="The example shows how a file should look. Your own stays on this server.",
    )
    state.remember(f"wants {task}", which == OWN)
    if which == OWN:
        _bring(task)
    elif choices.get("data", "text"):
        state.remember(f"file before {task}", choices.get("data", "text"))
        choices.change("data", "text", "")
    if which == OWN and not choices.get("data", "text"):
        st.info("Bring a file to learn from. Until then the example is used.", icon=":material/info:")
    try:
        _choose_columns(task)
        _tell(_examples(_settings(task)), choices.get("data", "test_share"))
    except (TextError, StoreError) as error:
        st.error(plain(str(error)), icon=":material/error:")
    if not choices.get("data", "text"):
        _offer_example(task)


def _settings(task: str) -> OwnLabels:
    """The data's settings as far as they are chosen; the rest at its default where they can't work yet."""
    given = {name: value for name, value in choices.current().get("data", {}).items() if name != "task"}
    try:
        settings: OwnLabels = read(DATA[task], given, "data")
    except SpecError:
        settings = read(DATA[task], {name: given[name] for name in COLUMNS if name in given}, "data")
    return settings


def _bring(task: str) -> None:
    """Upload or paste; a file that can't be read says why, and the one before it stays in use."""
    if not choices.get("data", "text") and state.recall(f"file before {task}"):
        choices.change("data", "text", state.recall(f"file before {task}"))
    up, paste = f"file {task}", f"paste {task}"
    words = "Text in UTF-8, up to 5 MB. Save a spreadsheet as CSV first."
    st.file_uploader("Upload a file", type=KINDS[task], key=up, help=words, on_change=_take, args=(task, up))
    how = "a text, its class" if task == "own-classes" else "a word, a tab, its tag"
    st.text_area(
        "Or paste its lines",
        key=paste,
        height=100,
        persist_state="session",
        placeholder=f"One line each: {how}",
        help="Press Ctrl+Enter, or click elsewhere, to use it.",
        on_change=_take,
        args=(task, paste),
    )
    if problem := state.recall(f"problem {task}"):
        kept = " Until then the file before it stays in use." if choices.get("data", "text") else ""
        st.error(plain(problem) + kept, icon=":material/error:")


def _take(task: str, key: str) -> None:
    """Keep a file that is text at all; whether its columns fit is told beside them."""
    given: Any = state.widget(key)
    state.remember(f"problem {task}", None)
    if not given:
        return
    try:
        kept = backend.store().keep_text(check_text(given if isinstance(given, str) else given.getvalue(), 1))
    except (TextError, StoreError) as error:
        state.remember(f"problem {task}", str(error))
        return
    choices.change("data", "text", kept)
    for one, _ in settings_of(DATA[task]):
        if one.name in COLUMNS[1:]:  # another file has other columns
            choices.put("data", one.name, one.default)


def _choose_columns(task: str) -> None:
    """The first rows, and which column is which."""
    settings = _settings(task)
    if isinstance(settings, OwnClasses):
        choices.ask("data", "header")
        table = _table(settings.text, choices.get("data", "header"))
        text, label = guess(table, _settings(task))  # type: ignore[arg-type]
        left, right = st.columns(2)
        with left:
            _choose("text_column", "Text", table.columns, text)
        with right:
            _choose("label_column", "Class", table.columns, label)
        rows = [tuple(_short(cell) for cell in row) for row in table.rows[:SHOWN]]
        st.markdown(as_markdown([plain(name) for name in table.columns], rows))
        st.caption(f"The first of {len(table.rows):,} rows; cells apart by a {table.dialect.name}.")
        return
    words = _words(settings.text)
    if words.width > 2:
        left, right = st.columns(2)
        with left:
            choices.ask("data", "token_column")
        with right:
            choices.ask("data", "tag_column")
    numbers = [f"column {n + 1}" for n in range(words.width)]
    some = [tuple(_short(cell) for cell in cells) for cells in words.sentences[0][: 2 * SHOWN]]
    st.markdown(as_markdown(numbers, some))
    st.caption(f"How the first of {len(words.sentences):,} sentences begins.")


def _choose(name: str, label: str, columns: tuple[str, ...], now: str) -> None:
    """One column by name; as long as nobody chooses, the guess."""
    at = columns.index(now) if now in columns else None
    chosen = st.selectbox(label, columns, index=at, key=f"{choices.key('data', name)} {now}", help=GUESSED)
    if chosen and chosen != now:
        choices.change("data", name, chosen)
        st.rerun()


def _tell(found: Examples, share: float) -> None:
    """How often each label occurs, how the sentences are split, and what was left out or repaired."""
    train, test = apart(found.labels, share)
    counts = list(found.counts.items())
    said = [f"{plain(name)} **{n:,}**" for name, n in counts[:CLASSES_SHOWN]]
    more = f" · and {len(counts) - CLASSES_SHOWN} more" if len(counts) > CLASSES_SHOWN else ""
    st.markdown(f"{len(counts)} labels: {' · '.join(said)}{more}")
    st.markdown(f"**{len(train):,}** sentences to learn from, **{len(test):,}** held out, the same ones at every run.")
    most = counts[0][1] / sum(n for _, n in counts)
    if most > 0.5:
        st.caption(f"Whoever always says “{plain(counts[0][0])}” is right in {100 * most:.0f} %: compare with that.")
    for note in found.notes:
        st.warning(plain(note), icon=":material/info:")


def _offer_example(task: str) -> None:
    name = "example.csv" if task == "own-classes" else "example.conll"
    text = file_of(DATA[task]())
    words = "To see how a file should look, or to change it and bring it back."
    st.download_button("Download the example", text, name, icon=":material/download:", on_click="ignore", help=words)


def _short(cell: str) -> str:
    return plain(cell if len(cell) <= LETTERS else cell[:LETTERS] + " …") or "·"


def _text(reference: str, task: str) -> str:
    return backend.store().read_text(reference) if reference else file_of(DATA[task]())


@lru_cache(maxsize=4)
def _table(reference: str, header: bool) -> Table:
    return read_table(_text(reference, "own-classes"), header)


@lru_cache(maxsize=4)
def _words(reference: str) -> Words:
    return read_words(_text(reference, "own-tags"))


@lru_cache(maxsize=8)
def _examples(settings: Any) -> Examples:
    return examples(file_of(settings, backend.store().read_text), settings)
