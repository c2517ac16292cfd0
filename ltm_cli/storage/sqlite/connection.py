"""Opening the store.

WAL with synchronous=FULL: what was committed is on the disk. A writer waits for others at most
`WAIT` seconds. `secure_delete` overwrites with zeros what is deleted.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ltm_cli.core import settings
from ltm_cli.core.errors import StoreError, unwritable
from ltm_cli.storage.sqlite import driver
from ltm_cli.storage.sqlite.transaction import WAIT

# How SQLite says that it cannot make a file: in a read-only folder, on a full disk.
_NO_FILES = ("readonly", "unable to open", "I/O", "full")


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """An open, migrated store.

    Reading never creates a store: where there is none, an empty one in memory is returned. One on a
    read-only medium, or on a full disk, is read as it is, or if an older ltm made it, as a migrated
    copy in memory. Raises StoreError.
    """
    if write:
        settings.ensure_home(path.parent)
        create_private(path)
    elif not path.exists():
        return in_memory()
    with errors(path):
        try:
            return _opened(path, write=write)
        except driver.errors() as error:
            # While this process waited, another may have encrypted the store or decrypted it.
            if "not a database" not in str(error) or not driver.changed(path):
                raise
            return _opened(path, write=write)


def _opened(path: Path, *, write: bool) -> sqlite3.Connection:
    try:
        opened = _prepared(driver.connect(path, timeout=WAIT), write=write)
        if write and os.path.exists(f"{path}.converted"):  # noqa: PTH110
            from ltm_cli.storage.sqlite import encryption as file_encryption

            # Whoever encrypts or decrypts has the store alone: that one was killed.
            file_encryption.discard(file_encryption.unfinished(path))
        return opened
    except driver.errors() as error:
        if write or not _is_refused(error) or _has_log(path):
            raise
    # Where the lock files of WAL cannot be made, nobody can be writing.
    frozen = driver.connect(path, "immutable=1", timeout=WAIT)
    from ltm_cli.storage.sqlite import migrations

    if driver.is_encrypted(path) or migrations.is_current(frozen):
        return _prepared(frozen, frozen=True)
    copy = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.closing(frozen):
        frozen.backup(copy)
    return _prepared(copy, frozen=True)


def _has_log(path: Path) -> bool:
    """Whether there are memories in the write-ahead log, without which the file is not whole."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def reading(path: Path, key: bytes | None = None) -> sqlite3.Connection:
    """A file that is not to be changed, such as a backup. Raises SQLite's errors."""
    connection = driver.opened(path, "mode=ro", key, timeout=WAIT)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except driver.errors() as error:
        connection.close()
        if not _is_refused(error):
            raise
        return driver.opened(path, "immutable=1", key, timeout=WAIT)
    return connection


def in_memory() -> sqlite3.Connection:
    """An empty store that is on no disk."""
    return _prepared(sqlite3.connect(":memory:", isolation_level=None))


@contextlib.contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreError, with what to do about each."""
    try:
        yield
    except _faults() as error:
        # A damaged page may hold a name that is no text, which then is in SQLite's message.
        broken = isinstance(error, UnicodeDecodeError)
        text = "the file is malformed" if broken else str(error)
        if "locked" in text or "busy" in text:
            hint = "wait for the other ltm process to finish, then try again"
        elif "malformed" in text or "not a database" in text:
            hint = "ltm doctor says more; restore a backup if you have one"
            if "not a database" in text and not path.with_name("key.json").exists():
                hint += " (and key.json with it, if the store was encrypted)"
        elif "full" in text or "I/O" in text:
            hint = "free some disk space, then try again; nothing was changed"
        elif "readonly" in text or "unable to open" in text:
            hint = "make the folder writable, or choose another with --home DIR"
        else:
            hint = "ltm doctor checks the store"
        raise StoreError(f"the store {path}: {text}", hint) from error


def _faults() -> tuple[type[Exception], ...]:
    return (*driver.errors(), UnicodeDecodeError)


def _is_refused(error: Exception) -> bool:
    """Whether SQLite cannot make the files that it needs beside one that others write to."""
    return any(one in str(error) for one in _NO_FILES)


def path_of(db: sqlite3.Connection) -> Path | None:
    """The file of a store; None for one in memory."""
    name = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    return Path(name) if name else None


def create_private(path: Path) -> None:
    """A file that only its owner reads, made before SQLite could make it otherwise.

    SQLite gives the log and its index the same mode. One that is there is not opened: to close it
    would drop the locks of other threads on it.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        with contextlib.suppress(OSError):  # what cannot be changed, doctor tells of
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
    except OSError as error:
        raise unwritable(path, error) from None


def _prepared(
    connection: sqlite3.Connection, *, write: bool = False, frozen: bool = False
) -> sqlite3.Connection:
    from ltm_cli.indexing import derived
    from ltm_cli.storage.sqlite import migrations

    def keep(version: int) -> None:
        from ltm_cli.storage.sqlite import snapshots

        if file := path_of(connection):
            snapshots.keep(file, f"v{version}")

    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        migrations.version_of(connection)  # raises for a file that is not to be touched
        if not frozen and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        migrated = migrations.apply(connection, keep)
        if (write or migrated) and not derived.is_current(connection):
            derived.rebuild(connection)
    except BaseException:
        connection.close()
        raise
    return connection
