"""Prefix tuning: in every layer, each word can also look at a few learned keys and values (Li & Liang 2021, §4).

Without the network that makes them in Li & Liang's section 4.3, as in PEFT: keys and values learn themselves.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.attention import Attention
from core.models.build import Model
from core.models.direction import visible
from core.models.positions import distances, slopes
from core.models.tap import Tap
from core.tuning.inserts import Inserted, blocks, insert


class PrefixAttention(Inserted, Attention):
    """Attention over P learned places and the words. The places have no position: every word sees all of them, equally
    near, whatever its direction and window. `prefix_keys` and `prefix_values` are (G, P, d).

    Taps: "attention" (B, H, T, S) keeps to the words, so that its rows add up to less than 1; the rest of each row is
    "prefix" (B, H, T, P).
    """

    plain, extra = Attention, ("prefix_keys", "prefix_values")
    prefix_keys: Tensor
    prefix_values: Tensor

    def gather(self, together: Tensor, direction: str, tap: Tap, allowed: Tensor | None) -> Tensor:
        """(B, T, 3D) -> (B, T, D)."""
        query, key, value = self.split(together)
        key, value = self.after(self.prefix_keys, self.share(key)), self.after(self.prefix_values, self.share(value))
        mask = self.mask(direction, query.shape[-2], allowed)  # (…, T, P + S)
        mask = None if mask is None else mask.to(query)
        if tap.alive or self.query_key_value.rounded is not None:  # PyTorch's fused kernel is slow at rounded numbers
            scores = query @ key.mT / math.sqrt(query.shape[-1])
            weights = (scores if mask is None else scores + mask).softmax(-1)  # (B, H, T, P + S)
            P = self.prefix_keys.shape[1]
            tap.keep("attention", weights[..., P:])
            tap.keep("prefix", weights[..., :P])
            gathered = weights @ value
        else:
            gathered = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return gathered.transpose(1, 2).flatten(2)

    def mask(self, direction: str, length: int, allowed: Tensor | None = None) -> Tensor | None:
        """To add to the scores: as without a prefix, and nothing for it. None where every word sees everything."""
        if allowed is None and direction == "both" and self.window is None and not self.fades:
            return None
        device = self.prefix_keys.device
        sees = torch.from_numpy(visible(direction, length, self.window)).to(device) if allowed is None else allowed
        added = torch.zeros(sees.shape, device=device).masked_fill(~sees, -math.inf)
        if self.fades:
            added = added - (slopes(self.heads)[:, None, None] * distances(length)).to(device)
        return F.pad(added, (self.prefix_keys.shape[1], 0))

    def look_back(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """The last T of S words look at the prefix and at what is before them: (B, H, T, d) … -> (B, T, D)."""
        T, S = query.shape[-2], key.shape[-2]
        mask = self.mask("left-to-right", S)
        mask = None if mask is None else mask[..., -T:, :].to(query)
        key, value = self.after(self.prefix_keys, key), self.after(self.prefix_values, value)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2).flatten(2)

    def after(self, prefix: Tensor, x: Tensor) -> Tensor:
        """Keys or values (B, H, S, d) after those of the prefix (G, P, d): (B, H, P + S, d)."""
        return torch.cat([self.share(prefix[None]).to(x).expand(len(x), -1, -1, -1), x], dim=-2)


@torch.no_grad()
def add_prefix(model: Model, length: int, draw: torch.Generator) -> None:
    """Put P = `length` keys and values into every layer: at first those of words drawn from the vocabulary (§7.4).

    Each is what a word alone gives, so the start isn't the model as it was: it looks at a few words more.
    """
    words = torch.randint(model.words.num_embeddings, (length, 1), generator=draw)  # (P, 1)
    seen: dict[Attention, Tensor] = {}
    layers = [block.attention for block in blocks(model)]
    hooks = [
        one.query_key_value.register_forward_hook(lambda _, __, made, one=one: seen.update({one: made}))
        for one in layers
    ]
    training = model.training
    model.eval()
    model.encode(model.embed(words.to(model.words.weight.device)))
    model.train(training)
    for hook in hooks:
        hook.remove()
    for one, together in seen.items():
        _, key, value = (part[:, :, 0].transpose(0, 1).float() for part in one.split(together))  # (G, P, d)
        insert(
            one,
            PrefixAttention,
            prefix_keys=nn.Parameter(key.clone(memory_format=torch.contiguous_format)),
            prefix_values=nn.Parameter(value.clone(memory_format=torch.contiguous_format)),
        )
