"""Start from weights that others trained: offered on this server, downloaded before, or fetched from the hub."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.data.contract import TextError
from core.hub import CheckpointError
from core.loading import about_checkpoint, starting, vocabulary_of
from core.models.counts import FLOAT, count
from core.runs.bounds import Bounds
from core.runs.failures import StoreError
from core.runs.variables import most_model_mb
from core.shelf import downloaded, find, is_here, offered
from core.spec import Experiment
from ui import backend, state
from ui.panels import choices
from ui.panels.controls import explain
from ui.panels.launch import launch
from ui.panels.naming import plain, title_of
from ui.panels.polling import polled
from ui.places import go
from ui.words import later, tr

FRESH, CHECKPOINT = later("fresh weights"), later("a checkpoint")
ARCHITECTURES = {"bert": "BERT", "distilbert": "DistilBERT", "roberta": "RoBERTa", "gpt2": "GPT-2"}
TIMES = 8  # weights, gradients, AdamW's two moments, and as much again while they are copied and kept (measured)
WAIT = 0.5  # seconds between two looks at a download
KEPT_SETTINGS = ("text", "length")  # of the data, when the weights change


def choose_start() -> bool:
    """Draw the choice; True where a checkpoint brings the whole model, so that nothing more is asked about it."""
    name = choices.get("model", "checkpoint")
    which = st.segmented_control(
        tr("Start from"),
        (FRESH, CHECKPOINT),
        default=CHECKPOINT if name or state.recall("wants checkpoint", False) else FRESH,
        required=True,
        key=choices.key("model", "start"),
        format_func=tr,
        help=tr(
            "Fresh weights are drawn at random. A checkpoint has been trained by others, often on billions of words."
        ),
    )
    state.remember("wants checkpoint", which == CHECKPOINT)
    if which == FRESH:
        if name:
            _leave()
        return False
    _choose_checkpoint(name)
    if name:
        _tell(name)
    return bool(name)


def _choose_checkpoint(name: str) -> None:
    """Those that are here, in a list; others by their name on the hub."""
    here = [*offered(), *downloaded()]
    if here:
        chosen = st.selectbox(
            tr("Checkpoint"),
            here,
            index=here.index(name) if name in here else None,
            format_func=title_of,
            placeholder=tr("Choose one that is here"),
            key=choices.key("model", "checkpoint"),
            help=tr("BERT, DistilBERT, RoBERTa and GPT-2 models that are on this machine already."),
        )
        if chosen and chosen != name:
            _take(chosen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            tr("Or its name on the hub"),
            value="" if is_here(name) else name,
            key=choices.key("model", "hub name"),
            placeholder=tr("organisation/model"),
            help=tr(
                "Up to {mb} MB, safetensors only. The hub is asked when you press Fetch.", mb=f"{most_model_mb():,.0f}"
            ),
        ).strip()
        words = tr("Downloads it to this server.")
        if st.button(tr("Fetch"), icon=":material/download:", disabled=not wanted, help=words):
            _fetch(wanted)
    if following := state.recall("checkpoint under way"):
        polled(partial(_follow, following), WAIT)
    if problem := state.recall("checkpoint problem"):
        st.error(plain(tr(problem)), icon=":material/error:")


def _fetch(name: str) -> None:
    """Use it at once where it is here, else begin to download it."""
    state.remember("checkpoint problem", None)
    try:
        backend.downloads().begin(name)
    except CheckpointError as error:
        state.remember("checkpoint problem", str(error))
        return
    state.remember("checkpoint under way", name)


def _follow(name: str) -> float | None:
    """How far the download is; at its end the checkpoint is taken, or the problem told."""
    one = backend.downloads().of(name)
    if one is not None and not one.done:
        said = tr("Fetching {name}: {mb}", name=plain(name), mb=f"{one.share * one.size / 1e6:,.0f}")
        if one.size:
            said = tr("{sentence} of {size} MB", sentence=said, size=f"{one.size / 1e6:,.0f}")
        st.progress(one.share, said)
        return WAIT
    state.remember("checkpoint under way", None)
    if one is not None and one.problem:
        state.remember("checkpoint problem", one.problem)
    elif one is not None:
        _take(name)
    return None


def _take(name: str) -> None:
    """Put the checkpoint's model, and gentle training, in the place of what was chosen; Undo takes it back."""
    state.remember("checkpoint problem", None)
    try:
        begin = starting(find(name), name)
    except CheckpointError as error:
        state.remember("checkpoint problem", str(error))
        return
    data = choices.current().get("data", {}) if choices.get("data", "task") == "text" else {}
    kept = {one: data[one] for one in KEPT_SETTINGS if one in data}
    longest = begin["model"]["places"]
    begin["data"] = {**begin["data"], **kept}
    begin["data"]["length"] = min(begin["data"]["length"], longest)
    choices.start(begin)
    st.rerun()


def _leave() -> None:
    """Fresh weights again: a model of our own that reads the same way."""
    data = choices.current().get("data", {})
    direction = choices.get("model", "direction")
    choices.start({"data": dict(data), "model": {"direction": direction}})
    st.rerun()


def _tell(name: str) -> None:
    """What it is, in a line; or that it isn't here."""
    try:
        facts = about_checkpoint(find(name))
    except CheckpointError as error:
        st.warning(plain(tr(str(error))), icon=":material/download:")
        return
    sizes = (tr("{n} layers", n=facts["layers"]), tr("width {n}", n=facts["width"]), tr("{n} heads", n=facts["heads"]))
    explain(
        tr(
            "**{name}** · {sizes} · {parameters} parameters · {tokens} tokens. It brings its own tokenizer, and its "
            "sizes are fixed.",
            name=ARCHITECTURES[facts["architecture"]],
            sizes=" · ".join(sizes),
            parameters=f"{facts['parameters']:,}",
            tokens=f"{facts['vocabulary']:,}",
        )
    )


def offer_look(experiment: Experiment, blocked: bool) -> None:
    """A checkpoint's way in without training: as it came. Nothing for fresh weights, which know nothing yet."""
    if not experiment.model.checkpoint:
        return
    words = tr("No step of training: fill blanks or see what it expects next, its attention, its states.")
    if st.button(tr("Only look inside"), icon=":material/visibility:", disabled=blocked, help=words):
        try:
            (run,) = launch([experiment.with_({"train.steps": 0})])
        except (StoreError, TextError) as error:
            st.error(plain(tr(str(error))), icon=":material/error:")
            return
        go("look", run=run)
    most = Bounds.from_environment().megabytes
    needed = about_needed(experiment)
    if most and needed > most:
        st.caption(
            tr(
                "Training it takes about {needed} MB, and a run may use {most} MB here: it may be given up with a "
                "message. Whoever runs this server can raise BOTHWAYS_MEMORY_MB.",
                needed=f"{needed:,.0f}",
                most=f"{most:,}",
            )
        )


def about_needed(experiment: Experiment) -> float:
    """Megabytes that training takes, without what waits for the backward pass (see TIMES)."""
    words = vocabulary_of(find(experiment.model.checkpoint))
    parts = count(experiment, words, words)
    return TIMES * FLOAT * sum(part.parameters for part in parts) / 1e6
