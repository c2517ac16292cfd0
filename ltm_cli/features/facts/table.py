"""The facts that memories state, derived from their texts when they are written.

A memory of the kind "fact" may say one in so many signs: "cabin · wifi password = heron-42", or
with "≠" that it is not so. That is how `ltm facts set` and `drop` are remembered, so that they are
exported, undone and forgotten like anything else.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from ltm_cli.core.record import ASKED, DOCUMENT, SECRET, Record
from ltm_cli.features.facts import extraction as rules

_WRITTEN = re.compile(
    r"(?P<subject>[^\n·]+) · (?P<attribute>[^\n=≠]+) (?P<sign>[=≠]) (?P<value>[^\n]+)"
)
# Tags of what `ltm ask` and `ltm read` keep, and of what nothing is to be made of.
OTHERS = frozenset({ASKED, DOCUMENT, SECRET})
_MYSELF = frozenset({"me", "i", "user", "我", "用户"})


class Row(NamedTuple):
    """One fact as one memory states it."""

    id: int
    memory: int
    at: str
    subject: str
    attribute: str
    value: str
    confidence: float
    denied: bool


def written(subject: str, attribute: str, value: str, *, denied: bool = False) -> str:
    """A fact in the signs that `stated` reads."""
    return f"{subject} · {attribute} {'≠' if denied else '='} {value}"


def stated(record: Record) -> list[tuple[str, str, str, float, bool]]:
    """What a memory states: (subject, attribute, value, confidence, denied)."""
    if record.kind == "style" or not OTHERS.isdisjoint(record.tags):
        return []
    if record.kind == "fact" and record.text and (match := _WRITTEN.fullmatch(record.text)):
        return [(match["subject"], match["attribute"], match["value"], 1.0, match["sign"] == "≠")]
    if record.question is not None:  # who answered is somebody else: only what is of third persons
        answered = [one for one in rules.find(record.answer or "") if not _of_speaker(one)]
        unique = {one[:3]: one for one in (*rules.find(record.question), *answered)}
        found = list(unique.values())
    else:
        found = rules.find(record.text or "", speaker(record))
    if found and _orders(record.content):
        return []
    return [(*one, False) for one in found]


def _orders(text: str) -> bool:
    from ltm_cli.nlp.prompt_injection import (
        orders,  # few memories state anything: the others do without
    )

    return orders(text)


def speaker(record: Record) -> str:
    """Who "I" and 我 are in a memory: ME, or the name of somebody else who speaks."""
    name = record.speaker or ""
    mine = not name or name.casefold() in _MYSELF or name == record.user
    return rules.ME if mine else name


def tag(source: int) -> str:
    """The tag by which a fact that was kept of a proposal names the memory it is of."""
    return f"from:{source}"


def named(kept: Record) -> list[int]:
    """The ids in such tags."""
    return [int(match[1]) for tag in kept.tags if (match := re.fullmatch(r"from:(\d{1,18})", tag))]


def kept_of(record: Record, kept: Iterable[Record]) -> list[Record]:
    """Those memories of the kind "fact" that were kept as facts of this one.

    Ids change when memories are imported: one whose value this memory does not hold names another.
    """
    return [
        one
        for one in kept
        if record.id in named(one)
        and (match := _WRITTEN.fullmatch(one.text or ""))
        and match["value"] in record.content
    ]


def add(db: sqlite3.Connection, user: int, records: Iterable[Record]) -> None:
    """Store what new memories state."""
    db.executemany(
        "INSERT INTO facts (user_id, memory_id, subject, attribute, value, confidence, denied)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(user, record.id, *one) for record in records for one in stated(record)],
    )


def prune(db: sqlite3.Connection, record: Record) -> None:
    """Delete what a memory stated and does no more; what it still states keeps its id."""
    gone = of(db, record.id) - set(stated(record))
    db.executemany(
        "DELETE FROM facts WHERE memory_id = ? AND subject = ? AND attribute = ? AND value = ?",
        [(record.id, *one[:3]) for one in gone],
    )


def of(db: sqlite3.Connection, memory: int) -> set[tuple[str, str, str, float, bool]]:
    """What is stored of one memory, as `stated` gives it."""
    rows = db.execute(
        "SELECT subject, attribute, value, confidence, denied FROM facts WHERE memory_id = ?",
        [memory],
    )
    return {(*row[:4], bool(row[4])) for row in rows}


def rows(
    db: sqlite3.Connection, user: int, attributes: Iterable[str] = (), until: str | None = None
) -> list[Row]:
    """All that a user's memories state, in order of time; of some attributes, before a time."""
    wanted = list(attributes)
    condition = f" AND attribute IN ({', '.join('?' * len(wanted))})" if wanted else ""
    if until is not None:
        condition += " AND at < ?"
    found = db.execute(
        "SELECT facts.id, memory_id, at, subject, attribute, value, confidence, denied"
        " FROM facts JOIN memories ON memories.id = memory_id"
        f" WHERE facts.user_id = ?{condition} ORDER BY at, memory_id, facts.id",
        (user, *wanted, *([until] if until is not None else [])),
    )
    return [Row._make((*row[:7], bool(row[7]))) for row in found]


def _of_speaker(one: rules.Stated) -> bool:
    return one.subject == rules.ME or one.subject.startswith(("my ", "our ", "我"))
