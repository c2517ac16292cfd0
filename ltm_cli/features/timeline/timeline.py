"""The timeline: how much was remembered on each day, what is due, what is done again and again.

Days without memories are part of it; documents that were read (`ltm read`) are not: a book is no
day of a life.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ltm_cli.core.filter import Filter
from ltm_cli.core.record import DOCUMENT, SECRET, Record, iso
from ltm_cli.features.habits import habits
from ltm_cli.features.habits.habits import Habit
from ltm_cli.features.tasks import tasks
from ltm_cli.features.tasks.tasks import Task

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

TOLD = 4  # memories that stand for a month


@dataclass(frozen=True)
class Month:
    """One month: how many memories, and some of them, in order of time."""

    first: date
    count: int
    told: list[Record]


@dataclass(frozen=True)
class Timeline:
    """What `ltm timeline` draws: days (of memories) from `first` to `last`, both included."""

    first: date
    last: date
    today: date
    days: dict[date, int]
    months: list[Month]
    tasks: list[Task] = field(default_factory=list)
    habits: list[Habit] = field(default_factory=list)

    def level(self, day: date) -> int:
        """How full a day is, 0 to 4: by quarters of what a full day (the 95th percentile) has."""
        count = self.days.get(day, 0)
        if not count:
            return 0
        counts = sorted(self.days.values())
        full = counts[int(0.95 * (len(counts) - 1))]
        return min(4, 1 + (4 * (count - 1)) // max(1, full))

    def as_dict(self) -> dict[str, Any]:
        """The shape of `ltm timeline --json`."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "days": {day.isoformat(): count for day, count in sorted(self.days.items())},
            "months": [
                {"month": month.first.isoformat()[:7], "count": month.count,
                 "memories": [record.id for record in month.told]}
                for month in self.months
            ],
            "tasks": [one.as_dict() for one in self.tasks],
            "habits": [one.as_dict() for one in self.habits],
        }  # fmt: skip


def timeline(
    store: Store, now: datetime, since: date, until: date | None = None
) -> Timeline | None:
    """The timeline from `since` to the day before `until` (else to what is foreseen); or None."""
    counts = store.memories.days(without=DOCUMENT)
    last = until - timedelta(days=1) if until else max(now.date(), since)
    days = {day: count for day, count in counts.items() if since <= day <= last}
    if not days:
        return None
    found = habits.find(store, now)
    due = [
        one
        for one in tasks.find(store, now, ("open", "done"))
        if one.due and since.isoformat() <= one.due[:10]
    ]
    if until is None:  # what is to come within a month is part of the picture
        ahead = [date.fromisoformat(one.due[:10]) for one in due if one.due]
        ahead += [one.next for one in found]
        soon = now.date() + timedelta(days=31)
        last = max([last, *(day for day in ahead if day <= soon)])
    due = [one for one in due if one.due and one.due[:10] <= last.isoformat()]
    first = min(days)
    months = [_month(store, month, days) for month in _months(first, last)]
    return Timeline(first, last, now.date(), days, months, due, found)


def _months(first: date, last: date) -> list[date]:
    found = [first.replace(day=1)]
    while (after := (found[-1] + timedelta(days=32)).replace(day=1)) <= last:
        found.append(after)
    return found


def _month(store: Store, first: date, days: dict[date, int]) -> Month:
    """A month, told by the first memory of each of its fullest days."""
    mine = {day: count for day, count in days.items() if day.replace(day=1) == first}
    fullest = sorted(sorted(mine, key=lambda day: (-mine[day], day))[:TOLD])
    told = []
    for day in fullest:
        begin = datetime.combine(day, datetime.min.time())
        which = Filter(iso(begin), iso(begin + timedelta(days=1)))
        records = store.memories.select(which)
        told += [one for one in records if {DOCUMENT, SECRET}.isdisjoint(one.tags)][:1]
    return Month(first, sum(mine.values()), told)
