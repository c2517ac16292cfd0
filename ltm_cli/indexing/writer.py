"""Keep, correct and forget memories: each one transaction, each undone by `undo`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ltm_cli.core import settings
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.record import SECRET, Record, iso, normalised
from ltm_cli.features.facts import table as facts_table
from ltm_cli.indexing import fts, quotations, tokenizer
from ltm_cli.kvcache import cache as kv
from ltm_cli.storage.sqlite import feedback, journal, memories, purge
from ltm_cli.storage.sqlite.memories import Filter
from ltm_cli.storage.sqlite.transaction import transaction

MOST = 10_000  # facts kept of one memory


def remember(db: sqlite3.Connection, user: str, record: Record, action: str = "remember") -> Record:
    """Store a memory; without `at` it happened now. Raises InputError, UsageError, StoreError."""
    return remember_all(db, user, [record], action)[0]


def remember_all(
    db: sqlite3.Connection, user: str, records: Sequence[Record], action: str
) -> list[Record]:
    """Store memories as one change that undo calls `action`. Raises as `remember`."""
    records = [normalised(record) for record in records]
    now = iso(settings.now())
    with transaction(db):
        owner = memories.ensure_user(db, user)
        for record in records:
            record.recorded, record.at, record.user = now, record.at or now, user
            memories.refuse_double(db, owner, record, "not remembered")
        memories.add(db, owner, records, journal.begin(db, owner, action))
    return records


def find(db: sqlite3.Connection, user: str, ids: Sequence[int]) -> list[Record]:
    """These memories of the user, in the order asked for. Raises NothingFound for any other."""
    id = memories.user_id(db, user)
    found = memories.fetch(db, id, ids) if id is not None else {}
    if missing := [str(one) for one in ids if one not in found]:
        raise NothingFound(
            f"no memory {', '.join(missing)} of {user}",
            "ltm list shows the ids; --user chooses whose",
        )
    return [found[one] for one in ids]


def select(
    db: sqlite3.Connection, user: str, which: Filter, *, newest: int | None = None
) -> list[Record]:
    """The memories of the user that pass the filter, in order of time."""
    id = memories.user_id(db, user)
    return list(memories.select(db, id, which, newest=newest)) if id is not None else []


def count_secrets(db: sqlite3.Connection, user: str) -> int:
    """How many memories of the user have the tag SECRET."""
    return len(select(db, user, Filter(tags=(SECRET,))))


def edit(db: sqlite3.Connection, user: str, id: int, bank: Path, **values: object) -> Record:
    """Replace some values of a memory, keeping its earlier form for undo. Returns the new one."""
    return edit_all(db, user, {id: values}, bank, "edit")[0]


def edit_all(
    db: sqlite3.Connection,
    user: str,
    values: Mapping[int, Mapping[str, object]],
    bank: Path,
    action: str,
) -> list[Record]:
    """Replace values of memories, given by id, as one change that undo calls `action`."""
    with transaction(db):  # read in it, for another process may change them at the same time
        found = find(db, user, list(values))
        changed = [normalised(replace(one, **values[one.id])) for one in found]  # type: ignore[arg-type]
        owner = memories.ensure_user(db, user)
        change = journal.begin(db, owner, action)
        for before, after in zip(found, changed, strict=True):
            journal.keep(db, change, before)
            memories.replace(db, owner, after)
    kv.forget(bank, list(values))
    return changed


def derived_of(
    db: sqlite3.Connection, user: str, records: Sequence[Record], *, answers: bool = True
) -> list[Record]:
    """What goes with memories: facts that were kept of them, and answers drawn from them."""
    owner = memories.user_id(db, user)
    if owner is None:
        return []
    ids = {one.id for one in records}
    kept = {one.id: one for record in records for one in _facts_of(db, owner, record)}
    if answers:
        forms = [*records, *journal.earlier(db, owner, sorted(ids))]
        kept |= {one.id: one for one in quotations.answers(db, owner, forms)}
    return [one for id, one in kept.items() if id not in ids]


def doubles(db: sqlite3.Connection, user: str, records: Sequence[Record]) -> list[int]:
    """The ids of other memories that hold all that one of these says."""
    owner = memories.user_id(db, user)
    return quotations.doubles(db, owner, records) if owner is not None else []


def forget(
    db: sqlite3.Connection,
    user: str,
    ids: Sequence[int],
    bank: Path,
    *,
    now: bool = False,
    answers: bool = True,
) -> list[Record]:
    """Delete memories and what is derived of them; returns all that is gone.

    `now` leaves nothing to undo, in the index and the log neither; `erasing.finish` says whether
    that is done, and does it otherwise. Without `answers` those of `ask` that quote them stay.
    """
    with transaction(db):  # read in it, as in edit_all
        records = find(db, user, ids)
        records += derived_of(db, user, records, answers=answers)
        ids = [record.id for record in records]
        owner = memories.ensure_user(db, user)
        if not now:
            change = journal.begin(db, owner, "forget")
            for record in records:
                judged = feedback.with_memory(db, owner, record.id, record.question)
                journal.keep(db, change, record, judged)
        memories.remove(db, owner, ids)
        if now:
            journal.erase(db, owner, records)
    kv.forget(bank, ids)
    purge.finish(db, bank)
    return records


def forget_all(db: sqlite3.Connection, user: str, bank: Path, *, now: bool = False) -> list[Record]:
    """Delete all memories of a user; with `now` what could be undone, their ranking and their name.

    Raises NothingFound for somebody of whom nothing is remembered.
    """
    owner = memories.user_id(db, user)
    records = select(db, user, Filter())
    if owner is None or not (records or now):
        raise NothingFound(f"nothing is remembered of {user}", "--user chooses whose memory")
    if not now:
        return forget(db, user, [one.id for one in records], bank)
    with transaction(db):
        memories.remove(db, owner, [one.id for one in records])
        journal.erase(db, owner, records)
        journal.erase_user(db, owner)
    purge.finish(db, bank)
    return records


def undo(db: sqlite3.Connection, user: str, bank: Path) -> journal.Undone | None:
    """Take back the user's last change; None when there is none of the last 24 hours."""
    owner = memories.user_id(db, user)
    undone = journal.undo(db, owner) if owner is not None else None
    if undone is not None:
        kv.forget(bank, [record.id for record in undone.restored + undone.removed])
        purge.finish(db, bank)
    return undone


def _facts_of(db: sqlite3.Connection, owner: int, record: Record) -> list[Record]:
    """The memories of the kind "fact" that were kept as facts of this one."""
    name, number = tokenizer.terms(facts_table.tag(record.id))
    near = memories.fetch(db, owner, fts.joined(db, owner, number, [name], MOST)).values()
    return facts_table.kept_of(record, [one for one in near if one.kind == "fact"])
