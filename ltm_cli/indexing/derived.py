"""What is derived from the texts: whether it agrees with them, and how it is made again."""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ltm_cli.core.record import Record
from ltm_cli.features.facts import extraction as rules
from ltm_cli.features.facts import table as facts_table
from ltm_cli.indexing import fts, tokenizer
from ltm_cli.storage.sqlite import integrity, memories
from ltm_cli.storage.sqlite.transaction import transaction

BATCH = 1000  # memories held at a time


def faults(db: sqlite3.Connection) -> list[str]:
    """All that is wrong with a store, in words; empty for a sound one. Derives everything again."""
    if found := integrity.damage(db):
        return found
    found = [*integrity.miscounted(db), *disagreeing(db)]
    found += [f"{rows} rows of {table} are of no memory" for table, rows in
              integrity.orphans(db).items()]  # fmt: skip
    if altered := integrity.texts(db).altered:
        found.append(f"{len(altered)} texts are not those that were stored")
    return found


def disagreeing(db: sqlite3.Connection, sample: int | None = None) -> list[str]:
    """Where what is derived is not what the texts give, in words: of all, or of some by chance."""
    if not is_current(db):
        return ["the index was made by another version (the next ltm remember rebuilds it)"]
    from ltm_cli.indexing import schedule  # opening a store does without

    found = []
    terms: Counter[str] = Counter()
    words: Counter[tuple[int, str]] = Counter()
    stated = named = unfound = 0
    for user, records in _batches(db, sample):
        named += schedule.faults(db, user, records)
        for record in records:
            stated += facts_table.of(db, record.id) != set(facts_table.stated(record))
            own, vocabulary = fts.analysed(record)
            if sample is None:
                terms.update(f"{user}_{term}" for term in own)
                words.update((user, word) for word in vocabulary)
            else:
                unfound += not fts.holds(db, user, record.id, own)
    if sample is None:
        indexed = fts.frequencies(db)
        known = {(row[0], row[1]): row[2] for row in db.execute("SELECT * FROM words")}
        if wrong := _different(terms, indexed):
            found.append(f"{wrong} terms of the index do not agree with the texts")
        if wrong := _different(words, known):
            found.append(f"{wrong} words of the index do not agree with the texts")
    if unfound:
        found.append(f"the index does not agree with the texts of {unfound} memories")
    if named:
        found.append(f"{named} times, tasks or events do not agree with the texts")
    if stated:
        found.append(f"the facts of {stated} memories do not agree with their texts")
    return found


def counts(db: sqlite3.Connection) -> tuple[int, int]:
    """(users, memories)"""
    users = memories.users(db)
    return len(users), sum(number for _, _, number in users)


def is_current(db: sqlite3.Connection) -> bool:
    """Whether the index and the facts were made by the rules of this program."""
    made_by = dict(db.execute("SELECT key, value FROM meta"))
    return all(made_by.get(key) == value for key, value in _versions().items())


def rebuild(db: sqlite3.Connection) -> None:
    """Make everything that is derived from the texts again."""
    from ltm_cli.indexing import schedule

    with transaction(db):
        fts.clear(db)
        schedule.clear(db)
        integrity.drop_orphans(db)
        for user, records in _batches(db):
            for record in records:
                facts_table.prune(db, record)
            memories.index(db, user, records)
            memories.sign(db, records)
        db.executemany(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            list(_versions().items()),
        )


def _batches(
    db: sqlite3.Connection, sample: int | None = None
) -> Iterator[tuple[int, list[Record]]]:
    """(user, memories) of all, or of so many by chance."""
    chosen = None
    if sample is not None:
        import random  # opening a store does without

        ids = [row[0] for row in db.execute("SELECT id FROM memories")]
        chosen = random.sample(ids, min(sample, len(ids)))
    for user, _, _ in memories.users(db):
        if chosen is not None:
            source = iter(memories.fetch(db, user, chosen).values())
        else:
            source = memories.select(db, user)
        while batch := list(itertools.islice(source, BATCH)):
            yield user, batch


def _different(wanted: Counter[Any], stored: dict[Any, int]) -> int:
    """How many keys have not the same number in both."""
    return sum(wanted[key] != stored.get(key, 0) for key in wanted.keys() | stored.keys())


def _versions() -> dict[str, str]:
    return {"segmentation": str(tokenizer.VERSION), "facts": str(rules.VERSION)}
