"""What a page of words costs in another language: the first time, and once they have been said.

    python -m benchmarks words

One row for each kind of words: entries as they stand in the code, templates of the engine with their gaps filled,
sentences about models that are put together from several, and sentences that nobody has translated.
"""

from __future__ import annotations

import argparse
import statistics
import time
from itertools import product

from core.data.registry import GAMES
from core.insight import can_know
from core.spec import DIRECTIONS, READERS, from_json
from ui.catalogue.__main__ import languages
from ui.catalogue.entries import GAP, Catalogue, catalogue

PAGE = 200  # messages


def kinds(entries: list[str]) -> dict[str, list[str]]:
    models = [{"family": family, "direction": direction} for family, direction in product(READERS, DIRECTIONS)]
    return {
        "entries": [words for words in entries if not GAP.search(words)],
        "templates": [GAP.sub(str(n), words) for n, words in enumerate(entries) if GAP.search(words)],
        "sentences": [can_know(from_json({"data": {"task": task}, "model": one})) for task in GAMES for one in models],
        "unknown": [f"Nobody said this {n} times, or that: who knows? Not me." for n in range(PAGE)],
    }


def seconds(told: Catalogue, words: list[str]) -> float:
    began = time.perf_counter()
    for one in words:
        told.said(one)
    return time.perf_counter() - began


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks words", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args(arguments)
    for language in languages():
        entries = catalogue(language).entries
        print(f"{language}: milliseconds for {PAGE} messages, first (min, median, max) and again")
        for kind, words in kinds(list(entries)).items():
            page = (words * PAGE)[:PAGE]
            first, again = [], []
            for _ in range(chosen.rounds):
                told = Catalogue(entries)
                first.append(1e3 * seconds(told, page))
                again.append(1e3 * seconds(told, page))
            low, middle, high = min(first), statistics.median(first), max(first)
            print(f"{kind:10}{low:9.2f}{middle:9.2f}{high:9.2f}{statistics.median(again):9.3f}")
    return 0
