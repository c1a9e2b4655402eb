"""Sentences to look at: a game's own with its cue and its question, a piece of a text, or the learner's."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.data.batches import END, FIRST, frame
from core.data.contract import IGNORE, Batch, Source, TextError
from core.data.corpora import TextSource, marks_of
from core.data.transfer.questions import Transfer
from core.parts.objective import OF_PAIRS, OF_WHOLE
from core.spec import Experiment
from core.text import MASK, join_words

EXAMPLES = 50
PIECES = {"character": 40, "byte": 40}  # tokens of an example from a text; 16 of longer ones
BLANK = "[mask]"


@dataclass(frozen=True)
class Looked:
    """A sentence as it is shown and sent: `asked` are the places that are asked about, `truth` the answers known."""

    text: str
    words: tuple[str, ...]
    asked: tuple[int, ...] = ()
    cues: tuple[int, ...] = ()
    truth: dict[int, str] = field(default_factory=dict)
    whole: str = ""  # the true class of the sentence as a whole, where it is known


def example(experiment: Experiment, source: Source, number: int) -> Looked:
    """The number-th held-out sentence; it begins anew after EXAMPLES."""
    batch, row = source.held_out(EXAMPLES), number % EXAMPLES
    if batch.source is not None:
        return Looked(text := " ".join(source_sentence(source, batch, row)), tuple(text.split()))
    if experiment.data.asks_words:
        return _piece(experiment, source, batch.tokens[row])
    named = source.classes
    if experiment.objective_name in OF_PAIRS:
        objective, named = experiment.resolved().objective, source.words
        batch = frame(objective, batch, np.random.default_rng(0), len(source.words))
    places = np.flatnonzero(batch.labels[row] != IGNORE).tolist()
    truth = {place: named[batch.labels[row, place]] for place in places}
    cues = () if batch.cues is None else tuple(np.flatnonzero(batch.cues[row]).tolist())
    words = tuple(source.words[token] for token in batch.real(row))
    whole = "" if batch.answers is None else source.classes[batch.answers[row]]
    return Looked(" ".join(words), words, tuple(places), cues, truth, whole)


def source_sentence(source: Source, pairs: Batch, row: int) -> list[str]:
    """What an encoder reads of one pair, in words."""
    assert pairs.source is not None
    read: tuple[str, ...] = getattr(source, "source_words", source.words)
    real = None if pairs.source_lengths is None else int(pairs.source_lengths[row])
    return [read[token] for token in pairs.source[row, :real]]


def own(experiment: Experiment, source: Source, text: str) -> Looked:
    """A learner's sentence. Raises TextError for one that the model can't read."""
    ids = source.encode(text)
    if experiment.model.family == "encoder-decoder":
        return Looked(text, tuple(text.split()))
    words = tuple(source.words[token] for token in ids)
    return Looked(text, words, asked_about(experiment, source, ids))


def asked_about(experiment: Experiment, source: Source, ids: np.ndarray) -> tuple[int, ...]:
    """Places of ids (T,) that the model was trained to answer."""
    objective = experiment.objective_name
    if objective in ("next-word", "two-way-lm", "prefix-lm"):
        return (len(ids) - 1 - (marks_of(source) > 0 and ids[-1] == END),)
    if objective == "previous-word":
        return (int(marks_of(source) > 0),)
    if objective in ("masked-word", "permutation-lm", "masked-and-next"):
        return tuple(np.flatnonzero(ids == MASK).tolist())
    if objective in OF_WHOLE:
        return ()
    if objective == "tag":
        return source.tagged(ids) if isinstance(source, Transfer) else tuple(range(len(ids)))
    batch = source.held_out(10 * EXAMPLES)
    asked = np.unique(batch.tokens[batch.labels != IGNORE])  # the words that the game ever asks about
    return tuple(np.flatnonzero(np.isin(ids, asked)).tolist())


def _piece(experiment: Experiment, source: Source, window: np.ndarray) -> Looked:
    """The beginning of a window of text, short enough for a picture, with one word hidden or left out."""
    kind, window = cut_by(source), _without_marks(source, window)
    if kind in ("bpe", "unigram"):  # from the first whole word on
        window = window[next((t for t, token in enumerate(window[:8]) if source.words[token].startswith("␣")), 0) :]
    length = min(PIECES.get(kind, 16), len(window) - 1)
    objective = experiment.objective_name
    ids, place = window[:length].copy(), length // 2
    truth = {"previous-word": window[0], "masked-word": window[place], "permutation-lm": window[place]}.get(
        objective, window[length]
    )
    if objective == "previous-word":
        ids = window[1 : length + 1].copy()
    elif objective in ("masked-word", "permutation-lm"):
        ids[place] = MASK
    text = spelled(source, ids, kind)
    try:
        looked = own(experiment, source, text)
    except TextError:  # cut anew, a piece can come out longer than the window that it was cut from
        looked = own(experiment, source, spelled(source, ids[: length // 2 + 1], kind))
    again = _without_marks(source, source.encode(looked.text))
    same = len(again) == len(ids) and (again[1:] == ids[1:]).all()  # the first may have lost the space before it
    return Looked(looked.text, looked.words, looked.asked, (), {looked.asked[0]: source.classes[truth]} if same else {})


def cut_by(source: Source) -> str:
    """The kind of tokenizer that cuts a text."""
    return source.tokenizer.kind if isinstance(source, TextSource) else "word"


def _without_marks(source: Source, ids: np.ndarray) -> np.ndarray:
    """(T',) ids without what a checkpoint's tokenizer puts around a sentence."""
    if not isinstance(source, TextSource):
        return ids[~np.isin(ids, [FIRST, END])] if marks_of(source) else ids
    return ids[~np.isin(ids, [*source.tokenizer.before, *source.tokenizer.after])]


def spelled(source: Source, ids: np.ndarray, tokenizer: str) -> str:
    """Tokens as a learner would type them."""
    words = [BLANK if token == MASK else source.words[token] for token in ids]
    return join_words(words, tokenizer).strip()
