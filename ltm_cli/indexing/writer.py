"""Keep, correct and forget memories: each one transaction, each undone by `undo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ltm_cli.core import settings
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.messages import text
from ltm_cli.core.record import SECRET, Record, iso, normalised
from ltm_cli.indexing import quotations

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store
    from ltm_cli.storage.values import Undone


def remember(store: Store, record: Record, action: str = "remember") -> Record:
    """Store a memory; without `at` it happened now. Raises InputError, UsageError, StoreError."""
    return remember_all(store, [record], action)[0]


def remember_all(store: Store, records: Sequence[Record], action: str) -> list[Record]:
    """Store memories as one change that undo calls `action`. Raises as `remember`."""
    records = [normalised(record) for record in records]
    now = iso(settings.now())
    with store.transaction():
        for record in records:
            record.recorded, record.at, record.user = now, record.at or now, store.user
            store.memories.refuse_double(record, text("not remembered"))
        store.memories.add(records, store.journal.begin(action))
    return records


def fetch(store: Store, ids: Sequence[int]) -> list[Record]:
    """These memories of the user, in the order asked for. Raises NothingFound for any other."""
    found = store.memories.fetch(ids)
    if missing := [str(one) for one in ids if one not in found]:
        raise NothingFound(
            text("no memory {ids} of {user}", ids=", ".join(missing), user=store.user),
            text("ltm list shows the ids; --user chooses whose"),
        )
    return [found[one] for one in ids]


def select(store: Store, which: Filter = EVERYTHING, *, newest: int | None = None) -> list[Record]:
    """The memories of the user that pass the filter, in order of time."""
    return list(store.memories.select(which, newest=newest))


def count_secrets(store: Store) -> int:
    """How many memories of the user have the tag SECRET."""
    return len(select(store, Filter(tags=(SECRET,))))


def edit(store: Store, id: int, **values: object) -> Record:
    """Replace some values of a memory, keeping its earlier form for undo. Returns the new one."""
    return edit_all(store, {id: values}, "edit")[0]


def edit_all(store: Store, values: Mapping[int, Mapping[str, object]], action: str) -> list[Record]:
    """Replace values of memories, given by id, as one change that undo calls `action`."""
    with store.transaction():  # read in it, for another process may change them at the same time
        found = fetch(store, list(values))
        changed = [normalised(replace(one, **values[one.id])) for one in found]  # type: ignore[arg-type]
        change = store.journal.begin(action)
        for before, after in zip(found, changed, strict=True):
            store.journal.keep(change, before)
            store.memories.replace(after)
    store.forgotten(list(values))
    return changed


def dependents(store: Store, records: Sequence[Record], *, answers: bool = True) -> list[Record]:
    """What goes with memories: what features made of them, and answers drawn from them."""
    ids = {one.id for one in records}
    found = {one.id: one for record in records for one in store.indexer.dependents(store, record)}
    if answers:
        forms = [*records, *store.journal.earlier(sorted(ids))]
        found |= {one.id: one for one in quotations.answers(store, forms)}
    return [one for id, one in found.items() if id not in ids]


def forget(
    store: Store, ids: Sequence[int], *, now: bool = False, answers: bool = True
) -> list[Record]:
    """Delete memories and what is derived of them; returns all that is gone.

    `now` leaves nothing to undo, in the index and the log neither; `store.finish_erasing` says
    whether that is done, and does it otherwise. Without `answers` those of `ask` that quote them
    stay.
    """
    with store.transaction():  # read in it, as in edit_all
        records = fetch(store, ids)
        records += dependents(store, records, answers=answers)
        ids = [record.id for record in records]
        if not now:
            change = store.journal.begin("forget")
            for record in records:
                judged = store.feedback.with_memory(record.id, record.question)
                store.journal.keep(change, record, judged)
        store.memories.remove(ids)
        if now:
            store.journal.erase(records)
    store.forgotten(ids)
    store.finish_erasing()
    return records


def forget_all(store: Store, *, now: bool = False) -> list[Record]:
    """Delete all memories of a user; with `now` what could be undone, their ranking and their name.

    Raises NothingFound for somebody of whom nothing is remembered.
    """
    records = select(store)
    if not store.owner or not (records or now):
        raise NothingFound(
            text("nothing is remembered of {user}", user=store.user),
            text("--user chooses whose memory"),
        )
    if not now:
        return forget(store, [one.id for one in records])
    with store.transaction():
        store.memories.remove([one.id for one in records])
        store.journal.erase(records)
        store.journal.erase_user()
    store.finish_erasing()
    return records


def undo(store: Store) -> Undone | None:
    """Take back the user's last change; None when there is none of the last 24 hours."""
    undone = store.journal.undo()
    if undone is not None:
        store.forgotten([record.id for record in undone.restored + undone.removed])
        store.finish_erasing()
    return undone
