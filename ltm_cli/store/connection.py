"""Opening the store.

WAL with synchronous=FULL: what was committed is on the disk. A writer waits for another at most
`WAIT` seconds. `secure_delete` overwrites with zeros what is deleted.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ltm_cli import settings
from ltm_cli.errors import StoreError

WAIT = 30.0  # seconds a writer waits for another


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """An open, migrated store.

    Reading never creates a file: where there is none, an empty store in memory is returned, and a
    store on a read-only medium is read as it is. Raises StoreError.
    """
    if write:
        settings.ensure_home(path.parent)
        _create_private(path)
    elif not path.exists():
        return in_memory()
    with errors(path):
        connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
        try:
            return _prepared(connection, write=write)
        except sqlite3.OperationalError as error:
            connection.close()
            if write or ("readonly" not in str(error) and "unable to open" not in str(error)):
                raise
        # A read-only folder cannot hold the lock files of WAL: nobody can be writing there.
        uri = f"{path.absolute().as_uri()}?immutable=1"
        return _prepared(sqlite3.connect(uri, uri=True, isolation_level=None), frozen=True)


def in_memory() -> sqlite3.Connection:
    """An empty store that is on no disk."""
    return _prepared(sqlite3.connect(":memory:", isolation_level=None))


@contextlib.contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreError, with what to do about each."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # A damaged page may hold a name that is no text, which then is in SQLite's message.
        text = str(error) if isinstance(error, sqlite3.Error) else "the file is malformed"
        if "locked" in text or "busy" in text:
            hint = "wait for the other ltm process to finish, then try again"
        elif "malformed" in text or "not a database" in text:
            hint = "ltm doctor says more; restore a backup if you have one"
        elif "full" in text:
            hint = "free some disk space, then try again; nothing was changed"
        elif "readonly" in text or "unable to open" in text:
            hint = "make the folder writable, or choose another with --home DIR"
        else:
            hint = "ltm doctor checks the store"
        raise StoreError(f"the store {path}: {text}", hint) from error


def _create_private(path: Path) -> None:
    """A file that only its owner reads, made before SQLite could make it otherwise.

    SQLite gives the log and its index the same mode.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(
            f"cannot write the store {path}: {error.strerror}",
            "make it writable, or choose another folder with --home DIR or LTM_HOME",
        ) from None


def _prepared(
    connection: sqlite3.Connection, *, write: bool = False, frozen: bool = False
) -> sqlite3.Connection:
    from ltm_cli.store import derived, migrations

    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        if not frozen and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        migrations.apply(connection)
        if write and not derived.is_current(connection):
            derived.rebuild(connection)
    except BaseException:
        connection.close()
        raise
    return connection
