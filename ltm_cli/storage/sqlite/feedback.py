"""What the user said of results: this memory was good, or bad, for that question."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ltm_cli.core import settings
from ltm_cli.core.record import iso


class Row(NamedTuple):
    """One judgement as it is stored."""

    question: str
    memory: int
    good: int
    made: str


@dataclass
class Judged:
    """A question, and the ids of the memories that were judged for it."""

    question: str
    asked: str  # when, ISO 8601
    good: set[int] = field(default_factory=set)
    bad: set[int] = field(default_factory=set)


def give(db: sqlite3.Connection, user: int, question: str, memory: int, *, good: bool) -> bool:
    """Note a judgement; the last one on the same question counts. False for an unknown memory."""
    cursor = db.execute(
        "INSERT INTO feedback (user_id, question, memory_id, good, made)"
        " SELECT user_id, ?, id, ?, ? FROM memories WHERE id = ? AND user_id = ?"
        " ON CONFLICT (user_id, question, memory_id)"
        " DO UPDATE SET good = excluded.good, made = excluded.made",
        (question, int(good), iso(settings.now()), memory, user),
    )
    return cursor.rowcount > 0


def cite(db: sqlite3.Connection, user: int, question: str, memories: Sequence[int]) -> None:
    """Note that an answer rests on these memories; what the user said of them stays."""
    db.executemany(
        "INSERT INTO feedback (user_id, question, memory_id, good, made) VALUES (?, ?, ?, 1, ?)"
        " ON CONFLICT (user_id, question, memory_id) DO NOTHING",
        [(user, question, memory, iso(settings.now())) for memory in memories],
    )


def cited(db: sqlite3.Connection, user: int) -> list[int]:
    """The memories that were good for some question, those good for the most questions first."""
    rows = db.execute(
        "SELECT memory_id FROM feedback WHERE user_id = ? AND good"
        " GROUP BY memory_id ORDER BY count(*) DESC, max(made) DESC",
        [user],
    )
    return [row[0] for row in rows]


def citing(db: sqlite3.Connection, user: int, memories: Sequence[int]) -> list[int]:
    """The exchanges whose questions one of these memories was good for."""
    questions = {row[0] for row in db.execute(
        "SELECT question FROM feedback WHERE user_id = ? AND good"
        " AND memory_id IN (SELECT value FROM json_each(?))",
        (user, json.dumps(list(memories))),
    )}  # fmt: skip
    if not questions:
        return []
    return [row[0] for row in db.execute(
        "SELECT id FROM memories WHERE user_id = ? AND question IN"
        " (SELECT value FROM json_each(?))",
        (user, json.dumps(sorted(questions))),
    )]  # fmt: skip


def judged(db: sqlite3.Connection, user: int) -> list[Judged]:
    """All questions of a user that have feedback, the oldest first."""
    found: dict[str, Judged] = {}
    for question, memory, good, made in db.execute(
        "SELECT question, memory_id, good, made FROM feedback WHERE user_id = ? ORDER BY rowid",
        [user],
    ):
        one = found.setdefault(question, Judged(question, made))
        (one.good if good else one.bad).add(memory)
    return list(found.values())


def with_memory(db: sqlite3.Connection, user: int, memory: int, question: str | None) -> list[Row]:
    """What goes when a memory goes: judgements of it, and those for the question that it asks."""
    rows = db.execute(
        "SELECT question, memory_id, good, made FROM feedback"
        " WHERE user_id = ? AND (memory_id = ? OR question = ?) ORDER BY rowid",
        (user, memory, question),
    )
    return [Row._make(row) for row in rows]


def reword(db: sqlite3.Connection, user: int, before: str, after: str) -> None:
    """Let the judgements for a question be those for its new wording."""
    db.execute(
        "UPDATE OR REPLACE feedback SET question = ? WHERE user_id = ? AND question = ?",
        (after, user, before),
    )


def drop(db: sqlite3.Connection, user: int, question: str) -> None:
    """Delete the judgements for a question that no memory asks any more."""
    if db.execute(
        "SELECT 1 FROM memories WHERE user_id = ? AND question = ? LIMIT 1", (user, question)
    ).fetchone():
        return
    db.execute("DELETE FROM feedback WHERE user_id = ? AND question = ?", (user, question))


def restore(db: sqlite3.Connection, user: int, rows: Sequence[Sequence[object]]) -> None:
    """Put back what `with_memory` gave; the memories are there again."""
    db.executemany(
        "INSERT INTO feedback (user_id, question, memory_id, good, made)"
        " SELECT user_id, ?, id, ?, ? FROM memories WHERE id = ? AND user_id = ?"
        " ON CONFLICT (user_id, question, memory_id) DO NOTHING",
        [(question, good, made, memory, user) for question, memory, good, made in rows],
    )
