"""The Look inside page to a learner who reads Chinese: no English is left but the models' words, names and papers."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.data.registry import open_source
from core.events import Gradients
from core.runs.store import Store
from core.spec import from_json
from tests.ui.chinese import english_drawn, english_left
from tests.ui.records import OWNER, write_run
from tests.ui.snapshots import keep_snapshots
from tests.ui.test_look_page import PICTURES, PICTURES_OF_PAIR, visit

NAMES = (
    "CKA",
    "LSTM",
    "Transformer",
    "logit",
    "Sundararajan",
    "Zeiler Fergus",
    "LSTMVis",
    "nostalgebraist",
    "Strobelt et al",
)


def left(app: AppTest, *names: str) -> list[str]:
    assert not app.exception, [one.value for one in app.exception]
    assert not app.error, app.error[0].value
    return english_left(app, *NAMES, *names) + english_drawn(app, *NAMES, *names)


def words_of(store: Store, run_id: str) -> str:
    source = open_source(store.existing(run_id).experiment.data.settings)
    return " ".join([*source.words, *source.classes, *getattr(source, "source_words", ())])


def test_nothing_to_look_at(store: Store) -> None:
    assert left(visit(lang="zh")) == []
    waits = write_run(store, score=None, status="running")
    assert left(visit(waits, lang="zh")) == []


@pytest.mark.parametrize("family", ["transformer", "lstm"])
def test_every_picture_of_a_model(store: Store, family: str) -> None:
    plain: dict[str, Any] = {"data": {"task": "sense"}, "train": {"steps": 10}}
    plain["model"] = {"direction": "both", "size": "tiny", "family": family}
    run_id = store.create(from_json(plain), OWNER)
    keep_snapshots(store, run_id, (0, 10))
    layers = ["embedding", "layer 1"]
    store.append(run_id, [Gradients(10, layers, [1, 10], [[1.0, 0.5], [0.1, 0.0]], [1.0, 0.5]).to_json()])
    found = {}
    for view, shown in PICTURES.items():
        for picture in shown if family == "transformer" else list(shown)[:1]:
            if picture != "cells" or family == "lstm":
                app = visit(run_id, view, lang="zh", **{f"look-{view}": picture})
                found[view, picture] = left(app, words_of(store, run_id))
    assert {where: words for where, words in found.items() if words} == {}


@pytest.mark.parametrize("picture", PICTURES_OF_PAIR)
def test_every_picture_of_a_translator(store: Store, picture: str) -> None:
    plain = {"data": {"task": "later"}, "model": {"family": "encoder-decoder", "cells": "transformer", "size": "tiny"}}
    run_id = store.create(from_json(plain), OWNER)
    keep_snapshots(store, run_id, (0,))
    app = visit(run_id, lang="zh", **{"look-pair-picture": picture, "look-pair-part": "encoder"})
    assert left(app, words_of(store, run_id)) == []


def test_cells_that_fire_and_words_that_are_written(store: Store) -> None:
    run_id = write_run(store, "both", **{"model.family": "lstm"})
    keep_snapshots(store, run_id, (0,))
    fire = {"look-fire": True, "look-threshold": 0.1, "look-states": "cells"}
    assert left(visit(run_id, "states", lang="zh", **fire), words_of(store, run_id)) == []
