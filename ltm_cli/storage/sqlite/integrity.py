"""Whether the rows of a store fit each other, told from all of them without deriving anything anew.

What takes deriving (does the index hold the words of this text?) is in indexing/derived.py.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass

from ltm_cli.core.messages import text
from ltm_cli.storage.sqlite import driver, memories

CACHE = 128 * 1024  # KiB of pages that are read again and again
# Rows of these belong to a memory, and carry its user a second time.
_OF_MEMORIES = ("facts", "spans", "tasks", "events", "vectors", "feedback")


@dataclass(frozen=True)
class Texts:
    """What the checksums say of the memories; `altered` are ids, the first hundred."""

    memories: int
    altered: list[int]
    unchecked: int  # stored by an ltm that kept no checksum of them


def library() -> tuple[str, bool]:
    """(the version of SQLite, whether it has FTS5)"""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        options = {row[0] for row in db.execute("PRAGMA compile_options")}
    return sqlite3.sqlite_version, "ENABLE_FTS5" in options


def prepare(db: sqlite3.Connection) -> None:
    """Let pages that are read again and again stay in memory."""
    db.execute(f"PRAGMA cache_size = -{CACHE}")


def damage(db: sqlite3.Connection) -> list[str]:
    """What is wrong with the file itself, and with its indices; empty for a sound one."""
    found = [row[0] for row in db.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
    if not found:
        try:
            db.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        except driver.errors() as error:
            # FTS5 takes its check for a change, which a read-only medium does not let it make.
            if not driver.is_transient(error):
                found.append(text("the full-text index: {reason}", reason=error))
    return found


def miscounted(db: sqlite3.Connection) -> list[str]:
    """The users of whom another number of memories is counted than there is."""
    rows = db.execute(
        "SELECT name, users.memories, (SELECT count(*) FROM memories WHERE user_id = users.id)"
        " AS there FROM users WHERE users.memories != there"
    )
    return [
        text("{user}: {there} memories, but a count of {counted}", user=name, there=there,
             counted=counted)
        for name, counted, there in rows
    ]  # fmt: skip


def orphans(db: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each table belong to nothing, or to a memory of somebody else."""
    found: dict[str, int] = {}
    for table, *_ in db.execute("PRAGMA foreign_key_check"):
        found[table] = found.get(table, 0) + 1
    for table in _OF_MEMORIES:
        [number] = db.execute(
            f"SELECT count(*) FROM {table} JOIN memories ON memories.id = {table}.memory_id"
            f" WHERE {table}.user_id != memories.user_id"
        ).fetchone()
        if number:
            found[table] = found.get(table, 0) + number
    return found


def drop_orphans(db: sqlite3.Connection) -> None:
    """Delete them, all but memories: what a memory says is never deleted as a repair."""
    for table in _OF_MEMORIES:
        db.execute(
            f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM memories"
            f" WHERE memories.id = {table}.memory_id AND memories.user_id = {table}.user_id)"
        )
    db.execute("DELETE FROM earlier WHERE change_id NOT IN (SELECT id FROM changes)")


def texts(db: sqlite3.Connection) -> Texts:
    """Whether every memory's words and time are those that were stored."""
    db.create_function("checksum", 4, memories.checksum, deterministic=True)
    altered = db.execute(
        "SELECT id FROM memories WHERE digest != checksum(at, text, question, answer) LIMIT 100"
    ).fetchall()
    number, checked = db.execute("SELECT count(*), count(digest) FROM memories").fetchone()
    return Texts(number, [row[0] for row in altered], number - checked)
