"""The Build page: every choice works or explains itself, nothing that was chosen is lost, links are read strictly."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.limits import ceiling_of
from core.spec import DIRECTIONS, LATE_JOINS, OBJECTIVE_OF, READERS, Experiment, from_json
from ui import backend, links
from ui.panels.amounts import amount, scaled, size_of
from ui.panels.code import ROOT, excerpt
from ui.panels.foresight import functions_of
from ui.panels.presets import PRESETS, counterpart

PASSAGE = "The cat sat on the mat and looked at the sea. " * 20


pytestmark = pytest.mark.usefixtures("store")


def script() -> None:
    import streamlit as st

    from ui.views.build import show

    if st.session_state.get("elsewhere"):
        st.write("another page")
    else:
        show()


def page(**params: str) -> AppTest:
    at = AppTest.from_function(script, default_timeout=30)
    for name, value in params.items():
        at.query_params[name] = value
    return healthy(at.run())


def healthy(at: AppTest) -> AppTest:
    assert not at.exception, [one.value for one in at.exception]
    return at


def labelled(at: AppTest, kind: str, label: str) -> Any:
    """The widget with this label; they are found as a learner finds them."""
    found = [one for one in at.get(kind) if one.label == label]
    assert len(found) == 1, (kind, label, [one.label for one in at.get(kind)])
    return found[0]


def choose(at: AppTest, label: str, value: Any, kind: str = "button_group") -> AppTest:
    labelled(at, kind, label).set_value(value)
    return healthy(at.run())


def press(at: AppTest, label: str) -> AppTest:
    labelled(at, "button", label).click()
    return healthy(at.run())


def opened(at: AppTest, *expanders: str) -> AppTest:
    for key in expanders:
        at.session_state[key] = True
    return healthy(at.run())


def draft(at: AppTest) -> Experiment:
    return from_json(at.session_state["draft"])


def told(at: AppTest) -> str:
    return "\n".join(one.value for one in at.markdown)


def problems(at: AppTest) -> str:
    return "\n".join(one.value for one in at.error)


# Choices


@pytest.mark.parametrize("family", READERS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_family_direction_and_join_works(family: str, direction: str) -> None:
    at = choose(choose(page(), "Family", family), "Direction", direction)
    shown(at)
    if direction == "both":
        choose(at, "Where the directions meet", "late")
        for join in LATE_JOINS:
            choose(at, "Join", join, "selectbox")
            assert draft(at).model.join == join
            shown(at)


def shown(at: AppTest) -> None:
    """No complaint, the ceiling that binds, and a picture of who sees whom."""
    assert not at.error
    ceiling = next(one for one in at.metric if one.label == "This model's ceiling")
    expected = ceiling_of(draft(at))
    assert expected is not None
    assert ceiling.value == f"{100 * expected:.1f}\u00a0%"
    assert at.get("echarts_chart")


def test_the_ceiling_follows_the_games_dial() -> None:
    at = choose(page(), "Cue on the right", 0.5, "slider")
    assert draft(at).data.settings.p == 0.5
    assert "75 %" in told(at)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_work_and_can_be_undone(name: str) -> None:
    at = choose(page(), "Cue on the right", 0.65, "slider")
    before = draft(at)
    press(at, name)
    assert draft(at) == from_json(PRESETS[name][1])
    assert not at.error
    assert draft(press(at, "Undo")) == before
    assert draft(press(at, "Start over")) == Experiment()


@pytest.mark.parametrize("name", PRESETS)
def test_presets_stay_as_they_are_when_every_size_is_opened(name: str) -> None:
    at = press(opened(page(), "open-sizes"), name)
    assert draft(healthy(at.run())) == from_json(PRESETS[name][1])
    assert not at.error


def test_every_setting_of_every_part_can_be_opened() -> None:
    at = page()
    choose(choose(at, "Direction", "both"), "Where the directions meet", "late")
    for task in ("sense", "negate", "brackets", "cloze", "entity", "gap", "recall", "compare"):
        choose(at, "Data", task, "selectbox")
        opened(at, "open-data", "open-sizes", "open-training", "by-part", "show-code")
        assert not at.error
        assert draft(at) == from_json({"data": {"task": task}, "model": {"direction": "both", "join": "concat"}})


def test_open_sizes_follow_the_dial_until_they_are_set() -> None:
    at = opened(page(), "open-sizes")
    choose(at, "Size", "tiny")
    assert labelled(at, "number_input", "Width").value == 32
    assert draft(at).model.width is None
    choose(at, "Width", 48, "number_input")
    choose(at, "Size", "medium")
    assert draft(at).model.width == 48
    assert labelled(at, "number_input", "Layers").value == 4
    choose(at, "Width", 128, "number_input")
    assert draft(at).model.width is None  # what the dial says is no wish of its own


def test_each_game_keeps_what_was_chosen_for_it() -> None:
    at = choose(page(), "Cue on the right", 0.35, "slider")
    choose(at, "Data", "gap", "selectbox")
    choose(at, "Data", "sense", "selectbox")
    assert draft(at).data.settings.p == 0.35


def test_choices_survive_another_page() -> None:
    at = choose(choose(page(), "Family", "lstm"), "Cue on the right", 0.4, "slider")
    before = draft(at)
    at.session_state["elsewhere"] = True
    assert "another page" in told(healthy(at.run()))
    at.session_state["elsewhere"] = False
    healthy(at.run())
    assert draft(at) == before
    assert labelled(at, "slider", "Cue on the right").value == 0.4


# Conflicts


def test_heads_that_do_not_fit_are_explained_and_repaired() -> None:
    at = opened(page(), "open-sizes")
    choose(at, "Cue on the right", 0.3, "slider")
    choose(at, "Heads", 5, "number_input")
    assert "can't be split evenly" in problems(at)
    assert labelled(at, "button", "Train it").disabled
    assert labelled(at, "number_input", "Heads").value == 5  # what was chosen stays in sight
    press(at, "Set heads to 4")
    assert not at.error
    assert draft(at).model.sizes.heads == 4
    assert draft(at).data.settings.p == 0.3
    assert not labelled(at, "button", "Train it").disabled


@pytest.mark.parametrize("way", [0, 1])
def test_an_objective_against_the_direction_offers_both_ways_out(way: int) -> None:
    at = choose(press(page(), "Write on"), "Tokenizer", "character")
    choose(at, "Objective", "masked-word", "selectbox" if not in_groups(at, "Objective") else "button_group")
    assert "both sides" in problems(at)
    offered = [one.label for one in at.button if one.label.startswith("Set ")]
    assert len(offered) == 2
    press(at, offered[way])
    assert not at.error
    now = draft(at)
    assert now.objective_name == OBJECTIVE_OF[now.model.direction]
    assert now.model.direction == ("left-to-right", "both")[way]
    assert now.data.settings.tokenizer == "character"


@pytest.mark.parametrize("way", [0, 1])
def test_a_model_that_can_cheat_is_warned_about_and_may_run(way: int) -> None:
    at = choose(press(page(), "Write on"), "Tokenizer", "character")
    assert not at.warning
    choose(at, "Direction", "both")
    choose(at, "Objective", "next-word", "selectbox" if not in_groups(at, "Objective") else "button_group")
    assert not at.error
    warned = "\n".join(one.value for one in at.warning)
    assert "word 4 → attention of layer 1 → word 3’s state → answer" in warned
    assert "below the least possible" in warned
    assert "copy its answer" in told(at)
    assert not labelled(at, "button", "Train it").disabled
    assert draft(at).objective_name == "next-word"
    offered = [one.label for one in at.button if one.label.startswith("Set ")]
    assert len(offered) == 2
    press(at, offered[way])
    assert not at.warning
    assert not at.error
    now = draft(at)
    assert now.objective_name == OBJECTIVE_OF[now.model.direction] == ("masked-word", "next-word")[way]
    assert now.data.settings.tokenizer == "character"


def in_groups(at: AppTest, label: str) -> bool:
    return label in [one.label for one in at.get("button_group")]


def test_shared_weights_need_a_late_join() -> None:
    at = opened(press(page(), "Two LSTMs, added up"), "open-sizes")
    choose(at, "Shared weights", True, "toggle")
    choose(at, "Where the directions meet", "deep")
    assert "share weights" in problems(at)
    press(at, next(one.label for one in at.button if one.label.startswith("Set shared")))
    assert not at.error
    assert draft(at).model.join == "deep"
    assert draft(at).data.task == "negate"


# Own text


def own_text(at: AppTest) -> AppTest:
    return choose(press(at, "Write on"), "Text", "own text")


def least_loss_promised(at: AppTest) -> bool:
    return any("least possible loss" in one.value for one in at.caption)


def test_the_least_loss_is_promised_only_where_it_is_known() -> None:
    at = press(page(), "Write on")
    assert least_loss_promised(choose(at, "Tokenizer", "word"))
    assert not least_loss_promised(choose(at, "Tokenizer", "character"))


def test_a_pasted_text_is_kept_and_used() -> None:
    at = own_text(page())
    at.text_area(key="own-text").set_value(PASSAGE)
    healthy(at.run())
    assert not at.error
    reference = draft(at).data.settings.text
    assert backend.store().read_text(reference) == PASSAGE
    assert not least_loss_promised(at)
    assert "cat sat" in "\n".join(one.value for one in at.code)
    choose(at, "Text", "built-in text")
    assert draft(at).data.settings.text == ""
    choose(at, "Text", "own text")
    assert draft(at).data.settings.text == reference


BAD = {
    "empty": (b"  \n ", "no text"),
    "binary": (bytes(range(256)) * 8, "plain text"),
    "utf-16": (PASSAGE.encode("utf-16"), "UTF-8"),
    "latin": (("Käse und Brötchen. " * 50).encode("latin-1"), "UTF-8"),
    "short": (b"Too short.", "tokens"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_upload_says_what_to_do_and_loses_nothing(name: str) -> None:
    raw, words = BAD[name]
    at = choose(own_text(page()), "Tokenizer", "character")
    at.text_area(key="own-text").set_value(PASSAGE)
    before = draft(healthy(at.run()))
    at.file_uploader(key="own-file").upload(f"{name}.txt", raw)
    healthy(at.run())
    assert words in problems(at)
    assert "stays in use" in problems(at)
    assert draft(at) == before
    assert at.text_area(key="own-text").value == PASSAGE


def test_a_text_that_was_too_short_is_taken_once_the_context_fits() -> None:
    at = own_text(page())
    at.text_area(key="own-text").set_value("one two three four five six seven eight nine ten eleven twelve thirteen")
    assert "context" in problems(healthy(at.run()))
    choose(at, "Context (tokens)", 4, "number_input")
    assert not at.error
    assert draft(at).data.settings.text.startswith("text:")


# Links


@pytest.mark.parametrize("name", PRESETS)
def test_a_link_carries_the_whole_experiment(name: str) -> None:
    experiment = from_json({**PRESETS[name][1], "train": {"steps": 123, "seed": 7}})
    assert links.decode(links.encode(experiment)) == experiment
    at = page(experiment=links.encode(experiment))
    assert draft(at) == experiment
    assert links.encode(experiment) in "\n".join(one.value for one in at.code)


def word(plain: Any) -> str:
    raw = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


REFUSED = {
    "plain JSON": '{"data": {"task": "gap"}}',
    "a file": word({"data": {"task": "text", "text": "/etc/passwd"}}),
    "a file without its task": word({"data": {"text": "../../secret.txt"}}),
    "almost a kept text": word({"data": {"task": "text", "text": "text:" + "0" * 64 + "/../x"}}),
    "no JSON": word(b"\x80\x81\x82"),
    "other JSON": word([1, 2, 3]),
    "deep JSON": word(b"[" * 2900),
    "too long": "A" * 4001,
    "cut off": links.encode(from_json({"model": {"direction": "both"}}))[:-7],
    "unknown part": word({"model": {}, "pickle": {}}),
    "unknown setting": word({"model": {"__class__": "x"}}),
    "out of range": word({"model": {"width": 10**9}}),
    "not a number": word(b'{"train": {"learning_rate": NaN}}'),
    "impossible": word({"model": {"heads": 5}}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_links_are_refused_in_words(name: str) -> None:
    with pytest.raises(links.LinkError):
        links.decode(REFUSED[name])
    at = page(experiment=REFUSED[name])
    assert "link" in problems(at)
    assert draft(at) == Experiment()


def test_a_link_to_a_text_that_is_gone_says_so() -> None:
    at = page(experiment=word({"data": {"task": "text", "text": "text:" + "0" * 64}}))
    assert "no longer kept" in problems(at)


def test_a_link_does_not_come_back_over_later_choices() -> None:
    at = page(experiment=links.encode(from_json({"data": {"task": "gap"}})))
    choose(at, "Data", "compare", "selectbox")
    healthy(at.run())
    assert draft(at).data.task == "compare"


# Parts


@pytest.mark.parametrize("name", PRESETS)
def test_the_counterpart_differs_in_what_it_may_see(name: str) -> None:
    one = from_json(PRESETS[name][1])
    other = counterpart(one)
    assert one.model.two_way != other.model.two_way
    assert other.data == one.data
    assert other.model.family == one.model.family


def test_the_code_that_is_shown_is_the_code_that_runs() -> None:
    for preset in PRESETS.values():
        for reference in functions_of(from_json(preset[1])):
            source, line = excerpt(reference)
            lines = (ROOT / reference.partition(":")[0]).read_text().splitlines()
            assert lines[line - 1 : line - 1 + len(source.splitlines())] == source.splitlines()
            name = reference.rpartition(":")[2].rpartition(".")[2]
            assert f"def {name}(" in source or f"class {name}" in source


def test_code_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError):
        excerpt("core/models/direction.py:invisible")


def test_amounts_read_well() -> None:
    assert [amount(71_042), amount(1_234_567)] == ["71,042", "1.23 M"]
    assert [scaled(0), scaled(21.33), scaled(134_400), scaled(2.5e9)] == ["0", "21.3", "134 k", "2.5 G"]
    assert size_of(6_911_008) == "6.91 MB"
