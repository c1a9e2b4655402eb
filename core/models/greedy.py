"""Many sentences written at once, the likeliest word at each step: how a translator is tested while it learns.

`core.decoding` writes one sentence, with beams, and tells how.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.data.contract import Batch
from core.models.cross import Encoded
from core.models.seq2seq import Seq2Seq, both_ways
from core.text import END, MASK, PAD, SPECIAL, START

ROUNDS = 4  # of mask-predict
Written = tuple[Tensor, Tensor, Tensor]  # words (B, T) in the order of writing, their probabilities, how many (B,)


@torch.no_grad()
def translations(model: Seq2Seq, pairs: Batch) -> list[tuple[list[int], list[float]]]:
    """For each source (B, S) its translation in reading order, [end] left out, and each word's probability.

    Dropout is off meanwhile.
    """
    assert pairs.source is not None
    source, lengths = (
        None if one is None else torch.from_numpy(one).to(model.words.weight.device)
        for one in (pairs.source, pairs.source_lengths)
    )
    training = model.training
    model.eval()
    written = _translations(model, model.read(source, lengths))  # type: ignore[arg-type]
    model.train(training)
    return written


def _translations(model: Seq2Seq, encoded: Encoded) -> list[tuple[list[int], list[float]]]:
    match model.spec.writes:
        case "mask-predict":
            return _rows(_filled(model, encoded))
        case "synchronous":
            ends = _rows(_written(model, both_ways(encoded), "left-to-right"))
            halves = zip(ends[: len(ends) // 2], map(_turned, ends[len(ends) // 2 :]), strict=True)
            return [(first[0] + last[0], first[1] + last[1]) for first, last in halves]
        case "agreement":
            return _agreed(model, encoded)
        case "right-to-left":
            return [_turned(one) for one in _rows(_written(model, encoded, "right-to-left"))]
    return _rows(_written(model, encoded, "left-to-right"))


def _written(model: Seq2Seq, encoded: Encoded, direction: str) -> Written:
    """Word by word until every row has ended."""
    memory = model.begin(encoded, direction)
    words = model.starts(len(encoded.states[0]))
    found, sure, ended = list[Tensor](), list[Tensor](), torch.zeros_like(words, dtype=torch.bool)
    for _ in range(model.length):
        chance, words = _likeliest(model.step(words, memory))
        words = words.masked_fill(ended, END)
        ended = ended | (words == END)
        found.append(words)
        sure.append(chance)
        if ended.all():
            break
    tokens = torch.stack(found, dim=1)
    return tokens, torch.stack(sure, dim=1), (tokens != END).sum(1)


def _likeliest(logits: Tensor) -> tuple[Tensor, Tensor]:
    """(…, V) -> (…) the likeliest word's probability, and that word; marks other than [end] are never written."""
    logits = logits.float()
    logits[..., [*range(len(SPECIAL)), START]] = -torch.inf
    best = logits.softmax(-1).max(-1)
    return best.values, best.indices


def _rows(written: Written) -> list[tuple[list[int], list[float]]]:
    tokens, chances, counts = (one.tolist() for one in written)
    return [(row[:n], sure[:n]) for row, sure, n in zip(tokens, chances, counts, strict=True)]


def _turned(one: tuple[list[int], list[float]]) -> tuple[list[int], list[float]]:
    return one[0][::-1], one[1][::-1]


def _agreed(model: Seq2Seq, encoded: Encoded) -> list[tuple[list[int], list[float]]]:
    """What either direction writes, judged by both: the sentence with the larger sum of log-probabilities wins."""
    onward = _rows(_written(model, encoded, "left-to-right"))
    backward = [_turned(one) for one in _rows(_written(model, encoded, "right-to-left"))]
    scores = [_judged(model, encoded, [words for words, _ in some]) for some in (onward, backward)]
    return [one if first >= last else other for one, other, first, last in zip(onward, backward, *scores, strict=True)]


def _judged(model: Seq2Seq, encoded: Encoded, sentences: list[list[int]]) -> list[float]:
    """(B,) log-probability of whole sentences by both decoders."""
    longest = min(model.length, max(map(len, sentences)) + 1)
    total = torch.zeros(len(sentences), device=encoded.states[0].device)
    for direction, step in (("left-to-right", 1), ("right-to-left", -1)):
        rows = [[*words[::step], END][:longest] for words in sentences]
        targets = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows], device=total.device)
        given = torch.cat([model.starts(len(rows))[:, None], targets[:, :-1]], dim=1)
        scores = model.read_out(model.write(encoded, given, direction)).float().log_softmax(-1)
        total += (scores.gather(-1, targets[..., None])[..., 0] * (targets != PAD)).sum(1)
    return total.tolist()  # type: ignore[no-any-return]


def _filled(model: Seq2Seq, encoded: Encoded) -> Written:
    """Mask-predict with the likeliest length: all words at once, then the least sure anew (`core.decoding`)."""
    counts = model.guess_length(encoded).argmax(-1)  # (B,)
    place = torch.arange(int(counts.max()) + 1, device=counts.device)
    real = place < counts[:, None]  # (B, T)
    tokens = torch.where(real, MASK, torch.where(place == counts[:, None], END, PAD))
    sure = torch.zeros(tokens.shape, device=counts.device)
    for number in range(ROUNDS):
        logits = model.read_out(model.write(encoded, tokens, lengths=counts + 1))
        logits[..., END] = -torch.inf
        chance, words = _likeliest(logits)
        blank = tokens == MASK
        tokens, sure = torch.where(blank, words, tokens), torch.where(blank, chance, sure)
        if number + 1 < ROUNDS:
            again = counts * (ROUNDS - number - 1) // ROUNDS  # (B,) how many are masked once more
            rank = sure.masked_fill(~real, torch.inf).argsort(1).argsort(1)
            tokens = torch.where(rank < again[:, None], MASK, tokens)
    return tokens, sure, counts


def exact(model: Seq2Seq, pairs: Batch) -> float:
    """Share of translations that are right from the first word to the last, written by the model on its own."""
    written = translations(model, pairs)
    truth = [real(row, pairs.lengths, at)[:-1] for at, row in enumerate(pairs.tokens)]
    return sum(words == target for (words, _), target in zip(written, truth, strict=True)) / len(truth)


def real(row: np.ndarray, lengths: np.ndarray | None, at: int = 0) -> list[int]:
    """The ids of one row without its padding."""
    ids: list[int] = row[: None if lengths is None else int(lengths[at])].tolist()
    return ids
