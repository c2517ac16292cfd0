"""What memories say of time, derived when they are written: spans, tasks and events.

spans   every time that a text names, resolved; a moment of a clock with its offset from UTC
tasks   what is to be done, from the text (features/tasks/extraction.py) and the user's marks
(marks.py)
events  what was done, on which day, by key (features/habits/events.py); habits are found among them

All three follow from the memory alone, go with it, and are made again by derived.rebuild.

What becomes a task: a memory of kind `task`; otherwise what the user said (no other speaker, no
question of `ask`, no document, of an exchange the question), whose deadline had not passed when it
was recorded, or that names none and was recorded within a week of its time. So years of chats that
are imported open no task whose time is over.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ltm_cli.core import task_status
from ltm_cli.core.record import ASKED, DOCUMENT, SECRET, Record, iso, moment
from ltm_cli.features.tasks import extraction as task_extraction
from ltm_cli.nlp.dates import Recurrence, Span, find

FRESH = timedelta(days=7)  # a task without a date is one only if it was recorded that soon
_SELF = frozenset(("me", "i", "myself", "user", "我", "本人", "自己"))
_OFFSET = re.compile(r"(?<=^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[+-]\d\d:\d\d(?::\d\d)?$")
_FOREIGN = frozenset((ASKED, DOCUMENT))  # what `ltm ask` and `ltm read` stored: not the user's own
_CLOCK = ("hour", "minute", "second")
_TABLES = ("spans", "tasks", "events")


LONGEST = 20_000  # characters in which times are looked for


@dataclass(frozen=True)
class Stored:
    """A task as it is stored. `due` and `made` are local; `state` is open, done or dropped."""

    id: int  # of its memory
    text: str
    due: str | None
    state: str
    made: str
    closed: str | None = None
    snoozed: str | None = None


@dataclass(frozen=True)
class Named:
    """A time that a memory names, in local time."""

    start: datetime
    end: datetime
    grain: str
    sense: str
    begin: int  # its place in the memory's content
    finish: int
    every: Recurrence | None = None


def read(record: Record) -> list[Span]:
    """The time expressions of a memory, relative to when it happened; of a long one, of its start.

    Nobody tells of days in a hundred pages, and reading them costs 8 µs a character.
    """
    return find(record.content[:LONGEST], moment(record.at))


def add(
    db: sqlite3.Connection, user: int, records: Sequence[Record], spans: Sequence[list[Span]]
) -> None:
    """Store what these memories, which are new, say of time; `spans` as `read` gives them."""
    rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in _TABLES}
    for record, found in zip(records, spans, strict=True):
        for table, row in _rows(user, record, found):
            rows[table].append(row)
    db.executemany("INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows["spans"])
    db.executemany("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows["tasks"])
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows["events"])


def remove(db: sqlite3.Connection, id: int) -> None:
    """Delete what a memory, which is changed, says of time; with the memory itself it goes."""
    for table in _TABLES:
        db.execute(f"DELETE FROM {table} WHERE memory_id = ?", [id])


def clear(db: sqlite3.Connection) -> None:
    for table in _TABLES:
        db.execute(f"DELETE FROM {table}")


def faults(db: sqlite3.Connection, user: int, records: Sequence[Record]) -> int:
    """How many rows of these memories are missing, or should not be; offsets are not compared."""
    ids = json.dumps([record.id for record in records])
    stored = {
        (table, *map(_bare, row))
        for table in _TABLES
        for row in db.execute(
            f"SELECT {table}.* FROM json_each(?) CROSS JOIN {table} ON memory_id = value"
            " WHERE user_id = ?",
            (ids, user),
        )
    }
    wanted = {(table, *map(_bare, row)) for r in records for table, row in _rows(user, r, read(r))}
    return len(stored ^ wanted)


def tasks_of(db: sqlite3.Connection, user: int, ids: Sequence[int] | None = None) -> list[Stored]:
    """The tasks of a user, or of these memories, by age."""
    which = "" if ids is None else " AND memory_id IN (SELECT value FROM json_each(?))"
    rows = db.execute(
        "SELECT memory_id, text, due, state, made, closed, snoozed FROM tasks"
        f" WHERE user_id = ?{which} ORDER BY made, memory_id",
        [user] if ids is None else [user, json.dumps(list(ids))],
    )
    return [Stored(row[0], row[1], _local(row[2]), *row[3:]) for row in rows]


def has_open_tasks(db: sqlite3.Connection, user: int) -> bool:
    return (
        db.execute(
            "SELECT 1 FROM tasks WHERE user_id = ? AND state = 'open' LIMIT 1", [user]
        ).fetchone()
        is not None
    )


def spans_of(db: sqlite3.Connection, user: int, id: int) -> list[Named]:
    """The times that a memory names, in the order of its text."""
    rows = db.execute(
        "SELECT start, finish, grain, sense, first, last, every FROM spans"
        " WHERE memory_id = ? AND user_id = ? ORDER BY place",
        (id, user),
    )
    return [
        Named(
            moment(start), moment(end), grain, sense, first, last,
            Recurrence(*json.loads(every)) if every else None,
        )
        for start, end, grain, sense, first, last, every in rows
    ]  # fmt: skip


def naming(db: sqlite3.Connection, user: int, day: datetime) -> list[int]:
    """The memories of before `day` that name that very day as a point in time."""
    rows = db.execute(
        "SELECT DISTINCT memory_id FROM spans JOIN memories ON memories.id = memory_id"
        " WHERE spans.user_id = ? AND start >= ? AND start < ? AND finish <= ?"
        " AND sense = 'point' AND at < ? ORDER BY start, memory_id",
        (
            user,
            iso(day),
            iso(day + timedelta(days=1)),
            iso(day + timedelta(days=1)) + "~",
            iso(day),
        ),
    )
    return [row[0] for row in rows]


def event_counts(db: sqlite3.Connection, user: int, until: str) -> dict[str, int]:
    """On how many days what each key names was done, until a day; read from the index alone."""
    return dict(
        db.execute(
            "SELECT key, count(DISTINCT day) FROM events WHERE user_id = ? AND day <= ?"
            " GROUP BY key",
            (user, until),
        )
    )


def events_of(
    db: sqlite3.Connection, user: int, key: str, until: str, most: int
) -> list[tuple[str, int]]:
    """(day, memory) of the last events of a key until a day, at most so many, newest first."""
    return db.execute(
        "SELECT day, memory_id FROM events WHERE user_id = ? AND key = ? AND day <= ?"
        " ORDER BY day DESC, memory_id DESC LIMIT ?",
        (user, key, until, most),
    ).fetchall()


def _rows(user: int, record: Record, spans: list[Span]) -> Iterable[tuple[str, tuple[object, ...]]]:
    for place, span in enumerate(spans):
        every = span.every and json.dumps(
            [span.every.unit, span.every.count, span.every.weekday, span.every.month,
             span.every.monthday]
        )  # fmt: skip
        clock = span.grain in _CLOCK
        yield "spans", (
            record.id, place, user, _stored(span.start, clock), _stored(span.end, clock),
            span.grain, span.sense, span.begin, span.finish, every,
        )  # fmt: skip
    if SECRET in record.tags:  # what it is about would be shown
        return
    others = record.speaker and record.speaker.lower() not in _SELF
    if record.kind != "task" and (others or not _FOREIGN.isdisjoint(record.tags)):
        return
    decided = task_status.read(record.tags)
    task = None if decided.refused else _task(record, spans, decided)
    if task is not None:
        state = "done" if decided.done else "dropped" if decided.dropped else "open"
        due = decided.due or task.due
        if due is not None and "T" in due:
            due = _stored(datetime.fromisoformat(due), True)
        yield "tasks", (record.id, user, task.text, due, state, record.at,
                        decided.done or decided.dropped, decided.snoozed)  # fmt: skip
    if task is None or state == "done":
        yield from _events(user, record, spans)


def _task(
    record: Record, spans: list[Span], decided: task_status.Marks
) -> task_extraction.Task | None:
    """The task of a memory; of several in one text the first that has a date."""
    now, recorded = moment(record.at), moment(record.recorded)
    said = record.text if record.text is not None else record.question or ""
    if record.kind == "task":  # whatever it says is to come: "Read it by 20 May"
        times = [one for one in find(said, now, past=False) if one.sense in ("deadline", "point")]
        ahead = [
            span for span in times if not task_extraction.is_over(task_extraction.due(span), now)
        ]
        chosen = next((span for span in ahead if span.sense == "deadline"), None)
        chosen = chosen or next(iter(ahead), None)
        return task_extraction.Task(
            task_extraction.title(said, [chosen] if chosen else []),
            task_extraction.due(chosen) if chosen else None,
        )
    inside = [span for span in spans if span.finish <= len(said)]
    fresh = recorded - now <= FRESH
    if not fresh and all(
        task_extraction.is_over(task_extraction.due(span), recorded) for span in inside
    ):
        return None
    found = task_extraction.find(said, inside, now)
    dated = [task for task in found if task.due is not None]
    if any(not task_extraction.is_over(str(task.due), recorded) for task in dated):
        return next(task for task in dated if not task_extraction.is_over(str(task.due), recorded))
    return found[0] if found and not dated and fresh else None


def _events(
    user: int, record: Record, spans: list[Span]
) -> Iterable[tuple[str, tuple[object, ...]]]:
    from ltm_cli.features.habits import events

    found = events.keys(record.text if record.text is not None else record.question or "")
    if not found:
        return
    days = {
        span.start.date().isoformat()
        for span in spans
        if span.sense == "point" and (span.end - span.start) <= timedelta(days=1)
    }
    day = record.at[:10]
    if len(days) == 1 and min(days) <= day:
        day = min(days)
    for key in found:
        yield "events", (user, key, day, record.id)


def _stored(time: datetime, clock: bool) -> str:
    """A moment of a clock with its offset, so that it stays the same in another time zone."""
    if clock:
        try:
            return time.astimezone().isoformat(timespec="seconds")
        except (ValueError, OverflowError):  # the ends of time have no offset
            pass
    return iso(time)


def _bare(value: object) -> object:
    """A stored moment without its offset, which is that of where the user was at the time."""
    return _OFFSET.sub("", value) if isinstance(value, str) else value


def _local(due: str | None) -> str | None:
    return iso(moment(due)) if due is not None and "T" in due else due
