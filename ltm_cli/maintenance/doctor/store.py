"""The store: its file, its rows, and whether what is derived agrees with the texts.

All rows are read, whatever their number; deriving everything again takes minutes for a million
memories, and so is done for all only of a store of at most `WHOLE`, or when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from ltm_cli.core.errors import Exit, LtmError
from ltm_cli.core.messages import N_, text
from ltm_cli.core.settings import Settings
from ltm_cli.features.registry import INDEXER
from ltm_cli.indexing import fts
from ltm_cli.maintenance.doctor.finding import Finding, broken, note, ok
from ltm_cli.storage.sqlite import connection, files, format, integrity, rebuild, schema, snapshots
from ltm_cli.storage.sqlite.snapshots import Copy
from ltm_cli.storage.sqlite.store import SqliteStore

WHOLE = 10_000  # memories of which everything is derived again
SAMPLE = 1_000  # of more than that so many, taken at random
SALVAGE = N_(
    "restore a backup with ltm restore FILE; without one, save what can be read with"
    " ltm doctor --salvage NEW.db, then run ltm restore NEW.db"
)


def library() -> Iterator[Finding]:
    version, has_fts5 = integrity.library()
    if has_fts5:
        yield ok("sqlite", text("{version} with FTS5", version=version))
    else:
        yield broken("sqlite", text("{version} without FTS5", version=version))


def examine(settings: Settings, *, full: bool) -> Iterator[Finding]:
    path = settings.database
    if not path.exists():
        yield note("store", text("nothing is remembered yet: {path} does not exist", path=path))
        return
    try:
        with (
            files.errors(path),
            connection.open_reading(path, INDEXER) as store,
        ):
            integrity.prepare(store.db)
            users, memories = snapshots.counts(store.db)
            size = path.stat().st_size / 1e6
            yield ok(
                "store",
                text(
                    "{path} ({size} MB), memories: {memories}, users: {users}",
                    path=path,
                    size=f"{size:.1f}",
                    memories=memories,
                    users=users,
                ),
            )
            yield from inspect(store, full=full)
    except LtmError as error:
        wrong = text("{wrong}; {hint}", wrong=error, hint=_help(error))
        yield broken("store", wrong, Exit.STORE)


def inspect(store: SqliteStore, *, full: bool) -> Iterator[Finding]:
    """What stands in an open store, of all users."""
    if damage := integrity.damage(store.db):
        wrong = text("{wrong}; {hint}", wrong="; ".join(damage[:3]), hint=text(SALVAGE))
        yield broken("file", wrong, fixable=True)
        return
    yield ok("file", text("no damage in any page, row or index"))
    yield from _schema(store.db)
    yield from _texts(store.db)
    yield from _orphans(store.db)
    yield from _derived(store, full=full)


def _help(error: LtmError) -> str:
    return text(SALVAGE) if files.is_damaged(error) else error.hint


def _schema(db: Copy) -> Iterator[Finding]:
    if wrong := schema.differences(db, INDEXER):
        detail = text("different from the schema of ltm: {names}", names=", ".join(wrong))
        yield broken("schema", text("{wrong}; {hint}", wrong=detail, hint=text(SALVAGE)))
    else:
        full = ", ".join(f"{name} {number}" for name, number in schema.rows(db).items() if number)
        yield ok("schema", text("up to date; rows: {rows}", rows=full or "0"))


def _texts(db: Copy) -> Iterator[Finding]:
    found = integrity.texts(db)
    if found.altered:
        ids = " ".join(map(str, found.altered[:10]))
        more = " …" if len(found.altered) > 10 else ""
        yield broken(
            "texts",
            text(
                "changed outside ltm: {ids} (see ltm show ID);"
                " --fix accepts the new texts, a backup has the old ones",
                ids=ids + more,
            ),
            fixable=True,
        )
    elif found.unchecked:
        yield note(
            "texts",
            text(
                "{count} of {memories} memories have no checksum yet",
                count=found.unchecked,
                memories=found.memories,
            ),
            fixable=True,
        )
    else:
        yield ok("texts", text("unchanged since they were stored: {count}", count=found.memories))


def _orphans(db: Copy) -> Iterator[Finding]:
    found = integrity.orphans(db)
    if "memories" in found:
        yield broken(
            "rows",
            text(
                "memories that belong to no user: {count}; {hint}",
                count=found["memories"],
                hint=text(SALVAGE),
            ),
        )
    elif found:
        rows = ", ".join(f"{table} {number}" for table, number in found.items())
        yield broken("rows", text("rows without a memory: {rows}", rows=rows), fixable=True)
    else:
        yield ok("rows", text("facts, tasks, times, vectors, feedback: each has its memory"))


def _derived(store: SqliteStore, *, full: bool) -> Iterator[Finding]:
    _, memories = snapshots.counts(store.db)
    found = integrity.miscounted(store.db)
    missing, strangers = fts.unindexed(store)
    if missing or strangers:
        found.append(
            text(
                "memories missing from the index: {missing}; deleted ones still in it: {extra}",
                missing=missing,
                extra=strangers,
            )
        )
    sample = None if full or memories <= WHOLE else SAMPLE
    if not format.is_derived_by(store.db, INDEXER.versions()):
        found.append(
            text("the index was made by another version; the next ltm remember rebuilds it")
        )
    else:
        wrong = INDEXER.disagreeing(rebuild.batches(store, sample))
        found += [
            text("{table}: {count} rows do not match the texts", table=table, count=rows)
            for table, rows in wrong.items()
        ]
        if sample is None and (number := fts.disagreeing(store)):
            found.append(text("{count} index entries do not match the texts", count=number))
    if found:
        yield broken("index", "; ".join(found[:3]), fixable=True)
    elif sample is None:
        yield ok(
            "index",
            text("index, facts, tasks and times match all texts ({count})", count=memories),
        )
    else:
        yield ok(
            "index",
            text(
                "every memory is indexed; index, facts, tasks and times match {sample} of {count}"
                " texts, taken at random (--full checks all)",
                sample=sample,
                count=memories,
            ),
        )
