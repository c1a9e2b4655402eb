"""The store's tables, and how a database is opened for many processes at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

BUSY_SECONDS = 5.0  # how long a writer waits for another one

TABLES = MetaData()

RUNS = Table(
    "runs",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("experiment", Text, nullable=False),  # JSON
    Column("status", String(16), nullable=False, default="queued"),
    Column("message", Text, nullable=False, default=""),
    Column("created", Float, nullable=False),  # seconds since 1970, as all times here
    Column("queued", Float),  # in the queue since; None: not submitted
    Column("started", Float),
    Column("ended", Float),
    Column("step", Integer, nullable=False, default=0),
    Column("steps", Integer, nullable=False, default=0),
    Column("beat", Float),  # last sign of life of the worker
    Column("heard", Integer, nullable=False, default=0),  # last signal that was obeyed
    Column("holder", String(64), nullable=False, default=""),  # the worker that holds the run's lock; "" = none
    Column("bytes", Integer, nullable=False, default=0),  # snapshots on disk
    Column("race", String(32), nullable=False, server_default=""),  # that the run is a cell of; "" = none
    Column("stage", String(8), nullable=False, server_default=""),  # of that race
    Index("runs_by_owner", "owner", "created"),
    Index("runs_by_status", "status"),
    Index("runs_by_race", "race"),
)

RACES = Table(
    "races",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("spec", Text, nullable=False),  # JSON
    Column("created", Float, nullable=False),
    Column("ended", Float),  # None: something is still to be done
    Column("stopped", Text, nullable=False, default="[]"),  # JSON: the entries that go no further
    Column("beat", Float),  # last time that it was carried on
    Index("races_by_owner", "owner", "created"),
)

EVENTS = Table(
    "events",
    TABLES,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run", String(32), nullable=False),
    Column("body", Text, nullable=False),  # JSON
    Index("events_by_run", "run", "seq"),
    sqlite_autoincrement=True,
)

SIGNALS = Table(
    "signals",
    TABLES,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run", String(32), nullable=False),
    Column("name", String(16), nullable=False),
    Column("value", Float),
    Index("signals_by_run", "run", "seq"),
    sqlite_autoincrement=True,
)

PROGRESS = Table(
    "progress",
    TABLES,
    Column("owner", String(64), primary_key=True),
    Column("lesson", String(40), primary_key=True),
    Column("body", Text, nullable=False),  # JSON (lessons/progress.py)
    Column("changed", Float, nullable=False),
)

PROGRESS_LINKS = Table(
    "progress_links",
    TABLES,
    Column("token", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("created", Float, nullable=False),
    Index("progress_links_by_owner", "owner"),
)


def open_database(home: Path, url: str | None) -> Engine:
    """The database of this home, its tables made where missing. `url` None: SQLite in the home, in WAL mode."""
    engine = create_engine(url or f"sqlite:///{home / 'bothways.db'}", pool_size=8, max_overflow=24)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)
    with FileLock(home / "opening.lock"), engine.begin() as connection:  # two first starts at once must not collide
        for table in TABLES.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            _add_columns(connection, table)
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
    return engine


def _add_columns(connection: Connection, table: Table) -> None:
    """Bring a table that an older version made up to date: what it hasn't got is added, what it has stays."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in there:
            line = CreateColumn(column).compile(dialect=connection.dialect)
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {line}"))


def _set_up(connection: Any, _record: Any) -> None:
    """Readers never wait for writers, writers wait for each other, and a commit doesn't wait for the disk."""
    for pragma in (f"busy_timeout={BUSY_SECONDS * 1000:.0f}", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
