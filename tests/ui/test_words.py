"""What pages say of runs: names, differences, the reading of a race, times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.events import Evaluated
from core.runs.store import Store
from core.spec import Experiment, from_json
from tests.ui.records import OWNER, Score, write_run
from ui.panels.amounts import duration, percent
from ui.panels.naming import MARKDOWN, comparison, differing, plain, short_names, summary
from ui.panels.reading import chance_error, judged, leaked, reading
from ui.panels.watched import Watched, watch

ONE_WAY = Experiment()
BOTH = ONE_WAY.with_({"model.direction": "both"})
LATE = BOTH.with_({"model.join": "sum", "data.p": 0.5})


def test_names_tell_what_is_special_about_each_run() -> None:
    assert short_names([ONE_WAY, BOTH]) == ["A · → left to right", "B · ⇄ both ways"]
    assert short_names([ONE_WAY, LATE])[0] == "A · → left to right"  # a one-way model joins nothing
    assert short_names([ONE_WAY, BOTH], ["mine", ""]) == ["A · mine", "B · ⇄ both ways"]
    assert short_names([ONE_WAY]) == ["A · → left to right"]


def test_the_comparison_has_labels_and_every_difference() -> None:
    table = comparison([ONE_WAY, BOTH, LATE], ["A", "B", "C"])
    assert "| Direction | → left to right | ⇄ both ways | ⇄ both ways |" in table
    assert "| Join | – | deep | sum |" in table
    assert "| Cue on the right | 0.8 | 0.8 | 0.5 |" in table
    assert table.count("\n") == 1 + len(differing([ONE_WAY, BOTH, LATE]))
    assert comparison([BOTH, BOTH], ["A", "B"]) == ""


def test_games_with_different_settings_compare() -> None:
    other = ONE_WAY.with_({"data.task": "negate"})
    table = comparison([ONE_WAY, other], ["A", "B"])
    assert "| Data | Word senses |" in table
    assert "| Cue on the right | 0.8 | – |" in table


def test_the_summary_names_data_model_and_what_was_changed() -> None:
    assert summary(ONE_WAY) == "Word senses · Transformer → left to right · width 64, 2 layers"
    assert summary(LATE).startswith("Word senses (cue on the right 0.5) · Transformer ⇄ both ways, joined late (sum)")
    own = ONE_WAY.with_({"data.task": "text", "data.text": f"text:{'0' * 64}"})
    assert summary(own).startswith("Plain text (own text) · ")


@given(some.text(max_size=60))
def test_plain_text_has_no_markup_left(text: str) -> None:
    safe = plain(text)
    assert "\n" not in safe
    assert MARKDOWN.sub("", safe.replace("\\", "")) == MARKDOWN.sub("", " ".join(text.split()).replace("\\", ""))
    for index, sign in enumerate(safe):
        if sign in "*_[]#|~$<>:`":
            assert safe[index - 1] == "\\"


@pytest.mark.parametrize(
    ("direction", "objective", "loss", "told"),
    [("both", "next-word", 0.3, True), ("both", "next-word", 2.1, False), ("left-to-right", "next-word", 0.3, False)],
)
def test_a_loss_below_the_least_possible_one_is_called_a_leak(
    store: Store, direction: str, objective: str, loss: float, told: bool
) -> None:
    settings = {"data": {"task": "text"}, "model": {"direction": direction}, "objective": {"name": objective}}
    run_id = store.create(from_json(settings), owner=OWNER, title="")
    point = {"loss": loss, "accuracy": 0.9, "n": 400}
    store.append(run_id, [Evaluated(100, point, {**point, "floor": 2.12}).to_json()])
    (watched,) = watch([run_id])
    words = leaked(watched)
    assert bool(words) == told
    if told:
        assert "0.30, below the least possible loss of 2.12: this is a leak, not a success" in words
        assert "word 4 → attention of layer 1" in words


def race(store: Store, one_way: Score, both: Score, p: float = 0.8) -> tuple[Watched, Watched]:
    ids = [write_run(store, "left-to-right", one_way, **{"data.p": p}), write_run(store, "both", both, **{"data.p": p})]
    first, second = watch(ids)
    return first, second


@pytest.mark.parametrize(
    ("one_way", "both", "p", "told"),
    [
        (0.595, 0.999, 0.8, ["stopped at 59.5 %. Its ceiling is 60.0 %", "passed that line: 99.9 %", "on either side"]),
        (0.52, 0.999, 0.8, ["has not come to its line yet", "passed that line"]),
        (0.60, 0.70, 0.8, ["stopped at 60.0 %", "still on its way to its own line"]),
        (0.60, 0.60, 0.8, ["Both ways is at 60.0 %", "its own ceiling is 100.0 %"]),
        (0.999, 1.0, 0.0, ["reading one way is enough"]),
        (
            0.61,
            1.0,
            0.8,
            ["A little above the line is luck", "2,000 test sentences can miss the true value by 3.3 points"],
        ),
    ],
)
def test_the_reading_says_what_was_measured(
    store: Store, one_way: float, both: float, p: float, told: list[str]
) -> None:
    text = reading(*race(store, Score(one_way), Score(both), p)).replace("\u00a0", " ")
    for words in told:
        assert words in text


@pytest.mark.parametrize(
    ("guess", "told"), [(0.6, "Spot on"), (0.7, "Close"), (1.0, "Most people expect more"), (0.1, "better than that")]
)
def test_a_prediction_is_compared_kindly(store: Store, guess: float, told: str) -> None:
    one_way, _ = race(store, Score(0.595), Score(1.0))
    assert told in judged(guess, one_way)


def test_three_standard_errors() -> None:
    assert abs(chance_error(0.6, 2000) - 3 * (0.24 / 2000) ** 0.5) < 1e-12
    assert chance_error(1.0, 2000) < 0.01


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.04, "0.1 s"), (9.94, "9.9 s"), (9.96, "10 s"), (99, "99 s"), (200, "3 min 20 s"), (9000, "2 h 30 min")],
)
def test_times_are_said_as_people_say_them(value: float, told: str) -> None:
    assert duration(value).replace("\u00a0", " ") == told
    assert percent(None) == "–"


def test_where_one_way_is_enough_the_prediction_is_told_why(store: Store) -> None:
    one_way, _ = race(store, Score(1.0), Score(1.0), p=0.0)
    assert "the cue always comes first" in judged(0.5, one_way)
