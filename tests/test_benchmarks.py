"""Every benchmark is listed with what it measures, and takes its arguments from the one command."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import benchmarks
from benchmarks.__main__ import main

NAMES = sorted(one.name for one in pkgutil.iter_modules(benchmarks.__path__) if one.name != "__main__")


@pytest.mark.parametrize("name", NAMES)
def test_one_command_starts_every_benchmark(name: str) -> None:
    inspect.signature(importlib.import_module(f"benchmarks.{name}").main).bind([])


def test_the_list_says_what_each_measures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines] == NAMES
    assert all(len(line.split()) > 6 for line in lines)
    assert main(["nonsense"]) == 2
