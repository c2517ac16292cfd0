"""Import and export as JSONL, one record a line (store/record.py)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ltm_cli import settings
from ltm_cli.errors import InputError
from ltm_cli.store import changes, memories
from ltm_cli.store.memories import Filter
from ltm_cli.store.record import Record, from_json, iso
from ltm_cli.store.transaction import transaction
from ltm_cli.text.clean import decoded, safe_json

BATCH = 500  # memories in one transaction, for which others wait


@dataclass
class Imported:
    """How many memories an import added, and how many were there already."""

    added: int = 0
    known: int = 0


def import_lines(
    db: sqlite3.Connection,
    user: str,
    lines: Iterable[bytes],
    *,
    source: str = "input",
    lenient: bool = False,
    progress: Callable[[int], None] = lambda size: None,
) -> Imported:
    """Store the memories of JSONL lines; those without a `user` become `user`'s.

    Idempotent: a memory whose (user, ref), or content and time, is there already is passed over,
    so that an interrupted import is continued by running it again. `progress` is told the bytes
    read. Raises InputError for a bad line, after storing all lines before it.
    """
    done = Imported()
    changed: dict[int, int] = {}
    batch: list[Record] = []
    recorded = iso(settings.now())
    try:
        for number, line in enumerate(lines, 1):
            progress(len(line))
            if not line.strip():
                continue
            batch.append(_parsed(line, f"{source}, line {number}", lenient, user, recorded))
            if len(batch) >= BATCH:
                _store(db, batch, changed, done)
                batch = []
    finally:
        _store(db, batch, changed, done)
    return done


def export_lines(db: sqlite3.Connection, user: str, which: Filter) -> Iterator[str]:
    """The memories of a user as JSONL, in order of time."""
    id = memories.user_id(db, user)
    if id is not None:
        for record in memories.select(db, id, which):
            yield safe_json(json.dumps(record.as_dict(), ensure_ascii=False))


def _parsed(line: bytes, place: str, lenient: bool, user: str, recorded: str) -> Record:
    try:
        record = from_json(decoded(line, "the line"), lenient=lenient)
    except InputError as error:
        hint = error.hint or "correct the line; importing again skips what is stored already"
        raise InputError(f"{place}: {error}", hint) from None
    record.user = record.user or user
    record.recorded = record.recorded or recorded
    record.at = record.at or record.recorded
    return record


def _store(
    db: sqlite3.Connection, batch: list[Record], changed: dict[int, int], done: Imported
) -> None:
    if not batch:
        return
    with transaction(db):
        owners = {name: memories.ensure_user(db, name) for name in {r.user for r in batch}}
        fresh: dict[int, list[Record]] = {}
        seen: set[tuple[object, ...]] = set()
        for record in batch:
            owner = owners[record.user]
            key = (
                (owner, record.ref) if record.ref is not None else (owner, record.at, *record.parts)
            )
            if key in seen or memories.known(db, owner, record) is not None:
                done.known += 1
                continue
            seen.add(key)
            fresh.setdefault(owner, []).append(record)
        for owner, records in fresh.items():
            if owner not in changed:
                changed[owner] = changes.begin(db, owner, "import")
            memories.add(db, owner, records, changed[owner])
            done.added += len(records)
