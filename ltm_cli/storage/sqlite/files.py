"""The files that SQLite opens: made private, opened for reading, their errors turned into ours."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ltm_cli.core.errors import StoreError, unwritable
from ltm_cli.storage.sqlite import driver
from ltm_cli.storage.sqlite.transaction import WAIT

# How SQLite says that it cannot make a file: in a read-only folder, on a full disk.
_NO_FILES = ("readonly", "unable to open", "I/O", "full")


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


def path_of(db: sqlite3.Connection) -> Path | None:
    """The file of a store; None for one in memory."""
    name = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    return Path(name) if name else None


def reading(path: Path, key: bytes | None = None) -> sqlite3.Connection:
    """A file that is not to be changed, such as a backup. Raises SQLite's errors."""
    connection = driver.opened(path, "mode=ro", key, timeout=WAIT)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except driver.errors() as error:
        connection.close()
        if not is_refused(error):
            raise
        return driver.opened(path, "immutable=1", key, timeout=WAIT)
    return connection


@contextlib.contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreError, with what to do about each."""
    try:
        yield
    except faults() as error:
        raise store_error(path, error) from error


def faults() -> tuple[type[Exception], ...]:
    """What SQLite raises: a damaged page may hold a name that is no text, which it then quotes."""
    return (*driver.errors(), UnicodeDecodeError)


def store_error(path: Path, error: Exception) -> StoreError:
    """An error of SQLite as ours, with what to do about it."""
    text = "the file is malformed" if isinstance(error, UnicodeDecodeError) else str(error)
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
    return StoreError(f"the store {path}: {text}", hint)


def is_refused(error: Exception) -> bool:
    """Whether SQLite cannot make the files that it needs beside one that others write to."""
    return any(one in str(error) for one in _NO_FILES)
