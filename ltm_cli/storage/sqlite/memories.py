"""Reading and writing the memories of one user, who sees no other."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ltm_cli.core.errors import UsageError
from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.messages import text
from ltm_cli.core.record import DOCUMENT, SECRET, Record

if TYPE_CHECKING:
    from ltm_cli.storage.sqlite.store import SqliteStore

_COLUMNS = "id, kind, text, question, answer, at, recorded, session, speaker, tags, ref"
# The memories of given ids, each looked up; a plain IN makes SQLite scan all of the user's.
_WANTED = "(SELECT value AS wanted FROM json_each(?)) CROSS JOIN memories ON memories.id = wanted"


class SqliteMemories:
    """The memories of one user."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._db = store.db

    @property
    def _user(self) -> int:
        return self._store.owner

    def count(self) -> int:
        """How many there are."""
        row = self._db.execute("SELECT memories FROM users WHERE id = ?", [self._user]).fetchone()
        return row[0] if row else 0

    def add(self, records: Iterable[Record], change: int) -> list[int]:
        """Store new memories and what is derived of them; one that has an id keeps it."""
        added = []
        user = self._store.ensure_owner()
        for record in records:
            cursor = self._db.execute(
                f"INSERT INTO memories ({_COLUMNS}, user_id, digest, change_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (record.id or None, *_values(record), user, _checksum(record), change),
            )
            assert cursor.lastrowid is not None
            record.id = cursor.lastrowid
            added.append(record)
        self._store.indexer.add(self._store, added)
        return [record.id for record in added]

    def replace(self, record: Record) -> None:
        """Put `record` in the place of the memory of the same id."""
        before = self.fetch([record.id])[record.id]
        self._db.execute(
            "UPDATE memories SET kind = ?, text = ?, question = ?, answer = ?, at = ?,"
            " recorded = ?, session = ?, speaker = ?, tags = ?, ref = ?, digest = ?"
            " WHERE id = ? AND user_id = ?",
            (*_values(record), _checksum(record), record.id, self._user),
        )
        self._store.indexer.replace(self._store, before, record)
        if before.question and record.question and before.question != record.question:
            self._store.feedback.reword(before.question, record.question)

    def remove(self, ids: Sequence[int]) -> None:
        """Delete memories and what the index holds of them."""
        gone = self.fetch(ids).values()
        self._store.indexer.remove(self._store, [one.id for one in gone])
        self._db.execute(
            "DELETE FROM memories WHERE +user_id = ? AND id IN (SELECT value FROM json_each(?))",
            (self._user, json.dumps(list(ids))),
        )
        for question in {one.question for one in gone if one.question is not None}:
            self._store.feedback.drop(question)

    def known(self, record: Record) -> int | None:
        """The id of the memory that an import of `record` would double, if there is one."""
        value: str | int | None = record.ref
        condition = "ref = ?"
        if value is None:
            condition, value = "digest = ? AND ref IS NULL", _checksum(record)
        row = self._db.execute(
            f"SELECT id FROM memories WHERE user_id = ? AND {condition}", (self._user, value)
        ).fetchone()
        return row[0] if row else None

    def refuse_double(self, record: Record, what: str) -> None:
        """Raise UsageError when another memory of the user has the ref of this one."""
        if record.ref is not None and (other := self.known(record)) not in (None, record.id):
            raise UsageError(
                text(
                    "{what}: memory {id} already has the ref {ref!r}",
                    what=what,
                    id=other,
                    ref=record.ref,
                ),
                text(
                    "see it with ltm show {id}; to use the ref again, run ltm forget {id} --now",
                    id=other,
                ),
            )

    def fetch(self, ids: Iterable[int]) -> dict[int, Record]:
        """The memories of these ids that are this user's, in the order asked for."""
        wanted = list(ids)
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM {_WANTED} WHERE user_id = ?", (json.dumps(wanted), self._user)
        )
        name = self._store.user
        found = {row[0]: _record(row, name) for row in rows}
        return {id: found[id] for id in wanted if id in found}

    def select(
        self,
        which: Filter = EVERYTHING,
        *,
        newest: int | None = None,
    ) -> Iterator[Record]:
        """The memories that pass the filter, in order of time; at most the `newest` last ones."""
        condition, values = _condition(self._user, which)
        order, limit = ("DESC", f" LIMIT {newest:d}") if newest is not None else ("ASC", "")
        rows: Iterable[tuple[Any, ...]] = self._db.execute(
            f"SELECT {_COLUMNS} FROM memories WHERE user_id = ?{condition}"
            f" ORDER BY at {order}, id {order}{limit}",
            (self._user, *values),
        )
        if newest is not None:
            rows = list(rows)[::-1]
        name = self._store.user
        for row in rows:
            yield _record(row, name)

    def days(self, *, without: str) -> dict[date, int]:
        """How many memories each day has, those with the tag `without` left out."""
        rows = self._db.execute(
            "SELECT substr(at, 1, 10), count(*) FROM memories WHERE user_id = ?"
            " AND (tags IS NULL OR NOT EXISTS"
            " (SELECT 1 FROM json_each(tags) AS tag WHERE tag.value = ?)) GROUP BY 1",
            (self._user, without),
        )
        return {date.fromisoformat(day): count for day, count in rows}

    def newest_first(self) -> list[int]:
        """The ids of all memories of a user."""
        rows = self._db.execute(
            "SELECT id FROM memories WHERE user_id = ? ORDER BY at DESC, id DESC", [self._user]
        )
        return [row[0] for row in rows]

    def passing(self, ids: Sequence[int], which: Filter) -> list[int]:
        """Those of `ids` that pass the filter, in the same order."""
        if not which:
            return list(ids)
        condition, values = _condition(self._user, which)
        rows = self._db.execute(
            f"SELECT memories.id FROM {_WANTED} WHERE user_id = ?{condition}",
            (json.dumps(list(ids)), self._user, *values),
        )
        kept = {row[0] for row in rows}
        return [id for id in ids if id in kept]

    def neighbours(self, record: Record, reach: int) -> tuple[list[int], list[int]]:
        """The ids before and after a memory in its session, the nearest first, `reach` of each."""
        if record.session is None:
            return [], []
        found = []
        for sign, order in ("<", "DESC"), (">", "ASC"):
            # In two parts, for SQLite reads (at, id) < (?, ?) as at <= ?, and so through all
            # passages of a document, which happened at one time.
            rows = self._db.execute(
                "SELECT id FROM (SELECT id FROM memories WHERE user_id = :user"
                f" AND session = :session AND at = :at AND id {sign} :id"
                f" ORDER BY id {order} LIMIT :reach)"
                " UNION ALL"
                " SELECT id FROM (SELECT id FROM memories WHERE user_id = :user"
                f" AND session = :session AND at {sign} :at"
                f" ORDER BY at {order}, id {order} LIMIT :reach)"
                " LIMIT :reach",
                {"user": self._user, "session": record.session, "at": record.at, "id": record.id,
                 "reach": reach},
            )  # fmt: skip
            found.append([row[0] for row in rows])
        return found[0], found[1]

    def anniversaries(self, day: str) -> list[Record]:
        """The memories of the same day in the ten years before, the latest first.

        Exchanges of `ask`, documents, secrets and tasks are left out: they are not what happened.
        """
        found: list[Record] = []
        for year in range(int(day[:4]) - 1, max(0, int(day[:4]) - 11), -1):
            same = f"{year:04}{day[4:10]}"
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM memories WHERE user_id = ? AND at >= ? AND at < ?"
                " AND kind = 'episode' AND NOT EXISTS (SELECT 1 FROM json_each(ifnull(tags, '[]'))"
                " AS tag WHERE tag.value IN ('asked', ?, ?)) ORDER BY at, id",
                (self._user, same, same + "~", DOCUMENT, SECRET),
            )
            name = self._store.user
            found += [_record(row, name) for row in rows]
        return found

    def sessions(self, tag: str) -> list[tuple[str, int, int, str, str]]:
        """(name, memories, characters, first at, last recorded) of the sessions with a tag."""
        condition, values = _condition(self._user, Filter(tags=(tag,)))
        return self._db.execute(
            "SELECT session, count(*), sum(length(text)), min(at), max(recorded) FROM memories"
            " WHERE user_id = ? AND session IS NOT NULL AND tags IS NOT NULL"
            f"{condition} GROUP BY session ORDER BY session",
            (self._user, *values),
        ).fetchall()

    def last_id(self) -> int:
        """The highest id of any user, 0 in an empty store."""
        found: int = self._db.execute("SELECT ifnull(max(id), 0) FROM memories").fetchone()[0]
        return found


_LAST = "9999-12-31T23:59:59~"


def sign(db: sqlite3.Connection, records: Iterable[Record]) -> None:
    """Take memories for right as they are: their checksums are made again."""
    db.executemany(
        "UPDATE memories SET digest = ? WHERE id = ?",
        [(_checksum(record), record.id) for record in records],
    )


def existing(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    """Those of these ids that are memories, of any user."""
    rows = db.execute(f"SELECT id FROM {_WANTED}", [json.dumps(list(ids))])
    return {row[0] for row in rows}


def _condition(user: int, which: Filter) -> tuple[str, list[object]]:
    values: list[object] = []
    condition = ""
    if which.named and which.since is not None:
        until = which.until or _LAST
        condition += (
            " AND memories.id IN (SELECT id FROM memories WHERE user_id = ? AND at >= ? AND at < ?"
            " UNION ALL SELECT memory_id FROM spans WHERE user_id = ? AND start >= ? AND start < ?"
            " AND finish <= ? AND sense IN ('point', 'deadline'))"
        )
        values += [user, which.since, until, user, which.since, until, until + "~"]
    else:
        if which.since is not None:
            condition += " AND at >= ?"
            values.append(which.since)
        if which.until is not None:
            condition += " AND at < ?"
            values.append(which.until)
    if which.kinds:
        condition += f" AND kind IN ({', '.join('?' * len(which.kinds))})"
        values += which.kinds
    if which.session is not None:
        condition += " AND session = ?"
        values.append(which.session)
    if which.exchanges:
        condition += " AND question IS NOT NULL"
    if not which.secrets:
        condition += " AND NOT EXISTS (SELECT 1 FROM json_each(tags) AS tag WHERE tag.value = ?)"
        values.append(SECRET)
    for tag in which.tags:
        condition += " AND EXISTS (SELECT 1 FROM json_each(tags) AS tag WHERE tag.value = ?)"
        values.append(tag)
    return condition, values


def _values(record: Record) -> tuple[object, ...]:
    tags = json.dumps(record.tags, ensure_ascii=False) if record.tags else None
    return (record.kind, record.text, record.question, record.answer, record.at, record.recorded,
            record.session, record.speaker, tags, record.ref)  # fmt: skip


def _record(row: Sequence[Any], user: str) -> Record:
    id, kind, text, question, answer, at, recorded, session, speaker, tags, ref = row
    return Record(
        id=id, user=user, kind=kind, text=text, question=question, answer=answer, at=at,
        recorded=recorded, session=session, speaker=speaker,
        tags=json.loads(tags) if tags else [], ref=ref,
    )  # fmt: skip


def checksum(at: str, *parts: str | None) -> int:
    """63 bits of a memory's time and words: tells whether they are those that were stored, and of
    those without a ref whether an import brings them again."""
    import hashlib

    data = "\x1f".join((at, *(part for part in parts if part is not None))).encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") >> 1


def _checksum(record: Record) -> int:
    return checksum(record.at, *record.parts)
