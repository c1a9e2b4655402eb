"""The parts of a model in the learner's language; the engine names them in English: "decoder left-to-right norms"."""

from __future__ import annotations

from ui.words import later, tr

PLACES = {
    "encoder": later("encoder"),
    "decoder": later("decoder"),
    "left-to-right": later("left-to-right"),
    "right-to-left": later("right-to-left"),
}
PARTS = (
    later("word embedding"),
    later("position embedding"),
    later("token-type embedding"),
    later("embedding norm"),
    later("source word embedding"),
    later("source position embedding"),
    later("attention"),
    later("cross-attention"),
    later("cross norms"),
    later("feed-forward"),
    later("norms"),
    later("LSTM"),
    later("start"),
    later("alignment"),
    later("context"),
    later("which end"),
    later("length"),
    later("join"),
    later("pooler"),
    later("read-out"),
    later("read-out of words"),
)


def part_words(name: str) -> str:
    """A part's name: where it stands, and what it is."""
    place, _, part = name.partition(" ")
    if part and place in PLACES:
        return tr("{place} {part}", place=tr(PLACES[place]), part=part_words(part))
    return tr(name) if name in PARTS else name
