"""LSTM: a memory that reads word by word (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).

One way, the other way, or stacked so that each layer reads both directions of the one below (Graves & Schmidhuber
2005). Two one-way LSTMs joined on top (Schuster & Paliwal 1997) are two of these and a `Join`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.models.memory import Memory
from core.models.tap import Tap


def turned(x: Tensor, lengths: Tensor | None) -> Tensor:  # (B, T, …) -> (B, T, …)
    """Each row read backwards; with `lengths` (B,) its padding stays behind it. Turned twice, it is as before."""
    if lengths is None:
        return x.flip(1)
    place = torch.arange(x.shape[1], device=x.device)
    back = lengths[:, None] - 1 - place  # (B, T), negative in the padding
    index = torch.where(back < 0, place, back)
    return x.gather(1, index[..., None].expand_as(x))


class LSTM(nn.Module):
    """`interleaved`: every layer reads both ways, its output is (B, T, 2D); else (B, T, D) in the given direction."""

    def __init__(self, width: int, layers: int, dropout: float, interleaved: bool) -> None:
        super().__init__()
        between = dropout if layers > 1 else 0.0
        self.cells = nn.LSTM(width, width, layers, batch_first=True, dropout=between, bidirectional=interleaved)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, direction: str, tap: Tap, lengths: Tensor | None = None) -> Tensor:
        """(B, T, D) -> (B, T, D) or (B, T, 2D). `lengths` (B,): real words of each row; padding isn't read."""
        backwards = direction == "right-to-left"
        if tap.alive:
            return self.read(x, backwards, tap, lengths)
        states: Tensor
        if self.cells.bidirectional and lengths is not None:
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            states = pad_packed_sequence(self.cells(packed)[0], batch_first=True, total_length=x.shape[1])[0]
        else:
            states = self.cells(turned(x, lengths) if backwards else x)[0]
        kept: Tensor = self.dropout(turned(states, lengths) if backwards else states)
        return kept

    def read_on(self, x: Tensor, memory: Memory) -> Tensor:  # (B, T, D) -> (B, T, D)
        """Left to right, from where the memory left off."""
        before = tuple(one.transpose(0, 1).contiguous() for one in memory.kept.get(0, ()))  # (L, B, D)
        states, (state, cell) = self.cells(x, before or None)
        memory.kept[0] = state.transpose(0, 1), cell.transpose(0, 1)
        read: Tensor = states
        return read

    def read(self, x: Tensor, backwards: bool, tap: Tap, lengths: Tensor | None) -> Tensor:
        """The same numbers by readable arithmetic, layer by layer, with everything inside kept."""
        for layer in range(self.cells.num_layers):
            if self.cells.bidirectional:
                passes = [self._pass(x, f"l{layer}", False, lengths), self._pass(x, f"l{layer}_reverse", True, lengths)]
            else:
                passes = [self._pass(x, f"l{layer}", backwards, lengths)]
            x = torch.cat([states for states, _, _ in passes], dim=-1)  # (B, T, D) or (B, T, 2D)
            tap.at(layer).keep("gates", torch.cat([gates for _, gates, _ in passes], dim=-1))  # (B, T, 4D or 8D)
            tap.at(layer).keep("cell", torch.cat([cells for _, _, cells in passes], dim=-1))  # (B, T, D or 2D)
            tap.at(layer).keep("state", x)
            x = self.dropout(x)
        return x

    def _pass(self, x: Tensor, name: str, backwards: bool, lengths: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """One reading of the sentence: (B, T, D) -> states (B, T, D), gates (B, T, 4D) and cells (B, T, D).

        All in reading order.
        """
        w_input, w_state, b_input, b_state = (
            getattr(self.cells, f"{kind}_{name}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        hidden = cell = x.new_zeros(x.shape[0], self.cells.hidden_size)  # (B, D)
        states, gates, cells = [], [], []
        for word in (turned(x, lengths) if backwards else x).unbind(1):  # (B, D) each
            pre = word @ w_input.T + b_input + hidden @ w_state.T + b_state  # (B, 4D)
            i, f, g, o = pre.chunk(4, dim=-1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            cell = f * cell + i * g  # forget some, write some
            hidden = o * cell.tanh()  # show some
            states.append(hidden)
            gates.append(torch.cat([i, f, g, o], dim=-1))
            cells.append(cell)
        first, second, third = (torch.stack(one, dim=1) for one in (states, gates, cells))
        if backwards:
            return turned(first, lengths), turned(second, lengths), turned(third, lengths)
        return first, second, third
