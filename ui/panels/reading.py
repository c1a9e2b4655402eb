"""What happened in a race, in plain words. Every number is this run's own measurement or the game's exact ceiling."""

from __future__ import annotations

import math

from core.cheating import leak
from ui.panels.amounts import duration, percent
from ui.panels.watched import Watched

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
    accuracy, ceiling = watched.held_out or 0.0, watched.ceiling or 0.0
    game = watched.run.experiment.data.settings
    effort = f"{watched.run.step:,} steps, {duration(watched.history.seconds)} of training"
    if not reached(watched):
        return (
            f"**Left to right is at {percent(accuracy)} after {effort}; its ceiling is {percent(ceiling)}.** "
            "It has not come to its line yet. Train it longer and it will come closer, never past it."
        )
    if ceiling > ALL:
        return (
            f"**Left to right reached {percent(accuracy)}** ({effort}). With this setting the cue always stands on "
            "the left, so reading one way is enough: there is no line to stop at."
        )
    return (
        f"**Left to right stopped at {percent(accuracy)}. Its ceiling is {percent(ceiling)}** ({effort}). "
        f"In {percent(game.p, 0)} of the sentences the cue comes later than the word it is about, where this model may "
        f"not read; there it can only guess between {game.K} meanings. No training, data or size can change that."
        + _above(watched)
    )


def _above(watched: Watched) -> str:
    """A measurement a little above the ceiling is luck of the draw, and said so."""
    accuracy, ceiling, n = watched.held_out or 0.0, watched.ceiling or 0.0, tested_on(watched)
    if accuracy <= ceiling:
        return ""
    within = 100 * chance_error(ceiling, n)
    return (
        f" (A little above the line is luck: {n:,.0f} test sentences can miss the true value by {within:.1f} points.)"
    )


def _of_both(one_way: Watched, both: Watched) -> str:
    accuracy, effort = both.held_out or 0.0, duration(both.history.seconds)
    if accuracy > (one_way.ceiling or 0.0) + CLOSE:
        end = "and found the cue on either side." if reached(both) else "and is still on its way to its own line."
        same = f"Same size, same sentences, {effort} of training"
        return f"**Both ways passed that line: {percent(accuracy)}.** {same}; it reads the whole sentence {end}"
    return (
        f"**Both ways is at {percent(accuracy)}** after {effort}. It may read the whole sentence, so its own ceiling "
        f"is {percent(both.ceiling)}."
    )


def judged(guess: float, one_way: Watched) -> str:
    """The learner's prediction (0…1) beside the measured accuracy, kindly."""
    measured = one_way.held_out or 0.0
    miss = abs(guess - measured)
    who = "You predicted" if one_way.mine else "The prediction was"
    said = f"{who} {percent(guess, 0)}; it was {percent(measured)}."
    if miss <= SPOT_ON:
        return f"{said} Spot on."
    if miss <= NEAR:
        return f"{said} Close."
    if guess > measured:
        return f"{said} Most people expect more: it is easy to forget how often the telling word comes too late."
    if (one_way.ceiling or 0.0) > ALL:
        return f"{said} It does better than that: here the cue always comes first."
    return f"{said} It does better than that, because the cue sometimes comes first and a guess is sometimes right."


def leaked(watched: Watched) -> str:
    """What to make of a held-out loss that nobody could have by guessing; "" where the loss is no such thing."""
    found = leak(watched.run.experiment)
    if found is None or watched.floor is None or not watched.history.evaluations:
        return ""
    loss = watched.history.held_out["loss"]
    if loss >= watched.floor - LUCK:
        return ""
    return (
        f"**Held-out loss {loss:.2f}, below the least possible loss of {watched.floor:.2f}: this is a leak, not a "
        f"success.** {found.sentence}"
    )
