"""The Fine-tune page to a learner who reads Chinese: no English is left but names, papers and the games' own words."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.races import cells, race, stop_strategy
from core.runs.store import Store
from core.tuning.registry import STRATEGIES
from tests.ui.chinese import english_drawn, english_left
from tests.ui.races import write_race
from tests.ui.records import OWNER, STRANGER, write_run
from tests.ui.test_fine_tune_page import visit
from ui import backend
from ui.panels.tune_pictures import PICTURES
from ui.panels.tune_start import TARGETS

# What stays English: papers, classes of the language, columns of the example of a file.
PAPERS = [strategy.source for strategy in STRATEGIES.values()]
NAMES = ("Kornblith et al. 2019", "pleasant unpleasant odd one out", "text label alpha person place organisation")
SCORES = {
    "full": [0.93, 0.94, 0.92],
    "lora": [0.94, 0.93, 0.93],
    "head": [0.50, 0.51, 0.49],
    "alignment": [0.9, 0.91, 0.92],
}


def left(app: AppTest) -> list[str]:
    assert not app.exception, [one.value for one in app.exception]
    said = [one for one in english_left(app, *NAMES, *PAPERS) if not one.startswith(("| text", "| 第 1 列"))]  # a file
    return said + english_drawn(app, *NAMES)


@pytest.mark.parametrize("question", TARGETS)
def test_the_choice_of_start_task_and_strategies(store: Store, question: str) -> None:
    assert left(visit(question=question, lang="zh")) == []


def test_what_can_not_be_found_or_taken(store: Store) -> None:
    translator = write_run(store, direction="left-to-right", **{"data.task": "backwards"})
    path = store.snapshot_path(translator, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    for link in ({"race": "0" * 32}, {"start": "run:" + "0" * 32}, {"start": f"run:{translator}"}):
        assert left(visit(lang="zh", **link)) == []


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("owner", [OWNER, STRANGER])
def test_a_race_under_way_and_over(store: Store, ended: bool, owner: str) -> None:
    race_id = write_race(store, SCORES, ended=ended)
    assert left(visit(owner, race=race_id, lang="zh")) == []


def test_a_race_of_which_seeds_are_missing(store: Store) -> None:
    race_id = write_race(store, {"full": [0.9, 0.9], "head": [0.5, 0.5]})
    gone = next(cell for cell in cells(store, race(store, race_id)) if cell.entry.strategy == "head")
    store.set_status(gone.id, "stopped", "")
    assert left(visit(race=race_id, lang="zh")) == []
    waits = write_race(store, {"full": [0.9, 0.9], "head": [0.5, 0.5]}, ended=False)
    stop_strategy(store, backend.runner(), waits, race(store, waits).spec.strategies[1].key, OWNER)
    assert left(visit(race=waits, lang="zh")) == []


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_of_a_result(store: Store, picture: str) -> None:
    app = visit(race=write_race(store, SCORES), lang="zh")
    shown = next((one for one in app.button_group if one.key == "tune-picture"), None)
    assert shown is not None
    app.session_state["tune-picture"] = picture
    app.session_state["tune-sure"] = True
    app.run()
    assert left(app) == []
    for chart in app.get("plotly_chart"):
        title = json.loads(chart.proto.spec)["layout"]["title"]["text"]
        assert any(letter > "\u4e00" for letter in title), title
