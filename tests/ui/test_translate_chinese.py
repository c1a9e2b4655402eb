"""The Translate page in Chinese: the choice, two models that write, their scores, and what is wrong."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

import ui.words
from core.data.pairs.backwards import Backwards
from core.data.pairs.own import built_in
from core.runs.store import Store
from core.spec import from_json
from tests.ui.chinese import english_left
from tests.ui.records import OWNER, Score, events
from tests.ui.snapshots import keep_snapshots
from ui.panels.own_pairs import UPLOAD
from ui.panels.translate_begin import GAMES, WRITERS

EXAMPLE = "Good morning. Buenos días. Thank you. Gracias. " + "\n".join(built_in().splitlines()[:3])
ANIMALS = " ".join(Backwards().source_words + Backwards().words) + " end start pad"


@pytest.fixture(autouse=True)
def chinese(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """`AppTest` formats options where no page is drawn, too."""
    monkeypatch.setattr(ui.words, "language", lambda: "zh")


def script() -> None:
    from ui.views.translate import show

    show()


def page(**params: str) -> AppTest:
    at = AppTest.from_function(script, default_timeout=60)
    for name, value in params.items():
        at.query_params[name] = value
    return healthy(at.run())


def latin(words: str) -> list[str]:
    """The runs of letters that `english_left` sees of some words."""
    return re.findall(r"[a-z]+", words.lower())


def healthy(at: AppTest) -> AppTest:
    assert not at.exception, [one.value for one in at.exception]
    return at


def two_runs(store: Store, status: str = "finished", **model: str) -> str:
    """Two small translators that were never trained."""
    ids = []
    for writing in ({"direction": "left-to-right"}, {"direction": "both", **model}):
        plain = {
            "data": {"task": "backwards", "most": 3},
            "model": {"family": "encoder-decoder", "size": "tiny", **writing},
            "train": {"steps": 100},
        }
        run_id = store.create(from_json(plain), owner=OWNER, title="")
        store.append(run_id, [one.to_json() for one in events(Score(0.5))])
        store.set_status(run_id, status)
        keep_snapshots(store, run_id, [100])
        ids.append(run_id)
    return ",".join(ids)


def test_the_choice() -> None:
    at = page()
    assert at.title[0].value == "翻译"
    assert english_left(at) == []
    for task in GAMES:
        at = page(task=task)
        assert at.selectbox(key="translate-task").value == task
        assert english_left(at, *(latin(EXAMPLE) if task == "own-pairs" else ())) == [], task
    at = page(task="backwards")
    for name in WRITERS:
        at.selectbox(key="translate-writer-0").set_value(name)
        at = healthy(at.run())
        assert english_left(at) == [], name
    at.selectbox(key="translate-cells").set_value("lstm")
    at = healthy(at.run())
    assert "请换一种书写方式" in at.warning[0].value
    assert english_left(at) == []


def test_a_table_that_cannot_be_used_and_one_that_can() -> None:
    at = page(task="own-pairs")
    at.file_uploader(key=UPLOAD).upload("few.csv", b"a;b\nc\n;d\ne;f\ng;h;i\n")
    at = healthy(at.run())
    told = at.error[0].value
    assert "第 2 行只有一列（缺少分号）；第 3 行在第 1 列没有内容" in told
    assert told.endswith("在此之前，使用示例。")
    assert english_left(at, *latin(EXAMPLE)) == []
    rows = "".join(f"yes {n};sí {n};a\n" for n in range(30)) + "no\n"
    at.file_uploader(key=UPLOAD).upload("many.csv", rows.encode())
    at = healthy(at.run())
    assert "第 31 行只有一列" in at.warning[0].value
    assert "第 1 列" in at.selectbox[1].options
    assert english_left(at, *latin(EXAMPLE), "yes") == []


def test_two_that_write(store: Store) -> None:
    at = page(run=two_runs(store))
    assert english_left(at, *latin(ANIMALS)) == []
    assert "解码方式" in [one.label for one in at.selectbox]
    next(one for one in at.button if one.label == "测量两个模型").click()
    at = healthy(at.run())
    assert english_left(at, *latin(ANIMALS)) == []
    at.button_group(key="translate-kind").set_value("My own")
    at = healthy(at.run())
    at.text_input(key="translate-own").set_value("unicorn")
    at = healthy(at.run())
    assert at.warning[0].value.startswith("“unicorn”不是这个游戏里的词")
    assert english_left(at, *latin(ANIMALS)) == []


def test_two_that_still_learn_and_fill_blanks(store: Store) -> None:
    at = page(run=two_runs(store, "running", writing="mask-predict"))
    assert english_left(at, *latin(ANIMALS)) == []
    assert "它还在学习" in " ".join(one.value for one in at.caption)


def test_a_link_to_runs_that_are_gone() -> None:
    at = page(run="0" * 32)
    assert at.warning[0].value == "这个链接中的运行不是翻译模型，或者已经不在了。"
    assert english_left(at) == []
