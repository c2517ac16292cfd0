"""The files that SQLite opens: made private, opened for reading, their errors turned into ours."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ltm_cli.core.errors import StoreError, unwritable
from ltm_cli.core.messages import N_, text
from ltm_cli.storage.sqlite import driver
from ltm_cli.storage.sqlite.transaction import WAIT

# What SQLite says most often, so that it is said in Chinese, too.
_KNOWN = (
    N_("database is locked"), N_("database disk image is malformed"), N_("file is not a database"),
    N_("database or disk is full"), N_("disk I/O error"), N_("unable to open database file"),
    N_("attempt to write a readonly database"),
)  # fmt: skip
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
    said = _said(error)
    if "locked" in said or "busy" in said:
        hint = text("wait for the other ltm process to finish, then try again")
    elif "not a database" in said and not path.with_name("key.json").exists():
        hint = text(
            "run ltm doctor for details; restore a backup if you have one"
            " (with its key.json, if the store was encrypted)"
        )
    elif "malformed" in said or "not a database" in said:
        hint = text("run ltm doctor for details; restore a backup if you have one")
    elif "full" in said or "I/O" in said:
        hint = text("free some disk space, then try again")
    elif "readonly" in said or "unable to open" in said:
        hint = text("make the folder writable, or choose another with --home DIR")
    else:
        hint = text("run ltm doctor to check the store")
    return StoreError(text("the store {path}: {reason}", path=path, reason=text(said)), hint)


def is_damaged(error: Exception) -> bool:
    """Whether an error of SQLite, or the StoreError made of it, says that the file is broken."""
    said = _said(error.__cause__ or error)
    return "malformed" in said or "not a database" in said


def _said(error: BaseException) -> str:
    """What SQLite says, in its own words. A damaged page may hold a name that is no text."""
    if isinstance(error, UnicodeDecodeError):
        return "database disk image is malformed"
    return str(error)


def is_refused(error: Exception) -> bool:
    """Whether SQLite cannot make the files that it needs beside one that others write to."""
    return any(one in str(error) for one in _NO_FILES)
