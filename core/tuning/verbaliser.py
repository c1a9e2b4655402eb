"""Words stand for classes: a read-out that asks the pretrained one how likely each class's words are in a blank."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.heads import ReadOut


class Unchanged(nn.Module):
    """A last linear map that does nothing, for whoever computes the loss; it never learns."""

    rounded: Tensor | None = None

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.weight = nn.Buffer(torch.eye(classes), persistent=False)
        self.bias = nn.Buffer(torch.zeros(classes), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x


class Verbaliser(ReadOut):
    """states (…, D') -> logits (…, K): of each class, log Σ exp of its words' scores (Schick & Schütze 2021, §3.1)."""

    def __init__(self, former: ReadOut, classes: int) -> None:
        nn.Module.__init__(self)
        self.former = (former,)  # in a tuple, so that the pretrained read-out isn't a part of this one, too
        words = former.scores.weight.shape[0]
        self.stands = nn.Buffer(
            torch.zeros(classes, words, dtype=torch.bool)
        )  # (K, V) which words stand for which class
        self.scores = Unchanged(classes)  # type: ignore[assignment]

    def fill(self, words_of: Sequence[Sequence[str]], words: Sequence[str]) -> None:
        """Name the words of each class by the vocabulary (V,). Raises ValueError where a class has none."""
        place = {word: index for index, word in enumerate(words)}
        for k, some in enumerate(words_of):
            known = [place[word] for word in some if word in place]
            if not known:
                raise ValueError(f"The pretrained model knows none of the words {', '.join(some)}.")
            self.stands[k, known] = True

    def features(self, states: Tensor) -> Tensor:  # (…, D') -> (…, K)
        logits = self.former[0](states)  # (…, V)
        return torch.stack([logits[..., own].logsumexp(-1) for own in self.stands], dim=-1)

    def forward(self, states: Tensor) -> Tensor:
        scores: Tensor = self.scores(self.features(states))
        return scores
