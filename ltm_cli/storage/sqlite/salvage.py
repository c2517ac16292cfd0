"""What can still be read of a damaged store, as a new one.

Rows are asked for by ranges of their number: a range that cannot be read is halved until what is
left out is what the damage has taken. All else is derived from the memories again.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltm_cli.core.errors import StoreError
from ltm_cli.core.messages import text
from ltm_cli.storage.sqlite import connection, driver, files
from ltm_cli.storage.sqlite.rebuild import rebuild
from ltm_cli.storage.sqlite.transaction import transaction

if TYPE_CHECKING:
    from ltm_cli.storage.store import Indexer

_RANGE = 1024
_MEMORY = ("id, user_id, kind, text, question, answer, at, recorded, session, speaker, tags, ref,"
           " digest, change_id")  # fmt: skip
_TABLES = {
    "users": "id, name",
    "memories": _MEMORY,
    "feedback": "user_id, question, memory_id, good, made",
}


def salvage(damaged: Path, target: Path, indexer: Indexer) -> int:
    """Write a new store of all rows that can be read; returns how many memories that are.

    Raises StoreError when there is nothing, or `target` cannot be written.
    """
    with (
        files.errors(damaged),
        contextlib.closing(files.reading(damaged, driver.key(damaged))) as source,
        contextlib.closing(connection.connect(target, indexer, write=True)) as new,
    ):
        new.execute("PRAGMA foreign_keys = OFF")
        with transaction(new):
            for table, columns in _TABLES.items():
                marks = ", ".join("?" * (columns.count(",") + 1))
                new.executemany(
                    f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})",
                    _rows(source, table, columns),
                )
            new.execute(
                "INSERT OR IGNORE INTO users (id, name)"
                " SELECT DISTINCT user_id, 'user-' || user_id FROM memories"
            )
        rebuild(new, indexer)
        new.execute("PRAGMA journal_mode = DELETE")
        found: int = new.execute("SELECT count(*) FROM memories").fetchone()[0]
    if not found:
        target.unlink()
        raise StoreError(
            text("no memory can be read from {path}", path=damaged), text("restore a backup")
        )
    return found


def _rows(db: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
    last = _last(db, table)
    for first in range(1, last + 1, _RANGE):
        yield from _between(db, table, columns, first, min(last, first + _RANGE - 1))


def _between(
    db: sqlite3.Connection, table: str, columns: str, first: int, last: int
) -> list[tuple[Any, ...]]:
    """The rows of these numbers that can be read."""
    try:
        return db.execute(
            f"SELECT {columns} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ?", (first, last)
        ).fetchall()
    except driver.errors():
        if first == last:
            return []
        middle = (first + last) // 2
        return _between(db, table, columns, first, middle) + _between(
            db, table, columns, middle + 1, last
        )


def _last(db: sqlite3.Connection, table: str) -> int:
    """The highest number that a row may have."""
    found = [0]
    for sql, values in (
        (f"SELECT max(rowid) FROM {table}", ()),
        ("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)),
    ):
        with contextlib.suppress(*driver.errors()):
            found += [row[0] or 0 for row in db.execute(sql, values)]
    return max(found)
