"""The Look inside page: its sentences, what it says of them, and that it never shows a broken page."""

from __future__ import annotations

import io
import time
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.contract import IGNORE, TextError
from core.data.registry import GAMES, open_source
from core.events import Gradients
from core.picture import Picture
from core.runs.store import Store
from core.spec import DIRECTIONS, OBJECTIVE_OF, Experiment, from_json
from core.text import MASK, TOKENIZERS
from tests.ui.records import OWNER, STRANGER, write_run
from tests.ui.snapshots import keep_snapshots
from ui import panels
from ui.panels.code import excerpt
from ui.panels.look_examples import EXAMPLES, asked_about, example, own
from ui.panels.look_frame import as_npz, with_tokens
from ui.panels.look_pair import PICTURES as PICTURES_OF_PAIR
from ui.panels.look_sentence import answered, hidden_cue, not_read
from ui.panels.look_views import OF_ATTENTION, OF_INFLUENCE, OF_STATES, OF_TRAINING
from ui.seen import KEPT, question

PICTURES = {
    "attention": OF_ATTENTION,
    "states": OF_STATES,
    "influence": OF_INFLUENCE,
    "training": OF_TRAINING,
    "two": ("head", "rollout", "influence", "leaks", "lens", "likeness"),
}
VIEWS = ("attention", "states", "influence")


def game(task: str, **model: Any) -> Experiment:
    return from_json({"data": {"task": task}, "model": model})


@pytest.mark.parametrize("task", GAMES)
@pytest.mark.parametrize("number", [0, 7, EXAMPLES + 7])
def test_a_games_example_is_a_held_out_sentence_with_its_question(task: str, number: int) -> None:
    experiment = game(task)
    source = experiment.data.settings
    batch, row = source.held_out(EXAMPLES), number % EXAMPLES
    looked = example(experiment, source, number)
    assert (source.encode(looked.text) == batch.tokens[row]).all()
    assert looked.words == tuple(source.words[token] for token in batch.tokens[row])
    assert looked.asked == tuple(np.flatnonzero(batch.labels[row] != IGNORE))
    assert looked.truth == {place: source.classes[batch.labels[row, place]] for place in looked.asked}
    assert set(looked.asked) <= set(own(experiment, source, looked.text).asked)


@pytest.mark.parametrize(("tokenizer", "direction"), product(TOKENIZERS, DIRECTIONS))
def test_a_piece_of_text_asks_for_the_word_that_was_left_out(tokenizer: str, direction: str) -> None:
    data = {"task": "text", "tokenizer": tokenizer, "vocabulary": 400}
    experiment = from_json({"data": data, "model": {"direction": direction}})
    source = open_source(experiment.data.settings)
    told = 0
    for number in range(12):
        looked, window = example(experiment, source, number), source.held_out(EXAMPLES).tokens[number].tolist()
        ids, objective = source.encode(looked.text), OBJECTIVE_OF[direction]
        place = {"next-word": len(ids) - 1, "previous-word": 0, "masked-word": int(np.argmax(ids == MASK))}[objective]
        assert looked.asked == (place,)
        assert len(ids) == len(looked.words) <= source.length
        if looked.truth:
            whole, truth = ids.tolist(), source.words.index(looked.truth[place])
            if objective == "masked-word":
                whole[place] = truth
            else:
                whole = [*whole, truth] if objective == "next-word" else [truth, *whole]
            assert held_in(whole[2:] if tokenizer == "bpe" else whole, window)  # a first piece may have lost its space
            told += 1
    assert told >= 4


def held_in(part: list[int], whole: list[int]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


def test_only_blanks_are_asked_about_in_a_masked_text() -> None:
    experiment = from_json({"data": {"task": "text"}, "model": {"direction": "both"}})
    source = open_source(experiment.data.settings)
    assert own(experiment, source, "the cook ____ the soup").asked == (2,)
    assert own(experiment, source, "the cook").asked == ()


def test_own_sentences_are_asked_about_where_the_game_asks() -> None:
    experiment = game("sense")
    source = experiment.data.settings
    ids = source.encode("river bank the bat")
    assert asked_about(experiment, source, ids) == (1, 3)
    assert asked_about(experiment, source, ids[:1]) == ()
    with pytest.raises(TextError, match="not a word of this game"):
        own(experiment, source, "the bankk")


def test_the_answer_is_told_with_its_probability_and_the_truth() -> None:
    experiment = game("sense")
    looked = example(experiment, experiment.data.settings, 0)
    place = looked.asked[0]
    truth, other = looked.truth[place], next(c for c in experiment.data.settings.classes if c != looked.truth[place])
    right = answered(experiment, looked, place, [(truth, 0.9731), (other, 0.0269)]).replace("\u00a0", " ")
    assert f"**{truth} 97.3 %** ({other} 2.7 %)" in right
    assert "✓ right" in right
    assert "wrong" in answered(experiment, looked, place, [(other, 0.6), (truth, 0.4)])


@pytest.mark.parametrize(
    ("direction", "text", "words"),
    [
        ("left-to-right", "the violinist admires", ""),
        ("both", "the ____ admires", ""),
        ("both", "the xylophone ____ admires", "One word is not in"),
        ("right-to-left", "xylophone zither admires", "2 words are not in"),
        ("left-to-right", "the ____ admires", "never met a blank"),
    ],
)
def test_what_a_text_model_can_not_read_is_said(direction: str, text: str, words: str) -> None:
    experiment = from_json({"data": {"task": "text"}, "model": {"direction": direction}})
    said = not_read(experiment, own(experiment, open_source(experiment.data.settings), text))
    assert words in said
    assert bool(words) == bool(said)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_cue_on_the_blind_side_is_pointed_out(direction: str) -> None:
    experiment = game("sense", direction=direction)
    for number in range(12):
        looked = example(experiment, experiment.data.settings, number)
        asked, cue = looked.asked[0], looked.cues[0]
        blind = {"left-to-right": cue > asked, "right-to-left": cue < asked, "both": False}[direction]
        assert bool(hidden_cue(experiment, looked, asked)) == blind


def test_all_arrays_come_back_from_the_file() -> None:
    seen = Picture(("a", "b"), {"influence": np.eye(2), "allowed": np.ones((2, 2), bool)}, {}, {})
    back = np.load(io.BytesIO(as_npz(with_tokens(seen))))
    assert back["tokens"].tolist() == ["a", "b"]
    assert (back["influence"] == np.eye(2)).all()


def page() -> None:
    from ui.views.look import show

    show()


def visit(
    runs: str = "", view: str = VIEWS[0], owner: str = OWNER, at: str = "", lang: str = "", **kept: Any
) -> AppTest:
    app = AppTest.from_function(page, default_timeout=90)
    app.session_state["owner"] = owner
    app.session_state["look-view"] = view
    for name, value in kept.items():
        app.session_state[name] = value
    for name, value in {"run": runs, "at": at, "lang": lang}.items():
        if value:
            app.query_params[name] = value
    return app.run()


def pictures(app: AppTest) -> list[str]:
    """The keys of the large pictures on the page: each offers its numbers, files and code."""
    return [pill.key for pill in app.get("button_group") if str(pill.key).startswith("more-")]


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.warning, *app.error, *app.info]
    return "\n".join(str(part.value) for part in parts).replace("\u00a0", " ")


def test_without_a_run_it_says_what_to_do(store: Store) -> None:
    app = visit()
    assert not app.exception
    assert "Nothing has been trained yet" in said(app)
    assert "Train two models now" in [button.label for button in app.button]


@pytest.mark.parametrize("link", ["0" * 32, "../../etc/passwd"])
def test_a_link_to_nothing_is_no_broken_page(store: Store, link: str) -> None:
    app = visit(link)
    assert not app.exception
    assert ("can't be found" in said(app)) == (link == "0" * 32)


def test_a_run_without_a_snapshot_is_told_to_wait(store: Store) -> None:
    app = visit(write_run(store, score=None, status="running"))
    assert not app.exception
    assert "no snapshot yet" in said(app)


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ({"direction": "left-to-right"}, {"task": "sense"}),
        ({"direction": "both", "join": "sum", "family": "lstm"}, {"task": "recall"}),
        ({"direction": "both", "join": "concat"}, {"task": "text"}),
    ],
)
def test_every_view_of_every_kind_of_model(store: Store, model: dict[str, Any], data: dict[str, Any]) -> None:
    run_id = store.create(from_json({"model": {**model, "size": "tiny"}, "data": data, "train": {"steps": 40}}), OWNER)
    keep_snapshots(store, run_id, (0, 10, 40))
    for view in VIEWS:
        app = visit(run_id, view, STRANGER)  # a link is enough to look
        assert not app.exception
        assert not app.error, app.error[0].value
        assert len(pictures(app)) == (0 if view == "attention" and model.get("family") == "lstm" else 1)
    app = visit(run_id, owner=STRANGER, at="0")
    assert "untrained" in said(app)


@pytest.mark.parametrize(("model", "data"), [
    ({"direction": "both", "join": "concat"}, {"task": "sense"}),
    ({"direction": "both"}, {"task": "text"}),
])  # fmt: skip
def test_every_picture_of_a_transformer_has_numbers_and_files(
    store: Store, model: dict[str, Any], data: dict[str, Any]
) -> None:
    experiment = from_json({"model": {**model, "size": "tiny"}, "data": data, "train": {"steps": 10}})
    run_id = store.create(experiment, OWNER)
    keep_snapshots(store, run_id, (0, 10))
    layers = ["embedding", "layer 1"]
    store.append(run_id, [Gradients(10, layers, [1, 10], [[1.0, 0.5], [0.1, 0.0]], [1.0, 0.5]).to_json()])
    for view, shown in PICTURES.items():
        for picture in (one for one in shown if one != "cells"):
            app = visit(run_id, view, **{f"look-{view}": picture})
            assert not app.exception, (view, picture)
            assert not app.error, (view, picture, app.error[0].value)
            keys = pictures(app)
            assert len(keys) == 1, (view, picture, keys)
            for more in ("numbers", "files") if experiment.data.is_made else ():
                app.session_state[keys[0]] = more
                assert not app.run().exception, (view, picture, more)


def test_the_other_snapshots_are_fetched_ahead(store: Store) -> None:
    run_id = write_run(store)
    keep_snapshots(store, run_id, (0, 50, 100))
    for number in range(2):  # the first look starts the process, so only the next one shows how quick it is
        app = visit(run_id, **{"kept.look example sense": number})
        assert not app.exception
    experiment = store.existing(run_id).experiment
    text = example(experiment, experiment.data.settings, 1).text
    wanted = [question(run_id, step, text, "attention") for step in (0, 50)]
    deadline = time.monotonic() + 30
    while not all(KEPT.has(one) for one in wanted) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all(KEPT.has(one) for one in wanted)


def test_every_picture_names_code_that_is_there() -> None:
    named = []
    for path in sorted(Path(panels.__file__).parent.glob("look_*.py")):
        for name, references in vars(import_module(f"ui.panels.{path.stem}")).items():
            if name.startswith("CODE"):
                named += references
    assert len(named) > 30
    for reference in named:
        assert excerpt(reference)[0]


def test_an_lstm_shows_its_cells_and_where_else_they_fire(store: Store) -> None:
    run_id = write_run(store, "both", **{"model.family": "lstm"})
    keep_snapshots(store, run_id, (0,))
    fire = {"look-fire": True, "look-threshold": 0.1, "look-states": "cells"}
    app = visit(run_id, "states", **fire)
    assert not app.exception
    assert not app.error
    assert pictures(app) == ["more-cells"]
    assert " all through" in said(app) or "Lower the threshold" in said(app)


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_every_picture_of_a_translator(store: Store, part: str) -> None:
    plain = {"data": {"task": "later"}, "model": {"family": "encoder-decoder", "cells": "transformer", "size": "tiny"}}
    run_id = store.create(from_json(plain), OWNER)
    keep_snapshots(store, run_id, (0,))
    for picture in PICTURES_OF_PAIR if part == "encoder" else ("map", "probes", "likeness"):
        app = visit(run_id, **{"look-pair-picture": picture, "look-pair-part": part})
        assert not app.exception, picture
        assert not app.error, (picture, app.error[0].value)
        assert len(pictures(app)) == 1 or "ended its sentence at once" in said(app), picture


def test_a_head_that_is_switched_off_changes_what_is_said_before_and_after(store: Store) -> None:
    run_id = write_run(store)
    keep_snapshots(store, run_id, (0,))
    off = {"look-attention": "ablation", f"kept.heads off {run_id}": [[0, 1], [1, 0]]}
    app = visit(run_id, "attention", **off)
    assert not app.exception
    assert "with all heads" in said(app)
    app.button(key=f"heads off {run_id}-on").click().run()
    assert "with all heads" not in said(app)


def test_one_way_beside_two_way_with_the_same_sentence(store: Store) -> None:
    runs = [write_run(store, "left-to-right"), write_run(store, "both")]
    for run_id in runs:
        keep_snapshots(store, run_id, (0, 100))
    app = visit(",".join(runs), "two", **{"look-other": runs[1]})
    assert not app.exception
    assert not app.error
    assert "A says" in said(app)
    assert "both ways" in said(app)
    assert pictures(app) == ["more-difference"]


def test_an_unknown_word_keeps_what_was_typed(store: Store) -> None:
    run_id = write_run(store)
    keep_snapshots(store, run_id, (0,))
    app = visit(run_id)
    app.segmented_control[0].set_value("My own").run()
    app.text_input[0].set_value("the <b>bankk</b> now").run()
    assert not app.exception
    assert "not a word of this game" in said(app)
    assert app.text_input[0].value == "the <b>bankk</b> now"
    app.text_input[0].set_value("the river and bank now").run()
    assert "At “bank” the model says" in said(app)
