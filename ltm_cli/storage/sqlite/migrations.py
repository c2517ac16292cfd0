"""The schema, as numbered migrations that run when a store is opened.

Each migration is a function `mNNN_…` that gives its SQL and is never changed once released; PRAGMA
user_version holds the number of those applied, so that an up-to-date store costs one PRAGMA to
check.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping

from ltm_cli.storage.sqlite.format import APPLICATION_ID, FORMAT, version_of
from ltm_cli.storage.sqlite.transaction import transaction


def m001_memories() -> str:
    """Users and their memories.

    `users.memories` and `users.terms` are the counts that ranking needs (how many documents, of
    what total length). `digest` recognises a memory without a ref that is imported again.
    """
    return """
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
    """


def m002_search() -> str:
    """The full-text index and the vocabulary, both derived from the memories.

    `search` is contentless: it holds terms that were segmented by indexing/tokenizer.py, each with
    the id of its user in front, so that what is read for one user never depends on another. `words`
    holds the distinct unstemmed words of a user, with the number of memories that hold each.
    """
    return """
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
    """


def m003_changes() -> str:
    """What `ltm undo` takes back: each change, and the earlier form of what it replaced.

    `earlier.made_by` is the change that had made the memory, for when it is put back.
    """
    return """
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
    """


def m004_feedback() -> str:
    """What the user said of results. A judgement goes when its memory goes."""
    return """
        CREATE TABLE feedback (
            user_id INTEGER NOT NULL REFERENCES users(id),
            question TEXT NOT NULL,
            memory_id INTEGER NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
            good INTEGER NOT NULL CHECK (good IN (0, 1)),
            made TEXT NOT NULL,
            UNIQUE (user_id, question, memory_id)
        ) STRICT;
        CREATE INDEX feedback_memory ON feedback (memory_id);
    """


def m005_vectors() -> str:
    """Chunks of memories as vectors, float16, all of the one model that `meta` names.

    Clustered by user, for a search reads all of one user's. They go when their memory goes.
    """
    return """
        CREATE TABLE vectors (
            user_id INTEGER NOT NULL REFERENCES users(id),
            memory_id INTEGER NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
            chunk INTEGER NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (user_id, memory_id, chunk)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX vectors_memory ON vectors (memory_id);
    """


def m006_ahead() -> str:
    """What memories say of time, derived from them: spans, tasks and events (see ahead.py).

    They go when their memory goes. `spans.first` and `last` are places in the memory's content.
    """
    return """
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
    """


def m007_facts() -> str:
    """What memories state as facts (text/facts), derived from them; they go when it goes.

    `denied` marks that the user has said it is not so.
    """
    return """
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
    """


def m008_indexed() -> str:
    """What the index holds of each memory, so that it is taken out as it was put in.

    `search` has no contents of its own: to delete an entry it must be told the terms. These were
    derived again from the text, by rules that may have changed meanwhile. `meta` names the version
    of the rules of each derived table; without one all is derived again.
    """
    return """
        CREATE TABLE indexed (
            memory_id INTEGER PRIMARY KEY REFERENCES memories(id) ON DELETE CASCADE,
            terms TEXT NOT NULL,
            words TEXT NOT NULL,
            length INTEGER NOT NULL
        ) STRICT;
        DELETE FROM meta WHERE key IN ('segmentation', 'facts');
    """


MIGRATIONS: tuple[Callable[[], str], ...] = (
    m001_memories, m002_search, m003_changes, m004_feedback, m005_vectors,
    m006_ahead, m007_facts, m008_indexed,
)  # fmt: skip
assert len(MIGRATIONS) == FORMAT


def apply(
    connection: sqlite3.Connection,
    keep: Callable[[int], None],
    fresh: Callable[[], Mapping[str, str]],
) -> None:
    """Bring a store up to date; raises StoreError for one that is newer or not ours.

    All in one transaction: what fails leaves the store as it was. `keep` is given the version of
    an older store, locked and not yet changed; `fresh` gives what `meta` says of a new one.
    """
    with transaction(connection):
        version = version_of(connection)
        if version == FORMAT:  # another process has done it meanwhile
            return
        if version:
            keep(version)
        for migration in MIGRATIONS[version:]:
            for statement in _statements(migration()):
                connection.execute(statement)
        if not version:
            connection.executemany("INSERT INTO meta VALUES (?, ?)", list(fresh().items()))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit what is under way."""
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
