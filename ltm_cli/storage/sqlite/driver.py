"""Which SQLite opens a store: Python's own, or SQLCipher once `ltm encrypt` has been there.

A store is encrypted if `key.json` lies beside it and its file does not begin as a plain one does.
The file's own first bytes decide, so that a kill in the midst of `ltm encrypt` leaves a store that
opens. They are read before this process opens the file, and only once: closing any descriptor of
a file drops all locks that the process holds on it (POSIX).
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any, cast

from ltm_cli.core.errors import StoreError
from ltm_cli.core.messages import text

_PLAIN = b"SQLite format 3\0"
_encrypted: dict[Path, bool] = {}
_looking = threading.Lock()


def connect(
    path: Path, mode: str = "mode=rw", *, timeout: float, ask: bool = True
) -> sqlite3.Connection:
    """An open store, in autocommit; nothing of it is read yet. `mode` is as in SQLite's URIs.

    An encrypted one is opened with its key; `ask` is whether a person may be asked for it.
    Raises StoreError where there is no key, SQLite's errors otherwise (see `errors`).
    """
    return opened(path, mode, key(path, ask=ask), timeout=timeout)


def opened(
    path: Path, mode: str = "mode=rw", key: bytes | None = None, *, timeout: float
) -> sqlite3.Connection:
    """Any file, under a key or plain: all connections to a file begin here."""
    name = f"{path.absolute().as_uri()}?{mode}"
    if key is None:
        return sqlite3.connect(name, timeout=timeout, uri=True, isolation_level=None)
    return sqlcipher(name, key, timeout=timeout)


def key(path: Path, *, ask: bool = True) -> bytes | None:
    """The key of a store; None for a plain one. Raises StoreError if it is not to be had."""
    if not is_encrypted(path):
        return None
    from ltm_cli.storage.sqlite import key_provider

    return key_provider.data_key(path.parent, ask=ask)


def sqlcipher(name: str, key: bytes | None, *, timeout: float) -> sqlite3.Connection:
    """A file opened by SQLCipher, under a key or plain; the same methods, other error classes."""
    try:
        from sqlcipher3 import dbapi2
    except ImportError:
        from ltm_cli.storage.sqlite.keys import INSTALL

        raise StoreError(
            text("encryption needs SQLCipher, which is not installed"), INSTALL
        ) from None
    opened: Any = dbapi2.connect(name, timeout=timeout, uri=True, isolation_level=None)
    opened.execute("PRAGMA cipher_log_level = NONE")  # it would write to stderr
    if key is not None:
        opened.execute(f'PRAGMA key = "{literal(key)}"')
    return cast(sqlite3.Connection, opened)


def literal(key: bytes) -> str:
    """A raw key as SQLCipher reads it: used as it is, with nothing derived from it."""
    return f"x'{key.hex()}'"


def errors() -> tuple[type[Exception], ...]:
    """What SQLite raises here; SQLCipher's classes are not those of sqlite3."""
    loaded = sys.modules.get("sqlcipher3.dbapi2")
    return (sqlite3.Error, loaded.Error) if loaded else (sqlite3.Error,)


def is_transient(error: Exception) -> bool:
    """Whether the circumstances are to blame (locked, full, read-only), and not the file."""
    return type(error).__name__ == "OperationalError"  # of sqlite3 or of SQLCipher


def is_encrypted(path: Path) -> bool:
    """Whether a store is encrypted, or will be when it is made."""
    with _looking:
        if path not in _encrypted:
            _encrypted[path] = _look(path)
        return _encrypted[path]


def changed(path: Path) -> bool:
    """Whether a store that could not be read was encrypted or decrypted meanwhile."""
    with _looking:
        before, _encrypted[path] = _encrypted.get(path), _look(path)
        return before is not _encrypted[path]


def _look(path: Path) -> bool:
    if not os.path.exists(path.with_name("key.json")):  # noqa: PTH110 (on every command's way)
        return False
    return not is_plain(path)


def is_plain(path: Path) -> bool:
    """Whether a file is there that begins as one of SQLite does. Not for one that is open here."""
    try:
        with path.open("rb") as file:
            return file.read(len(_PLAIN)) == _PLAIN
    except OSError:
        return False
