"""A learner's own pairs: what can be used, what can't and why, and that nothing that is tested on was learned from."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.contract import TextError
from core.data.pairs.columns import FEWEST, as_text, kept_pairs, read_pairs
from core.data.pairs.own import Pairs, open_pairs
from core.fields import SpecError
from core.text import END, TOKENIZERS

MANY = [(f"number {n} of a list", f"número {n} de una lista") for n in range(60)]


def table(separator: str, rows: list[tuple[str, ...]]) -> str:
    return "\n".join(separator.join(row) for row in rows)


@pytest.mark.parametrize("separator", ["\t", ";", ","])
@pytest.mark.parametrize("header", [[], [("English", "Spanish")]], ids=["bare", "named"])
def test_every_usual_table_gives_the_same_pairs(separator: str, header: list[tuple[str, str]]) -> None:
    found = read_pairs(table(separator, header + MANY).encode("utf-8-sig"))
    assert list(found.pairs) == MANY
    assert found.titles == (header[0] if header else ("source", "translation"))
    assert kept_pairs(as_text(found)) == MANY


def test_quoted_cells_hold_separators_and_line_ends() -> None:
    rows = [*MANY, ("yes, please", "sí, por favor")]
    text = "\n".join(f'"{a}","{b}"' for a, b in rows) + '\n"two\nlines","""dos"" líneas"'
    assert read_pairs(text).pairs[-2:] == (("yes, please", "sí, por favor"), ("two lines", '"dos" líneas'))


def test_rows_that_can_not_be_used_are_named_by_their_line() -> None:
    rows = [*MANY, ("alone",), ("", "vacío"), ("x" * 500, "largo")]
    told = read_pairs(table(";", rows)).left_out  # type: ignore[arg-type]
    assert told == (
        "line 61 has one column only (a semicolon is missing)",
        "line 62 has nothing in column 1",
        "line 63 has a sentence of more than 400 letters (split it)",
    )


def test_another_two_of_several_columns() -> None:
    rows = [(str(n), a, b) for n, (a, b) in enumerate(MANY)]
    found = read_pairs(table("\t", [("id", "English", "Spanish"), *rows]), columns=(2, 1))
    assert found.columns == ("id", "English", "Spanish")
    assert found.titles == ("Spanish", "English")
    assert found.pairs[0] == MANY[0][::-1]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"PK\x03\x04", "Save the sheet as CSV"),
        ("just one column\n" * 30, "one column only"),
        (table(";", MANY[: FEWEST - 1]), f"{FEWEST} are needed at least"),
        (table(",", MANY) + '\n"open, end', "quotation marks don't pair up"),
        ("Gr\xfc\xdfe;saludos".encode("latin-1"), "UTF-8"),
    ],
    ids=["workbook", "one column", "few", "quotes", "encoding"],
)
def test_bad_tables_are_told_in_words(given: bytes | str, words: str) -> None:
    with pytest.raises(TextError, match=words):
        read_pairs(given)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_no_source_is_on_both_sides(kind: str) -> None:
    text = as_text(read_pairs(table("\t", MANY + MANY)))
    source = open_pairs(Pairs(text="kept", tokenizer=kind, source_length=256, target=256), lambda name: text)
    learned, tested = (
        {tuple(row[:n]) for row, n in zip(batch.source.tolist(), batch.source_lengths, strict=True)}  # type: ignore[union-attr, arg-type]
        for batch in (source.sample(np.random.default_rng(0), 500), source.held_out(100))
    )
    assert learned
    assert tested
    assert not learned & tested
    batch = source.held_out(5)
    assert batch.lengths is not None
    assert (batch.tokens[np.arange(5), batch.lengths - 1] == END).all()
    assert batch.tokens.max() < len(source.words)


def test_too_long_sentences_are_counted_and_too_few_left_are_told() -> None:
    text = as_text(read_pairs(table("\t", [*MANY, ("a b c d e f g h i j k l", "uno")])))
    assert open_pairs(Pairs(text="kept", source_length=8), lambda name: text).left_out == 1
    with pytest.raises(TextError, match="Allow longer sentences"):
        open_pairs(Pairs(text="kept", source_length=4), lambda name: text)


def test_a_vocabulary_without_room_for_bytes_is_refused() -> None:
    with pytest.raises(SpecError) as refused:
        Pairs(tokenizer="byte", vocabulary=100)
    assert refused.value.works == {"data.vocabulary": 259}
