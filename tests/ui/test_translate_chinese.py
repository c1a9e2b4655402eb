"""The Translate page in Chinese: the choice, two models that write, their scores, and what is wrong."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

import ui.words
from core.data.pairs.backwards import Backwards
from core.data.pairs.own import built_in
from core.decoding.trace import Decoded, Round
from core.runs.store import Store
from core.spec import from_json
from tests.ui.chinese import english_left
from tests.ui.records import OWNER, Score, events
from tests.ui.snapshots import keep_snapshots
from ui.charts.alignment import alignment_figure
from ui.panels import translate_begin, translate_play
from ui.panels.own_pairs import UPLOAD
from ui.panels.translate_begin import GAMES, WRITERS
from ui.panels.translate_play import story

EXAMPLE = "Good morning. Buenos días. Thank you. Gracias. " + "\n".join(built_in().splitlines()[:3])
WORDS = ("[pad]", "[unknown]", "[mask]", "[start]", "[end]", "gato", "perro")
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


def left(at: AppTest) -> list[str]:
    """English words but those of the animals."""
    return english_left(at, *latin(ANIMALS))


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
    at.file_uploader(key=UPLOAD).upload("gaps.csv", rows.replace(";a\n", ";\n").encode())
    at = healthy(at.run())
    at.selectbox[1].set_value(2)
    at = healthy(at.run())
    told = at.error[0].value
    assert "第 1, 2, 3, 4 行等（另有 26 行）都在第 3 列没有内容；第 31 行只有一列" in told
    assert english_left(at, *latin(EXAMPLE), "yes") == []


def test_two_that_write(store: Store) -> None:
    at = page(run=two_runs(store))
    assert left(at) == []
    assert "解码方式" in [one.label for one in at.selectbox]
    next(one for one in at.button if one.label == "测量两个模型").click()
    at = healthy(at.run())
    assert left(at) == []
    at.button_group(key="translate-kind").set_value("My own")
    at = healthy(at.run())
    at.text_input(key="translate-own").set_value("unicorn")
    at = healthy(at.run())
    assert "这个游戏里没有 “unicorn” 这个词" in at.warning[0].value
    assert left(at) == []


def test_two_that_still_learn_and_fill_blanks(store: Store) -> None:
    at = page(run=two_runs(store, "running", writing="mask-predict"))
    assert left(at) == []
    assert "它还在学习" in " ".join(one.value for one in at.caption)


def test_a_link_to_runs_that_are_gone() -> None:
    at = page(run="0" * 32)
    assert at.warning[0].value == "这个链接中的运行不是翻译模型，或者已经不在了。"
    assert english_left(at) == []


def test_the_figure_of_where_it_looked() -> None:
    rounds = [Round(n, (5, 6), (0.9, 0.1), (False, n == 0), ((0.5, 0.5), (0.1, 0.9))) for n in range(2)]
    blanks = story([*rounds, Decoded((5, 6), -1.0, -1.0, "both", True, (0.9, 0.8))], WORDS)
    assert [one.said for one in blanks] == ["第 1 轮：1 个词将重写", "第 2 轮：所有词都保留"]
    onward = story([Decoded((5, 6), -1.0, -1.0, "left-to-right", True, (0.9, 0.8))], WORDS)
    assert [one.said for one in onward] == ["第 1 个词，共 2 个：gato", "第 2 个词，共 2 个：perro"]
    figure = alignment_figure(blanks, ("cat", "dog"), "#0072B2", dark=False)
    axes = [figure["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")]
    assert axes == ["读到的源词", "写出的词"]
    assert "注意力" in figure["data"][0]["hovertemplate"]


def test_what_stands_above_the_words(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = set[str]()
    for panel in (translate_begin, translate_play):
        monkeypatch.setattr(panel, "show_sentences", lambda rows, key: labels.update(row.label for row in rows))
    page(task="backwards")
    page(run=two_runs(store))
    assert labels == {"原文", "译文", "正确译文", "它写的译文", "A · → 从左到右", "B · ⇄ 双向"}
