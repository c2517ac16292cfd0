"""Memories as vectors: chunks of float16, little-endian, all made by one model.

The model is named in `meta`. Vectors are derived: they go with their memory, when it is edited,
and when another model is used, and are made again from the texts (indexing/embedding.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ltm_cli.core.record import Record
from ltm_cli.indexing.analysis import Analysis
from ltm_cli.indexing.derived import DerivedTable, Row

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store


class VectorsTable(DerivedTable):
    """Made by a model and not by rules: nothing is derived of a text here, only deleted with it."""

    table = "vectors"
    columns = ("user_id", "memory_id", "chunk", "vector")

    def rows(self, user: int, analysis: Analysis) -> Iterable[Row]:
        return ()

    def add(self, store: Store, found: Sequence[Analysis]) -> None:
        pass

    def replace(self, store: Store, before: Record, after: Analysis) -> None:
        if (before.speaker, before.parts) != (after.record.speaker, after.record.parts):
            drop(store, before.id)

    def clear(self, store: Store) -> None:
        """They stay: another model makes them anew (embedding.py)."""

    def disagreeing(self, store: Store, found: Sequence[Analysis]) -> int:
        return 0


def model(store: Store) -> str | None:
    """What made the vectors that are stored; None when no model is used."""
    row = store.execute("SELECT value FROM meta WHERE key = 'embedding'").fetchone()
    return row[0] if row else None


def use(store: Store, name: str | None) -> None:
    """From now on keep the vectors of this model alone; None keeps none."""
    if model(store) == name:
        return
    with store.transaction():
        store.execute("DELETE FROM vectors")
        store.execute("DELETE FROM meta WHERE key = 'embedding'")
        if name is not None:
            store.execute("INSERT INTO meta VALUES ('embedding', ?)", [name])


def missing(store: Store) -> list[int]:
    """The ids of the memories that have no vector yet, oldest first."""
    return [row[0] for row in store.execute(
        "SELECT id FROM memories WHERE user_id = ?1 AND NOT EXISTS (SELECT 1 FROM vectors"
        " WHERE vectors.user_id = ?1 AND memory_id = memories.id) ORDER BY id", [store.owner]
    )]  # fmt: skip


def put(store: Store, id: int, chunks: Sequence[bytes]) -> None:
    """Store the vectors of a memory; those that another process stored meanwhile are the same."""
    store.executemany(
        "INSERT INTO vectors VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(store.owner, id, place, vector) for place, vector in enumerate(chunks)],
    )


def drop(store: Store, id: int) -> None:
    """Delete the vectors of a memory."""
    store.execute("DELETE FROM vectors WHERE user_id = ? AND memory_id = ?", (store.owner, id))


def read(store: Store) -> tuple[list[int], bytes]:
    """All of a user's: the memory of each vector, in rising order, and the vectors end to end."""
    rows = store.execute(
        "SELECT memory_id, vector FROM vectors WHERE user_id = ? ORDER BY memory_id, chunk",
        [store.owner],
    ).fetchall()
    return [row[0] for row in rows], b"".join([row[1] for row in rows])


def count(store: Store) -> tuple[int, int]:
    """(memories of all users that have vectors, memories)"""
    found: tuple[int, int] = store.execute(
        "SELECT (SELECT count(DISTINCT memory_id) FROM vectors), (SELECT count(*) FROM memories)"
    ).fetchone()
    return found
