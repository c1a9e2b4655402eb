"""Text to learn from: the built-in corpus, or the learner's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from core.data.contract import Recipe, Source, TextError
from core.fields import check, setting

TOKENIZERS = ("character", "word", "bpe")


@dataclass(frozen=True)
class Text:
    """Plain text cut into windows of `length` tokens. `text` empty: the built-in corpus."""

    title: ClassVar[str] = "Plain text"
    story: ClassVar[str] = "Ordinary sentences, built in or your own. The model learns to predict their words."
    recipe: ClassVar[Recipe] = Recipe(steps=600, batch=32, learning_rate=3e-3, held_out=400)

    text: str = setting("", "Text", "Your own text; empty means the built-in one.")
    tokenizer: str = setting(
        "word", "Tokenizer", "How text falls apart: characters, whole words, or frequent pieces.", choices=TOKENIZERS
    )
    vocabulary: int = setting(
        1000, "Vocabulary", "Most tokens that the tokenizer may learn.", unit="tokens", low=64, high=32_000, deeper=True
    )
    length: int = setting(32, "Context", "Tokens that the model reads at once.", unit="tokens", low=4, high=512)

    def __post_init__(self) -> None:
        check(self, "data")


def open_text(settings: Text, read_text: Callable[[str], str] | None = None) -> Source:
    """The text behind the settings as a source. Raises TextError in plain words."""
    raise TextError("The built-in text is not written yet.")
