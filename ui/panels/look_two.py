"""Two at once: two runs, or two moments of one, with the same sentence; what both show, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from core.picture import Picture
from core.runs.store import Run
from ui import backend, state
from ui.canvas.matrix import show_matrix
from ui.charts.matrix import Matrix, difference
from ui.charts.tables import as_markdown
from ui.panels.amounts import percent
from ui.panels.look_attention import head_matrix
from ui.panels.look_examples import Looked
from ui.panels.look_frame import choice, look, show
from ui.panels.look_influence import influence_matrix
from ui.panels.look_lens import lens_matrix
from ui.panels.look_near import show_likeness
from ui.panels.look_run import runs_to_look_at
from ui.panels.look_saliency import moved_matrix
from ui.panels.look_through import rollout_matrix
from ui.panels.look_time import choose_moment, drawn, titled
from ui.panels.naming import plain
from ui.panels.overlay import offered
from ui.words import later, tr

OTHER = "look-time-b"  # the slider of B
CODE = ("core/picture.py:difference", "core/looking/attention.py:attention", "core/looking/influence.py:influence")


def show_two(run: Run, step: int, looked: Looked) -> None:
    """The run above is A; B is chosen here."""
    other, moment = choose_other(run)
    if moment is None:
        return
    answers = [look(one.id, at, looked.text, "lens") for one, at in ((run, step), (other, moment))]
    if answers[0] is None or answers[1] is None:
        st.caption(tr("Only a run that knows the words of this sentence can be asked about it."))
        return
    st.markdown(answers_table(answers[0], answers[1], looked))
    picture = choice(tr("Picture"), pictures_of(run, other), "look-two", tr("What is compared."))
    if picture == "likeness":
        show_likeness(run, step, looked, (other.id, moment))
        drawn(other, moment, OTHER)
        return
    draw = partial(head_of, pick_head(run)) if picture == "head" else drawn_as(picture, looked)
    a, b = draw(run, step, looked), draw(other, moment, looked)
    if a is not None and b is not None:
        side_by_side(run, step, a, other, moment, b)
    drawn(other, moment, OTHER)


def side_by_side(run: Run, step: int, a: Matrix, other: Run, moment: int, b: Matrix) -> None:
    """Both pictures in the same colours, and their difference. Pointing at a field of one shows it in the others."""
    most = max(a.most, b.most)
    for column, name, matrix, letter in zip(st.columns(2), (titled(run), titled(other)), (a, b), "AB", strict=True):
        with column:
            at = f"{step if letter == 'A' else moment:,}"
            st.markdown(tr("**{letter}** · {name}, step {step}", letter=letter, name=name, step=at))
            say = tr("Full colour: {most}.", most=f"{most:.2g}")
            show_matrix(replace(matrix, most=most, say=say), key=f"two-{letter}", link="two")
    show_difference(a, b)


def choose_other(run: Run) -> tuple[Run, int | None]:
    """B: another run or the same one, and its moment; the untrained model of the same run at first."""
    choices = {one.id: one for one in [run, *runs_to_look_at()]}
    chosen = st.selectbox(
        tr("Compare with (B)"),
        list(choices),
        format_func=lambda one: tr("The same run at another moment") if one == run.id else offered(choices[one]),
        key="look-other",
        help=tr("The run that is chosen at the top is A. B is looked at with the same sentence."),
    )
    other = choices[chosen or run.id]
    steps = backend.store().snapshots(other.id)
    if not steps:
        st.info(tr("This run has no snapshot yet."), icon=":material/hourglass:")
        return other, None
    key = f"{OTHER}-{other.id}"
    if other.id == run.id and state.recall(f"{key} now") is None:
        state.remember(f"{key} now", steps[0])
    return other, choose_moment(other, steps, OTHER)


def answers_table(a: Picture, b: Picture, looked: Looked) -> str:
    """What both say where they are asked; Markdown."""
    lines = []
    if "whole" in a.notes and "whole" in b.notes:
        lines.append([tr("the whole sentence"), likeliest(a.notes["whole"]), likeliest(b.notes["whole"])])
    for place in looked.asked[:4]:
        name = f"{plain(looked.words[place])} ({place + 1})"
        lines.append([name, *(likeliest(one.notes["prediction"][place]) for one in (a, b))])
    return as_markdown([tr("At"), tr("A says"), tr("B says")], lines) if lines else ""


def likeliest(answers: Sequence[Sequence[object]]) -> str:
    return tr(", ").join(f"{plain(str(word))} {percent(float(str(chance)), 0)}" for word, chance in answers[:2])


def pictures_of(a: Run, b: Run) -> dict[str, str]:
    """What both can show."""
    shared = {"influence": later("Who sees whom"), "lens": later("Logit lens"), "likeness": later("Likeness of layers")}
    shared |= {"leaks": later("Leak detector")}
    if {a.experiment.model.family, b.experiment.model.family} == {"transformer"}:
        return {"head": later("One head"), "rollout": later("Rollout"), **shared}
    return shared


def pick_head(run: Run) -> tuple[int, int]:
    """The head that both show."""
    sizes, late = run.experiment.model.sizes, run.experiment.model.late
    layers, heads = (sizes.layers or 1) * (2 if late else 1), sizes.heads or 1
    before = tuple(state.recall("look head", (layers - 1, 0)))
    left, right = st.columns(2)
    said, numbered = (tr("Layer"), tr("Head"), tr("Of both.")), lambda one: f"{one + 1}"
    layer = left.selectbox(
        said[0], range(layers), min(before[0], layers - 1), numbered, f"look-two-layer-{layers}-{before[0]}", said[2]
    )
    head = right.selectbox(
        said[1], range(heads), min(before[1], heads - 1), numbered, f"look-two-head-{heads}-{before[1]}", said[2]
    )
    return int(layer), int(head)


def head_of(at: tuple[int, int], run: Run, step: int, looked: Looked) -> Matrix | None:
    """One head; where a model has fewer, its last one."""
    if (seen := look(run.id, step, looked.text, "attention")) is None:
        return None
    layers, heads = seen.arrays["entropy"].shape
    return head_matrix(seen, min(at[0], layers - 1), min(at[1], heads - 1), looked.asked)


def drawn_of(what: str, draw: Callable[[Picture], Matrix], run: Run, step: int, looked: Looked) -> Matrix | None:
    """Any other picture of a run."""
    seen = look(run.id, step, looked.text, what)
    return None if seen is None else draw(seen)


def drawn_as(picture: str, looked: Looked) -> Callable[[Run, int, Looked], Matrix | None]:
    """How a picture of `pictures_of` is made."""
    made: dict[str, tuple[str, Callable[[Picture], Matrix]]] = {
        "influence": ("influence", lambda seen: influence_matrix(seen, looked.asked)),
        "leaks": ("influence", lambda seen: moved_matrix(seen, looked.asked)),
        "lens": ("lens", lambda seen: lens_matrix(seen, looked)),
        "rollout": ("rollout", lambda seen: rollout_matrix(seen, len(seen.arrays["rollout"]) - 1, looked.asked)),
    }
    return partial(drawn_of, *made[picture])


def show_difference(a: Matrix, b: Matrix) -> None:
    """A − B, field by field."""
    try:
        matrix = difference(a, b, tr("A − B: where the two differ"))
    except ValueError:
        st.caption(tr("These two have different layers or words, so they can only be looked at side by side."))
        return
    arrays = {"a": a.values, "b": b.values, "difference": matrix.values}
    show(matrix, "difference", arrays, CODE, link="two", hint=tr("Violet: more in A. Teal: more in B."))
