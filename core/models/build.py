"""An experiment becomes a model: embed words, read them in one or both directions, join, answer.

one way or deep:   words -> embedding -> stack -> read-out
joined late:       words -> embedding -> left-to-right stack ┐
                                   └───> right-to-left stack ┴> join -> read-out     (ELMo, Peters et al. 2018)
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.data.batches import END
from core.models.cross import Alignment
from core.models.fusion import Join
from core.models.heads import ReadOut
from core.models.kernels import Linear
from core.models.memory import Memory
from core.models.seq2seq import Seq2Seq
from core.models.stacks import positions_of, seen, stack_of
from core.models.tap import QUIET, Tap
from core.models.transformer import Transformer, norm
from core.parts.objective import OF_PAIRS
from core.spec import Experiment, ModelSpec


class Output(NamedTuple):
    states: Tensor  # (B, T, D') what the read-out reads
    logits: Tensor  # (B, T, K), or (N, K) at the scored positions


class Model(nn.Module):
    """A language model as its spec says. K classes; `length` is the longest sentence it reads.

    `kinds`: how many kinds of tokens it tells apart (Devlin et al. 2019, §3: a first and a second sentence); 0: none.
    `objective`: what it is asked for; "" where that makes no difference to its parts.
    """

    def __init__(
        self, spec: ModelSpec, words: int, classes: int, length: int, kinds: int = 0, objective: str = ""
    ) -> None:
        super().__init__()
        self.spec, sizes = spec, spec.sizes
        self.length, self.objective = max(length, spec.places or 0), objective
        self.tap: Tap = QUIET
        self.words = nn.Embedding(words, sizes.width)
        self.positions = positions_of(spec, self.length)
        self.kinds = nn.Embedding(kinds, sizes.width) if kinds else None
        self.norm = norm(spec) if spec.embedding_norm and spec.family == "transformer" else nn.Identity()
        self.dropout = nn.Dropout(spec.dropout)
        if spec.late:
            self.forward_stack = stack_of(spec)
            self.backward_stack = None if spec.tied else stack_of(spec)  # tied: one stack reads both ways
            self.join = Join(spec.join, sizes.width)
            states = self.join.width
        else:
            self.stack = stack_of(spec)
            states = 2 * sizes.width if spec.family == "lstm" and spec.two_way else sizes.width
        self.pooler = Linear(states, states) if spec.pools else None
        self.filler = ReadOut(spec, states, words) if objective == "masked-and-next" else None  # for the hidden words
        self.read_out = ReadOut(
            spec, sizes.width if self.apart else states, classes, self.words if spec.tied_words else None
        )
        self.former: ReadOut | None = None  # of a fine-tuned model: the read-out that it was pretrained with,
        self.partner: Model | None = None  # and the pretrained model itself where it learns along

    @property
    def apart(self) -> bool:
        """Each direction is read on its own, by one read-out (ELMo's two-way language model)."""
        return self.objective == "two-way-lm"

    def embed(
        self, tokens: Tensor, first: int = 0, kinds: Tensor | None = None, places: Tensor | None = None
    ) -> Tensor:
        """What each word means by itself and where it stands: (B, T) -> (B, T, D).

        `first`: the place of the first word; `places` (B, T) where they don't follow one another. `kinds` (B, T) of the
        tokens; None: all of the first.
        """
        vectors: Tensor = self.words(tokens)
        if self.positions is not None:
            stand = self.positions[first : first + tokens.shape[1]] if places is None else self.positions[places]
            vectors = vectors + stand
        if kinds is None and self.objective in OF_PAIRS:
            kinds = second(tokens)
        if self.kinds is not None:
            vectors = vectors + (self.kinds.weight[0] if kinds is None else self.kinds(kinds))
        embedded: Tensor = self.dropout(self.norm(vectors))
        return embedded

    def encode(self, embedded: Tensor, lengths: Tensor | None = None, sees: Tensor | None = None) -> Tensor:
        """What each word means in its context, (B, T, D) -> (B, T, D'): the only place where words meet.

        `lengths` (B,): real words of each row, the rest is padding. `sees` (B, T, T) bool narrows what the direction
        allows, in a Transformer.
        """
        self.tap.keep("embedding", embedded)
        limits = lengths if self.spec.family == "lstm" else seen(lengths, sees, embedded.shape[1])
        if self.spec.late:
            f = self.forward_stack(embedded, "left-to-right", self.tap.at("forward"), limits)
            b = (self.backward_stack or self.forward_stack)(embedded, "right-to-left", self.tap.at("backward"), limits)
            states: Tensor = self.join(f, b)
        else:
            states = self.stack(embedded, self.spec.direction, self.tap.at("stack"), limits)
        self.tap.keep("joined", states)
        return states

    def read(self, states: Tensor) -> Tensor:
        """What the read-out reads: (B, T, D') itself, or of two directions one after the other, (B, 2T, D)."""
        return torch.cat(states.chunk(2, dim=-1), dim=1) if self.apart else states

    def pool(self, states: Tensor, lengths: Tensor | None = None) -> Tensor:  # (B, T, D') -> (B, D')
        """One state for each row: the mean over its real words, its first word's, or its last word's."""
        T = states.shape[1]
        if self.pooler is not None:
            mapped: Tensor = self.pooler(states[:, 0])
            return mapped.relu() if self.spec.pool == "pooler-relu" else mapped.tanh()
        if self.spec.pool == "first":
            return states[:, 0]
        if lengths is None:
            return states[:, -1] if self.spec.pool == "last" else states.mean(1)
        if self.spec.pool == "last":
            return states[torch.arange(len(states), device=states.device), lengths - 1]
        real = torch.arange(T, device=states.device) < lengths[:, None]  # (B, T)
        return (states * real[..., None]).sum(1) / lengths[:, None]

    def read_on(self, tokens: Tensor, memory: Memory) -> Tensor:
        """Logits (B, K) after the last of T new words (B, T) of a left-to-right model, which joins them to its memory.

        Raises ValueError for any other model: what stands before a new word would have to be computed anew.
        """
        if self.spec.direction != "left-to-right":
            raise ValueError("Only a left-to-right model can keep what it has read.")
        states = self.stack.read_on(self.embed(tokens, memory.length), memory)  # (B, T, D')
        memory.length += tokens.shape[1]
        logits: Tensor = self.read_out(states[:, -1])
        return logits

    def recompute(self, wanted: bool) -> None:
        """Gradient checkpointing (Chen et al. 2016): Transformer layers keep their input only, and compute twice."""
        for part in self.modules():
            if isinstance(part, Transformer):
                part.recomputes = wanted

    def forward(
        self,
        tokens: Tensor,
        scored: Tensor | None = None,
        lengths: Tensor | None = None,
        kinds: Tensor | None = None,
        sees: Tensor | None = None,
    ) -> Output:
        """tokens (B, T); `scored` (N,) indices into the flattened positions of `read`: logits are computed only there.

        `lengths`, `kinds` and `sees`: see `encode` and `embed`.
        """
        states = self.encode(self.embed(tokens, kinds=kinds), lengths, sees)  # (B, T, D')
        read = self.read(states)
        head = self.filler or self.read_out
        return Output(states, head(read if scored is None else read.flatten(0, 1)[scored]))  # (N, D')


def second(tokens: Tensor) -> Tensor:
    """(B, T) 0 for a pair's first sentence with its [SEP], 1 for its second."""
    ends = tokens == END
    return (ends.cumsum(1) - ends.long()).clamp(max=1)


def build(experiment: Experiment, words: int, classes: int) -> Model:
    """The experiment's model with fresh weights, the same for the same seed; V `words`, K `classes` (V for text)."""
    settings = experiment.data.settings
    kinds = max(settings.kinds, experiment.model.token_types)
    model = Model(experiment.model, words, classes, settings.length, kinds, experiment.objective_name)
    initialise(model, experiment.train.seed)
    return model


Network = Model | Seq2Seq


def build_network(experiment: Experiment, words: int, classes: int, source_words: int = 0) -> Network:
    """`build` for every family; an encoder–decoder reads `source_words` and writes `words`."""
    if experiment.model.family != "encoder-decoder":
        return build(experiment, words, classes)
    settings = experiment.data.settings
    model = Seq2Seq(experiment.model, source_words, words, settings.source_length, settings.length)
    initialise(model, experiment.train.seed)
    return model


@torch.no_grad()
def initialise(model: Network, seed: int) -> None:
    """Draw all weights from one generator: small enough to be calm, large enough that every path carries a signal."""
    draw = torch.Generator().manual_seed(seed)
    scale = 1.0 if model.spec.built_of == "lstm" else 0.5
    if model.spec.tied_words:
        scale = 0.7 / math.sqrt(model.spec.sizes.width)  # the same vectors are the read-out's map
    for table in _tables(model):
        table.normal_(0, scale, generator=draw)
    for part in model.modules():
        if isinstance(part, Linear):
            part.weight.normal_(0, 0.7 / math.sqrt(part.in_features), generator=draw)
            part.bias.zero_()
        elif isinstance(part, nn.LSTM):
            _initialise_lstm(part, model.spec.forget_bias, draw)
        elif isinstance(part, Alignment) and part.fit is not None:
            part.fit.normal_(0, 1 / math.sqrt(part.fit.shape[1]), generator=draw)


def _tables(model: Network) -> list[nn.Parameter]:
    """What stands for words, places and kinds of tokens."""
    found = [model.words.weight, model.positions]
    if isinstance(model, Seq2Seq):
        found += [model.encoder.words.weight, model.encoder.positions]
        found += [] if model.sides is None else [model.sides.weight]
    elif model.kinds is not None:
        found.append(model.kinds.weight)
    return [one for one in found if isinstance(one, nn.Parameter)]


def _initialise_lstm(cells: nn.LSTM, forget_bias: float, draw: torch.Generator) -> None:
    """Uniform within ±1/√D, and a forget gate that starts open (Gers et al. 2000; Jozefowicz et al. 2015)."""
    bound, D = 1 / math.sqrt(cells.hidden_size), cells.hidden_size
    for name, weight in cells.named_parameters():
        weight.uniform_(-bound, bound, generator=draw)
        if "bias" in name:
            weight[D : 2 * D] = forget_bias  # gates stand in the order input, forget, cell, output
