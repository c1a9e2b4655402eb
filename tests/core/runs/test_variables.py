"""A bad value in the environment names itself, and one that works."""

from __future__ import annotations

import pytest

from core.fields import SpecError
from core.runs.bounds import Bounds
from core.runs.local import most_workers
from core.runs.variables import most_model_mb, number

BAD = ["two", "-1", "nan", "inf", "1.5"]


@pytest.mark.parametrize(("given", "read"), [(None, 8), ("", 8), (" 3 ", 3), ("0", 0)])
def test_an_unset_variable_means_its_default(given: str | None, read: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOTHWAYS_ANY", raising=False)
    if given is not None:
        monkeypatch.setenv("BOTHWAYS_ANY", given)
    assert number("BOTHWAYS_ANY", 8) == read


@pytest.mark.parametrize("given", BAD)
def test_a_bad_value_is_named_with_one_that_works(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTHWAYS_ANY", given)
    with pytest.raises(SpecError, match="BOTHWAYS_ANY = 8") as told:
        number("BOTHWAYS_ANY", 8)
    assert (told.value.name, told.value.value) == ("BOTHWAYS_ANY", given)
    monkeypatch.setenv("BOTHWAYS_ANY", str(told.value.works["BOTHWAYS_ANY"]))
    assert number("BOTHWAYS_ANY", 8) == 8


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("BOTHWAYS_WORKERS", most_workers),
        ("BOTHWAYS_MEMORY_MB", Bounds.from_environment),
        ("BOTHWAYS_MINUTES", Bounds.from_environment),
        ("BOTHWAYS_MODEL_MB", most_model_mb),
    ],
)
def test_every_limit_is_read_with_care(name: str, read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "many")
    with pytest.raises(SpecError, match=name):
        read()
