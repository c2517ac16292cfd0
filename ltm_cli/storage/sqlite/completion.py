"""What a shell offers at the press of TAB: names and ids of one user, read in some milliseconds.

Like phrases.py it imports little but SQLite, reads only the newest memories, and never writes,
waits or migrates. Values come as they are stored: cli/completion_values.py leaves out what is
unfit to type.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import takewhile
from pathlib import Path

from ltm_cli.core.messages import text
from ltm_cli.core.record import DOCUMENT, SECRET
from ltm_cli.core.task_status import is_mark
from ltm_cli.storage.sqlite import driver

NEWEST = 5_000  # memories of which tags and speakers are offered
MOST = 200  # values offered at once

Offer = tuple[str, str]  # the value and what it is, both as text
Source = Callable[[sqlite3.Connection, str, str], list[Offer]]  # (store, user, beginning)

_RECENT = "(SELECT tags, speaker FROM memories WHERE user_id = ? ORDER BY at DESC LIMIT ?)"


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A store for reading; None when there is none, or one of another format."""
    from ltm_cli.storage.sqlite.format import is_current

    if not path.exists():
        yield None
        return
    with closing(driver.connect(path, timeout=0.2, ask=False)) as db:
        db.execute("PRAGMA query_only = ON")
        yield db if is_current(db) else None


def users(db: sqlite3.Connection, begin: str) -> list[Offer]:
    rows = db.execute(
        "SELECT name, memories FROM users"
        " WHERE memories > 0 AND substr(name, 1, length(?1)) = ?1 ORDER BY memories DESC LIMIT ?2",
        (begin, MOST),
    )
    return [(name, text("memories: {count}", count=count)) for name, count in rows]


def tags(db: sqlite3.Connection, user: str, begin: str) -> list[Offer]:
    """The most frequent tags, without the headings of documents and those of ltm itself."""
    rows = db.execute(
        f"SELECT value, count(*) || '×' FROM {_RECENT}, json_each(tags)"
        f" WHERE NOT {_tagged(DOCUMENT)} AND substr(value, 1, length(?3)) = ?3"
        " GROUP BY value ORDER BY count(*) DESC, value LIMIT ?4",
        (user_id(db, user), NEWEST, begin, MOST),
    )
    return [(tag, count) for tag, count in rows if not is_mark(tag)]


def speakers(db: sqlite3.Connection, user: str, begin: str) -> list[Offer]:
    rows = db.execute(
        f"SELECT speaker, count(*) || '×' FROM {_RECENT}"
        " WHERE speaker IS NOT NULL AND substr(speaker, 1, length(?3)) = ?3"
        " GROUP BY speaker ORDER BY count(*) DESC, speaker LIMIT ?4",
        (user_id(db, user), NEWEST, begin, MOST),
    )
    return rows.fetchall()


def sessions(db: sqlite3.Connection, user: str, begin: str) -> list[Offer]:
    """Conversations by name, each with its last day."""
    return [(name, day) for name, day, document in _sessions(db, user, begin) if not document]


def titles(db: sqlite3.Connection, user: str, begin: str) -> list[Offer]:
    """Documents by title, each with the day it is of."""
    return [(name, day) for name, day, document in _sessions(db, user, begin) if document]


def _sessions(db: sqlite3.Connection, user: str, begin: str) -> list[tuple[str, str, bool]]:
    """(name, last day, whether it is a document), by one search in the index for each."""
    rows = db.execute(
        "WITH RECURSIVE named(name) AS (SELECT ?2 UNION ALL SELECT"
        " (SELECT min(session) FROM memories WHERE user_id = ?1 AND session > name)"
        " FROM named WHERE name IS NOT NULL)"
        f" SELECT name, substr(at, 1, 10), {_tagged(DOCUMENT)} FROM named JOIN memories"
        " ON memories.id = (SELECT id FROM memories WHERE user_id = ?1 AND session = name"
        " ORDER BY at DESC LIMIT 1)",
        (user_id(db, user), begin),
    )
    found = takewhile(lambda row: row[0].startswith(begin), rows)
    return [row for row, _ in zip(found, range(MOST), strict=False)]


def memories(db: sqlite3.Connection, user: str, begin: str) -> list[Offer]:
    """Ids, the newest first, each with the beginning of its text."""
    rows = db.execute(
        f"SELECT id, {_told('substr(coalesce(text, question), 1, 80)')}"
        " FROM memories WHERE id IN (SELECT id"
        " FROM memories WHERE user_id = ?1 AND substr(id, 1, length(?2)) = ?2"
        " ORDER BY at DESC LIMIT ?3) ORDER BY at DESC",
        (user_id(db, user), begin, MOST),
    )
    return _as_text(rows)


def tasks(db: sqlite3.Connection, user: str, begin: str, *, open: bool = True) -> list[Offer]:
    """Ids of open tasks by their deadline, or of those to reopen, each with what is to be done."""
    which = "state = 'open'" if open else "(state != 'open' OR snoozed IS NOT NULL)"
    told = _told("substr(tasks.text, 1, 80) || ifnull(', ' || due, '')")
    rows = db.execute(
        f"SELECT memory_id, {told}"
        " FROM tasks JOIN memories ON memories.id = memory_id"
        f" WHERE tasks.user_id = ?1 AND {which} AND substr(memory_id, 1, length(?2)) = ?2"
        " ORDER BY due IS NULL, due LIMIT ?3",
        (user_id(db, user), begin, MOST),
    )
    return _as_text(rows)


def facts(db: sqlite3.Connection, user: str, begin: str) -> list[Offer]:
    """Ids, the newest first, each with what it says."""
    told = _told("substr(subject || ' · ' || attribute || ' = ' || value, 1, 80)")
    rows = db.execute(
        f"SELECT facts.id, {told}"
        " FROM facts JOIN memories ON memories.id = memory_id"
        " WHERE facts.user_id = ?1 AND NOT denied AND substr(facts.id, 1, length(?2)) = ?2"
        " ORDER BY facts.id DESC LIMIT ?3",
        (user_id(db, user), begin, MOST),
    )
    return _as_text(rows)


def subjects(db: sqlite3.Connection, user: str, begin: str) -> list[Offer]:
    rows = db.execute(
        "SELECT subject, count(*) FROM facts JOIN memories"
        " ON memories.id = memory_id WHERE facts.user_id = ?1 AND NOT denied"
        f" AND NOT {_tagged(SECRET)} AND substr(subject, 1, length(?2)) = ?2"
        " GROUP BY subject ORDER BY count(*) DESC LIMIT ?3",
        (user_id(db, user), begin, MOST),
    )
    return [(subject, text("facts: {count}", count=count)) for subject, count in rows]


def _as_text(rows: sqlite3.Cursor) -> list[Offer]:
    return [(str(id), about) for id, about in rows]


def _told(column: str) -> str:
    """The SQL of a description; what is tagged secret is offered by its id alone."""
    return f"iif({_tagged(SECRET)}, '', {column})"


def _tagged(tag: str) -> str:
    return f"ifnull(tags LIKE '%\"{tag}\"%', 0)"


def user_id(db: sqlite3.Connection, name: str) -> int:
    row = db.execute("SELECT id FROM users WHERE name = ?", [name]).fetchone()
    return row[0] if row else 0
