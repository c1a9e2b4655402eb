"""What happened in a race, in plain words. Every number is this run's own measurement or the game's exact ceiling."""

from __future__ import annotations

import math

from core.cheating import leak
from ui.panels.amounts import duration, percent
from ui.panels.watched import Watched
from ui.words import tr

SURE = 3  # standard errors within which a measurement agrees with a ceiling
CLOSE = 0.02  # a model that is this near its ceiling has reached it
ALL = 0.98  # a ceiling above this is no line to stop at
SPOT_ON, NEAR = 0.03, 0.12
LUCK = 0.05  # nats by which a loss may come out below the least possible one


def chance_error(share: float, n: float) -> float:
    """Three standard errors of a share measured on n sentences."""
    return SURE * math.sqrt(max(share * (1 - share), 1e-9) / max(n, 1))


def tested_on(watched: Watched) -> float:
    return watched.history.held_out["n"]


def reached(watched: Watched) -> bool:
    """Is the held-out accuracy at the ceiling, as far as this many sentences can tell?"""
    if watched.held_out is None or watched.ceiling is None:
        return False
    return watched.held_out >= watched.ceiling - CLOSE - chance_error(watched.ceiling, tested_on(watched))


def reading(one_way: Watched, both: Watched) -> str:
    """Two short paragraphs, from the measurements at hand. Both runs must have been evaluated."""
    return "\n\n".join([_of_one_way(one_way), _of_both(one_way, both)])


def _of_one_way(watched: Watched) -> str:
    game = watched.run.experiment.data.settings
    told = {
        "accuracy": percent(watched.held_out or 0.0),
        "ceiling": percent(watched.ceiling or 0.0),
        "effort": tr(
            "{steps} steps, {time} of training",
            steps=f"{watched.run.step:,}",
            time=duration(watched.history.seconds),
        ),
    }
    if not reached(watched):
        return tr(
            "**Left to right is at {accuracy} after {effort}; its ceiling is {ceiling}.** It has not come to its line "
            "yet. Train it longer and it will come closer, never past it.",
            **told,
        )
    if (watched.ceiling or 0.0) > ALL:
        return tr(
            "**Left to right reached {accuracy}** ({effort}). With this setting the cue always stands on the left, so "
            "reading one way is enough: there is no line to stop at.",
            **told,
        )
    return _above(
        watched,
        tr(
            "**Left to right stopped at {accuracy}. Its ceiling is {ceiling}** ({effort}). In {share} of the sentences "
            "the cue comes later than the word it is about, where this model may not read; there it can only guess "
            "between {meanings} meanings. No training, data or size can change that.",
            **told,
            share=percent(game.p, 0),
            meanings=game.K,
        ),
    )


def _above(watched: Watched, told: str) -> str:
    """A measurement a little above the ceiling is luck of the draw, and said so."""
    accuracy, ceiling, n = watched.held_out or 0.0, watched.ceiling or 0.0, tested_on(watched)
    if accuracy <= ceiling:
        return told
    return tr(
        "{told} (A little above the line is luck: {n} test sentences can miss the true value by {within} points.)",
        told=told,
        n=f"{n:,.0f}",
        within=f"{100 * chance_error(ceiling, n):.1f}",
    )


def _of_both(one_way: Watched, both: Watched) -> str:
    told = {"accuracy": percent(both.held_out or 0.0), "effort": duration(both.history.seconds)}
    if (both.held_out or 0.0) <= (one_way.ceiling or 0.0) + CLOSE:
        return tr(
            "**Both ways is at {accuracy}** after {effort}. It may read the whole sentence, so its own ceiling is "
            "{ceiling}.",
            **told,
            ceiling=percent(both.ceiling),
        )
    if reached(both):
        return tr(
            "**Both ways passed that line: {accuracy}.** Same size, same sentences, {effort} of training; it reads the "
            "whole sentence and found the cue on either side.",
            **told,
        )
    return tr(
        "**Both ways passed that line: {accuracy}.** Same size, same sentences, {effort} of training; it reads the "
        "whole sentence and is still on its way to its own line.",
        **told,
    )


def judged(guess: float, one_way: Watched) -> str:
    """The learner's prediction (0…1) beside the measured accuracy, kindly."""
    told = {"guess": percent(guess, 0), "measured": percent(one_way.held_out or 0.0)}
    said = (
        tr("You predicted {guess}; it was {measured}.", **told)
        if one_way.mine
        else tr("The prediction was {guess}; it was {measured}.", **told)
    )
    return tr("{said} {verdict}", said=said, verdict=_verdict(guess, one_way))


def _verdict(guess: float, one_way: Watched) -> str:
    measured = one_way.held_out or 0.0
    miss = abs(guess - measured)
    if miss <= SPOT_ON:
        return tr("Spot on.")
    if miss <= NEAR:
        return tr("Close.")
    if guess > measured:
        return tr("Most people expect more: it is easy to forget how often the telling word comes too late.")
    if (one_way.ceiling or 0.0) > ALL:
        return tr("It does better than that: here the cue always comes first.")
    return tr("It does better than that, because the cue sometimes comes first and a guess is sometimes right.")


def leaked(watched: Watched) -> str:
    """What to make of a held-out loss that nobody could have by guessing; "" where the loss is no such thing."""
    found = leak(watched.run.experiment)
    if found is None or watched.floor is None or not watched.history.evaluations:
        return ""
    loss = watched.history.held_out["loss"]
    if loss >= watched.floor - LUCK:
        return ""
    return tr(
        "**Held-out loss {loss}, below the least possible loss of {floor}: this is a leak, not a success.** {path}",
        loss=f"{loss:.2f}",
        floor=f"{watched.floor:.2f}",
        path=tr(found.sentence),
    )
