"""A store as one user's, for reading and nothing else: what a key press has time for.

Imports little but SQLite; never writes, waits, asks or migrates.
"""

from __future__ import annotations

import os
import sqlite3

from ltm_cli.storage.sqlite.format import is_current


class Reading:
    """What storage/store.py calls Readable."""

    def __init__(self, db: sqlite3.Connection, user: str) -> None:
        row = db.execute("SELECT id FROM users WHERE name = ?", [user]).fetchone()
        self.owner: int = row[0] if row else 0
        self.execute = db.execute
        self.close = db.close


def opened(path: str, user: str) -> Reading | None:
    """The store; None if it is of another format, or its key would have to be asked for.

    Raises SQLite's errors.
    """
    db = _connected(path)
    if db is None:
        return None
    if not is_current(db):
        db.close()
        return None
    return Reading(db, user)


def _connected(path: str) -> sqlite3.Connection | None:
    if not os.path.exists(os.path.join(os.path.dirname(path), "key.json")):  # noqa: PTH110, PTH118, PTH120
        return sqlite3.connect(path, timeout=0.2)
    from pathlib import Path

    from ltm_cli.core.errors import LtmError
    from ltm_cli.storage.sqlite import driver

    try:
        return driver.connect(Path(path), timeout=0.2, ask=False)
    except LtmError:
        return None
