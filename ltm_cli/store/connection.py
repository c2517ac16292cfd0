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

    Reading never creates a file: where there is none, an empty store in memory is returned. A store
    on a read-only medium is read as it is, or if an older ltm made it, as a migrated copy in
    memory. Raises StoreError.
    """
    if write:
        settings.ensure_home(path.parent)
        create_private(path)
    elif not path.exists():
        return in_memory()
    with errors(path):
        connection = opened(path)
        try:
            return _prepared(connection, write=write)
        except sqlite3.OperationalError as error:
            connection.close()
            if write or not _is_refused(error):
                raise
        frozen = opened(path, "immutable=1")
        from ltm_cli.store import migrations

        if migrations.is_current(frozen):
            return _prepared(frozen, frozen=True)
        copy = opened(":memory:")
        with contextlib.closing(frozen):
            frozen.backup(copy)
        return _prepared(copy, frozen=True)


def opened(path: Path | str, mode: str = "mode=rw") -> sqlite3.Connection:
    """A file as SQLite opens it, nothing checked and nothing migrated: all others begin here."""
    if path == ":memory:":
        return sqlite3.connect(path, isolation_level=None)
    uri = f"{Path(path).absolute().as_uri()}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None)


def reading(path: Path) -> sqlite3.Connection:
    """A file that is not to be changed, such as a backup. Raises sqlite3.Error."""
    connection = opened(path, "mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if not _is_refused(error):
            raise
        return opened(path, "immutable=1")
    return connection


def in_memory() -> sqlite3.Connection:
    """An empty store that is on no disk."""
    return _prepared(opened(":memory:"))


@contextlib.contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreError, with what to do about each."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
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


def path_of(db: sqlite3.Connection) -> Path | None:
    """The file of a store; None for one in memory."""
    name = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    return Path(name) if name else None


def create_private(path: Path) -> None:
    """An empty file that only its owner reads, made before SQLite could make it otherwise."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"cannot write the store {path}: {error.strerror}",
            "make it writable, or choose another folder with --home DIR or LTM_HOME",
        ) from None


def _is_refused(error: sqlite3.OperationalError) -> bool:
    """Whether a file cannot be opened as one that others write to.

    A read-only folder cannot hold the lock files of WAL: nobody can be writing there.
    """
    return "readonly" in str(error) or "unable to open" in str(error)


def _prepared(
    connection: sqlite3.Connection, *, write: bool = False, frozen: bool = False
) -> sqlite3.Connection:
    from ltm_cli.store import derived, migrations

    def keep(version: int) -> None:
        from ltm_cli.store import copies

        if file := path_of(connection):
            copies.keep(file, f"v{version}")

    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        if not frozen and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        migrated = migrations.apply(connection, keep)
        if (write or migrated) and not derived.is_current(connection):
            derived.rebuild(connection)
    except BaseException:
        connection.close()
        raise
    return connection
