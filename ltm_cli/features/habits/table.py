"""What was done, on which day, by key (events.py): habits are found among these events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from ltm_cli.features.habits import events
from ltm_cli.features.tasks.table import is_of_user, task_of
from ltm_cli.indexing.analysis import Analysis
from ltm_cli.indexing.derived import DerivedTable, Row

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store


class EventsTable(DerivedTable):
    table = "events"
    columns = ("user_id", "key", "day", "memory_id")

    def rows(self, user: int, analysis: Analysis) -> Iterable[Row]:
        """What a memory says was done; a task that is not done yet says nothing."""
        record = analysis.record
        if not is_of_user(record):
            return
        if (task := task_of(analysis)) is not None and task.state != "done":
            return
        found = events.keys(record.text if record.text is not None else record.question or "")
        if not found:
            return
        days = {
            span.start.date().isoformat()
            for span in analysis.spans
            if span.sense == "point" and (span.end - span.start) <= timedelta(days=1)
        }
        day = record.at[:10]
        if len(days) == 1 and min(days) <= day:
            day = min(days)
        for key in found:
            yield (user, key, day, record.id)


def event_counts(store: Store, until: str) -> dict[str, int]:
    """On how many days what each key names was done, until a day; read from the index alone."""
    return dict(
        store.execute(
            "SELECT key, count(DISTINCT day) FROM events WHERE user_id = ? AND day <= ?"
            " GROUP BY key",
            (store.owner, until),
        )
    )


def events_of(store: Store, key: str, until: str, most: int) -> list[tuple[str, int]]:
    """(day, memory) of the last events of a key until a day, at most so many, newest first."""
    found: list[tuple[str, int]] = store.execute(
        "SELECT day, memory_id FROM events WHERE user_id = ? AND key = ? AND day <= ?"
        " ORDER BY day DESC, memory_id DESC LIMIT ?",
        (store.owner, key, until, most),
    ).fetchall()
    return found
