"""A store for a program that measures, and memories in it as of when they happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ltm_cli.core.record import Record
from ltm_cli.features.registry import INDEXER
from ltm_cli.storage.sqlite.connection import open_store
from ltm_cli.storage.sqlite.store import NoSideFiles, SqliteStore
from ltm_cli.storage.store import Store


def opened(folder: Path, user: str = "me", *, write: bool = True) -> SqliteStore:
    """The store in a folder as this user's; nothing stands beside it."""
    return open_store(
        folder / "memory.db", user, write=write, indexer=INDEXER, side_files=NoSideFiles()
    )


def keep(store: Store, records: Sequence[Record]) -> list[int]:
    """Store memories as recorded when they happened, with nothing to undo; returns their ids."""
    for record in records:
        record.recorded = record.at
    with store.transaction():
        return store.memories.add(records, 0)
