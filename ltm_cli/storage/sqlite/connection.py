"""Opening the store.

WAL with synchronous=FULL: what was committed is on the disk. A writer waits for others at most
`WAIT` seconds. `secure_delete` overwrites with zeros what is deleted.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core import settings
from ltm_cli.storage.sqlite import driver
from ltm_cli.storage.sqlite.files import create_private, errors, is_refused, path_of
from ltm_cli.storage.sqlite.format import FORMAT, is_current, is_derived_by, version_of
from ltm_cli.storage.sqlite.store import SqliteStore
from ltm_cli.storage.sqlite.transaction import WAIT

if TYPE_CHECKING:
    from ltm_cli.storage.store import Indexer, SideFiles


def open_store(
    path: Path,
    user: str,
    *,
    write: bool,
    indexer: Indexer,
    side_files: SideFiles,
) -> SqliteStore:
    """The store at a path as this user's, migrated; see `connect`. Raises StoreError."""
    return SqliteStore(connect(path, indexer, write=write), user, indexer, side_files, path)


def open_reading(path: Path, indexer: Indexer) -> SqliteStore:
    """The store at a path as nobody's, to look at all of it. Raises StoreError."""
    return SqliteStore(connect(path, indexer, write=False), "", indexer, path=path)


def connect(path: Path, indexer: Indexer, *, write: bool) -> sqlite3.Connection:
    """An open, migrated store, in which all is derived by today's rules if it is to be written.

    Reading never creates a store: where there is none, an empty one in memory is returned. One on a
    read-only medium, or on a full disk, is read as it is, or if an older ltm made it, as a migrated
    copy in memory. Raises StoreError.
    """
    if write:
        settings.ensure_home(path.parent)
        create_private(path)
    elif not path.exists():
        return _in_memory(indexer)
    with errors(path):
        try:
            return _opened(path, indexer, write=write)
        except driver.errors() as error:
            # While this process waited, another may have encrypted the store or decrypted it.
            if "not a database" not in str(error) or not driver.changed(path):
                raise
            return _opened(path, indexer, write=write)


def _opened(path: Path, indexer: Indexer, *, write: bool) -> sqlite3.Connection:
    try:
        opened = _prepared(driver.connect(path, timeout=WAIT), indexer, write=write)
        if write and os.path.exists(f"{path}.converted"):  # noqa: PTH110
            from ltm_cli.storage.sqlite import encryption as file_encryption

            # Whoever encrypts or decrypts has the store alone: that one was killed.
            file_encryption.discard(file_encryption.unfinished(path))
        return opened
    except driver.errors() as error:
        if write or not is_refused(error) or _has_log(path):
            raise
    # Where the lock files of WAL cannot be made, nobody can be writing.
    frozen = driver.connect(path, "immutable=1", timeout=WAIT)
    if driver.is_encrypted(path) or is_current(frozen):
        return _prepared(frozen, indexer, frozen=True)
    copy = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.closing(frozen):
        frozen.backup(copy)
    return _prepared(copy, indexer, frozen=True)


def _has_log(path: Path) -> bool:
    """Whether there are memories in the write-ahead log, without which the file is not whole."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def in_memory(indexer: Indexer, user: str) -> SqliteStore:
    """An empty store that is on no disk."""
    return SqliteStore(_in_memory(indexer), user, indexer)


def _in_memory(indexer: Indexer) -> sqlite3.Connection:
    return _prepared(sqlite3.connect(":memory:", isolation_level=None), indexer)


def _prepared(
    connection: sqlite3.Connection,
    indexer: Indexer,
    *,
    write: bool = False,
    frozen: bool = False,
) -> sqlite3.Connection:
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        version = version_of(connection)  # raises for a file that is not to be touched
        if not frozen and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        if version != FORMAT:
            from ltm_cli.storage.sqlite import migrations

            migrations.apply(connection, lambda found: _keep(connection, found), indexer.versions)
        if write or version != FORMAT:
            bring_up_to_date(connection, indexer)
    except BaseException:
        connection.close()
        raise
    return connection


def bring_up_to_date(connection: sqlite3.Connection, indexer: Indexer) -> None:
    """Derive everything again if other rules made it."""
    if not is_derived_by(connection, indexer.versions()):
        from ltm_cli.storage.sqlite import rebuild

        rebuild.rebuild(connection, indexer)


def _keep(connection: sqlite3.Connection, version: int) -> None:
    """Keep a store as it was before a migration."""
    from ltm_cli.storage.sqlite import snapshots

    if file := path_of(connection):
        snapshots.keep(file, f"v{version}")
