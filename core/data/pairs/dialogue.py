"""Some people speak, then somebody asks: the answer is in what was said, or it was never said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from core.data.pairs.pair_game import Pair, PairGame
from core.data.tasks.english import words
from core.fields import setting

PEOPLE = words("Anna Ben Clara David Emma Felix")
# What can be said: the words of it, how it is asked and answered, and what it may be.
TOPICS = {
    "like": ("I like", "what does {} like ?", "{} likes", words("tea coffee music chess football snow")),
    "live": ("I live in", "where does {} live ?", "{} lives in", words("Rome Paris Cairo Oslo Lima Delhi")),
    "have": ("I have a", "which pet does {} have ?", "{} has a", words("cat dog parrot rabbit turtle pony")),
}
UNSAID = "{} has not said that"


@dataclass(frozen=True)
class Dialogue(PairGame):
    """One to n lines, each by somebody on a topic; then a question, in u of all cases about what was never said."""

    title: ClassVar[str] = "Dialogue"
    story: ClassVar[str] = (
        "Anna, Ben and the others each say where they live, what they like or which pet they have. Then comes a "
        "question. The answer has to be found in the history, with the right person and the right topic, or it is that "
        "nobody said so."
    )

    n: int = setting(3, "Lines", "The most that is said before the question.", unit="lines", low=1, high=6)
    u: float = setting(0.2, "Never said", "How often the question is about what nobody told.", low=0.0, high=1.0)

    @property
    def source_lexicon(self) -> tuple[str, ...]:
        said = [text for told, asked, _, options in TOPICS.values() for text in (told, asked.format(""), *options)]
        return tuple(dict.fromkeys([*PEOPLE, ":", *" ".join(said).split(), "."]))

    @property
    def lexicon(self) -> tuple[str, ...]:
        said = [text for _, _, answered, options in TOPICS.values() for text in (answered.format(""), *options)]
        return tuple(dict.fromkeys([*PEOPLE, *" ".join([*said, UNSAID.format("")]).split(), "."]))

    @property
    def source_length(self) -> int:
        return 7 * self.n + 6

    @property
    def longest(self) -> int:
        return 6

    @property
    def sources(self) -> int:
        """Counted without questions about what was never said."""
        pairs = len(PEOPLE) * len(TOPICS)
        return sum(math.perm(pairs, n) * 6**n * n for n in range(1, self.n + 1))

    def pair(self, draw: Random) -> Pair:
        about = [(person, topic) for person in PEOPLE for topic in TOPICS]
        lines = draw.sample(about, draw.randint(1, self.n))
        answers, source = {}, []
        for person, topic in lines:
            told, _, _, options = TOPICS[topic]
            answers[person, topic] = draw.choice(options)
            source += [person, ":", *told.split(), answers[person, topic], "."]
        unsaid = draw.random() < self.u
        person, topic = draw.choice([one for one in about if one not in answers] if unsaid else lines)
        _, asked, answered, _ = TOPICS[topic]
        start = UNSAID if unsaid else answered
        answer = [] if unsaid else [answers[person, topic]]
        return [*source, *asked.format(person).split()], [*start.format(person).split(), *answer, "."]
