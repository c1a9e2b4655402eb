"""Learners' progress through the course: one row a lesson, as plain values, and links that carry it elsewhere.

Who has a learner's link may read how far they came, and take a copy; nobody can change another's progress by it.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from core.runs.failures import StoreError
from core.runs.tables import PROGRESS, PROGRESS_LINKS

NAME = re.compile(r"[a-z0-9-]{1,40}")  # of a lesson
TOKEN = re.compile(r"[0-9a-f]{32}")
MOST_LETTERS = 60_000  # of one lesson's row


class Progress:
    """`open_`: one transaction of the store."""

    def __init__(self, open_: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._open = open_

    def of(self, owner: str) -> dict[str, dict[str, Any]]:
        """Everything that is kept of a learner, by lesson."""
        query = select(PROGRESS.c.lesson, PROGRESS.c.body).where(PROGRESS.c.owner == owner)
        with self._open() as connection:
            return {row.lesson: json.loads(row.body) for row in connection.execute(query)}

    def keep(self, owner: str, lesson: str, way: dict[str, Any]) -> None:
        """Keep where a learner stands in a lesson, in place of what was kept before."""
        body = json.dumps(way, ensure_ascii=False)
        if not NAME.fullmatch(lesson) or len(body) > MOST_LETTERS:
            raise StoreError("This progress can't be kept.")
        mine = (PROGRESS.c.owner == owner) & (PROGRESS.c.lesson == lesson)
        with self._open() as connection:
            values = {"body": body, "changed": time.time()}
            if not connection.execute(update(PROGRESS).where(mine).values(**values)).rowcount:
                connection.execute(insert(PROGRESS).values(owner=owner, lesson=lesson, **values))

    def forget(self, owner: str, lesson: str) -> None:
        """Begin a lesson anew."""
        with self._open() as connection:
            connection.execute(delete(PROGRESS).where(PROGRESS.c.owner == owner, PROGRESS.c.lesson == lesson))

    def link(self, owner: str) -> str:
        """The token of this learner's link, made when it is first asked for: 32 hex digits, unguessable."""
        query = select(PROGRESS_LINKS.c.token).where(PROGRESS_LINKS.c.owner == owner)
        with self._open() as connection:
            token: str | None = connection.execute(query).scalar()
            if token is None:
                token = secrets.token_hex(16)
                connection.execute(insert(PROGRESS_LINKS).values(token=token, owner=owner, created=time.time()))
            return token

    def unlink(self, owner: str) -> None:
        """A link that was sent to the wrong person stops working."""
        with self._open() as connection:
            connection.execute(delete(PROGRESS_LINKS).where(PROGRESS_LINKS.c.owner == owner))

    def behind(self, token: str) -> dict[str, dict[str, Any]] | None:
        """The progress that a link carries; None for a token that leads nowhere."""
        if not TOKEN.fullmatch(token):
            return None
        query = select(PROGRESS_LINKS.c.owner).where(PROGRESS_LINKS.c.token == token)
        with self._open() as connection:
            owner = connection.execute(query).scalar()
        return None if owner is None else self.of(owner)
