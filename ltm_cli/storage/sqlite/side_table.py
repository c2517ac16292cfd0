"""The table `home` of a backup: what a person has chosen and trained beside the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping


def put(copy: sqlite3.Connection, files: Mapping[str, bytes]) -> None:
    """Add files, by name, to a copy of a store."""
    copy.execute("DROP TABLE IF EXISTS home")
    copy.execute("CREATE TABLE home (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT")
    copy.executemany("INSERT INTO home VALUES (?, ?)", list(files.items()))


def take(copy: sqlite3.Connection, wanted: Callable[[str], object]) -> dict[str, bytes]:
    """The files of a copy whose names are wanted; all are taken out of it."""
    if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'home'").fetchone():
        return {}
    found = {
        str(name): bytes(content)
        for name, content in copy.execute("SELECT name, content FROM home")
        if wanted(name)
    }
    copy.execute("DROP TABLE home")
    return found
