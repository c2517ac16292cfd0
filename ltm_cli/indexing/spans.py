"""The times that memories name, resolved when they are written, relative to when each happened.

A moment of a clock is kept with its offset from UTC, so that it stays the same in another zone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ltm_cli.core.record import iso, moment
from ltm_cli.indexing.analysis import Analysis
from ltm_cli.indexing.derived import DerivedTable, Row
from ltm_cli.nlp.dates import Recurrence

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

_OFFSET = re.compile(r"(?<=^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[+-]\d\d:\d\d(?::\d\d)?$")
_CLOCK = ("hour", "minute", "second")


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


class SpansTable(DerivedTable):
    table = "spans"
    columns = ("memory_id", "place", "user_id", "start", "finish", "grain", "sense", "first",
               "last", "every")  # fmt: skip

    def rows(self, user: int, analysis: Analysis) -> Iterable[Row]:
        id = analysis.record.id
        for place, span in enumerate(analysis.spans):
            every = span.every and json.dumps(
                [span.every.unit, span.every.count, span.every.weekday, span.every.month,
                 span.every.monthday]
            )  # fmt: skip
            clock = span.grain in _CLOCK
            yield (
                id, place, user, as_stored(span.start, clock=clock),
                as_stored(span.end, clock=clock), span.grain, span.sense, span.begin, span.finish,
                every,
            )  # fmt: skip

    def comparable(self, row: Row) -> Row:
        return tuple(map(without_offset, row))


def of_memory(store: Store, id: int) -> list[Named]:
    """The times that a memory names, in the order of its text."""
    rows = store.execute(
        "SELECT start, finish, grain, sense, first, last, every FROM spans"
        " WHERE memory_id = ? AND user_id = ? ORDER BY place",
        (id, store.owner),
    )
    return [
        Named(
            moment(start), moment(end), grain, sense, first, last,
            Recurrence(*json.loads(every)) if every else None,
        )
        for start, end, grain, sense, first, last, every in rows
    ]  # fmt: skip


def naming(store: Store, day: datetime) -> list[int]:
    """The memories of before `day` that name that very day as a point in time."""
    next_day = day + timedelta(days=1)
    rows = store.execute(
        "SELECT DISTINCT memory_id FROM spans JOIN memories ON memories.id = memory_id"
        " WHERE spans.user_id = ? AND start >= ? AND start < ? AND finish <= ?"
        " AND sense = 'point' AND at < ? ORDER BY start, memory_id",
        (store.owner, iso(day), iso(next_day), iso(next_day) + "~", iso(day)),
    )
    return [row[0] for row in rows]


def as_stored(time: datetime, *, clock: bool) -> str:
    """A moment of a clock with its offset; a day without."""
    if clock:
        try:
            return time.astimezone().isoformat(timespec="seconds")
        except (ValueError, OverflowError):  # the ends of time have no offset
            pass
    return iso(time)


def without_offset(value: object) -> object:
    """A stored moment without its offset, which is that of where the user was at the time."""
    return _OFFSET.sub("", value) if isinstance(value, str) else value


def as_local(due: str | None) -> str | None:
    """A stored time in local time."""
    return iso(moment(due)) if due is not None and "T" in due else due
