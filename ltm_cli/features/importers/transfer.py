"""Import and export: JSONL, one record a line (core/record.py), and what sources/ gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ltm_cli.core import settings
from ltm_cli.core.errors import InputError, UsageError
from ltm_cli.core.filter import Filter
from ltm_cli.core.messages import text
from ltm_cli.core.record import SECRET, Record, from_json, iso, normalised
from ltm_cli.core.sanitize import decoded, safe_json
from ltm_cli.features.importers.items import Item, Skipped, line_of
from ltm_cli.nlp import secrets

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

BATCH = 500  # memories in one transaction, for which others wait


@dataclass
class Imported:
    """What an import did: memories added, known already, and what was skipped."""

    added: int = 0
    known: int = 0
    skipped: dict[str, int] = field(default_factory=dict)  # how many by reason
    broken: list[str] = field(default_factory=list)  # what could not be read, and where
    first: str = ""  # the earliest and the latest time of what was added
    last: str = ""
    secrets: list[int] = field(default_factory=list)  # what was added and looks like one, by id

    def skip(self, one: Skipped) -> None:
        if one.place is not None:
            self.broken.append(_placed(one.place, one.reason))
        else:
            self.skipped[one.reason] = self.skipped.get(one.reason, 0) + one.number


def import_lines(
    store: Store,
    lines: Iterable[bytes],
    *,
    source: str = "input",
    lenient: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda size: None,
    told: Callable[[int], None] = lambda number: None,
) -> Imported:
    """Store the memories of JSONL lines; those without a `user` become `user`'s.

    `progress` is told the bytes read. Raises InputError for a bad line, after storing all lines
    before it. Otherwise as `import_items`.
    """

    def records() -> Iterator[Record]:
        for number, line in enumerate(lines, 1):
            progress(len(line))
            if line.strip():
                yield _parsed(line, line_of(source, number), lenient)

    return import_items(store, records(), dry_run=dry_run, told=told)


def import_items(
    store: Store,
    items: Iterable[Item],
    *,
    dry_run: bool = False,
    told: Callable[[int], None] = lambda number: None,
) -> Imported:
    """Store records, and count what was skipped; with `dry_run` only say what would be.

    Idempotent: a memory whose (user, ref), or content and time, is there already is passed over,
    so that an interrupted import is continued by running it again. Records are in their normal
    form (`normal`, from_json). `told` hears how many memories have been dealt with.
    """
    done = Imported()
    changed: dict[str, int] = {}
    batch: list[Record] = []
    seen: set[tuple[object, ...]] = set()  # only a dry run has to remember what it has not stored
    recorded = iso(settings.now())
    try:
        for item in items:
            if isinstance(item, Skipped):
                done.skip(item)
                continue
            item.user = item.user or store.user
            item.recorded = item.recorded or recorded
            item.at = item.at or item.recorded
            batch.append(item)
            if len(batch) >= BATCH:
                _store(store, batch, changed, done, seen if dry_run else None)
                batch = []
                told(done.added + done.known)
    finally:
        _store(store, batch, changed, done, seen if dry_run else None)
        told(done.added + done.known)
    return done


def normal(items: Iterable[Item]) -> Iterator[Item]:
    """Items with records in their normal form; what can be no memory is skipped."""
    for item in items:
        if isinstance(item, Record):
            try:
                item = normalised(item)
            except (InputError, UsageError) as error:
                item = Skipped(str(error), item.ref or item.session or text("a memory"))
        yield item


def export_lines(store: Store, which: Filter) -> Iterator[str]:
    """The memories of a user as JSONL, in order of time."""
    for record in store.memories.select(which):
        yield safe_json(json.dumps(record.as_dict(), ensure_ascii=False))


def _parsed(line: bytes, place: str, lenient: bool) -> Record:
    try:
        return from_json(decoded(line, text("the line")), lenient=lenient)
    except InputError as error:
        hint = error.hint or text("correct the line and import again; what is stored is skipped")
        raise InputError(_placed(place, str(error)), hint) from None


def _placed(place: str, reason: str) -> str:
    return text("{place}: {reason}", place=place, reason=reason)


def _store(
    store: Store,
    batch: list[Record],
    changed: dict[str, int],
    done: Imported,
    counted: set[tuple[object, ...]] | None,
) -> None:
    """Store a batch in one transaction; with `counted` (all that was, so far) only count it."""
    if not batch:
        return
    if counted is not None:
        for records in _fresh(store, batch, done, counted).values():
            _add(done, records)
        return
    with store.transaction():
        for user, records in _fresh(store, batch, done, set()).items():
            whose = store.of(user)
            if user not in changed:
                changed[user] = whose.journal.begin("import")
            whose.memories.add(records, changed[user])
            _add(done, records)


def _fresh(
    store: Store,
    batch: list[Record],
    done: Imported,
    seen: set[tuple[object, ...]],
) -> dict[str, list[Record]]:
    """The records by user that are not there yet, nor in `seen`; the others are counted."""
    fresh: dict[str, list[Record]] = {}
    stores = {user: store.of(user) for user in {record.user for record in batch}}
    for record in batch:
        user = record.user
        key = (user, record.ref) if record.ref is not None else (user, record.at, *record.parts)
        if key in seen or stores[user].memories.known(record) is not None:
            done.known += 1
            continue
        seen.add(key)
        fresh.setdefault(user, []).append(record)
    return fresh


def _add(done: Imported, records: list[Record]) -> None:
    for record in records:
        done.added += 1
        done.first = min(done.first or record.at, record.at)
        done.last = max(done.last, record.at)
        if SECRET not in record.tags and secrets.find(record.content):
            done.secrets.append(record.id)
