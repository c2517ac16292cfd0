"""`ltm suggest PREFIX` at the press of a key: answered before anything slow is imported.

Only the plain call is taken here; help, JSON, wrong usage, a store that is missing, of another
version or opened by a passphrase go the usual way (cli/suggest.py), which says what is to be said.
"""

from __future__ import annotations

import os
import sqlite3
import sys


def answered(arguments: list[str]) -> bool:
    """Whether the command line was a plain `suggest` that found something, and is done."""
    parsed = _parsed(arguments)
    if parsed is None:
        return False
    home, user, limit, prefix = parsed
    path = os.path.join(os.path.expanduser(home), "memory.db")  # noqa: PTH111, PTH118
    if not os.path.exists(path):  # noqa: PTH110
        return False
    from ltm_cli.core.sanitize import one_line
    from ltm_cli.features.suggest.suggest import suggest
    from ltm_cli.storage.sqlite.format import is_current

    try:
        db = _opened(path)
        if db is None:
            return False
        try:
            found = suggest(Reading(db, user), prefix, limit) if is_current(db) else []
        finally:
            db.close()
    except Exception:  # of either SQLite; the usual way says what it is
        return False
    lines = "".join(f"{one_line(line)}\n" for line in found)
    sys.stdout.buffer.write(lines.encode("utf-8", "replace"))
    sys.stdout.flush()
    return bool(found)


class Reading:
    """A store as one user's, for reading and nothing else (storage/store.py)."""

    def __init__(self, db: sqlite3.Connection, user: str) -> None:
        row = db.execute("SELECT id FROM users WHERE name = ?", [user]).fetchone()
        self.owner: int = row[0] if row else 0
        self.execute = db.execute


def _opened(path: str) -> sqlite3.Connection | None:
    """The store; None if it is encrypted and its key would have to be asked for."""
    if not os.path.exists(os.path.join(os.path.dirname(path), "key.json")):  # noqa: PTH110, PTH118, PTH120
        return sqlite3.connect(path, timeout=0.2)
    from pathlib import Path

    from ltm_cli.core.errors import LtmError
    from ltm_cli.storage.sqlite import driver

    try:
        return driver.connect(Path(path), timeout=0.2, ask=False)
    except LtmError:
        return None


def _parsed(arguments: list[str]) -> tuple[str, str, int, str] | None:
    """(home, user, limit, prefix) of [--home DIR] suggest [-n N] [--user NAME] [--] PREFIX."""
    rest = list(arguments)
    home = os.environ.get("LTM_HOME", "")
    if rest[:1] == ["--home"] and len(rest) > 2:
        home, rest = rest[1], rest[2:]
    if rest[:1] != ["suggest"] or not home:
        return None
    from ltm_cli.features.suggest.suggest import LIMIT

    user, limit, words = os.environ.get("LTM_USER") or "me", LIMIT, rest[1:]
    while len(words) > 2 and words[0] in ("-n", "--limit", "--user"):
        if words[0] == "--user":
            user = words[1]
        elif words[1].isdecimal() and int(words[1]):
            limit = int(words[1])
        else:
            return None
        words = words[2:]
    if words[:1] == ["--"]:
        words = words[1:]
    elif any(word.startswith("-") for word in words):
        return None
    return (home, user, limit, " ".join(words)) if words else None
