"""The Fine-tune page: what it offers at first, what it refuses and why, and what it says of a race."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.data.registry import OWN
from core.data.transfer.questions import QUESTIONS
from core.runs.races import cells, find_race, race, race_from_json, races, stop_all
from core.runs.racing import in_python
from core.runs.store import Store
from core.spec import from_json
from core.tuning.plan import plan
from core.tuning.registry import STRATEGIES
from tests.ui.races import BASE, write_race
from tests.ui.records import OWNER, STRANGER, write_run
from tests.ui.snapshots import keep_snapshots
from ui import backend
from ui.charts.palette import OF_STRATEGY
from ui.charts.touched import FROZEN
from ui.panels.look_run import standing
from ui.panels.naming import brief, summary
from ui.panels.tune_keep import file_of
from ui.panels.tune_layers import cells_of, unrepeated
from ui.panels.tune_race import looks, running, titles
from ui.panels.tune_start import TARGETS
from ui.panels.tune_starts import opened
from ui.panels.tune_strategies import USUAL

CLOSE = {
    "full": [0.93, 0.94, 0.92],
    "lora": [0.94, 0.93, 0.93],
    "head": [0.50, 0.51, 0.49],
    "scratch": [0.6, 0.7, 0.65],
}


def page() -> None:
    from ui.views.fine_tune import show

    show()


def visit(owner: str = OWNER, **link: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["owner"] = owner
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def said(app: AppTest) -> str:
    parts = [*app.subheader, *app.markdown, *app.caption, *app.warning, *app.error, *app.info]
    return "\n".join(str(part.value) for part in parts).replace("\u00a0", " ")


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_every_strategy_has_its_colour_and_its_code_and_is_offered(store: Store) -> None:
    assert set(STRATEGIES) <= set(OF_STRATEGY)
    assert set(USUAL) <= set(STRATEGIES)
    assert all(file_of(name).startswith("core/tuning/") for name in STRATEGIES)
    offered = {box.label for box in visit().checkbox}
    assert {strategy.title for strategy in STRATEGIES.values()} <= offered


def test_the_first_click_starts_six_strategies_with_three_seeds(store: Store) -> None:
    app = visit()
    text = said(app)
    assert "6 strategies × 3 seeds = 18 runs, after 18 short runs that find the learning rates: **36 runs**" in text
    next(one for one in app.button if one.label == "Start the race").click()
    app.run()
    assert not app.exception
    (made,) = races(store, OWNER)
    assert app.query_params["race"] in (made.id, [made.id])
    assert sorted(entry.strategy for entry in made.spec.strategies) == sorted(USUAL)
    assert made.spec.base.data.settings.question == "xor"
    stop_all(store, backend.runner(), made.id, OWNER)


def test_what_can_not_race_says_why_and_can_not_be_ticked(store: Store) -> None:
    app = visit()
    box = next(one for one in app.checkbox if one.label == STRATEGIES["zero-shot"].title)
    assert box.disabled
    assert "nothing to prompt for" in said(app)
    app = visit(question="slot")
    assert not next(one for one in app.checkbox if one.label == STRATEGIES["zero-shot"].title).disabled


def test_nothing_ticked_is_no_dead_end(store: Store) -> None:
    app = visit()
    for box in app.checkbox:
        if box.value:
            box.uncheck()
    app.run()
    assert "Tick at least one strategy" in said(app)
    assert "Start the race" not in buttons(app)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"race": "0" * 32}, "can't be found"),
        ({"race": "../etc"}, "can't be found"),
        ({"start": "run:" + "0" * 32}, "isn’t there"),
        ({"start": "built-in; drop"}, ""),
        ({"question": "nonsense"}, "At most 97.2 % can be right"),
    ],
)
def test_links_that_lead_nowhere_say_so(store: Store, link: dict[str, str], words: str) -> None:
    assert words in said(visit(**link))


def test_an_encoder_decoder_is_no_start(store: Store) -> None:
    translator = write_run(store, direction="left-to-right", **{"data.task": "backwards"})
    path = store.snapshot_path(translator, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    app = visit(start=f"run:{translator}")
    assert "encoder–decoder" in said(app)
    assert "Start the race" not in buttons(app)


@pytest.mark.parametrize("direction", ["both", "left-to-right"])
def test_an_own_finished_run_is_a_start(store: Store, direction: str) -> None:
    asked = "masked-word" if direction == "both" else "next-word"
    run_id = write_run(store, direction, **{"data.task": "sentences", "objective.name": asked, "model.size": "tiny"})
    keep_snapshots(store, run_id, (100,))
    app = visit(start=f"run:{run_id}")
    assert "Start the race" in buttons(app), said(app)
    assert ("guessed the next word" in said(app)) == (direction == "left-to-right")
    app = visit(start=f"run:{run_id}", question="slot")
    box = next(one for one in app.checkbox if one.label == STRATEGIES["zero-shot"].title)
    assert box.disabled == (direction == "left-to-right")  # it never learned to fill a blank


def test_seeds_that_are_missing_are_told(store: Store) -> None:
    race_id = write_race(store, {"full": [0.9, 0.9], "head": [0.5, 0.5]})
    gone = next(cell for cell in cells(store, race(store, race_id)) if cell.entry.strategy == "head")
    store.set_status(gone.id, "failed", "It ran out of memory.")
    assert "Head only: 1 of 2 seeds came to an end. It ran out of memory." in said(visit(race=race_id))


def test_a_target_with_one_class_is_refused_before_anything_runs(store: Store) -> None:
    app = visit(question="own-classes")
    next(one for one in app.get("button_group") if one.label == "File").set_value("own file")
    app.run()
    one_class = "text,class\n" + "".join(f"the lovely sailor number {n},good\n" for n in range(20))
    app.file_uploader(key="file own-classes").upload("one.csv", one_class.encode())
    app.run()
    assert not app.exception
    assert "with one class there is nothing to tell apart" in said(app)
    assert "Start the race" not in buttons(app)


def test_a_setting_that_does_not_fit_is_repaired_by_one_click(store: Store) -> None:
    app = visit()
    for box in app.checkbox:
        if box.value:
            box.uncheck()
    next(one for one in app.checkbox if one.label == STRATEGIES["top"].title).check()
    app.run()
    next(one for one in app.number_input if one.label == "Layers" or "Layers" in one.label).set_value(9)
    app.run()
    assert "3 layers" in said(app)
    assert "Start the race" not in buttons(app)
    next(one for one in app.button if one.label == "Repair").click()
    app.run()
    assert not app.exception
    assert "Start the race" in buttons(app)


def test_the_verdict_says_who_leads_who_is_behind_and_what_nobody_can_tell(store: Store) -> None:
    text = said(visit(race=write_race(store, CLOSE)))
    assert "**LoRA** has the best mean score: **93.3 ±" in text
    assert "Clearly behind it: Head only (by 43.3 points)" in text
    assert "**Not distinguishable from LoRA with these 3 seeds**: Full (0.3 points" in text
    assert "pretraining loss was 1.70 nats before" in text
    assert "| Full | 93.0 ± 2.5 % | 93.0 · 94.0 · 92.0 | 91.0 ± 2.5 % | 1.80 ± 0.00 |" in text


def test_one_seed_gives_no_verdict(store: Store) -> None:
    text = said(visit(race=write_race(store, {"full": [0.9], "head": [0.5]})))
    assert "No verdict on Head only" in text
    assert "Clearly" not in text


def test_all_pictures_of_a_race_can_be_drawn(store: Store) -> None:
    race_id = write_race(store, {"full": [0.9, 0.91], "alignment": [0.92, 0.93]})
    app = visit(race=race_id)
    pills = next(one for one in app.get("button_group") if one.label == "Picture")
    assert len(pills.options) >= 5
    for name in ("cost", "forgetting", "flow", "moved", "cka"):
        next(one for one in app.get("button_group") if one.label == "Picture").set_value(name)
        app.run()
        assert not app.exception, name
        assert len(app.get("plotly_chart")) == (3 if name == "flow" else 2)


def test_only_the_owner_has_controls(store: Store) -> None:
    race_id = write_race(store, {"full": [0.9, 0.9]}, ended=False)
    assert {"Stop all", "Stop this one"} <= set(buttons(visit(race=race_id)))
    others = visit(STRANGER, race=race_id)
    assert not {"Stop all", "Stop this one"} & set(buttons(others))
    assert "View only" in said(others)
    backend.runner()
    mine = visit(race=race_id)
    next(one for one in mine.button if one.label == "Stop all").click()
    mine.run()
    assert not mine.exception
    found = find_race(store, race_id)
    assert found is not None
    assert not found.under_way


def test_a_race_is_deleted_with_all_its_runs_when_that_is_confirmed(store: Store) -> None:
    race_id = write_race(store, {"full": [0.9, 0.9]})
    app = visit(race=race_id)
    next(one for one in app.button if one.label == "Delete …").click()
    app.run()
    next(one for one in app.button if one.label == "Delete for good").click()
    app.run()
    assert not app.exception
    assert find_race(store, race_id) is None
    assert store.cells(race_id) == {}
    assert "Start the race" in buttons(app)


def test_a_race_can_be_taken_along(store: Store) -> None:
    race_id = write_race(store, CLOSE)
    labels = [one.label for one in visit(race=race_id).get("download_button")]
    assert {"Runs (CSV)", "Steps (CSV)", "Script (Python)", "Race (JSON)"} <= set(labels)
    now = running(race_id)
    assert now is not None
    lines = [line for line in in_python(now.race).split('"""') if line.strip().startswith("{")]
    assert race_from_json(lines[0]) == now.race.spec


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_picture_of_layers_counts_what_learns(store: Store, name: str) -> None:
    start = opened("built-in")
    assert not isinstance(start, str)
    of = plan(from_json({**BASE, "tune": {"strategy": name}}), len(start.words), 2, start.past)
    cells = cells_of(of, of.phases)
    ever = sum(max(cell.learns for cell in line) + max(cell.added for cell in line) for line in cells)
    assert ever == of.learning
    assert all(cell.kind == FROZEN or cell.short for line in cells for cell in line)
    shown, rounds = unrepeated(of.phases)
    assert shown * rounds == of.phases


def test_a_strategy_that_races_twice_is_named_by_its_settings() -> None:
    plain = {"base": BASE, "strategies": ["full", {"strategy": "lora", "rank": 2}, {"strategy": "lora", "rank": 8}]}
    entries = race_from_json(plain).strategies
    assert list(titles(entries).values()) == ["Full", "LoRA (rank 2)", "LoRA (rank 8)"]
    (_, full), (red, one), (same, other) = looks(entries).values()
    assert red == same
    assert len({full, one, other}) == 2  # full and the first LoRA wear their own sign, a circle
    assert other == "star"


def test_a_strategy_can_race_again_with_other_settings_but_not_with_the_same(store: Store) -> None:
    app = visit()
    next(one for one in app.button if one.key == "tune-again-lora").click()
    app.run()
    assert "**LoRA**: It is named twice with the same settings" in said(app)
    app.number_input(key="tune-lora 2-rank-0").set_value(8)
    app.run()
    assert not app.exception
    assert "7 strategies × 3 seeds = 21 runs" in said(app)
    next(one for one in app.button if one.key == "tune-out-lora").click()
    app.run()
    assert "6 strategies × 3 seeds = 18 runs" in said(app)


def test_targets_are_the_questions_and_one_s_own(store: Store) -> None:
    assert set(TARGETS) == {*QUESTIONS, *OWN}


def test_a_fine_tuned_run_is_named_by_its_strategy_and_begins_as_it_was_pretrained(store: Store) -> None:
    now = running(write_race(store, {"lora": [0.9], "scratch": [0.6]}))
    assert now is not None
    tuned, fresh = (cell.run for cell in now.cells)
    assert tuned is not None
    assert fresh is not None
    assert "LoRA" in brief(tuned.experiment)
    assert "fine-tuned: LoRA" in summary(tuned.experiment)
    assert "as it was pretrained" in standing(tuned, 0)
    assert "drawn at random" in standing(fresh, 0)
