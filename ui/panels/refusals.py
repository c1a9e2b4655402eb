"""A refused experiment in full, as in a link: the setting as it is written in a file, why, and what works."""

from __future__ import annotations

from core.fields import SpecError, shown
from ui.words import later, tr

TEXT = later("text")  # as a refusal calls what must be a text


def refused(problem: SpecError) -> str:
    value = shown(problem.value)
    said = tr("{name} = {value}: {reason}", name=problem.name, value=value, reason=tr(problem.reason))
    if not problem.works:
        return said
    offer = tr(" and ").join(f"{name} = {shown(value)}" for name, value in problem.works.items())
    return tr("{sentence} {next}", sentence=said, next=tr("Try {changes}.", changes=offer))
