"""The schema, as numbered migrations that run when a store is opened.

Each migration is a function `mNNN_…` that is never changed once released; PRAGMA user_version
holds the number of those applied, so that an up-to-date store costs one PRAGMA to check.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Callable, Iterator

from ltm_cli.core.errors import StoreError
from ltm_cli.storage.sqlite.transaction import transaction

TYPE_CHECKING = False  # as typing has it: `ltm suggest` has no time to import that
if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x4C544D31  # "LTM1"


def m001_memories(db: Database) -> None:
    """Users and their memories.

    `users.memories` and `users.terms` are the counts that ranking needs (how many documents, of
    what total length). `digest` recognises a memory without a ref that is imported again.
    """
    db.executescript("""
        CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            memories INTEGER NOT NULL DEFAULT 0,
            terms INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE memories (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users(id),
            kind TEXT NOT NULL CHECK (kind IN ('episode', 'fact', 'task', 'habit', 'style')),
            text TEXT, question TEXT, answer TEXT,
            at TEXT NOT NULL, recorded TEXT NOT NULL,
            session TEXT, speaker TEXT,
            tags TEXT CHECK (tags IS NULL OR json_valid(tags)),
            ref TEXT, digest INTEGER, change_id INTEGER NOT NULL,
            CHECK ((text IS NULL) = (question IS NOT NULL)),
            CHECK ((text IS NULL) = (answer IS NOT NULL))
        ) STRICT;
        CREATE INDEX memories_time ON memories (user_id, at);
        CREATE INDEX memories_session ON memories (user_id, session, at) WHERE session IS NOT NULL;
        CREATE UNIQUE INDEX memories_ref ON memories (user_id, ref) WHERE ref IS NOT NULL;
        CREATE INDEX memories_digest ON memories (user_id, digest) WHERE digest IS NOT NULL;
    """)


def m002_search(db: Database) -> None:
    """The full-text index and the vocabulary, both derived from the memories.

    `search` is contentless: it holds terms that were segmented by indexing/tokenizer.py, each
    with the
    id of its user in front, so that what is read for one user never depends on another. `words`
    holds the distinct unstemmed words of a user, with the number of memories that hold each.
    """
    db.executescript("""
        CREATE VIRTUAL TABLE search USING fts5(
            terms, content = '', detail = none, columnsize = 0,
            tokenize = "ascii tokenchars '_'"
        );
        CREATE TABLE words (
            user_id INTEGER NOT NULL REFERENCES users(id),
            word TEXT NOT NULL,
            memories INTEGER NOT NULL,
            PRIMARY KEY (user_id, word)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """)
    from ltm_cli.indexing import tokenizer

    db.execute("INSERT INTO meta VALUES ('segmentation', ?)", [str(tokenizer.VERSION)])


def m003_changes(db: Database) -> None:
    """What `ltm undo` takes back: each change, and the earlier form of what it replaced.

    `earlier.made_by` is the change that had made the memory, for when it is put back.
    """
    db.executescript("""
        CREATE TABLE changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users(id),
            action TEXT NOT NULL,
            made TEXT NOT NULL
        ) STRICT;
        CREATE TABLE earlier (
            change_id INTEGER NOT NULL REFERENCES changes(id) ON DELETE CASCADE,
            memory_id INTEGER NOT NULL,
            made_by INTEGER NOT NULL,
            record TEXT NOT NULL CHECK (json_valid(record)),
            PRIMARY KEY (change_id, memory_id)
        ) STRICT;
    """)


def m004_feedback(db: Database) -> None:
    """What the user said of results. A judgement goes when its memory goes."""
    db.executescript("""
        CREATE TABLE feedback (
            user_id INTEGER NOT NULL REFERENCES users(id),
            question TEXT NOT NULL,
            memory_id INTEGER NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
            good INTEGER NOT NULL CHECK (good IN (0, 1)),
            made TEXT NOT NULL,
            UNIQUE (user_id, question, memory_id)
        ) STRICT;
        CREATE INDEX feedback_memory ON feedback (memory_id);
    """)


def m005_vectors(db: Database) -> None:
    """Chunks of memories as vectors, float16, all of the one model that `meta` names.

    Clustered by user, for a search reads all of one user's. They go when their memory goes.
    """
    db.executescript("""
        CREATE TABLE vectors (
            user_id INTEGER NOT NULL REFERENCES users(id),
            memory_id INTEGER NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
            chunk INTEGER NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (user_id, memory_id, chunk)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX vectors_memory ON vectors (memory_id);
    """)


def m006_ahead(db: Database) -> None:
    """What memories say of time, derived from them: spans, tasks and events (see ahead.py).

    They go when their memory goes. `spans.first` and `last` are places in the memory's content.
    """
    db.executescript("""
        CREATE TABLE spans (
            memory_id INTEGER NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            user_id INTEGER NOT NULL REFERENCES users(id),
            start TEXT NOT NULL, finish TEXT NOT NULL,
            grain TEXT NOT NULL, sense TEXT NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL,
            every TEXT CHECK (every IS NULL OR json_valid(every)),
            PRIMARY KEY (memory_id, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX spans_time ON spans (user_id, start);
        CREATE TABLE tasks (
            memory_id INTEGER PRIMARY KEY REFERENCES memories(id) ON DELETE CASCADE,
            user_id INTEGER NOT NULL REFERENCES users(id),
            text TEXT NOT NULL, due TEXT,
            state TEXT NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
            made TEXT NOT NULL, closed TEXT, snoozed TEXT
        ) STRICT;
        CREATE INDEX tasks_user ON tasks (user_id, state);
        CREATE TABLE events (
            user_id INTEGER NOT NULL REFERENCES users(id),
            key TEXT NOT NULL,
            day TEXT NOT NULL,
            memory_id INTEGER NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
            PRIMARY KEY (user_id, key, day, memory_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX events_memory ON events (memory_id);
    """)


def m007_facts(db: Database) -> None:
    """What memories state as facts (text/facts), derived from them; they go when it goes.

    `denied` marks that the user has said it is not so.
    """
    db.executescript("""
        CREATE TABLE facts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users(id),
            memory_id INTEGER NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
            subject TEXT NOT NULL,
            attribute TEXT NOT NULL,
            value TEXT NOT NULL,
            confidence REAL NOT NULL,
            denied INTEGER NOT NULL DEFAULT 0 CHECK (denied IN (0, 1)),
            UNIQUE (memory_id, subject, attribute, value)
        ) STRICT;
        CREATE INDEX facts_user ON facts (user_id, attribute);
    """)
    if not db.execute("SELECT 1 FROM memories").fetchone():  # else the next writer derives them
        from ltm_cli.features.facts import extraction as fact_extraction

        db.execute("INSERT INTO meta VALUES ('facts', ?)", [str(fact_extraction.VERSION)])


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    m001_memories, m002_search, m003_changes, m004_feedback, m005_vectors,
    m006_ahead, m007_facts,
)  # fmt: skip


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether a store is of the format of this program."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == len(MIGRATIONS)


def apply(connection: sqlite3.Connection, keep: Callable[[int], None] | None = None) -> bool:
    """Bring a store up to date; raises StoreError for one that is newer or not ours.

    All in one transaction: what fails leaves the store as it was. `keep` is given the version of
    an older store, locked and not yet changed. Returns whether there was anything to do.
    """
    if version_of(connection) == len(MIGRATIONS):
        return False
    with _untried("numpy", "pandas"):
        from sqlite_utils import Database, Migrations

    db = Database(connection)
    ours = Migrations("ltm")
    for migration in MIGRATIONS:
        ours()(migration)
    with transaction(connection):
        version = version_of(connection)
        if version == len(MIGRATIONS):  # another process has done it meanwhile
            return False
        if version and keep is not None:
            keep(version)
        ours.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    return True


@contextlib.contextmanager
def _untried(*names: str) -> Iterator[None]:
    """Modules that are not loaded cannot be imported meanwhile.

    sqlite_utils loads these if they are there, to store their numbers, of which we have none: that
    takes longer than all else of the first command in a new home.
    """
    names = tuple(name for name in names if name not in sys.modules)
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]  # None: it is not there
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def version_of(connection: sqlite3.Connection) -> int:
    """The format of a store, 0 of an empty file. Raises StoreError for one that cannot be read."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the store has format {version}; this program knows {len(MIGRATIONS)}",
            "upgrade ltm: pip install --upgrade ltm-cli",
        )
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID and (
        version or connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    ):
        raise StoreError(
            "this is a SQLite file of another program", "choose another folder with --home DIR"
        )
    return version
