"""The journal behind `ltm undo`: each change, with the earlier form of what it replaced.

A change is kept for `KEPT`; then, or at once with `forget --now`, the earlier forms are deleted
and what SQLite still holds of them in its index and log is overwritten (`scrub`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ltm_cli import settings
from ltm_cli.store import connection, memories, search
from ltm_cli.store.record import Record, from_dict, iso
from ltm_cli.store.transaction import transaction

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Undone:
    """What was taken back: memories that are there again, and memories that are gone."""

    action: str
    restored: list[Record]
    removed: list[Record]


def begin(db: sqlite3.Connection, user: int, action: str) -> int:
    """A new entry of the journal; returns its id."""
    cursor = db.execute(
        "INSERT INTO changes (user_id, action, made) VALUES (?, ?, ?)",
        (user, action, iso(settings.now())),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def keep(db: sqlite3.Connection, change: int, record: Record) -> None:
    """Remember the form a memory had before this change, until the change is too old to undo."""
    db.execute(
        "INSERT INTO earlier SELECT ?, id, change_id, ? FROM memories WHERE id = ?",
        (change, json.dumps(record.as_dict(), ensure_ascii=False), record.id),
    )


def undo(db: sqlite3.Connection, user: int) -> Undone | None:
    """Take back the user's last change that is not too old; None when there is none.

    Raises UsageError when another memory has come to have the ref of one that would come back.
    """
    with transaction(db):
        row = db.execute(
            "SELECT id, action FROM changes WHERE user_id = ? AND made >= ?"
            " ORDER BY id DESC LIMIT 1",
            (user, iso(settings.now() - KEPT)),
        ).fetchone()
        if row is None:
            return None
        change, action = row
        made = [row[0] for row in db.execute(
            "SELECT id FROM memories WHERE user_id = ? AND change_id = ?", (user, change)
        )]  # fmt: skip
        removed = list(memories.fetch(db, user, made).values())
        memories.remove(db, user, made)  # first, for what comes back may have their refs
        restored = []
        for made_by, document in db.execute(
            "SELECT made_by, record FROM earlier WHERE change_id = ? ORDER BY memory_id", [change]
        ).fetchall():
            values = json.loads(document)
            record = from_dict(values)
            record.id = values["id"]
            memories.refuse_double(db, user, record, f"undo of {action}")
            if memories.fetch(db, user, [record.id]):
                memories.replace(db, user, record)
            else:
                memories.add(db, user, [record], made_by)
            restored.append(record)
        db.execute("DELETE FROM changes WHERE id = ?", [change])
    return Undone(action, restored, removed)


def erase(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Delete the earlier forms of these memories, and everything that is left of them."""
    with transaction(db):
        db.execute(
            "DELETE FROM earlier WHERE memory_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(ids))],
        )
        search.scrub(db)
    _drop_traces(db)


def forget_all(db: sqlite3.Connection) -> None:
    """Delete the whole journal: nothing can be undone, and what was forgotten is gone."""
    held = db.execute("SELECT 1 FROM earlier LIMIT 1").fetchone()
    with transaction(db):
        db.execute("DELETE FROM changes")
        if held:
            search.scrub(db)


def expire(db: sqlite3.Connection) -> None:
    """Delete the journal's entries that are too old to undo. Cheap when there are none."""
    if path := connection.path_of(db):
        from ltm_cli.store import copies

        copies.expire(path)
    oldest = iso(settings.now() - KEPT)
    if not db.execute("SELECT 1 FROM changes WHERE made < ? LIMIT 1", [oldest]).fetchone():
        return
    with transaction(db):
        held = db.execute(
            "SELECT 1 FROM earlier JOIN changes ON changes.id = change_id WHERE made < ? LIMIT 1",
            [oldest],
        ).fetchone()
        db.execute("DELETE FROM changes WHERE made < ?", [oldest])
        if held:
            search.scrub(db)
    if held:
        _drop_traces(db)


def _drop_traces(db: sqlite3.Connection) -> None:
    """Delete what holds the store of before the deletion: its log, and older forms beside it."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if path := connection.path_of(db):
        from ltm_cli.store import copies

        copies.drop(path)
