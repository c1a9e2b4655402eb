"""What sits on top: a read-out turns a word's state into a score for each answer (or each word of the vocabulary)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.kernels import Linear
from core.models.transformer import ACTIVATIONS, norm
from core.spec import ModelSpec


class WordScores(nn.Module):
    """Scores by the word vectors themselves (Press & Wolf 2017): a word's score is its vector's product with the state.

    With a bias for each word (BERT) or none (GPT-2). `rounded`: see `Linear`.
    """

    rounded: Tensor | None = None

    def __init__(self, words: nn.Embedding, bias: bool) -> None:
        super().__init__()
        self.table = (words,)  # in a tuple, so that the vectors aren't a part of this layer, too
        zeros = torch.zeros(words.num_embeddings)
        self.bias = nn.Parameter(zeros) if bias else nn.Buffer(zeros, persistent=False)

    @property
    def weight(self) -> Tensor:  # (V, D)
        return self.table[0].weight

    def forward(self, x: Tensor) -> Tensor:  # (…, D) -> (…, V)
        return F.linear(x.to(self.weight.dtype), self.weight, self.bias)


class ReadOut(nn.Module):
    """states (…, D') -> logits (…, K). "linear": one map; "mlp": one hidden layer of D units first.

    "transform": the hidden layer's norm as well (Devlin et al. 2019, in their code). `words`: the word vectors, where
    they are shared.
    """

    def __init__(self, spec: ModelSpec, states: int, classes: int, words: nn.Embedding | None = None) -> None:
        super().__init__()
        inner = states if spec.read_out == "linear" else spec.sizes.width
        self.hidden = None if spec.read_out == "linear" else Linear(states, inner)
        self.norm = norm(spec) if spec.read_out == "transform" else nn.Identity()
        self.activation = ACTIVATIONS.get(spec.activation, F.gelu) if spec.read_out == "transform" else F.gelu
        self.scores = Linear(inner, classes) if words is None else WordScores(words, spec.read_out != "linear")

    def features(self, states: Tensor) -> Tensor:
        """What the last linear map reads: (…, D') -> (…, D' or D)."""
        if self.hidden is None:
            return states
        normed: Tensor = self.norm(self.activation(self.hidden(states)))
        return normed

    def forward(self, states: Tensor) -> Tensor:
        logits: Tensor = self.scores(self.features(states))
        return logits
