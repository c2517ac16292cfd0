"""Deriving everything again from the texts, by the rules of this program."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ltm_cli.core.record import Record
from ltm_cli.storage.sqlite import integrity, memories
from ltm_cli.storage.sqlite.store import SqliteStore
from ltm_cli.storage.sqlite.transaction import transaction

if TYPE_CHECKING:
    from ltm_cli.storage.store import Indexer, Store

BATCH = 1000  # memories held at a time


def rebuild(db: sqlite3.Connection, indexer: Indexer) -> None:
    """Make everything that is derived from the texts again, in one transaction."""
    everybody = SqliteStore(db, "", indexer)
    with transaction(db):
        indexer.clear(everybody)
        integrity.drop_orphans(db)
        for store, records in batches(everybody):
            indexer.add(store, records)
            memories.sign(db, records)
        db.executemany(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            list(indexer.versions().items()),
        )


def batches(everybody: Store, sample: int | None = None) -> Iterator[tuple[Store, list[Record]]]:
    """The memories of each user with the store as theirs: all, or so many by chance."""
    chosen = None
    if sample is not None:
        import random  # opening a store does without

        ids = [row[0] for row in everybody.execute("SELECT id FROM memories")]
        chosen = random.sample(ids, min(sample, len(ids)))
    for _, name, _ in everybody.users():
        store = everybody.of(name)
        if chosen is not None:
            source = iter(store.memories.fetch(chosen).values())
        else:
            source = store.memories.select()
        while batch := list(itertools.islice(source, BATCH)):
            yield store, batch
