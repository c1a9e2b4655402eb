"""Starting points open by name, and any labelled sentences can be told in their words."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.built_in import WEIGHTS
from core.data.contract import IGNORE, Source
from core.data.grammar import write
from core.data.labels.source import LabelledSource
from core.data.registry import LABELLED, open_source
from core.data.transfer.questions import QUESTIONS, Transfer
from core.events import Finished
from core.fields import SpecError, written
from core.parts.tune import BUILT_IN_MODEL
from core.retelling import Retold, known, opened, retold
from core.spec import Experiment, from_json
from core.spelling import spelling_of
from core.starts import Kept, Runs, Start, open_start
from core.text import MASK, SPECIAL, TOKENIZERS, join_words
from core.training import train

RUN = "run:" + "1" * 32


def kept(**plain: Any) -> Runs:
    """A store with one run; nothing here reads its weights."""
    experiment = from_json(plain)
    return lambda run, step: Kept("Mine", experiment, Path("weights")) if (run, step) == ("1" * 32, None) else None


@cache
def of_text(tokenizer: str, length: int = 48) -> Start:
    """A run on a text of a learner's own: 1,500 sentences of the built-in language."""
    data = {"task": "text", "text": "mine", "tokenizer": tokenizer, "vocabulary": 400, "length": length}
    text = write(np.random.default_rng(0), 1500)
    return open_start(RUN, kept(data=data, model={"direction": "both"}), lambda _: text)


def tuned(task: str, start: Start | None = None, **more: Any) -> Experiment:
    model = {} if start is None else {"model": written(start.model)}
    tune = {"strategy": "full", "labels": 32, **({} if start is None else {"start": RUN}), **more.pop("tune", {})}
    return from_json({"data": {"task": task, **more}, "tune": tune, **model})


# Starting points


def test_the_built_in_start_is_what_experiments_expect_of_it() -> None:
    start = open_start("built-in")
    assert start.weights == WEIGHTS
    assert {name: getattr(start.model, name) for name in BUILT_IN_MODEL} == BUILT_IN_MODEL
    assert start.length == start.most == BUILT_IN_MODEL["places"]
    assert start.source.least_loss  # type: ignore[attr-defined]


def test_a_run_of_ones_own_is_a_start() -> None:
    start = of_text("word")
    assert (start.title, start.weights, start.length) == ("Mine", Path("weights"), 48)
    assert start.model.places == 48
    lstm = open_start(RUN, kept(data={"task": "sentences"}, model={"family": "lstm", "direction": "both"}))
    assert lstm.most is lstm.model.places is None
    tied = {"direction": "both", "tied_words": True}
    assert not open_start(RUN, kept(data={"task": "text"}, model=tied)).model.tied_words


@pytest.mark.parametrize(
    ("name", "plain", "words", "works"),
    [
        ("run:" + "2" * 32, {}, "isn’t there", "built-in"),
        (RUN + "@7", {}, "no weights of that step", "built-in"),
        (RUN, {"data": {"task": "backwards"}}, "encoder–decoder", "built-in"),
        (
            RUN,
            {"data": {"task": "transfer"}, "tune": {"strategy": "full", "start": "built-in"}},
            "was fine-tuned itself",
            "built-in",
        ),
    ],
)
def test_where_nothing_can_begin_is_said_with_what_works(name: str, plain: Any, words: str, works: str) -> None:
    with pytest.raises(SpecError, match=words) as caught:
        open_start(name, kept(**plain))
    assert caught.value.works == {"tune.start": works}
    assert open_start(caught.value.works["tune.start"])


# Words


def spoken(source: Source, tokens: np.ndarray) -> list[str]:
    return [source.words[token] for token in tokens]


@pytest.mark.parametrize("task", [*LABELLED, "transfer"])
def test_the_built_in_start_reads_the_same_sentences(task: str) -> None:
    """Every set shares the words of one grammar; names and twofold words are beyond it."""
    source, start = opened(tuned(task))
    assert start is not None
    told = LABELLED[task]() if task in LABELLED else Transfer()
    before, after = told.held_out(200), source.held_out(200)
    share = known(told, start)
    assert share.share == 1 if task in ("sentiment", "topic", "transfer") else 0.3 < share.share < 1
    assert source.words == start.words
    assert source.length <= (start.most or 0)
    for row in range(200):
        ids = after.real(row)
        assert spoken(source, ids[[0, -1]]) == ["[CLS]", "[SEP]"]
        for mine, theirs in zip(spoken(source, ids[1:-1]), real_words(told, before.real(row)), strict=True):
            assert mine == (theirs.casefold() if theirs.casefold() in start.words else "[unknown]")
            assert mine != "[unknown]" or theirs in share.lacks or task in ("names", "speech")


def real_words(source: Source, tokens: np.ndarray) -> list[str]:
    return [word for word in spoken(source, tokens) if word not in ("[CLS]", "[SEP]", "[pad]")]


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("task", ["sentiment", "speech", "transfer"])
def test_retold_tokens_spell_the_same_text(task: str, tokenizer: str) -> None:
    start = of_text(tokenizer, 128)
    told = Transfer(question="odd") if task == "transfer" else LABELLED[task]()
    source = retold(told, start)
    before, after = told.held_out(60), source.held_out(60)
    assert isinstance(source, Retold)
    whole_language = known(told, start).share == 1
    for row in range(60):
        text = join_words(spoken(source, after.real(row)), tokenizer).strip().replace(" .", ".")
        words = real_words(told, before.real(row))
        plain = " ".join(words).replace(" .", ".")
        if whole_language:
            assert text == plain
        whole = start.source.tokenizer.encode(plain)  # type: ignore[attr-defined]
        if tokenizer not in ("unigram",):  # which reads a line as if a space stood before it
            assert (after.real(row) == whole).all()


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("task", ["speech", "names"])
def test_the_first_piece_of_each_word_carries_its_tag(task: str, tokenizer: str) -> None:
    start, told = of_text(tokenizer, 128), LABELLED[task]()
    source = retold(told, start)
    before, after = told.held_out(60), source.held_out(60)
    for row in range(60):
        tags = before.labels[row][before.labels[row] != IGNORE]
        asked = np.flatnonzero(after.labels[row] != IGNORE)
        assert (after.labels[row, asked] == tags).all()
        words = real_words(told, before.real(row))
        for place, word in zip(asked, words, strict=True):
            piece = source.words[after.tokens[row, place]].removeprefix("␣").removeprefix("##")
            assert piece == "[unknown]" or word.casefold().startswith(piece.casefold())


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_stay_what_they_are(question: str) -> None:
    told, start = Transfer(question=question), of_text("word")
    source = retold(told, start)
    for theirs, ours in ((told.shifted(50), source.shifted(50)), (told.held_out(50), source.held_out(50))):  # type: ignore[attr-defined]
        assert (theirs.tokens == MASK).sum() == (ours.tokens == MASK).sum()
        assert theirs.answers is None or (ours.answers == theirs.answers).all()
        assert theirs.answers is not None or (ours.labels != IGNORE).sum() == (theirs.labels != IGNORE).sum()
        assert (ours.lengths == 12).all()  # its text has no marks
    assert source.ceilings() == told.ceilings()
    assert source.verbaliser == told.verbaliser  # type: ignore[attr-defined]
    if told.verbaliser:
        prompted = source.prompted(source.held_out(50))  # type: ignore[attr-defined]
        assert ((prompted.tokens == MASK).sum(1) == 1).all()
    rng = (np.random.default_rng(3), np.random.default_rng(3))
    assert (told.pool(rng[0], 20).answers == source.pool(rng[1], 20).answers) is not False  # type: ignore[attr-defined]


def test_a_sentence_of_ones_own_is_read_as_the_start_reads() -> None:
    source, start = opened(tuned("sentiment"))
    assert start is not None
    assert spoken(source, source.encode("The lovely sailor ____ quickly.")) == [
        *("[CLS]", "the", "lovely", "sailor", "[mask]", "[unknown]", ".", "[SEP]")
    ]
    assert spelling_of(start.source).knows("sailor")
    assert SPECIAL[MASK] in source.words


# What doesn't fit


def test_a_game_that_lacks_words_is_no_start() -> None:
    with pytest.raises(SpecError, match="no token for an unknown word"):
        retold(LABELLED["topic"](), open_start(RUN, kept(data={"task": "sense"}, model={"direction": "both"})))


def test_too_few_places_are_told() -> None:
    start = of_text("character", 32)
    with pytest.raises(SpecError, match="places for 32"):
        retold(Transfer(), start)


def test_a_model_that_is_not_the_starts_is_repaired() -> None:
    runs = kept(data={"task": "sentences"}, model={"direction": "both", "layers": 1})
    experiment = from_json({"data": {"task": "transfer"}, "tune": {"strategy": "full", "start": RUN, "labels": 8}})
    with pytest.raises(SpecError, match="The model that it starts from") as caught:
        opened(experiment, runs)
    source, _ = opened(experiment.with_(caught.value.works), runs)
    assert source.words == open_source(from_json({"data": {"task": "sentences"}}).data.settings).words


def test_fewer_sentences_than_classes_are_told() -> None:
    experiment = tuned("transfer", question="topic", tune={"labels": 3})
    with pytest.raises(SpecError, match="There are 6 classes") as caught:
        opened(experiment)
    opened(experiment.with_(caught.value.works))


# Sentences of a learner's own


def mine(text: str, task: str = "own-classes", **more: Any) -> tuple[Source, Start | None]:
    return opened(tuned(task, text="text:" + "0" * 32, **more), read_text=lambda _: text)


ROWS = "text,mood\n" + "".join(
    f"the {a} sailor spots {n} boats.,{m}\n" for n in range(12) for a, m in (("lovely", "good"), ("awful", "bad"))
)


def test_a_file_of_ones_own_is_told_in_the_starts_words() -> None:
    source, start = mine(ROWS, tune={"labels": 8})
    assert isinstance(source, LabelledSource)
    assert start is not None
    assert known(source, start).share == pytest.approx(6 / 7)
    assert known(source, start).lacks[:2] == ("0", "1")
    batch = source.held_out(4)
    assert spoken(source, batch.real(0))[:3] == ["[CLS]", "the", "lovely"]
    pool = source.pool(np.random.default_rng(0), 8)
    assert np.bincount(pool.answers if pool.answers is not None else []).tolist() == [4, 4]


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("text,mood\n" + "the boat,good\n" * 20, {}, "with one class there is nothing to tell apart"),
        ("text,mood\n" + "".join(f"the boat,{n}\n" for n in range(20)), {}, "too many to learn"),
        ("text,mood\n" + ",good\n,bad\n" * 10, {}, "only 0 labelled sentences"),
        (ROWS.replace("sailor", "sailor and sailor " * 20), {}, "places for 32"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_before_launch(text: str, more: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        mine(text, **more)
    if isinstance(caught.value, SpecError):
        experiment = tuned("own-classes", text="text:" + "0" * 32, **more).with_(caught.value.works)
        opened(experiment.with_({"tune.labels": 8}), read_text=lambda _: text)


def test_no_label_is_held_out_that_training_never_shows() -> None:
    text = ROWS + "the boat near the table,rare\n"
    source, _ = mine(text)
    assert isinstance(source, LabelledSource)
    rare = source.classes.index("rare")
    assert rare in {int(source.rows[row][1][0]) for row in source.train}
    assert rare not in {int(source.rows[row][1][0]) for row in source.test}


def test_tags_of_ones_own_are_told_in_the_starts_words() -> None:
    tags = "".join(f"Sailors\tB-per\nspot\tO\nthe{n}\tO\n\n" for n in range(20))
    source, _ = mine(tags, "own-tags")
    batch = source.held_out(2)
    assert spoken(source, batch.real(0))[:3] == ["[CLS]", "sailors", "spot"]
    assert [source.classes[k] for k in batch.labels[0] if k != IGNORE] == ["B-per", "O", "O"]


# Prompts


def prompt(said: str, task: str = "own-classes", **data: Any) -> tuple[Source, Start | None]:
    about = {"text": "text:" + "0" * 32} if task == "own-classes" else {}
    experiment = tuned(task, **about, **data, tune={"strategy": "zero-shot", "verbaliser": said, "labels": 8})
    return opened(experiment, read_text=lambda _: ROWS)


def test_a_blank_stands_behind_sentences_that_have_no_word_to_hide() -> None:
    for source, start in (prompt("awful sadly | lovely gladly"), prompt("lovely | awful", "transfer", question="xor")):
        assert start is not None
        before = source.held_out(20)
        asked = source.prompted(before)  # type: ignore[attr-defined]
        for row in range(len(before.tokens)):
            ids, blank = before.real(row), asked.real(row)
            assert blank.tolist() == [*ids[:-1], MASK, ids[-1]]
            (place,) = np.flatnonzero(asked.labels[row] != IGNORE)
            assert (blank[place], asked.labels[row, place]) == (MASK, before.answers[row])  # type: ignore[index]


def test_words_of_ones_own_stand_for_the_classes_of_a_question() -> None:
    source, _ = prompt("happily | sadly", "transfer", question="mood")
    assert source.verbaliser == (("happily",), ("sadly",))  # type: ignore[attr-defined]
    asked = source.prompted(source.held_out(20))  # type: ignore[attr-defined]
    assert ((asked.tokens == MASK).sum(1) == 1).all()
    assert asked.tokens.shape[1] == source.length
    assert source.shifted(5).tokens.shape == (5, source.length)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "task", "words"),
    [
        ("", "own-classes", "nothing to prompt for"),
        ("good", "own-classes", "Each of the 2 classes needs words"),
        ("good | ", "own-classes", "Each of the 2 classes needs words"),
        ("lovely | zebra", "own-classes", "knows no “zebra”"),
        ("lovely", "names", "one class of each sentence"),
    ],
)
def test_a_prompt_that_cannot_work_is_told_with_what_does(said: str, task: str, words: str) -> None:
    with pytest.raises(SpecError, match=words) as caught:
        prompt(said, task)
    about = {"text": "text:" + "0" * 32} if task == "own-classes" else {}
    experiment = tuned(task, **about, tune={"strategy": "zero-shot", "verbaliser": said, "labels": 16})
    opened(experiment.with_(caught.value.works), read_text=lambda _: ROWS)


def test_a_blank_needs_a_place() -> None:
    text = ROWS.replace("sailor", "sailor and " + "near " * 21 + "near")
    experiment = tuned("own-classes", text="text:" + "0" * 32, tune={"labels": 8})
    opened(experiment, read_text=lambda _: text)  # fits
    asked = experiment.with_({"tune.strategy": "zero-shot", "tune.verbaliser": "awful | lovely"})
    with pytest.raises(SpecError, match="none for a blank"):
        opened(asked, read_text=lambda _: text)


def test_a_prompt_of_ones_own_words_is_carried_out() -> None:
    source, start = prompt("awful sadly | lovely gladly")
    experiment = tuned("own-classes", text="text:" + "0" * 32, tune={"strategy": "zero-shot", "labels": 8})
    experiment = experiment.with_({"tune.verbaliser": "awful sadly | lovely gladly", "train.held_out": 8})
    *_, last = train(experiment, source, start=start)
    assert isinstance(last, Finished), last
    assert 0 <= last.metrics["held_out"]["accuracy"] <= 1
