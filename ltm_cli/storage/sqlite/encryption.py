"""Encrypt a store, or decrypt it: into a new file, compared, then put in the old one's place.

    1. lock       no other process has the store open, and none opens it before the end
    2. copy       into memory.db.converted, under the other key
    3. compare    every row of every table, read back from the new file
    4. swap       one rename; a kill before it leaves the old store, a kill after it the new one
    5. erase      the old file is overwritten with zeros: whoever waited for its lock opens anew

One library does it all: two SQLites in one process would drop each other's locks on the file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path

from ltm_cli.core import atomic
from ltm_cli.core.errors import StoreError
from ltm_cli.core.messages import text
from ltm_cli.storage.sqlite import driver
from ltm_cli.storage.sqlite.files import create_private
from ltm_cli.storage.sqlite.transaction import WAIT

_BLOCK = 1 << 20  # bytes


def convert(
    path: Path, source: bytes | None, target: bytes | None, swapping: Callable[[], object]
) -> None:
    """Put the store under another key (None: no key).

    `swapping` is called under the lock, when the new file is ready. Raises StoreError, SQLite's
    errors; after any of them the store is as it was.
    """
    new = unfinished(path)
    old = os.open(path, os.O_RDWR)
    try:
        with contextlib.closing(driver.sqlcipher(str(path), source, timeout=WAIT)) as db:
            _lock(db)
            discard(new)  # of a conversion that was killed
            create_private(new)
            _copy(db, new, target)
            with contextlib.closing(driver.sqlcipher(str(new), target, timeout=WAIT)) as copy:
                _compare(db, copy)
            atomic.sync(new)
            swapping()
            atomic.move(new, path)
            _erase(old)
    finally:
        os.close(old)  # not before the connection: closing drops its lock
        discard(new)
    driver.changed(path)


def unfinished(path: Path) -> Path:
    """The copy that a conversion makes; where it is there without one, that was killed."""
    return path.with_name(f"{path.name}.converted")


def discard(copy: Path) -> None:
    """Erase a copy, which may be a plain one."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(copy, os.O_RDWR)
        try:
            _erase(descriptor)
        finally:
            os.close(descriptor)
        copy.unlink()


def _lock(db: sqlite3.Connection) -> None:
    """Leave WAL, which only the last one in the store can do, and keep everybody else out."""
    until = time.monotonic() + WAIT
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    while True:
        try:
            if db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete":
                break
        except driver.errors() as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.05)
    db.execute("BEGIN EXCLUSIVE")
    db.execute("COMMIT")  # the lock stays


def _copy(db: sqlite3.Connection, new: Path, key: bytes | None) -> None:
    # To an empty KEY, the copy is plain.
    db.execute(
        "ATTACH DATABASE ? AS new KEY ?", (str(new), driver.literal(key) if key is not None else "")
    )
    db.execute("PRAGMA new.journal_mode = OFF")  # a copy that fails is thrown away
    db.execute("PRAGMA new.synchronous = OFF")
    db.execute("SELECT sqlcipher_export('new')").fetchall()
    for name in ("user_version", "application_id"):
        value = int(db.execute(f"PRAGMA main.{name}").fetchone()[0])
        db.execute(f"PRAGMA new.{name} = {value}")
    db.execute("DETACH DATABASE new")


def _compare(db: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    for before, after in zip_longest(_content(db), _content(copy)):
        if before != after:
            raise StoreError(
                text("the copy differs from the store"), text("run ltm doctor to check the store")
            )
    found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise StoreError(
            text("the copy of the store is damaged: {reason}", reason=found[0]),
            text("run ltm doctor to check the store"),
        )


def _content(db: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    """What a store holds: its format, its schema, and every row of its tables."""
    for name in ("user_version", "application_id"):
        yield tuple(db.execute(f"PRAGMA {name}").fetchone())
    schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")
    yield from schema
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY 1"
    for (table,) in db.execute(tables).fetchall():
        yield (table,)
        quoted = table.replace('"', '""')
        yield from db.execute(f'SELECT * FROM "{quoted}"')


def _erase(descriptor: int) -> None:
    """Overwrite a file with zeros. Its size stays: an empty file would be taken for a new store."""
    size = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    while size > 0:
        size -= os.write(descriptor, bytes(min(size, _BLOCK)))
    os.fsync(descriptor)
