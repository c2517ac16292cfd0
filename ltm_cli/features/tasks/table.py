"""Tasks, derived of memories when they are written: from the text and what the user has decided.

What becomes a task: a memory of kind `task`; otherwise what the user said (no other speaker, no
question of `ask`, no document, of an exchange the question), whose deadline had not passed when it
was recorded, or that names none and was recorded within a week of its time. So years of chats that
are imported open no task whose time is over. What the user has decided is in the tags of the memory
(core/task_status.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ltm_cli.core import task_status
from ltm_cli.core.record import ASKED, DOCUMENT, SECRET, Record, moment
from ltm_cli.features.tasks import extraction
from ltm_cli.indexing.analysis import Analysis
from ltm_cli.indexing.derived import DerivedTable, Row
from ltm_cli.indexing.spans import as_local, as_stored, without_offset
from ltm_cli.nlp import dates

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

FRESH = timedelta(days=7)  # a task without a date is one only if it was recorded that soon
_SELF = frozenset(("me", "i", "myself", "user", "我", "本人", "自己"))
_FOREIGN = frozenset((ASKED, DOCUMENT))  # what `ltm ask` and `ltm read` stored: not the user's own


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


def is_of_user(record: Record) -> bool:
    """Whether a memory says what the user did or is to do."""
    if SECRET in record.tags:  # what it is about would be shown
        return False
    others = record.speaker and record.speaker.lower() not in _SELF
    return record.kind == "task" or not (others or not _FOREIGN.isdisjoint(record.tags))


def task_of(analysis: Analysis) -> Stored | None:
    """The task that a memory is, if it is one."""
    return analysis.once("task", lambda: _task_of(analysis))


class TasksTable(DerivedTable):
    table = "tasks"
    columns = ("memory_id", "user_id", "text", "due", "state", "made", "closed", "snoozed")

    def rows(self, user: int, analysis: Analysis) -> Iterable[Row]:
        if (task := task_of(analysis)) is not None:
            yield (
                task.id, user, task.text, task.due, task.state, task.made, task.closed,
                task.snoozed,
            )  # fmt: skip

    def comparable(self, row: Row) -> Row:
        return tuple(map(without_offset, row))


def tasks_of(store: Store, ids: Sequence[int] | None = None) -> list[Stored]:
    """The tasks of the user, or of these memories, by age."""
    which = "" if ids is None else " AND memory_id IN (SELECT value FROM json_each(?))"
    rows = store.execute(
        "SELECT memory_id, text, due, state, made, closed, snoozed FROM tasks"
        f" WHERE user_id = ?{which} ORDER BY made, memory_id",
        [store.owner] if ids is None else [store.owner, json.dumps(list(ids))],
    )
    return [Stored(row[0], row[1], as_local(row[2]), *row[3:]) for row in rows]


def has_open_tasks(store: Store) -> bool:
    found = store.execute(
        "SELECT 1 FROM tasks WHERE user_id = ? AND state = 'open' LIMIT 1", [store.owner]
    )
    return found.fetchone() is not None


def _task_of(analysis: Analysis) -> Stored | None:
    record = analysis.record
    decided = task_status.read(record.tags)
    if decided.refused or not is_of_user(record):
        return None
    task = _task(record, analysis.spans)
    if task is None:
        return None
    state = "done" if decided.done else "dropped" if decided.dropped else "open"
    due = decided.due or task.due
    if due is not None and "T" in due:
        due = as_stored(datetime.fromisoformat(due), clock=True)
    closed = decided.done or decided.dropped
    return Stored(record.id, task.text, due, state, record.at, closed, decided.snoozed)


def _task(record: Record, spans: list[dates.Span]) -> extraction.Task | None:
    """The task of a memory; of several in one text the first that has a date."""
    now, recorded = moment(record.at), moment(record.recorded)
    said = record.text if record.text is not None else record.question or ""
    if record.kind == "task":  # whatever it says is to come: "Read it by 20 May"
        times = [
            one for one in dates.find(said, now, past=False) if one.sense in ("deadline", "point")
        ]
        ahead = [span for span in times if not extraction.is_over(extraction.due(span), now)]
        chosen = next((span for span in ahead if span.sense == "deadline"), None)
        chosen = chosen or next(iter(ahead), None)
        return extraction.Task(
            extraction.title(said, [chosen] if chosen else []),
            extraction.due(chosen) if chosen else None,
        )
    inside = [span for span in spans if span.finish <= len(said)]
    fresh = recorded - now <= FRESH
    if not fresh and all(extraction.is_over(extraction.due(span), recorded) for span in inside):
        return None
    found = extraction.find(said, inside, now)
    dated = [task for task in found if task.due is not None]
    if any(not extraction.is_over(str(task.due), recorded) for task in dated):
        return next(task for task in dated if not extraction.is_over(str(task.due), recorded))
    return found[0] if found and not dated and fresh else None
