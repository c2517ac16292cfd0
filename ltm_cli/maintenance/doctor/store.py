"""The store: its file, its rows, and whether what is derived agrees with the texts.

All rows are read, whatever their number; deriving everything again takes minutes for a million
memories, and so is done for all only of a store of at most `WHOLE`, or when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from ltm_cli.core.errors import Exit, LtmError
from ltm_cli.core.settings import Settings
from ltm_cli.features import INDEXER
from ltm_cli.indexing import fts
from ltm_cli.maintenance.doctor.finding import Finding, broken, note, ok
from ltm_cli.storage.sqlite import connection, files, format, integrity, rebuild, schema, snapshots
from ltm_cli.storage.sqlite.snapshots import Copy
from ltm_cli.storage.sqlite.store import SqliteStore

WHOLE = 10_000  # memories of which everything is derived again
SAMPLE = 1_000  # of more than that so many, taken at random
SALVAGE = (
    "restore a backup (ltm restore FILE); without one save what can be read:"
    " ltm doctor --salvage NEW.db, then ltm restore NEW.db"
)


def library() -> Iterator[Finding]:
    version, has_fts5 = integrity.library()
    if has_fts5:
        yield ok("sqlite", f"{version} with FTS5")
    else:
        yield broken("sqlite", f"{version} without FTS5")


def examine(settings: Settings, *, full: bool) -> Iterator[Finding]:
    path = settings.database
    if not path.exists():
        yield note("store", f"{path} is not there yet: nothing is remembered")
        return
    try:
        with (
            files.errors(path),
            connection.open_reading(path, INDEXER) as store,
        ):
            integrity.prepare(store.db)
            users, memories = snapshots.counts(store.db)
            size = path.stat().st_size / 1e6
            yield ok("store", f"{path}: {memories} memories of {users} users, {size:.1f} MB")
            yield from inspect(store, full=full)
    except LtmError as error:
        yield broken("store", f"{error}; {_help(error)}", Exit.STORE)


def inspect(store: SqliteStore, *, full: bool) -> Iterator[Finding]:
    """What stands in an open store, of all users."""
    if damage := integrity.damage(store.db):
        yield broken("file", f"{'; '.join(damage[:3])}; {SALVAGE}", fixable=True)
        return
    yield ok("file", "sound: every page, row and entry of an index")
    yield from _schema(store.db)
    yield from _texts(store.db)
    yield from _orphans(store.db)
    yield from _derived(store, full=full)


def _help(error: LtmError) -> str:
    damaged = "malformed" in str(error) or "not a database" in str(error)
    return SALVAGE if damaged else error.hint


def _schema(db: Copy) -> Iterator[Finding]:
    if wrong := schema.differences(db, INDEXER):
        yield broken("schema", f"not as ltm makes it: {', '.join(wrong)}; {SALVAGE}")
    else:
        full = ", ".join(f"{name} {number}" for name, number in schema.rows(db).items() if number)
        yield ok("schema", f"as this version makes it; rows: {full or 'none'}")


def _texts(db: Copy) -> Iterator[Finding]:
    found = integrity.texts(db)
    if found.altered:
        ids = " ".join(map(str, found.altered[:10]))
        more = " …" if len(found.altered) > 10 else ""
        yield broken(
            "texts", f"changed, but not by ltm: {ids}{more} (ltm show ID); --fix takes them as"
            " they are now, a backup has them as they were", fixable=True,
        )  # fmt: skip
    elif found.unchecked:
        yield note(
            "texts", f"{found.unchecked} of {found.memories} have no checksum yet", fixable=True
        )
    else:
        yield ok("texts", f"all {found.memories} are word for word as they were stored")


def _orphans(db: Copy) -> Iterator[Finding]:
    found = integrity.orphans(db)
    if "memories" in found:
        yield broken("rows", f"{found['memories']} memories are of no user; {SALVAGE}")
    elif found:
        rows = ", ".join(f"{number} of {table}" for table, number in found.items())
        yield broken("rows", f"of no memory: {rows}", fixable=True)
    else:
        yield ok("rows", "facts, tasks, times, vectors, feedback: each has its memory")


def _derived(store: SqliteStore, *, full: bool) -> Iterator[Finding]:
    _, memories = snapshots.counts(store.db)
    found = integrity.miscounted(store.db)
    missing, strangers = fts.unindexed(store)
    if missing or strangers:
        found.append(
            f"index and texts do not agree: {missing} memories are missing, {strangers} are no more"
        )
    sample = None if full or memories <= WHOLE else SAMPLE
    if not format.is_derived_by(store.db, INDEXER.versions()):
        found.append("the index was made by another version (the next ltm remember rebuilds it)")
    else:
        wrong = INDEXER.disagreeing(rebuild.batches(store, sample))
        found += [
            f"{rows} rows of {table} do not agree with the texts" for table, rows in wrong.items()
        ]
        if sample is None and (number := fts.disagreeing(store)):
            found.append(f"{number} terms and words of the index do not agree with the texts")
    if found:
        yield broken("index", "; ".join(found[:3]), fixable=True)
    elif sample is None:
        yield ok("index", f"index, facts, tasks and times are what all {memories} texts give")
    else:
        yield ok(
            "index", f"every memory is indexed; the entries, facts, tasks and times of {sample} of"
            f" {memories} texts, taken at random, are what they give (--full checks all)",
        )  # fmt: skip
