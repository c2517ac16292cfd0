"""The journal behind `ltm undo`: each change, with the earlier form of what it replaced.

A change is kept for `KEPT`. Then, or at once with `forget --now`, what it held is erased:

1. in one transaction the rows and earlier forms go (SQLite overwrites them: secure_delete), the
   index is rewritten without what was deleted from it, and `meta` names whose files remain
2. those files are deleted, and the write-ahead log is emptied           storage/sqlite/purge.py
3. `meta` forgets it

So whenever a process dies, and whoever still reads the log, the next command that opens the store
finds in `meta` what is left to do (`is_due`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ltm_cli.core import settings
from ltm_cli.core.messages import text
from ltm_cli.core.record import Record, from_dict, iso
from ltm_cli.storage.sqlite.transaction import transaction
from ltm_cli.storage.values import Erasing, Judgement, Undone

if TYPE_CHECKING:
    from ltm_cli.storage.sqlite.store import SqliteStore

KEPT = timedelta(hours=24)


class SqliteJournal:
    """The changes of one user that can be undone."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._db = store.db

    def begin(self, action: str) -> int:
        """A new entry of the journal; returns its id."""
        cursor = self._db.execute(
            "INSERT INTO changes (user_id, action, made) VALUES (?, ?, ?)",
            (self._store.ensure_owner(), action, iso(settings.now())),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def keep(self, change: int, record: Record, judged: Sequence[Judgement] = ()) -> None:
        """Remember the form a memory had before this change, until that is too old to undo.

        `judged` is the feedback that goes with it.
        """
        values = record.as_dict() | ({"judged": judged} if judged else {})
        self._db.execute(
            "INSERT INTO earlier SELECT ?, id, change_id, ? FROM memories WHERE id = ?",
            (change, json.dumps(values, ensure_ascii=False), record.id),
        )

    def undo(self) -> Undone | None:
        """Take back the user's last change that is not too old; None when there is none.

        Raises UsageError when another memory has come to have the ref of one that would come back.
        """
        with self._store.transaction():
            row = self._db.execute(
                "SELECT id, action FROM changes WHERE user_id = ? AND id > ?"
                " ORDER BY id DESC LIMIT 1",
                (self._store.owner, _last_expired(self._db)),
            ).fetchone()
            return self._undo(*row) if row is not None else None

    def _undo(self, change: int, action: str) -> Undone:
        memories = self._store.memories
        made = [row[0] for row in self._db.execute(
            "SELECT id FROM memories WHERE user_id = ? AND change_id = ?",
            (self._store.owner, change),
        )]  # fmt: skip
        removed = list(memories.fetch(made).values())
        memories.remove(made)  # first, for what comes back may have their refs
        restored, replaced, judged = [], [], []
        for made_by, document in self._db.execute(
            "SELECT made_by, record FROM earlier WHERE change_id = ? ORDER BY memory_id", [change]
        ).fetchall():
            values = json.loads(document)
            judged += values.pop("judged", [])
            record = from_dict(values)
            record.id = values["id"]
            memories.refuse_double(record, text("not undone"))
            if memories.fetch([record.id]):
                memories.replace(record)
                replaced.append(record.id)
            else:
                memories.add([record], made_by)
            restored.append(record)
        self._store.feedback.restore(judged)
        self._db.execute("DELETE FROM changes WHERE id = ?", [change])
        _erase(self._store, [*made, *replaced])  # nothing brings back what these said
        return Undone(action, restored, removed)

    def earlier(self, ids: Sequence[int]) -> list[Record]:
        """The earlier forms of these memories that the journal holds."""
        rows = self._db.execute(
            "SELECT record FROM earlier JOIN changes ON changes.id = change_id"
            " WHERE user_id = ? AND memory_id IN (SELECT value FROM json_each(?))",
            (self._store.owner, json.dumps(list(ids))),
        )
        return [from_dict(json.loads(row[0]), lenient=True) for row in rows]

    def erase(self, records: Sequence[Record]) -> None:
        """Within a transaction that removed these memories: leave nothing to undo of them."""
        ids = [record.id for record in records]
        for one in (*records, *self.earlier(ids)):
            if one.question is not None:
                self._store.feedback.drop(one.question)
                self._db.execute(  # judgements that go with what else was forgotten
                    "UPDATE earlier SET record = json_remove(record, '$.judged')"
                    " WHERE change_id IN (SELECT id FROM changes WHERE user_id = ?) AND EXISTS"
                    " (SELECT 1 FROM json_each(record, '$.judged')"
                    "  WHERE json_extract(value, '$[0]') = ?)",
                    (self._store.owner, one.question),
                )
        self._db.execute(
            "DELETE FROM earlier WHERE memory_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(ids))],
        )
        _erase(self._store, ids)

    def erase_user(self) -> None:
        """Within a transaction that removed all memories: leave nothing of the user at all."""
        ids = [row[0] for row in self._db.execute(
            "SELECT memory_id FROM earlier JOIN changes ON changes.id = change_id"
            " WHERE user_id = ?",
            [self._store.owner],
        )]  # fmt: skip
        self._db.execute("DELETE FROM changes WHERE user_id = ?", [self._store.owner])
        _erase(self._store, ids)


def is_due(db: sqlite3.Connection) -> bool:
    """Whether there is anything to expire or to finish erasing. Cheap: every command asks."""
    left, old = db.execute(
        "SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'erasing'),"
        " EXISTS (SELECT 1 FROM changes WHERE made < ?)",
        [iso(settings.now() - KEPT)],
    ).fetchone()
    return bool(left or (old and _last_expired(db)))


def expire(store: SqliteStore) -> None:
    """Erase the journal's entries that are too old to undo, and users of whom nothing is left."""
    db = store.db
    if not is_due(db):
        return
    with transaction(db):
        last = _last_expired(db)
        held = db.execute("SELECT memory_id FROM earlier WHERE change_id <= ?", [last])
        ids = [row[0] for row in held]
        db.execute("DELETE FROM changes WHERE id <= ?", [last])
        _erase(store, ids)


def _last_expired(db: sqlite3.Connection) -> int:
    """The last entry that is too old to undo, 0 for none; all before it are as well.

    A clock may have been wrong for a while. The entries are in the order in which they were made,
    whatever their times say: none is older than one before it that is not too old, and one that
    seems to be of the future goes with those that follow it.
    """
    now = settings.now()
    found: int = db.execute(
        "SELECT ifnull(max(id), 0) FROM changes WHERE made < :oldest AND id < ifnull("
        "(SELECT min(id) FROM changes WHERE made BETWEEN :oldest AND :now), id + 1)",
        {"oldest": iso(now - KEPT), "now": iso(now)},
    ).fetchone()[0]
    return found


def erasing(db: sqlite3.Connection) -> Erasing | None:
    """What is left to erase beside the rows; None when nothing is."""
    row = db.execute("SELECT value FROM meta WHERE key = 'erasing'").fetchone()
    return Erasing(**json.loads(row[0])) if row else None


def erased(db: sqlite3.Connection, done: Erasing) -> None:
    """Note that it is done, unless more has come meanwhile."""
    db.execute("DELETE FROM meta WHERE key = 'erasing' AND value = ?", [_document(done)])


def empty_log(db: sqlite3.Connection) -> bool:
    """Empty the write-ahead log, where pages of before a deletion stand; False if it is read.

    Waits for readers as long as `busy_timeout` says.
    """
    busy: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


def _erase(store: SqliteStore, ids: Sequence[int]) -> None:
    """Erase the index's traces of memories that are gone, and users of whom nothing is left."""
    db = store.db
    gone = "(SELECT id FROM users WHERE memories = 0 AND id NOT IN (SELECT user_id FROM changes))"
    users = [row[0] for row in db.execute(f"SELECT id FROM {gone}")]
    if not (ids or users):
        return
    db.execute(f"DELETE FROM words WHERE user_id IN {gone}")
    db.execute(f"DELETE FROM users WHERE id IN {gone}")
    store.indexer.scrub(store)
    before = erasing(db) or Erasing([], [])
    left = Erasing(sorted({*before.memories, *ids}), sorted({*before.users, *users}))
    db.execute(
        "INSERT INTO meta VALUES ('erasing', ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [_document(left)],
    )


def _document(left: Erasing) -> str:
    return json.dumps({"memories": left.memories, "users": left.users})


def drop_all(store: SqliteStore) -> None:
    """Delete the whole journal, of a copy: nothing can be undone, what was forgotten is gone."""
    db = store.db
    with transaction(db):
        ids = [row[0] for row in db.execute("SELECT DISTINCT memory_id FROM earlier")]
        db.execute("DELETE FROM changes")
        _erase(store, ids)
        db.execute("DELETE FROM meta WHERE key = 'erasing'")  # it has no files beside it
