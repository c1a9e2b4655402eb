"""What is known of a model before a step is trained: what it may see, what it can know, its size, cost and limits."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.data.floors import language
from core.data.registry import LABELLED, OWN
from core.describe import Description
from core.models.direction import visible, visible_in_order, visible_prefix
from core.parts.objective import OF_PAIRS
from core.runs.bounds import Bounds
from core.spec import Experiment, ModelSpec
from ui import backend
from ui.charts.mask import mask_option, passes_option
from ui.charts.tables import as_markdown
from ui.panels.amounts import amount, duration, percent, scaled, size_of
from ui.panels.code import show_code
from ui.panels.controls import readable
from ui.panels.opened import Glimpse
from ui.panels.parts_of_model import part_words
from ui.panels.writer_builder import functions_of_writer, show_writing
from ui.words import later, tr

IN_ORDER = 8  # words of a random order
MOST_WORDS = 14  # of the example sentence in a mask
MASKS = {  # as told to who can't see them
    "left-to-right": later("The left-to-right mask over an example sentence"),
    "right-to-left": later("The right-to-left mask over an example sentence"),
    "both": later("The both mask over an example sentence"),
}
ORDERS = {
    "left-to-right": later("The order in which a left-to-right LSTM reads an example sentence"),
    "right-to-left": later("The order in which a right-to-left LSTM reads an example sentence"),
    "both": later("The order in which a both LSTM reads an example sentence"),
}


def show_limits(told: Description, experiment: Experiment, words: tuple[str, ...]) -> None:
    """What this model can and can't know, and the ceilings; `words` are all that the model can tell apart."""
    st.markdown(f"#### {tr(told.can_know)}")
    if told.ceilings is None or told.ceiling is None:
        if experiment.data.task in OWN:
            said = tr("Nobody knows how often your labels can be told from your sentences, so no ceiling is drawn.")
        elif experiment.data.task == "own-pairs":
            said = tr("Nobody knows how well your sentences can be translated, so no ceiling is drawn.")
        elif experiment.data.task == "sentences":
            said = tr(LEAST_OF_SENTENCES)
        else:
            said = _of_text(experiment, words)
        st.caption(said)
        return
    names = ["left", "right", "both"]
    if told.ceilings.placed is not None:
        names.insert(2, "placed")
    if told.ceilings.first is not None:
        names = ["first", "last", "both of ends"]
    with st.container(horizontal=True):
        st.metric(tr("This model's ceiling"), percent(told.ceiling), width="content", help=tr(CEILING_HELP))
        for name in names:
            value = getattr(told.ceilings, name.partition(" ")[0])
            st.metric(tr(SIDES[name]), percent(value), width="content")


LEAST_OF_SENTENCES = later(
    "How surely a word can be guessed is known exactly: the least possible loss on these very sentences is worked out "
    "in training, over all their hidden causes, and drawn beside the loss."
)
SIDES = {  # of a game's ceilings: what is in sight
    "left": later(":blue[left only]"),
    "right": later(":red[right only]"),
    "placed": later(":red[right only, and its place]"),
    "both": later(":green[both sides]"),
    "first": later(":blue[first word]"),
    "last": later(":red[last word]"),
    "both of ends": later(":green[whole sentence]"),
}


def _of_text(experiment: Experiment, words: tuple[str, ...]) -> str:
    """No ceiling is known; but more is known exactly of the built-in text when it is read by all of its words."""
    settings = experiment.data.settings
    unknown = tr("How often plain text can be guessed is not known exactly, so no ceiling is drawn.")
    if not experiment.data.is_text:
        return unknown
    if settings.text or settings.tokenizer != "word" or experiment.model.checkpoint or language(words) is None:
        return unknown
    least = tr(
        "The least possible loss on the built-in text is: it is worked out in training, and drawn beside the loss."
    )
    return tr("{sentence} {next}", sentence=unknown, next=least)


CEILING_HELP = later(
    "The best accuracy that any training can reach, computed from the game's rules and what the model may see."
)


def show_costs(told: Description, experiment: Experiment) -> None:
    """Size, cost, memory and time."""
    with st.container(horizontal=True):
        words = tr("Numbers that are learned.")
        st.metric(tr("Parameters"), amount(told.total_parameters), width="content", help=words)
        st.metric(
            tr("FLOPs per token"),
            scaled(told.flops_per_token),
            width="content",
            help=tr("Multiplications and additions of the matrix products for one token, forward."),
        )
        st.metric(
            tr("Memory"),
            size_of(told.memory_bytes),
            width="content",
            help=tr(
                "Weights, gradients, two moments of AdamW, and an estimate of what waits for the backward pass. "
                "PyTorch itself takes some 200 MB more."
            ),
        )
        time = duration(told.expected.seconds)
        time = tr("at least {time}", time=time) if told.expected.low else tr("about {time}", time=time)
        st.metric(tr("Training time"), time, width="content", help=_time_help(told))
    st.caption(_time_from(told, experiment.train.device))
    limit = Bounds.from_environment().megabytes
    if limit is not None and told.memory_bytes > limit * 1e6:
        st.warning(
            tr(
                "A run may take {mb} MB here, so this one will probably fail. Choose a smaller size or batch.",
                mb=f"{limit:,}",
            )
        )


def _time_from(told: Description, device: str) -> str:
    """From what the time was estimated; and which of this machine's devices will compute, where they are known."""
    said = tr("Time: {reason}.", reason=tr(told.expected.reason))
    if not (taken := backend.machine().taken(device)):
        return said
    where = tr("It will train on this machine's {device}.", device=readable(taken))
    return tr("{sentence} {next}", sentence=said, next=where)


def show_parts(told: Description) -> None:
    """Parameters and FLOPs by part."""
    title, icon = tr("Parameters by part"), ":material/view_list:"
    with st.expander(title, expanded=True, key="by-part", on_change="rerun", icon=icon) as opened:
        if opened.open:
            st.markdown(parts_table(told))


def _time_help(told: Description) -> str:
    if told.expected.low:
        return tr("No run has finished here yet, so only the matrix products were timed: it will take longer.")
    return tr("From the most similar run or steps that were timed on this machine, scaled by the work there is to do.")


def parts_table(told: Description) -> str:
    """Parameters and FLOPs by part, with the sums; Markdown."""
    rows = [
        (
            part_words(part.name),
            f"{part.parameters:,}",
            f"{_share(part.parameters, told.total_parameters)}",
            scaled(part.flops),
        )
        for part in told.parts
    ]
    total = (f"**{tr('all')}**", f"**{told.total_parameters:,}**", "", f"**{scaled(told.flops_per_token)}**")
    memory = told.memory
    held = tr(
        "Memory: weights {weights}, gradients {gradients}, AdamW {moments}, waiting for the backward pass "
        "about {kept}.",
        weights=size_of(memory.weights),
        gradients=size_of(memory.gradients),
        moments=size_of(memory.optimiser),
        kept=size_of(memory.activations),
    )
    header = (tr("part"), tr("parameters"), tr("share"), tr("FLOPs per token"))
    return as_markdown(header, [*rows, total]) + f"\n\n{held}"


def _share(part: float, whole: float) -> str:
    return percent(part / whole, 0) if part else "–"


def show_sight(experiment: Experiment, seen: Glimpse, example: int) -> None:
    """The mask of a Transformer or the passes of an LSTM, over an example sentence."""
    if experiment.model.family == "encoder-decoder":
        show_writing(experiment, *seen.pair(example))
        return
    model, tokens = experiment.model, seen.tokens(example)[:MOST_WORDS]
    sees = model.family == "transformer"
    st.markdown(tr("**What each word may see**") if sees else tr("**The order of reading**"))
    if model.family == "lstm":
        option = passes_option(tokens, model.direction, model.join, model.sizes.layers)
        st.echarts_chart(option, key=f"passes {model.sizes.layers}", height=_passes_height(model), alt=_alt(model))
    elif experiment.objective_name == "prefix-lm" and experiment.objective.prefix_mask:
        prefix = len(tokens) // 2
        says = tr("A prefix of {n} words is read both ways, the rest left to right", n=prefix)
        _mask("both", tokens, model.window, visible_prefix(len(tokens), prefix), says)
    elif experiment.objective_name == "permutation-lm":
        _show_order(tokens[:IN_ORDER], example)
    elif model.late:
        left, right = st.columns(2)
        with left:
            _mask("left-to-right", tokens, model.window)
        with right:
            _mask("right-to-left", tokens, model.window)
    else:
        _mask(model.direction, tokens, model.window)


def _show_order(tokens: list[str], example: int) -> None:
    """A random order of a permutation LM: what each word may see as it is read, and as it is guessed."""
    T = len(tokens)
    order = np.random.default_rng(example).permutation(T)
    sees = visible_in_order(order[None])[0]
    said = " → ".join(tokens[t] for t in np.argsort(order))
    st.caption(tr("One random order of many: {order}.", order=said))
    left, right = st.columns(2)
    with left:
        says = tr("Words see themselves and the words before them in the order")
        _mask("both", tokens, None, sees[:T, :T], says)
    with right:
        blanks = sees[T:, :T]  # and itself, which tells it where it stands
        says = tr("Blanks, which are guessed, see the words before them, never their own")
        _mask("both", tokens, None, blanks, says)


def _mask(
    direction: str, tokens: list[str], window: int | None, mask: np.ndarray | None = None, says: str = ""
) -> None:
    """The mask of a direction, or another one whose title `says` what it shows."""
    shown = visible(direction, len(tokens), window)
    if mask is not None:
        shown = shown & mask
    option = mask_option(shown, tokens, direction, window, says)
    alt = says or tr(MASKS[direction])
    st.echarts_chart(option, key=f"mask {says or direction}", height=420, alt=alt)


def _passes_height(model: ModelSpec) -> int:
    passes = 2 if model.two_way else 1
    return 170 + 46 * (passes * model.sizes.layers + int(model.two_way))


def _alt(model: ModelSpec) -> str:
    return tr(ORDERS[model.direction])


def show_functions(experiment: Experiment) -> None:
    """The real functions behind these choices."""
    with st.expander(tr("Show the code"), key="show-code", on_change="rerun", icon=":material/code:") as opened:
        if opened.open:
            st.caption(tr("The very functions that will run, read from their files."))
            show_code(*functions_of(experiment))


FRAMED_BY = {
    "masked-word": "masked",
    "two-way-lm": "_two_way",
    "prefix-lm": "_after_prefix",
    "permutation-lm": "_in_order",
}


def functions_of(experiment: Experiment) -> list[str]:
    """Where the code of these choices is: who may see whom, the layers, the join, the loss, the game."""
    model, task = experiment.model, experiment.data.task
    if model.family == "encoder-decoder":
        return functions_of_writer(experiment)
    found = ["core/models/direction.py:visible"] if model.family == "transformer" else []
    if model.family == "transformer":
        found += ["core/models/attention.py:attend", "core/models/transformer.py:Block"]
    else:
        found += ["core/models/recurrent.py:LSTM"]
    if model.late:
        found.append("core/models/fusion.py:Join")
    found += ["core/models/heads.py:ReadOut", "core/objectives.py:answer"]
    if experiment.data.asks_words:
        found.append(f"core/data/batches.py:{FRAMED_BY.get(experiment.objective_name, 'frame')}")
        floor = ["core/data/transfer/sentences.py:Sentences", "core/data/transfer/floor.py:_filled"]
        return [*found, *(["core/data/corpora.py:TextSource"] if experiment.data.is_text else floor)]
    if task == "transfer":
        here = "core/data/transfer/questions.py:"
        return [*found, f"{here}Transfer", f"{here}_ceilings"]
    if experiment.objective_name in OF_PAIRS:
        here = "core/data/documents.py:"
        return [*found, f"{here}TwoSentences.sample", "core/data/batches.py:paired", f"{here}by_topic"]
    cls = type(experiment.data.settings).__name__
    if task in OWN:
        spans = ["core/data/labels/bio.py:decoded", "core/data/labels/bio.py:span_scores"] if cls == "OwnTags" else []
        return [*found, "core/data/labels/source.py:LabelledSource", "core/data/labels/own.py:apart", *spans]
    if task in LABELLED:
        kind = "Classified" if experiment.objective_name == "classify" else "Tagged"
        told = "causes.py:told" if kind == "Classified" else "language.py:Language.tagging"
        return [
            *found,
            f"core/data/labels/{task}.py:{cls}",
            f"core/data/labels/labelled.py:{kind}.sample",
            f"core/data/labels/{told}",
        ]
    return [*found, f"core/data/tasks/{task}.py:{cls}.sample", f"core/data/tasks/{task}.py:{cls}.ceilings"]
