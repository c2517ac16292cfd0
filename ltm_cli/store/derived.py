"""What is derived from the texts: whether it agrees with them, and how it is made again."""

from __future__ import annotations

import sqlite3

from ltm_cli.store import ahead, memories, search
from ltm_cli.store.transaction import transaction
from ltm_cli.text import segment


def faults(db: sqlite3.Connection) -> list[str]:
    """What is wrong, in words; empty for a sound store. Reads every memory."""
    found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if found:
        return found
    if not is_current(db):
        return ["the index was made by another version (the next ltm remember rebuilds it)"]
    terms: dict[str, int] = {}
    for user, name, counted in memories.users(db):
        number = 0
        mine = list(memories.select(db, user))
        for record in mine:
            number += 1
            for term in set(search.terms_of(record)):
                key = f"{user}_{term}"
                terms[key] = terms.get(key, 0) + 1
        if number != counted:
            found.append(f"user {name} has {number} memories, but {counted} are counted")
        if wrong := ahead.faults(db, user, mine):
            found.append(
                f"{wrong} times, tasks or events of user {name} do not agree with the texts"
            )
    indexed = search.frequencies(db)
    wrong = sum(1 for key in terms.keys() | indexed.keys() if terms.get(key) != indexed.get(key))
    if wrong:
        found.append(f"{wrong} of {len(terms)} terms of the index do not agree with the texts")
    return found


def counts(db: sqlite3.Connection) -> tuple[int, int]:
    """(users, memories)"""
    users = memories.users(db)
    return len(users), sum(number for _, _, number in users)


def is_current(db: sqlite3.Connection) -> bool:
    """Whether the index was made by the segmentation of this program."""
    row = db.execute("SELECT value FROM meta WHERE key = 'segmentation'").fetchone()
    return row is not None and row[0] == str(segment.VERSION)


def rebuild(db: sqlite3.Connection) -> None:
    """Make the whole index again from the memories."""
    with transaction(db):
        search.clear(db)
        ahead.clear(db)
        for user, _, _ in memories.users(db):
            batch = []
            for record in memories.select(db, user):
                batch.append(record)
                if len(batch) == 1000:
                    memories.index(db, user, batch)
                    batch = []
            memories.index(db, user, batch)
        db.execute(
            "INSERT INTO meta VALUES ('segmentation', ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [str(segment.VERSION)],
        )
