"""What state a run is in and what to make of it, in plain words. Numbers are the run's own measurements."""

from __future__ import annotations

import time

from ui import backend
from ui.panels.amounts import duration
from ui.panels.naming import plain
from ui.panels.watched import Watched

BADGES = {
    "queued": ("gray", "waiting"),
    "running": ("violet", "training"),
    "paused": ("orange", "paused"),
    "finished": ("green", "finished"),
    "stopped": ("gray", "stopped"),
    "failed": ("red", "failed"),
    "crashed": ("red", "interrupted"),
}


def badge(status: str) -> str:
    colour, word = BADGES[status]
    return f":{colour}-badge[{word}]"


def status_words(watched: Watched) -> str:
    """One line on where the run stands."""
    run, history = watched.run, watched.history
    progress = f"step {run.step:,} of {run.steps:,}"
    match run.status:
        case "queued":
            return waiting(backend.runner().place(run.id))
        case "running" if not history.steps:
            return "Getting ready: the first step comes in a moment."
        case "running":
            left = "" if history.seconds_left is None else f" · about {duration(history.seconds_left)} left"
            return f"{progress} · {history.tokens_per_second:,.0f} tokens/s{left}"
        case "paused":
            return f"Paused at {progress}. {plain(run.message) or 'It waits for you.'}"
        case "finished":
            speed = f"{history.tokens_per_second:,.0f} tokens/s"
            return f"{run.step:,} steps in {duration(history.seconds)} · {speed}{early(watched)}"
        case "stopped":
            return f"Stopped at {progress}. {plain(run.message)}"
        case "failed":
            return plain(run.message) or "It could not go on."
        case _:
            return (
                f"The process that trained this run ended unexpectedly at {progress}. "
                f"Everything up to step {backend.store().resume_step(run.id):,} is safe."
            )


def waiting(place: int) -> str:
    """What a run that waits is told; the first in the queue may simply be starting."""
    capacity = backend.runner().capacity()
    if place <= 1 and capacity.running < capacity.workers:
        return "Starting …"
    here = f"Place {max(1, place)} in the queue"
    at_once = "one run" if capacity.workers == 1 else f"{capacity.workers} runs"
    return f"{here}: this machine trains {at_once} at a time. It starts by itself."


def early(watched: Watched) -> str:
    finished = watched.history.finished or {}
    if finished.get("reason") != "stopped early":
        return ""
    return f" · stopped early: step {finished['best_step']:,} was the best and was kept"


def device_words(watched: Watched) -> str:
    """What it runs on and how large it is; "" before the first step."""
    started = watched.history.started
    if not started:
        return ""
    device = {"cpu": "CPU", "cuda": "GPU", "mps": "Apple GPU"}.get(started["device"], started["device"])
    return f"{started['parameters']:,} parameters · {device}, {started['precision']}"


def ago(moment: float) -> str:
    """How long since a moment (seconds since 1970), as people say it."""
    passed = max(0.0, time.time() - moment)
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if passed >= size:
            count = int(passed // size)
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"
