"""Whose turn it is: a queue that is fair to learners, not to runs. Plain arithmetic, no clock and no process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def in_turn(waiting: Sequence[tuple[str, str]], working: Iterable[str], served: Mapping[str, float]) -> list[str]:
    """Ids of waiting runs in the order in which they will start.

    `waiting`: (id, owner) in the order of arrival; `working`: the owner of each run under way; `served`: when each
    owner last had a worker. Each learner's first run comes before anybody's second, and so on (round robin), counting
    what a learner already has running; among equals, who was served longest ago comes first.
    """
    taken = Counter(working)
    ranked = []
    for arrival, (run_id, owner) in enumerate(waiting):
        ranked.append((taken[owner], served.get(owner, 0.0), arrival, run_id))
        taken[owner] += 1
    return [run_id for *_, run_id in sorted(ranked)]
