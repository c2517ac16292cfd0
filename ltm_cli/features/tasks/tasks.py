"""Tasks: what is to be done, by when, and what became of it.

A task is a memory that says so (indexing/schedule.py); its id is that of the memory. What the user
decides (done, dropped, snoozed, another date) is kept as tags of the memory
(core/task_status.py), so
that every decision can be undone, and export, import and forget need nothing more. The same task,
remembered twice, is one with two memories.

Order: what was left of last week (made or due in it, and still open), then what is overdue, then
what is due, the soonest first, then what has no date, the oldest first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ltm_cli.core import messages, task_status
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.core.record import Record
from ltm_cli.features.tasks.extraction import is_over
from ltm_cli.features.tasks.table import tasks_of
from ltm_cli.indexing import tokenizer
from ltm_cli.nlp.language import language

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

STATES = ("open", "done", "dropped")
_MATCH = 0.67  # of a task's words that a report of its end holds


@dataclass(frozen=True)
class Task:
    """A task, `due` a day or a moment in ISO 8601; `memories` are those that it rests on."""

    id: int
    text: str
    due: str | None
    state: str
    made: str
    memories: tuple[int, ...]
    closed: str | None = None
    snoozed: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The shape of `ltm task list --json`."""
        return {"id": self.id, "text": self.text, "due": self.due, "state": self.state,
                "memories": list(self.memories)}  # fmt: skip

    def days_left(self, now: datetime) -> int | None:
        """Days until the day it is due, negative when overdue; None without a date."""
        if self.due is None:
            return None
        return (date.fromisoformat(self.due[:10]) - now.date()).days

    def is_overdue(self, now: datetime) -> bool:
        return self.due is not None and is_over(self.due, now)

    def is_left_over(self, now: datetime) -> bool:
        """Whether it was made or due in the week before this one, and is still open."""
        monday = now.date() - timedelta(days=now.weekday())
        week = (monday - timedelta(days=7)).isoformat(), monday.isoformat()
        times = (self.made, self.due or "")
        return self.state == "open" and any(week[0] <= time < week[1] for time in times)


def find(store: Store, now: datetime, states: Sequence[str] = ("open",)) -> list[Task]:
    """The user's tasks as of `now` in these states, in their order."""
    merged: dict[tuple[str, str | None, str], Task] = {}
    for one in tasks_of(store):
        if one.state not in states or one.made > f"{now.isoformat()}~":
            continue
        key = (tokenizer.fold(one.text), one.due, one.state)
        if key in merged:
            merged[key] = replace(merged[key], memories=(*merged[key].memories, one.id))
        else:
            merged[key] = Task(
                one.id, one.text, one.due, one.state, one.made, (one.id,), one.closed, one.snoozed
            )
    return sorted(merged.values(), key=lambda one: _order(one, now))


def _order(one: Task, now: datetime) -> tuple[bool, bool, str, str, int]:
    return (not one.is_left_over(now), one.due is None, one.due or "", one.made, one.id)


def get(store: Store, ids: Sequence[int], now: datetime) -> list[Task]:
    """These tasks in any state, in the order asked for. Raises NothingFound for any other."""
    known = {id: one for one in find(store, now, STATES) for id in one.memories}
    if missing := [str(id) for id in ids if id not in known]:
        raise NothingFound(
            messages.text(
                "{user} has no task with the id {ids}", user=store.user, ids=", ".join(missing)
            ),
            messages.text("see the ids with ltm task list, or choose another user with --user"),
        )
    return list(dict.fromkeys(known[id] for id in ids))


def add(store: Store, text: str, due: str | None, at: str = "") -> Task:
    """A new task; without `due` its text may name the time."""
    from ltm_cli.indexing import writer  # only changing needs it

    tags = [f"due:{due}"] if due is not None else []
    stored = writer.remember(store, Record(text=text, kind="task", tags=tags, at=at))
    return _task_of(store, stored)


def made_of(store: Store, record: Record) -> Task | None:
    """The open task that a memory has become, if it has."""
    found = tasks_of(store, [record.id])
    if not found or found[0].state != "open":
        return None
    return _task_of(store, record)


def close(store: Store, found: Sequence[Task], state: str, now: datetime) -> None:
    """Make tasks done, dropped, or open again; one change for `ltm undo`."""
    wanted = [] if state == "open" else [f"{state}:{now.date().isoformat()}"]
    _tag(store, found, ("done", "dropped", "snoozed"), wanted, f"task {state}")


def snooze(store: Store, found: Sequence[Task], until: date) -> None:
    """Show open tasks again from a day on. Raises UsageError for one that is closed."""
    for one in found:
        if one.state != "open":
            raise UsageError(
                messages.text("task {id} is done already", id=one.id)
                if one.state == "done"
                else messages.text("task {id} was dropped", id=one.id),
                messages.text("open it again with ltm task reopen {id}", id=one.id),
            )
    _tag(store, found, ("snoozed",), [f"snoozed:{until.isoformat()}"], "task snooze")


def finished(store: Store, record: Record, now: datetime) -> list[Task]:
    """The open tasks that a new memory seems to report the end of; nothing is changed."""
    said = record.text if record.text is not None else record.question or ""
    if not _DONE.search(said) or _NOT_DONE.search(said):
        return []
    reported = set(tokenizer.terms(said))
    return [
        one
        for one in find(store, now)
        if record.id not in one.memories
        and (mine := words(one.text))
        and len(mine & reported) >= _MATCH * len(mine)
    ]


def words(text: str) -> set[str]:
    """The index terms of what a task is about, without the verb it begins with."""
    shorter = _VERB.sub("", text)
    terms = tokenizer.query_terms(shorter)
    if language(text) != "zh" and len(terms) > 1:
        terms = terms[1:]
    return set(terms)


_DONE = re.compile(
    r"\b(?:finished|completed|done|did|sent|paid|bought|wrote|made|called|returned|booked|handed"
    r"|submitted|[a-z]{3,}ed)\b|了|完成|搞定|做完|已",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"\?\s*$|\b(?:not|n't|never|haven't|hasn't|didn't|almost|nearly|half|will|must|have to|need to"
    r"|started|forgot|missed|tried|due)\b|n't\b|[？吗]|没|还未|未完|不|要|差点|开始|快[做写]|忘了|错过",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"^(?:提?交|完成|做|写|改|还|寄|发|回复?|买|订|办|付|取|拿|退|准备|看|读|洗|打扫|联系|通知|申请|填|签|把|给|去)"
)


def _task_of(store: Store, record: Record) -> Task:
    [one] = tasks_of(store, [record.id])
    return Task(one.id, one.text, one.due, one.state, one.made, (one.id,), one.closed, one.snoozed)


def _tag(
    store: Store,
    found: Sequence[Task],
    instead: tuple[str, ...],
    wanted: list[str],
    action: str,
) -> None:
    from ltm_cli.indexing import writer

    ids = [id for one in found for id in one.memories]
    records = writer.fetch(store, ids)
    values = {
        one.id: {"tags": [*task_status.without(one.tags, *instead), *wanted]} for one in records
    }
    writer.edit_all(store, values, action)
