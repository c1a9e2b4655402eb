"""Switching heads off: what does the model say without them? Evidence beside what their attention suggests.

Attention shows where a head reads, not that the answer depends on it (Jain & Wallace 2019; Wiegreffe & Pinter 2019).
Without its output a head says nothing, and what then changes was its doing (Michel, Levy & Neubig 2019, section 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.data.contract import Batch, Source
from core.looking.answers import log_chances, predictions
from core.looking.asked import asked
from core.looking.attention import NothingToSee
from core.models.build import Model, Network
from core.models.seq2seq import Seq2Seq
from core.models.transformer import Transformer
from core.objectives import evaluate
from core.picture import Picture

Head = tuple[str, int, int]  # (stack, layer, head), the stack by the name of its taps; "decoder cross" for crossing
JUDGED = 200  # held-out sentences that tell what the loss is without a head
AFFORDABLE = 2e11  # operations for switching off every head in turn
FULL, GONE = 1.0, 0.0


def heads_of(model: Network) -> list[tuple[str, int, int]]:
    """(stack, layers, heads of each) of all that attends, in the order of the pictures' layers."""
    return [(stack, len(outputs), _count(model, stack)) for stack, outputs in _outputs(model).items()]


def _outputs(model: Network) -> dict[str, list[nn.Module]]:
    """The linear map of each layer that the heads' outputs, side by side, go through."""
    if isinstance(model, Model):
        if model.spec.family != "transformer":
            return {}
        if not model.spec.late:
            return {"stack": _attentions(model.stack)}
        return {
            "forward": _attentions(model.forward_stack),
            "backward": _attentions(model.backward_stack or model.forward_stack),
        }
    if model.spec.cells != "transformer":
        return {}
    names = ["encoder"] if len(model.encoder.stacks) == 1 else ["encoder.forward", "encoder.backward"]
    found = {name: _attentions(one) for name, one in zip(names, model.encoder.stacks, strict=True)}
    for name, decoder in (("decoder", model.decoder), ("decoder_back", model.decoder_back)):
        if decoder is not None:
            found[name] = [block.attention.output for block in decoder.blocks]  # type: ignore[union-attr]
            found[f"{name} cross"] = [block.cross.output for block in decoder.blocks]  # type: ignore[union-attr]
    return found


def _attentions(stack: nn.Module) -> list[nn.Module]:
    assert isinstance(stack, Transformer)
    return [block.attention.output for block in stack.blocks]  # type: ignore[union-attr, misc]


def _count(model: Network, stack: str) -> int:
    """Heads of a layer; a crossing to two encoders has some for each."""
    heads = model.spec.sizes.heads
    return heads * len(model.encoder.widths) if isinstance(model, Seq2Seq) and stack.endswith("cross") else heads


@contextmanager
def without(model: Network, heads: Sequence[Head], rows: Tensor | None = None) -> Iterator[None]:
    """While the block lasts, these heads give nothing: zeros go into the map that follows them.

    `rows` (N, B) bool: in which row of a batch each of the N heads is off; None: in all. Raises NothingToSee for a head
    that isn't there.
    """
    outputs = _outputs(model)
    there = {stack: (layers, count) for stack, layers, count in heads_of(model)}
    for stack, layer, head in heads:
        layers, count = there.get(stack, (0, 0))
        if not (0 <= layer < layers and 0 <= head < count):
            known = ", ".join(f"{name}: {a} layers of {b}" for name, (a, b) in there.items()) or "none"
            raise NothingToSee(f"There is no head {head + 1} in layer {layer + 1} of “{stack}”. Its heads are {known}.")
    with ExitStack() as hooks:
        for stack, parts in outputs.items():
            for number, part in enumerate(parts):
                off = [(n, head) for n, (s, layer, head) in enumerate(heads) if (s, layer) == (stack, number)]
                if off:
                    turns = _turns(model, stack)
                    hook = part.register_forward_pre_hook(_silence(off, there[stack][1], rows, turns))
                    hooks.callback(hook.remove)
        yield


def _turns(model: Network, stack: str) -> tuple[int, int]:
    """(how many stacks share this part, which of them is meant): tied directions run through the same one in turn."""
    shared = isinstance(model, Model) and model.spec.late and model.backward_stack is None
    return (2, int(stack == "backward")) if shared else (1, 0)


def _silence(off: list[tuple[int, int]], count: int, rows: Tensor | None, turns: tuple[int, int]) -> Any:
    """A hook that zeroes some of `count` heads in what enters their map, (B, T, H·d)."""
    calls = 0

    def hook(_: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        nonlocal calls
        calls += 1
        if (calls - 1) % turns[0] != turns[1]:
            return None
        x = given[0]
        share = x.new_full((len(x) if rows is not None else 1, 1, count, 1), FULL)
        for number, head in off:
            share[slice(None) if rows is None else rows[number], :, head] = GONE
        apart = x.view(*x.shape[:2], count, -1)  # (B, T, H, d)
        return ((apart * share).flatten(2), *given[1:])

    return hook


def ablation(model: Model, source: Source, tokens: np.ndarray, heads: Sequence[Sequence[int]] = ()) -> Picture:
    """What the model says with and without `heads`, [[layer, head], …] as numbered in the picture of attention.

    For each word (T,): how "sure" it is of the answer that it likes best with all heads, how sure it still "remains"
    of that one, and how far all its probabilities "moved" (Kullback–Leibler divergence in nats). "alone" (L, H): the
    mean of `moved` where each head alone is off, if that is quickly computed. notes: "without", the likeliest answers
    then, as `predictions`; "loss" and "accuracy" on held-out sentences, before and after; the "heads" that are off.
    """
    listed = [(stack, layer) for stack, layers, _ in heads_of(model) for layer in range(layers)]
    if not listed:
        raise NothingToSee("An LSTM has no heads to switch off.")
    if any(len(one) != 2 or not 0 <= one[0] < len(listed) for one in heads):
        raise NothingToSee(f"A head is named by its layer, 0 to {len(listed) - 1}, and its number in that layer.")
    off = [(*listed[layer], int(head)) for layer, head in heads]
    before = log_chances(model, tokens)  # (T, K)
    with without(model, off):
        after, said = log_chances(model, tokens), predictions(model, source, tokens)
    best = before.argmax(-1, keepdim=True)
    sure, remains = (one.gather(-1, best)[:, 0].exp() for one in (before, after))
    arrays, axes = {"sure": sure, "remains": remains, "moved": _moved(before, after)}, {"alone": ("L", "H")}
    if _cost(model, len(tokens)) < AFFORDABLE:
        arrays["alone"] = _alone(model, tokens, before)
    notes = {"heads": [list(one) for one in heads], "without": said, **_judged(model, source, off)}
    plain = {name: one.float().cpu().numpy() for name, one in arrays.items()}
    return Picture((), plain, {name: axes.get(name, ("T",)) for name in arrays}, notes)


def _moved(before: Tensor, after: Tensor) -> Tensor:
    """(…, T, K) log-probabilities -> (…, T) Σ p·(log p − log q)."""
    moved: Tensor = (before.exp() * (before - after)).sum(-1).clamp(min=0)
    return moved


def _alone(model: Model, tokens: np.ndarray, before: Tensor) -> Tensor:
    """(L, H): the sentence once for each head that is off, a layer's in one batch."""
    found = []
    for stack, layers, count in heads_of(model):
        for layer in range(layers):
            rows = torch.eye(count, dtype=torch.bool, device=before.device)
            with without(model, [(stack, layer, head) for head in range(count)], rows):
                after = log_chances(model, tokens, count)
            found.append(_moved(before, after.view(count, *before.shape)).mean(-1))
    return torch.stack(found)


def _cost(model: Model, T: int) -> float:
    """Operations for one pass of the sentence without each head in turn."""
    weights = sum(one.numel() for name, one in model.named_parameters() if not name.startswith("words"))
    return 2.0 * weights * T * sum(layers * heads for _, layers, heads in heads_of(model))


def _judged(model: Model, source: Source, off: Sequence[Head]) -> dict[str, Any]:
    """Loss and accuracy on held-out sentences with all heads, and without some."""
    batch: Batch = asked(model, source, JUDGED)
    device = model.words.weight.device
    with_ = evaluate(model, batch, device)
    with without(model, off):
        less = evaluate(model, batch, device)
    return {name: [with_[name], less[name]] for name in ("loss", "accuracy")} | {"judged on": len(batch.tokens)}
