"""The same files through Hugging Face `datasets`, for workers: Arrow tables on disk, never a network.

Imported only where such data is trained on; the server checks files with `core.data.labels.tables` and stays small.
"""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import Any

from core.data.labels.tables import Dialect, Table, Words, read_words

OFFLINE = {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def _load(kind: str, name: str, text: str, **options: Any) -> Any:
    """One local file as a Dataset in memory; everything that is cached goes with its temporary folder."""
    import datasets  # type: ignore[import-untyped]

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory(prefix="bothways-") as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8", newline="")
        options |= {"data_files": str(path), "split": "train", "cache_dir": folder, "keep_in_memory": True}
        return datasets.load_dataset(kind, **options)[:]


def table(text: str, like: Table, header: bool) -> Table:
    """A table that was checked before, read by `datasets`: every cell is text, and nothing means “missing”."""
    os.environ.update(OFFLINE)
    from datasets import Features, Value

    dialect: Dialect = like.dialect
    rows = _load(
        "csv",
        "table.csv",
        text,
        sep=dialect.delimiter,
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
        names=list(like.columns),
        header=None,
        features=Features({name: Value("string") for name in like.columns}),
        keep_default_na=False,
        encoding="utf-8",
    )
    cells = list(zip(*(rows[name] for name in like.columns), strict=True))
    return Table(like.columns, cells[header:], like.lines, dialect)


def words(text: str) -> Words:
    """Sentences of words, a paragraph each for `datasets`."""
    os.environ.update(OFFLINE)
    lines = "\n".join(line if line.strip() else "" for line in text.split("\n"))
    paragraphs = _load("text", "words.txt", lines, sample_by="paragraph")["text"]
    return read_words("\n\n".join(paragraphs))
