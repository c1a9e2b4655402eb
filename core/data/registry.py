"""Every source of sequences by name; menus, the command line, files and tests walk this table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.data.contract import Source
from core.data.corpora import Text, open_text
from core.data.documents import TwoSentences
from core.data.labels.names import Names
from core.data.labels.own import (
    OwnClasses,
    OwnLabels,
    OwnTags,
    examples,
    examples_through_datasets,
    open_labels,
)
from core.data.labels.sentiment import Sentiment
from core.data.labels.speech import Speech
from core.data.labels.topic import Topic
from core.data.pairs.agreement import Agreement
from core.data.pairs.backwards import Backwards
from core.data.pairs.chinese import Chinese
from core.data.pairs.dialects import Dialects
from core.data.pairs.dialogue import Dialogue
from core.data.pairs.later import Later
from core.data.pairs.own import Pairs, open_pairs
from core.data.pairs.summarise import Summarise
from core.data.spans import Spans, open_spans
from core.data.tasks.brackets import Brackets
from core.data.tasks.cloze import Cloze
from core.data.tasks.compare import Compare
from core.data.tasks.entity import Entity
from core.data.tasks.gap import Gap
from core.data.tasks.negate import Negate
from core.data.tasks.recall import Recall
from core.data.tasks.sense import Sense
from core.data.transfer.questions import Transfer
from core.data.transfer.sentences import Sentences

GAMES: dict[str, type] = {
    "sense": Sense,
    "negate": Negate,
    "brackets": Brackets,
    "cloze": Cloze,
    "entity": Entity,
    "gap": Gap,
    "recall": Recall,
    "compare": Compare,
}
LABELLED: dict[str, type] = {  # sentences with one class each, or with a tag for each word
    "sentiment": Sentiment,
    "topic": Topic,
    "names": Names,
    "speech": Speech,
}
OWN: dict[str, type] = {"own-classes": OwnClasses, "own-tags": OwnTags}  # labelled files of a learner's own
PAIRS: dict[str, type] = {  # to read one sentence and to write another
    "backwards": Backwards,
    "agreement": Agreement,
    "later": Later,
    "dialects": Dialects,
    "chinese": Chinese,
    "summarise": Summarise,
    "dialogue": Dialogue,
}
DATA: dict[str, type] = {
    **GAMES,
    **PAIRS,
    "own-pairs": Pairs,
    "text": Text,
    "spans": Spans,
    "two-sentences": TwoSentences,
    "sentences": Sentences,
    "transfer": Transfer,
    **LABELLED,
    **OWN,
}


def open_source(
    settings: Any, read_text: Callable[[str], str] | None = None, checkpoint: str = "", worker: bool = False
) -> Source:
    """The source behind a DataSpec's settings; `read_text` turns a kept text's name into its characters.

    `checkpoint`: whose tokenizer cuts text (ModelSpec.checkpoint). A `worker` reads labelled files through `datasets`.
    """
    if isinstance(settings, OwnLabels):
        return open_labels(settings, read_text, examples_through_datasets if worker else examples)
    if isinstance(settings, Spans):
        return open_spans(settings, read_text)
    if isinstance(settings, Pairs):
        return open_pairs(settings, read_text)
    return open_text(settings, read_text, checkpoint) if isinstance(settings, Text) else settings
