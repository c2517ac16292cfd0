"""The brief of a day: what is due, what is likely needed soon, what happened on this day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ltm_cli.core.record import DOCUMENT, SECRET, Record, iso
from ltm_cli.features.habits import habits
from ltm_cli.features.habits.habits import Habit
from ltm_cli.features.tasks import tasks
from ltm_cli.features.tasks.table import tasks_of
from ltm_cli.features.tasks.tasks import Task
from ltm_cli.indexing import spans

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

SOON = 7  # days ahead that a brief looks, for tasks; those left over and those without a date stay
NEEDED = 3  # days ahead that a predicted need is told


@dataclass
class Brief:
    """What `ltm today` tells, in the order in which it is told."""

    due: list[Task] = field(default_factory=list)
    predicted: list[Habit] = field(default_factory=list)
    on_this_day: list[Record] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.due or self.predicted or self.on_this_day)

    def as_dict(self, now: datetime) -> dict[str, object]:
        """The shape of `ltm today --json`."""
        return {
            "due": [
                {"id": one.id, "text": one.text, "due": one.due, "days_left": one.days_left(now)}
                for one in self.due
            ],
            "predicted": [
                {
                    "what": one.what, "next": one.next.isoformat(),
                    "days_left": (one.next - now.date()).days, "interval_days": one.interval,
                    "confidence": one.confidence, "memories": one.memories,
                }
                for one in self.predicted
            ],
            "on_this_day": [record.as_dict() for record in self.on_this_day],
        }  # fmt: skip


def brief(store: Store, now: datetime, within: int | None = None) -> Brief:
    """The brief as of `now`; `within` so many days: only what is due or needed by then."""
    day = now.date().isoformat()
    open_ = [one for one in tasks.find(store, now) if (one.snoozed or "") <= day]
    found = Brief()
    if within is None:
        found.due = [one for one in open_ if _worth(one, now, SOON) or one.due is None]
        found.on_this_day = _on_this_day(store, now)
    else:
        found.due = [one for one in open_ if one.due is not None and _near(one, now, within)]
    wide = NEEDED if within is None else within
    found.predicted = habits.expected(habits.find(store, now), now, wide)
    return found


def _worth(one: Task, now: datetime, within: int) -> bool:
    return one.is_left_over(now) or _near(one, now, within)


def _near(one: Task, now: datetime, within: int) -> bool:
    left = one.days_left(now)
    return left is not None and left <= within


def _on_this_day(store: Store, now: datetime) -> list[Record]:
    """Memories of this day in earlier years, then earlier ones that speak of this very day."""
    start = datetime(now.year, now.month, now.day)
    found = store.memories.anniversaries(iso(start))
    named = list(store.memories.fetch(spans.naming(store, start)).values())
    told = {one.id for one in found} | {one.id for one in tasks_of(store)}
    return [
        *found,
        *(one for one in named
          if one.id not in told and DOCUMENT not in one.tags and SECRET not in one.tags),
    ]  # fmt: skip
