"""Finishing what was forgotten for good: the files beside the store, and its write-ahead log.

What is gone from the store is named there until this is done (journal.py), so a process that dies
between the two leaves it to the next command. A file beside the store cannot be written for a
memory that is gone: whoever writes one holds the write lock and looks first (`unchanged`), so it is
either not written, or written before the memory was removed, and then deleted here.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ltm_cli.core.record import Record
from ltm_cli.storage.sqlite import driver, journal
from ltm_cli.storage.sqlite.files import path_of
from ltm_cli.storage.sqlite.transaction import WAIT

if TYPE_CHECKING:
    from ltm_cli.storage.sqlite.store import SqliteStore

PATIENCE = 5.0  # seconds that `forget --now` waits for whoever reads the log
_MOMENT = 1.0  # seconds that writing a file beside the store waits for another writer


def finish(store: SqliteStore, patience: float = PATIENCE) -> bool:
    """Delete the files of what was erased and empty the log; False if somebody still reads it.

    Raises OSError for a file that cannot be deleted.
    """
    db = store.db
    left = journal.erasing(db)
    if left is None:
        return True
    store.side_files.erase(left)
    if path := path_of(db):
        from ltm_cli.storage.sqlite import snapshots  # seldom needed

        snapshots.drop(path)  # they hold what is erased
    with _waiting(db, patience):
        if not journal.empty_log(db):
            return False
        journal.erased(db, left)
    return True


def tidy(store: SqliteStore) -> None:
    """Erase what is too old to undo, and finish what was begun; later if the store is busy.

    Every command does so when it opens the store, so that it does not matter if nobody writes.
    """
    db = store.db
    if not journal.is_due(db):
        return
    with contextlib.suppress(*driver.errors(), OSError), _waiting(db, 0):
        journal.expire(store)
        finish(store, 0)
        if path := path_of(db):
            from ltm_cli.storage.sqlite import snapshots

            snapshots.expire(path)


@contextlib.contextmanager
def unchanged(store: SqliteStore, records: Sequence[Record]) -> Iterator[bool]:
    """Whether memories still say what was read of them; while this lasts, nothing changes them.

    False where that cannot be had: the store is read-only, or somebody writes for long.
    """
    db = store.db
    try:
        with _waiting(db, _MOMENT):
            db.execute("BEGIN IMMEDIATE")
    except driver.errors():
        yield False
        return
    try:
        store.refresh()
        now = store.memories.fetch([one.id for one in records])
        yield all(one.id in now and now[one.id].parts == one.parts for one in records)
    finally:
        db.execute("ROLLBACK")  # nothing was written


@contextlib.contextmanager
def _waiting(db: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Let the connection wait so long for others."""
    db.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")
    try:
        yield
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(1000 * WAIT)}")
