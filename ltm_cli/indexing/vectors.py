"""Memories as vectors: chunks of float16, little-endian, all made by one model.

The model is named in `meta`. Vectors are derived: they go with their memory, when it is edited,
and when another model is used, and are made again from the texts (indexing/embedding.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ltm_cli.storage.sqlite.transaction import transaction


def model(db: sqlite3.Connection) -> str | None:
    """What made the vectors that are stored; None when no model is used."""
    row = db.execute("SELECT value FROM meta WHERE key = 'embedding'").fetchone()
    return row[0] if row else None


def use(db: sqlite3.Connection, name: str | None) -> None:
    """From now on keep the vectors of this model alone; None keeps none."""
    if model(db) == name:
        return
    with transaction(db):
        db.execute("DELETE FROM vectors")
        db.execute("DELETE FROM meta WHERE key = 'embedding'")
        if name is not None:
            db.execute("INSERT INTO meta VALUES ('embedding', ?)", [name])


def missing(db: sqlite3.Connection, user: int) -> list[int]:
    """The ids of the memories that have no vector yet, oldest first."""
    return [row[0] for row in db.execute(
        "SELECT id FROM memories WHERE user_id = ?1 AND NOT EXISTS (SELECT 1 FROM vectors"
        " WHERE vectors.user_id = ?1 AND memory_id = memories.id) ORDER BY id", [user]
    )]  # fmt: skip


def put(db: sqlite3.Connection, user: int, id: int, chunks: Sequence[bytes]) -> None:
    """Store the vectors of a memory; those that another process stored meanwhile are the same."""
    db.executemany(
        "INSERT INTO vectors VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(user, id, place, vector) for place, vector in enumerate(chunks)],
    )


def drop(db: sqlite3.Connection, user: int, id: int) -> None:
    """Delete the vectors of a memory."""
    db.execute("DELETE FROM vectors WHERE user_id = ? AND memory_id = ?", (user, id))


def read(db: sqlite3.Connection, user: int) -> tuple[list[int], bytes]:
    """All of a user's: the memory of each vector, in rising order, and the vectors end to end."""
    rows = db.execute(
        "SELECT memory_id, vector FROM vectors WHERE user_id = ? ORDER BY memory_id, chunk", [user]
    ).fetchall()
    return [row[0] for row in rows], b"".join([row[1] for row in rows])


def count(db: sqlite3.Connection) -> tuple[int, int]:
    """(memories of all users that have vectors, memories)"""
    found: tuple[int, int] = db.execute(
        "SELECT (SELECT count(DISTINCT memory_id) FROM vectors), (SELECT count(*) FROM memories)"
    ).fetchone()
    return found
