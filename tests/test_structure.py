"""The rules of the house, read from the source: who imports whom, how long things are, what every entry must have."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

from core.data.registry import DATA, GAMES
from core.fields import settings_of
from core.models.transformer import ACTIVATIONS
from core.parts.model import CROSSINGS, POSITIONS, SCORINGS, WRITINGS
from core.spec import (
    DIRECTIONS,
    FAMILIES,
    LATE_JOINS,
    OBJECTIVES,
    READERS,
    Experiment,
    ModelSpec,
    ObjectiveSpec,
    TrainSpec,
    TuneSpec,
)
from core.told import TOLD
from tests.core.data.tasks.outcomes import OUTCOMES
from tests.core.models.zoo import ZOO
from ui.panels import model_builder, train_builder, writer_builder

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = sorted(path for folder in ("core", "ui", "lessons") for path in (ROOT / folder).rglob("*.py"))
ALL = PRODUCT + sorted(path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
TORCH_ROOMS = ("core/models", "core/looking", "core/tuning")
TORCH_FILES = {
    f"core/{name}.py"
    for name in ("objectives", "optimiser", "training", "generation", "checkpoints", "export", "device")
} | {f"core/decoding/{name}.py" for name in ("continuing", "running", "translating")}
SPEC_NAMES = {f"core.spec.{name}" for name in ("Experiment", "from_json")}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path, top_level_only: bool = False) -> set[str]:
    """Dotted names that a file imports; with `top_level_only` just those that run when it is imported."""
    tree = tree_of(path)
    found: set[str] = set()
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", [p for p in PRODUCT if name_of(p).startswith("core/")], ids=name_of)
def test_core_stands_alone(path: Path) -> None:
    assert not roots(path) & {"streamlit", "ui", "lessons", "plotly", "pandas"}
    if not name_of(path).startswith("core/runs/") and name_of(path) not in {"core/__main__.py", "core/terminal.py"}:
        assert not {name for name in imported(path) if name.startswith("core.runs")}


@pytest.mark.parametrize("path", [p for p in PRODUCT if name_of(p).startswith("core/")], ids=name_of)
def test_torch_keeps_to_its_rooms(path: Path) -> None:
    name = name_of(path)
    if name.startswith(TORCH_ROOMS) or name in TORCH_FILES:
        return
    assert "torch" not in {one.split(".")[0] for one in imported(path, top_level_only=True)}
    if not name.startswith("core/runs/"):
        assert "torch" not in roots(path)


@pytest.mark.parametrize("path", [p for p in PRODUCT if name_of(p).startswith("ui/")], ids=name_of)
def test_pages_never_compute(path: Path) -> None:
    assert "torch" not in roots(path)
    if name_of(path).startswith("ui/charts/"):
        assert "streamlit" not in roots(path)
    if name_of(path) != "ui/state.py":
        text = path.read_text()
        assert "session_state" not in text
        assert "query_params" not in text
    assert "unsafe_allow_html" not in path.read_text()


@pytest.mark.parametrize("path", [p for p in PRODUCT if name_of(p).startswith("lessons/")], ids=name_of)
def test_lessons_know_experiments_and_nothing_of_how_they_run(path: Path) -> None:
    assert not roots(path) & {"torch", "streamlit", "ui", "plotly", "pandas"}
    assert {name for name in imported(path) if name.split(".")[0] == "core"} <= {"core.spec", *SPEC_NAMES}


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_files_stay_short(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    limit = 120 if name_of(path).startswith("ui/views/") else 60 if name_of(path) == "ui/app.py" else 350
    assert len(path.read_text().splitlines()) <= limit


def functions(path: Path) -> list[tuple[str, int]]:
    """(name, lines without the docstring) of every function in a file."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node) is not None:
                first = node.body[0]
                assert first.end_lineno is not None
                lines -= first.end_lineno - first.lineno + 1
            found.append((f"{name_of(path)}:{node.name}", lines))
    return found


def test_functions_stay_short() -> None:
    measured = [one for path in PRODUCT for one in functions(path)]
    assert [one for one in measured if one[1] > 45] == []
    assert statistics.median(lines for _, lines in measured) <= 12


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_no_pickle_and_no_eval(path: Path) -> None:
    assert not roots(path) & {"pickle", "dill", "shelve", "marshal"}
    calls = {
        node.func.id
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"eval", "exec"}


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            silent = all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
            assert not (broad and silent), f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize("name", DATA)
def test_every_data_source_tells_what_it_is(name: str) -> None:
    cls = DATA[name]
    for one, about in settings_of(cls):
        assert about.label, one.name
        assert about.help.endswith("."), one.name
    assert len(cls.story) > 40
    assert cls.title
    if name in GAMES:
        assert name in OUTCOMES  # its ceilings are tested against enumeration
        assert name in TOLD  # and what a model can know of it is said in words


def test_every_choice_of_a_model_is_explained_and_tested() -> None:
    assert set(model_builder.FAMILY_WORDS) == {*model_builder.DEEP_WORDS, "encoder-decoder"} == set(FAMILIES)
    assert set(model_builder.POSITION_WORDS) == set(POSITIONS)
    assert set(model_builder.ACTIVATION_WORDS) == {"swiglu", *ACTIVATIONS}
    assert set(model_builder.DIRECTION_WORDS) == set(DIRECTIONS)
    assert set(model_builder.JOIN_WORDS) == set(LATE_JOINS)
    assert set(writer_builder.CELL_WORDS) == set(READERS)
    assert set(writer_builder.WAY_WORDS) == set(writer_builder.READ_WORDS) == set(DIRECTIONS)
    assert set(writer_builder.WRITING_WORDS) == set(WRITINGS)
    assert set(writer_builder.CROSSING_WORDS) == set(CROSSINGS)
    assert set(writer_builder.SCORING_WORDS) == set(SCORINGS)
    assert set(train_builder.OBJECTIVE_WORDS) == set(OBJECTIVES) - {"answer"}
    tested = {(one.family, one.direction, one.join) for one in ZOO.values()}
    joins = {(direction, "deep") for direction in DIRECTIONS} | {("both", join) for join in LATE_JOINS}
    assert {one.positions for one in ZOO.values()} == set(POSITIONS)
    assert tested >= {(family, *rest) for family in READERS for rest in joins}


@pytest.mark.parametrize("part", [ModelSpec, ObjectiveSpec, TrainSpec, TuneSpec])
def test_every_setting_explains_itself(part: type) -> None:
    for one, about in settings_of(part):
        assert about.label, one.name
        assert about.help.endswith("."), one.name


def test_the_default_experiment_is_complete() -> None:
    assert Experiment().plain()["train.steps"] > 0


def test_pages_are_in_the_router() -> None:
    router = (ROOT / "ui/app.py").read_text() + (ROOT / "ui/places.py").read_text()
    for view in (ROOT / "ui/views").glob("*.py"):
        assert view.stem == "__init__" or view.stem in router


def test_requirements_are_pinned_and_explained() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text().splitlines():
            if line and not line.startswith("#"):
                assert "==" in line, line
                assert "  # " in line, line
    assert "torch==2.13.0" in (ROOT / "requirements.txt").read_text()
