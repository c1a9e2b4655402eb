"""Experiments in links: compact base64url JSON, read strictly, because anyone can write a link."""

from __future__ import annotations

import base64
import binascii
import json
import re

from core.fields import SpecError
from core.runs.texts import REFERENCE
from core.spec import Experiment, from_json
from ui.words import later

ALPHABET = re.compile(r"[A-Za-z0-9_-]+")
CUT_OFF = later("The experiment in this link is damaged: it may have been cut off. Ask for the link again.")
DAMAGED = later("The experiment in this link is damaged. Ask for the link again.")
CANT_WORK = later("The experiment in this link can't work.")
NAMES_A_FILE = later(
    "This link names a file. Links may only use the built-in text or one that was pasted or uploaded here."
)
LONGEST = 4000  # letters; every setting changed at once needs about 1,500


class LinkError(ValueError):
    """A link that can't be used, in words for the person who opened it; `problem`: why its experiment is refused."""

    def __init__(self, words: str, problem: SpecError | None = None) -> None:
        self.words, self.problem = words, problem
        super().__init__(words if problem is None else f"{words} {problem}")


def encode(experiment: Experiment) -> str:
    """The experiment as one word for a link: only what differs from the defaults."""
    plain = json.dumps(experiment.to_json(), separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def decode(word: str) -> Experiment:
    """The experiment in a link. Raises LinkError for anything but an experiment that a page could have made."""
    if len(word) > LONGEST or not ALPHABET.fullmatch(word):
        raise LinkError(CUT_OFF)
    try:
        plain = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise LinkError(DAMAGED) from None
    try:
        experiment = from_json(plain)
    except SpecError as error:
        raise LinkError(CANT_WORK, error) from None
    except RecursionError:
        raise LinkError(DAMAGED) from None
    if not trusted(experiment):
        raise LinkError(NAMES_A_FILE)
    return experiment


def trusted(experiment: Experiment) -> bool:
    """Whether the page may open this experiment's data: a game, the built-in text or a kept one, never a file."""
    text = experiment.data.own
    return not text or bool(REFERENCE.fullmatch(text))
