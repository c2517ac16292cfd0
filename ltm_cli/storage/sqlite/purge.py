"""Finishing what was forgotten for good: the files beside the store, and its write-ahead log.

What is gone from the store is named there until this is done (storage/sqlite/journal.py), so a
process that
dies between the two leaves it to the next command. A file of the bank cannot be written for a
memory that is gone: whoever writes one holds the write lock and looks first (`standing`), so it is
either not written, or written before the memory was removed, and then deleted here.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.kvcache import cache as kv
from ltm_cli.storage.sqlite import connection, driver, journal, memories
from ltm_cli.storage.sqlite.transaction import WAIT

PATIENCE = 5.0  # seconds that `forget --now` waits for whoever reads the log
_MOMENT = 1.0  # seconds that keeping a file of the bank waits for another writer


def finish(db: sqlite3.Connection, bank: Path, patience: float = PATIENCE) -> bool:
    """Delete the files of what was erased and empty the log; False if somebody still reads it.

    Raises OSError for a file that cannot be deleted.
    """
    left = journal.erasing(db)
    if left is None:
        return True
    kv.forget(bank, left.memories)
    for user in left.users:
        Settings(bank.parent).sidenet(user).unlink(missing_ok=True)
    if path := connection.path_of(db):
        from ltm_cli.storage.sqlite import snapshots  # seldom needed

        snapshots.drop(path)  # they hold what is erased
    with _waiting(db, patience):
        if not journal.empty_log(db):
            return False
        journal.erased(db, left)
    return True


def tidy(db: sqlite3.Connection, bank: Path) -> None:
    """Erase what is too old to undo, and finish what was begun; later if the store is busy.

    Every command does so when it opens the store, so that it does not matter if nobody writes.
    """
    if not journal.is_due(db):
        return
    with contextlib.suppress(*driver.errors(), OSError), _waiting(db, 0):
        journal.expire(db)
        finish(db, bank, 0)
        if path := connection.path_of(db):
            from ltm_cli.storage.sqlite import snapshots

            snapshots.expire(path)


@contextlib.contextmanager
def standing(db: sqlite3.Connection, records: Sequence[Record]) -> Iterator[bool]:
    """Whether memories still say what was read of them; while this lasts, nothing changes them.

    False where that cannot be had: the store is read-only, or somebody writes for long.
    """
    try:
        with _waiting(db, _MOMENT):
            db.execute("BEGIN IMMEDIATE")
    except driver.errors():
        yield False
        return
    try:
        owner = memories.user_id(db, records[0].user) if records else None
        now = memories.fetch(db, owner, [one.id for one in records]) if owner is not None else {}
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
