"""What `ltm suggest` reads: the newest texts that hold some words, and words by their beginning.

Apart from fts.py and memories.py because it has milliseconds: this imports nothing but SQLite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence


def user_id(db: sqlite3.Connection, name: str) -> int | None:
    row = db.execute("SELECT id FROM users WHERE name = ?", [name]).fetchone()
    return row[0] if row else None


def beginning(db: sqlite3.Connection, user: int, word: str, most: int) -> list[str]:
    """The user's most frequent words that begin with these folded letters."""
    rows = db.execute(
        "SELECT word FROM words WHERE user_id = ? AND word >= ? AND word < ?"
        " ORDER BY memories DESC LIMIT ?",
        (user, word, word + "\U0010ffff", most),
    )
    return [row[0] for row in rows]


def holding(
    db: sqlite3.Connection, user: int, groups: Sequence[Sequence[str]], most: int
) -> list[int]:
    """The newest memories that hold a term of each group, newest first."""
    match = " AND ".join(
        "(" + " OR ".join(f'"{user}_{term}"' for term in group) + ")" for group in groups
    )
    rows = db.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, most)
    )
    return [row[0] for row in rows]


def newest(db: sqlite3.Connection, user: int, most: int) -> list[int]:
    rows = db.execute(
        "SELECT id FROM memories WHERE user_id = ? ORDER BY at DESC, id DESC LIMIT ?", (user, most)
    )
    return [row[0] for row in rows]


def texts(db: sqlite3.Connection, user: int, ids: Sequence[int]) -> list[str]:
    """What the user has written in these memories: texts and questions, in the order of ids."""
    found = dict(
        db.execute(
            "SELECT memories.id, coalesce(text, question) FROM memories WHERE +user_id = ?"
            " AND NOT (kind = 'fact' AND ifnull(instr(text, ' · '), 0))"
            " AND (tags IS NULL OR tags NOT LIKE '%\"document\"%' AND tags NOT LIKE '%\"secret\"%')"
            f" AND id IN ({','.join(map(str, ids))})",
            [user],
        )
    )
    return [found[id] for id in ids if id in found]
