"""The learner's choices on the Build page: plain values that may not work together yet, with undo.

The draft of the app is always an experiment that works; what is kept here is what the learner said, word for word, so
that a conflict is explained without taking anything away.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from core.data.registry import DATA
from core.fields import SpecError, settings_of
from core.spec import OBJECTIVE_OF, Experiment, ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec, from_json, usual_family
from ui import backend, links, state
from ui.panels.controls import control
from ui.panels.refusals import refused
from ui.words import tr

PARTS: dict[str, type] = {"model": ModelSpec, "objective": ObjectiveSpec, "train": TrainSpec, "tune": TuneSpec}
MOST_STEPS_BACK = 30
MOST_REPAIRS = 8
Plain = dict[str, Any]


def current() -> Plain:
    """The choices as nested plain values; the same object all through one run of the page."""
    plain = state.recall("choices")
    if plain is None or state.recall("choices settled") != state.draft().to_json():
        plain = state.draft().to_json()
        _begin(plain)
    return plain


def take_link() -> str | None:
    """Adopt the experiment of a link (?experiment=…) once; words to show where it can't be used."""
    word = state.param("experiment")
    if not word or word == state.recall("link taken"):
        return _why_not(state.recall("link problem"))
    state.remember("link taken", word)
    state.remember("link problem", None)
    try:
        start(links.decode(word).to_json())
    except links.LinkError:
        state.remember("link problem", word)
    return _why_not(state.recall("link problem"))


def _why_not(word: str | None) -> str | None:
    """Why a link's experiment can't be used."""
    try:
        links.decode(word or links.encode(Experiment()))
    except links.LinkError as error:
        said = tr(error.words)
        return said if error.problem is None else tr("{sentence} {next}", sentence=said, next=refused(error.problem))
    return None


def start(plain: Plain) -> None:
    """Begin again from these choices (a preset, a link, nothing at all); what was there can be undone."""
    if state.recall("choices") is not None:
        _step_back_later(state.recall("choices"))
    _begin(deepcopy(plain))
    state.keep_draft(from_json(plain))
    state.remember("choices settled", state.draft().to_json())


def apply(works: dict[str, Any]) -> None:
    """Put values that work in the place of those that don't; all other choices stay."""
    _step_back_later(state.recall("choices"))
    for name, value in works.items():
        part, _, one = name.partition(".")
        put(part, one, value)
    _redraw()


def undo() -> None:
    back = state.recall("choices before", [])
    if back:
        state.remember("choices before", back[:-1])
        state.remember("choices", back[-1])
        _redraw()


def can_undo() -> bool:
    return bool(state.recall("choices before"))


def get(part: str, name: str) -> Any:
    """What was chosen, or the setting's default."""
    chosen = current().get(part, {})
    return chosen[name] if name in chosen else default(part, name)


def default(part: str, name: str) -> Any:
    if (part, name) == ("data", "task"):
        return "sense"
    if (part, name) == ("model", "family"):
        return usual_family(get("data", "task"))
    return next(one.default for one, _ in settings_of(_class(part)) if one.name == name)


def put(part: str, name: str, value: Any) -> None:
    """Remember one choice; a default is remembered by leaving it out."""
    chosen = current().setdefault(part, {})
    if value == default(part, name):
        chosen.pop(name, None)
    else:
        chosen[name] = value


def ask(part: str, name: str, derived: Any = None, only: tuple[Any, ...] = ()) -> Any:
    """Draw one setting's widget, remember what it says, and give it back. `only` offers some of its choices."""
    one, about = next((one, about) for one, about in settings_of(_class(part)) if one.name == name)
    about = replace(about, choices=only) if only else about
    value = control(one, about, get(part, name), key(part, name), derived)
    change(part, name, value)
    return value


def change(part: str, name: str, value: Any) -> None:
    """Remember a choice that the learner made; it can be undone."""
    if value != get(part, name):
        _step_back_later(current())
        put(part, name, value)


def key(part: str, name: str) -> str:
    """A widget's key: it changes when the choices are replaced from outside, so that the widget shows the new ones."""
    task = f".{get('data', 'task')}" if part == "data" else ""
    return f"{part}{task}.{name} {state.recall('choices round', 0)}"


def choose_task(task: str) -> None:
    """Change the data; each game and the text keep what was chosen for them."""
    plain, before = current(), get("data", "task")
    if task == before:
        return
    _step_back_later(plain)
    state.remember(f"choices of {before}", {"data": plain.get("data", {}), "objective": plain.pop("objective", {})})
    kept = deepcopy(state.recall(f"choices of {task}", {}))
    plain["data"] = {**kept.get("data", {}), "task": task}
    if kept.get("objective"):
        plain["objective"] = kept["objective"]
    if usual_family(before) != usual_family(task):  # no family can do both
        plain.get("model", {}).pop("family", None)
        _redraw()


def settle() -> tuple[Experiment, SpecError | None]:
    """The experiment that the choices make, kept as the draft; or the nearest that works and why they don't."""
    plain = current()
    try:
        experiment = _fitting(plain)
    except SpecError as problem:
        return workable(plain) or state.draft(), problem
    if not links.trusted(experiment):
        raise PermissionError("a draft may not name a file")
    state.keep_draft(experiment)
    state.remember("choices settled", experiment.to_json())
    return experiment, None


def workable(plain: Plain) -> Experiment | None:
    """The choices with every offered value put in place, until they make an experiment; None if they never do."""
    tried = deepcopy(plain)
    for _ in range(MOST_REPAIRS):
        try:
            return _fitting(tried)
        except SpecError as problem:
            for name, value in problem.works.items():
                part, _, one = name.partition(".")
                tried.setdefault(part, {})[one] = value
            if not problem.works:
                return None
    return None


def _fitting(plain: Plain) -> Experiment:
    """The experiment of these choices; SpecError where they can't work together, or not on this machine."""
    experiment = from_json(plain)
    backend.machine().check(experiment)
    return experiment


def ways_out(problem: SpecError) -> list[dict[str, Any]]:
    """What can be applied to make the choices work, the least change first."""
    found = [problem.works] if problem.works else []
    reads = {objective: direction for direction, objective in OBJECTIVE_OF.items()}
    if problem.name == "objective.name" and problem.value in reads:
        found.append({"model.direction": reads[problem.value]})
    return found


def _class(part: str) -> type:
    return DATA[get("data", "task")] if part == "data" else PARTS[part]


def _begin(plain: Plain) -> None:
    state.remember("choices", plain)
    state.remember("choices settled", state.draft().to_json())
    _redraw()


def _redraw() -> None:
    state.remember("choices round", state.recall("choices round", 0) + 1)


def _step_back_later(plain: Plain) -> None:
    back = [*state.recall("choices before", []), deepcopy(plain)]
    state.remember("choices before", back[-MOST_STEPS_BACK:])
