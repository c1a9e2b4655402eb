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
from ui.words import later, tr

EXAMPLE, OWN = later("example file"), later("own file")
COLUMNS = ("text", "header", "text_column", "label_column", "token_column", "tag_column")  # asked for here
SIGNS = (later("comma"), later("semicolon"), later("tab"))  # between cells
KINDS = {"own-classes": ["csv", "tsv", "txt"], "own-tags": ["conll", "conllu", "tsv", "txt", "iob", "bio"]}
SHOWN, LETTERS, CLASSES_SHOWN = 4, 70, 12
GUESSED = later("Empty cells are left out. The guess is made from the cells; any column can be chosen.")


def choose_labels(task: str) -> None:
    """The file, its columns, and what is in it."""
    own = bool(choices.get("data", "text")) or state.recall(f"wants {task}", False)
    which = st.segmented_control(
        tr("File"),
        (EXAMPLE, OWN),
        default=OWN if own else EXAMPLE,
        required=True,
        key=choices.key("data", "which"),
        format_func=tr,
        help=tr("The example shows how a file should look. Your own stays on this server."),
    )
    state.remember(f"wants {task}", which == OWN)
    if which == OWN:
        _bring(task)
    elif choices.get("data", "text"):
        state.remember(f"file before {task}", choices.get("data", "text"))
        choices.change("data", "text", "")
    if which == OWN and not choices.get("data", "text"):
        st.info(tr("Bring a file to learn from. Until then the example is used."), icon=":material/info:")
    try:
        _choose_columns(task)
        _tell(_examples(_settings(task)), choices.get("data", "test_share"))
    except (TextError, StoreError) as error:
        st.error(plain(tr(str(error))), icon=":material/error:")
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
    words = tr("Text in UTF-8, up to 5 MB. Save a spreadsheet as CSV first.")
    st.file_uploader(tr("Upload a file"), type=KINDS[task], key=up, help=words, on_change=_take, args=(task, up))
    st.text_area(
        tr("Or paste its lines"),
        key=paste,
        height=100,
        persist_state="session",
        placeholder=tr("One line each: a text, its class")
        if task == "own-classes"
        else tr("One line each: a word, a tab, its tag"),
        help=tr("Press Ctrl+Enter, or click elsewhere, to use it."),
        on_change=_take,
        args=(task, paste),
    )
    if problem := state.recall(f"problem {task}"):
        said = plain(tr(problem))
        if choices.get("data", "text"):
            said = tr("{sentence} {next}", sentence=said, next=tr("Until then the file before it stays in use."))
        st.error(said, icon=":material/error:")


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
            _choose("text_column", tr("Text"), table.columns, text)
        with right:
            _choose("label_column", tr("Class"), table.columns, label)
        rows = [tuple(_short(cell) for cell in row) for row in table.rows[:SHOWN]]
        st.markdown(as_markdown([plain(name) for name in table.columns], rows))
        n, sign = f"{len(table.rows):,}", tr(table.dialect.name)
        st.caption(tr("The first of {n} rows; cells apart by a {sign}.", n=n, sign=sign))
        return
    words = _words(settings.text)
    if words.width > 2:
        left, right = st.columns(2)
        with left:
            choices.ask("data", "token_column")
        with right:
            choices.ask("data", "tag_column")
    numbers = [tr("column {n}", n=n + 1) for n in range(words.width)]
    some = [tuple(_short(cell) for cell in cells) for cells in words.sentences[0][: 2 * SHOWN]]
    st.markdown(as_markdown(numbers, some))
    st.caption(tr("How the first of {n} sentences begins.", n=f"{len(words.sentences):,}"))


def _choose(name: str, label: str, columns: tuple[str, ...], now: str) -> None:
    """One column by name; as long as nobody chooses, the guess."""
    at = columns.index(now) if now in columns else None
    chosen = st.selectbox(label, columns, index=at, key=f"{choices.key('data', name)} {now}", help=tr(GUESSED))
    if chosen and chosen != now:
        choices.change("data", name, chosen)
        st.rerun()


def _tell(found: Examples, share: float) -> None:
    """How often each label occurs, how the sentences are split, and what was left out or repaired."""
    train, test = apart(found.labels, share)
    counts = list(found.counts.items())
    said = [f"{plain(name)} **{n:,}**" for name, n in counts[:CLASSES_SHOWN]]
    said += [tr("and {n} more", n=len(counts) - CLASSES_SHOWN)] if len(counts) > CLASSES_SHOWN else []
    st.markdown(tr("{n} labels: {labels}", n=len(counts), labels=" · ".join(said)))
    st.markdown(
        tr(
            "**{train}** sentences to learn from, **{test}** held out, the same ones at every run.",
            train=f"{len(train):,}",
            test=f"{len(test):,}",
        )
    )
    most = counts[0][1] / sum(n for _, n in counts)
    if most > 0.5:
        label, share = plain(counts[0][0]), f"{100 * most:.0f}"
        st.caption(
            tr("Whoever always says “{label}” is right in {share} %: compare with that.", label=label, share=share)
        )
    for note in found.notes:
        st.warning(plain(tr(note)), icon=":material/info:")


def _offer_example(task: str) -> None:
    name = "example.csv" if task == "own-classes" else "example.conll"
    text = file_of(DATA[task]())
    words, label = tr("To see how a file should look, or to change it and bring it back."), tr("Download the example")
    st.download_button(label, text, name, icon=":material/download:", on_click="ignore", help=words)


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
