"""Read-outs: word vectors that are shared learn from both their uses, in float32 and rounded."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.data.contract import IGNORE, Batch
from core.models.build import build
from core.objectives import answer, ask
from core.optimiser import AdamW
from core.parts.model import READ_OUTS
from core.spec import from_json

WORDS = 17


@pytest.mark.parametrize("read_out", READ_OUTS)
def test_shared_word_vectors_learn_from_both_their_uses(read_out: str) -> None:
    experiment = from_json({"data": {"task": "text"}, "model": {"read_out": read_out, "tied_words": True}})
    model = build(experiment, WORDS, WORDS)
    draw = np.random.default_rng(0)
    batch = Batch(draw.integers(0, WORDS, (3, 8)), draw.integers(0, WORDS, (3, 8)))
    batch.labels[:, ::3] = IGNORE
    loss, _ = answer(model, ask(batch, torch.device("cpu")))
    loss.backward()  # type: ignore[no-untyped-call]
    got = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
    model.zero_grad()
    logits = model(torch.from_numpy(batch.tokens)).logits.flatten(0, 1)
    F.cross_entropy(logits, torch.from_numpy(batch.labels).flatten(), ignore_index=IGNORE).backward()
    for name, one in model.named_parameters():
        torch.testing.assert_close(got[name], one.grad, rtol=1e-4, atol=1e-6)
    assert ("read_out.scores.bias" in got) == (read_out != "linear")
    assert not any(name.endswith("scores.weight") for name in model.state_dict())


def test_shared_word_vectors_are_rounded_with_the_other_products() -> None:
    experiment = from_json({"data": {"task": "text"}, "model": {"tied_words": True}})
    model = build(experiment, WORDS, WORDS)
    optimiser = AdamW(model, experiment.resolved().train, half=True)
    scores = model.read_out.scores
    assert scores.rounded is not None
    model.words.weight.grad.fill_(1.0)  # type: ignore[union-attr]
    before = model.words.weight.detach().clone()
    optimiser.step(0.1)
    assert not torch.equal(model.words.weight, before)
    assert torch.equal(scores.rounded, model.words.weight.bfloat16())
    assert scores.weight is model.words.weight


@pytest.mark.parametrize("tied_words", [True, False])
@pytest.mark.parametrize("read_out", READ_OUTS)
def test_rounded_read_outs_say_nearly_the_same(read_out: str, tied_words: bool) -> None:
    made = {"read_out": read_out, "tied_words": tied_words, "norm_place": "post", "embedding_norm": True}
    experiment = from_json({"data": {"task": "text"}, "model": made})
    model, tokens = build(experiment, WORDS, WORDS), torch.arange(WORDS)[None]
    expected = model(tokens).logits.softmax(-1)
    AdamW(model, experiment.resolved().train, half=True)
    with torch.no_grad():
        torch.testing.assert_close(model(tokens).logits.float().softmax(-1), expected, rtol=0.0, atol=0.02)
    loss, _ = answer(model, ask(Batch(tokens.numpy(), tokens.numpy()), torch.device("cpu")))
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)
