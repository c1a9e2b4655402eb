"""Attention: every word gathers from the words that it may see (Vaswani et al. 2017, section 3.2)."""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.direction import visible
from core.models.kernels import HALF, Linear, attention
from core.models.memory import Memory
from core.models.positions import distances, slopes, turned
from core.models.tap import Tap
from core.spec import ModelSpec


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    direction: str,
    window: int | None = None,
    fades: bool = False,
    allowed: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """softmax(QKᵀ/√d) V over the visible words: (B, H, T, d) each -> (output (B, H, T, d), weights (B, H, T, S)).

    `window`: how far a word sees on each side. `fades`: scores fall with distance, in each head at its own slope
    (ALiBi, Press et al. 2022). `allowed` (B, 1, T, S), where rows differ in who sees whom (see `allow`): in place of
    direction and window.
    """
    H, T = query.shape[1:3]
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])  # (B, H, T, S)
    if fades:
        scores = scores - slopes(H).to(scores)[:, None, None] * distances(T).to(scores)
    may_see = torch.from_numpy(visible(direction, T, window)).to(query.device) if allowed is None else allowed
    weights = scores.masked_fill(~may_see, -math.inf).softmax(dim=-1)  # (B, H, T, S), each row sums to 1
    return weights @ value, weights


def attend_fast(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    direction: str,
    window: int | None = None,
    fades: bool = False,
    allowed: Tensor | None = None,
) -> Tensor:
    """The same output by PyTorch's fused kernel, which never holds the weights."""
    if allowed is not None:
        hidden = torch.zeros(1, device=query.device, dtype=query.dtype).masked_fill(~allowed, -math.inf)
        if fades:
            hidden = hidden - (slopes(query.shape[1])[:, None, None] * distances(query.shape[-2])).to(hidden)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=hidden)
    if fades or window:
        mask = added_mask(direction, query.shape[-2], window, query.shape[1] if fades else 0)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=None if mask is None else mask.to(query))
    if direction == "right-to-left":  # the causal kernel on the sentence read backwards
        query, key, value = query.flip(-2), key.flip(-2), value.flip(-2)
        return F.scaled_dot_product_attention(query, key, value, is_causal=True).flip(-2)
    return F.scaled_dot_product_attention(query, key, value, is_causal=direction == "left-to-right")


def allow(direction: str, window: int | None, sees: Tensor) -> Tensor:
    """(B, 1, T, S) bool: what direction and window allow and `sees` (B, 1 or T, S) doesn't forbid.

    Every word may see itself, so that nothing is asked to look at nothing: padding, whose state nobody reads.
    """
    T = sees.shape[-1]
    here = torch.from_numpy(visible(direction, T, window)).to(sees.device)  # (T, S)
    return ((sees & here) | torch.eye(T, dtype=torch.bool, device=sees.device))[:, None]


@cache
def added_mask(direction: str, length: int, window: int | None = None, fading: int = 0) -> Tensor | None:
    """(T, S) to add to scores: 0 where t may see s, −∞ where not; None where everything is visible.

    `fading` heads whose scores fall with distance: (H, T, S).
    """
    hidden = torch.from_numpy(~visible(direction, length, window))
    if not fading and not hidden.any():
        return None
    added = torch.zeros(length, length)
    if fading:
        added = added - slopes(fading)[:, None, None] * distances(length)
    return added.masked_fill(hidden, -math.inf).to(torch.float32 if fading else HALF)


class Attention(nn.Module):
    """Multi-head self-attention. `direction` says which words are visible; nothing else differs.

    Grouped heads (Ainslie et al. 2023): G ≤ H heads of keys and values, each shared by H/G heads of queries.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        width, self.heads = spec.sizes.width, spec.sizes.heads
        self.groups = spec.key_heads or self.heads
        self.rotary, self.fades, self.window = spec.positions == "rotary", spec.positions == "alibi", spec.window
        shared = 2 * width * self.groups // self.heads
        self.query_key_value = Linear(width, width + shared)  # three linear maps of the same input, side by side
        self.output = Linear(width, width)

    def forward(self, x: Tensor, direction: str, tap: Tap, allowed: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D). `allowed` (B, 1, T, S): see `allow`."""
        together = self.query_key_value(x)  # (B, T, 3D), or less where heads share keys and values
        result: Tensor = self.output(self.gather(together, direction, tap, allowed))
        return result

    def gather(self, together: Tensor, direction: str, tap: Tap, allowed: Tensor | None) -> Tensor:
        """(B, T, 3D) -> (B, T, D)."""
        plain = self.groups == self.heads and not self.rotary and not self.fades
        rounded = getattr(self.query_key_value, "rounded", None)  # `peft` may have put a layer of its own around it
        if rounded is not None and not tap.alive and plain:
            mask = added_mask(direction, together.shape[1], self.window) if allowed is None else self.added(allowed)
            return attention(together, self.heads, mask)
        query, key, value = self.split(together)
        key, value = self.share(key), self.share(value)  # (B, H, T, d) each
        if tap.alive:
            gathered, weights = attend(query, key, value, direction, self.window, self.fades, allowed)
            tap.keep("attention", weights)  # (B, H, T, S)
        else:
            gathered = attend_fast(query, key, value, direction, self.window, self.fades, allowed)
        return gathered.transpose(1, 2).flatten(2)  # the heads side by side again

    def read_on(self, x: Tensor, memory: Memory, layer: int) -> Tensor:  # (B, T, D) -> (B, T, D)
        """Left to right, for T new words: they look at themselves and at the keys and values in memory."""
        query, key, value = self.split(self.query_key_value(x), memory.length)
        key, value = map(self.share, memory.extend(layer, key, value))  # (B, H, S, d) each
        result: Tensor = self.output(self.look_back(query, key, value))
        return result

    def look_back(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """The last T of S words look at what is before them: (B, H, T, d), (B, H, S, d) twice -> (B, T, D)."""
        T, S = query.shape[-2], key.shape[-2]
        mask = None
        if T > 1 or self.window or self.fades:
            added = added_mask("left-to-right", S, self.window, self.heads if self.fades else 0)
            mask = None if added is None else added[..., -T:, :].to(query)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2).flatten(2)

    def added(self, allowed: Tensor) -> Tensor:  # (B, 1, T, S) -> (B·H, T, S)
        """To add to rounded scores: 0 where a word may be seen, −∞ where not."""
        mask = torch.zeros(1, device=allowed.device, dtype=HALF).masked_fill(~allowed, -math.inf)
        return mask.expand(-1, self.heads, -1, -1).flatten(0, 1)

    def share(self, x: Tensor) -> Tensor:  # (B, G, T, d) -> (B, H, T, d)
        """A group's keys or values for each of its query heads."""
        return x if self.groups == self.heads else x.repeat_interleave(self.heads // self.groups, dim=1)

    def split(self, together: Tensor, first: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """Every head its share of the width: (B, T, …) -> query (B, H, T, d), key and value (B, G, T, d).

        `first`: the place of the first word.
        """
        B, T = together.shape[:2]
        apart = together.view(B, T, self.heads + 2 * self.groups, -1).transpose(1, 2)  # (B, H + 2G, T, d)
        query, key, value = apart.split([self.heads, self.groups, self.groups], dim=1)
        if self.rotary:
            query, key = turned(query, first), turned(key, first)
        return query, key, value
