"""What state a run is in and what to make of it, in plain words. Numbers are the run's own measurements."""

from __future__ import annotations

import time

from ui import backend
from ui.panels.amounts import duration
from ui.panels.naming import plain
from ui.panels.watched import Watched
from ui.words import later, tr

BADGES = {
    "queued": ("gray", later("waiting")),
    "running": ("violet", later("training")),
    "paused": ("orange", later("paused")),
    "finished": ("green", later("finished")),
    "stopped": ("gray", later("stopped")),
    "failed": ("red", later("failed")),
    "crashed": ("red", later("interrupted")),
}

DEVICES = {"cpu": later("CPU"), "cuda": later("GPU"), "mps": later("Apple GPU")}
LONG_AGO = (
    (86400, later("1 day ago"), later("{n} days ago")),
    (3600, later("1 hour ago"), later("{n} hours ago")),
    (60, later("1 minute ago"), later("{n} minutes ago")),
)


def badge(status: str) -> str:
    colour, word = BADGES[status]
    return f":{colour}-badge[{tr(word)}]"


def status_words(watched: Watched) -> str:
    """One line on where the run stands."""
    run, history = watched.run, watched.history
    at = {"step": f"{run.step:,}", "steps": f"{run.steps:,}"}
    message = plain(tr(run.message)) if run.message else ""
    match run.status:
        case "queued":
            return waiting(backend.runner().place(run.id))
        case "running" if not history.steps:
            return tr("Getting ready: the first step comes in a moment.")
        case "running":
            return under_way(watched)
        case "paused":
            return tr("Paused at step {step} of {steps}. {why}", **at, why=message or tr("It waits for you."))
        case "finished":
            done = tr("{steps} steps in {time}", steps=at["step"], time=duration(history.seconds))
            return " · ".join([done, speed(history.tokens_per_second), *early(watched)])
        case "stopped":
            return tr("Stopped at step {step} of {steps}. {why}", **at, why=message)
        case "failed":
            return message or tr("It could not go on.")
        case _:
            return tr(
                "The process that trained this run ended unexpectedly at step {step} of {steps}. Everything up to step "
                "{safe} is safe.",
                **at,
                safe=f"{backend.store().resume_step(run.id):,}",
            )


def under_way(watched: Watched) -> str:
    run, history = watched.run, watched.history
    told = [tr("step {step} of {steps}", step=f"{run.step:,}", steps=f"{run.steps:,}")]
    told.append(speed(history.tokens_per_second))
    if history.seconds_left is not None:
        told.append(tr("about {time} left", time=duration(history.seconds_left)))
    return " · ".join(told)


def speed(tokens_per_second: float) -> str:
    return tr("{n} tokens/s", n=f"{tokens_per_second:,.0f}")


def waiting(place: int) -> str:
    """What a run that waits is told; the first in the queue may simply be starting."""
    capacity = backend.runner().capacity()
    if place <= 1 and capacity.running < capacity.workers:
        return tr("Starting …")
    here = max(1, place)
    if capacity.workers == 1:
        return tr("Place {n} in the queue: this machine trains one run at a time. It starts by itself.", n=here)
    return tr(
        "Place {n} in the queue: this machine trains {workers} runs at a time. It starts by itself.",
        n=here,
        workers=capacity.workers,
    )


def early(watched: Watched) -> list[str]:
    finished = watched.history.finished or {}
    if finished.get("reason") != "stopped early":
        return []
    return [tr("stopped early: step {step} was the best and was kept", step=f"{finished['best_step']:,}")]


def device_words(watched: Watched) -> str:
    """What it runs on and how large it is; "" before the first step."""
    started = watched.history.started
    if not started:
        return ""
    return tr(
        "{n} parameters · {device}, {precision}",
        n=f"{started['parameters']:,}",
        device=tr(DEVICES.get(started["device"], started["device"])),
        precision=started["precision"],
    )


def ago(moment: float) -> str:
    """How long since a moment (seconds since 1970), as people say it."""
    passed = max(0.0, time.time() - moment)
    for size, one, several in LONG_AGO:
        if passed >= size:
            count = int(passed // size)
            return tr(one) if count == 1 else tr(several, n=count)
    return tr("just now")
