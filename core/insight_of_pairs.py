"""What an encoder–decoder can and can't know while it writes, in plain words."""

from __future__ import annotations

from core.limits import ceiling_of
from core.spec import Experiment

KNOWS = {
    "left-to-right": "Before it writes a word it has read the whole source, and what it has written before it – never "
    "what comes later in its own sentence.",
    "right-to-left": "It writes the last word first: for each word it knows the whole source and what comes after it "
    "in its own sentence – never what comes before.",
    "agreement": "One decoder writes from the front, one from the back, and the sentence that both like best wins. "
    "Each knows the whole source and what it has written itself: each can begin wrongly, but hardly in the same way.",
    "synchronous": "It writes from both ends at once, and either end reads what the other has written by then; they "
    "meet in the middle. The first word of either is written without the other.",
    "mask-predict": "It fills a whole row of blanks at once, knowing the source and every word that isn’t blank. Words "
    "that are filled in the same round don’t know of each other; more rounds let them agree.",
    "unmasked": "While it learns it is given the true sentence and can look ahead in it, so it copies its answer from "
    "there. When it writes on its own nothing stands there yet, and nonsense comes out.",
}
READS = {
    "left-to-right": " Its encoder reads one way: what an early word means is settled before a later one is read, "
    "though the decoder looks at all of them.",
    "right-to-left": " Its encoder reads backwards: what a late word means is settled before an earlier one is read, "
    "though the decoder looks at all of them.",
    "both": "",
}


def can_write(experiment: Experiment) -> str:
    """What this encoder–decoder can and can't know, and the limit that follows."""
    model = experiment.model
    known = KNOWS[model.writes] + READS[model.reads]
    best = None if model.writes == "unmasked" else ceiling_of(experiment)
    if best is None:
        return known
    if best >= 1:
        return f"{known} With this data every word can be right."
    return f"{known} With this data at most {100 * best:.1f} % of the words can be right: chance remains in it."
