"""Whether a store is sound: the file, and what is derived against the texts."""

from __future__ import annotations

import sqlite3

from ltm_cli.store import memories, search


def faults(db: sqlite3.Connection) -> list[str]:
    """What is wrong, in words; empty for a sound store. Reads every memory."""
    found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if found:
        return found
    if not search.is_current(db):
        return ["the index was made by another version (the next ltm remember rebuilds it)"]
    terms: dict[str, int] = {}
    for user, name, counted in memories.users(db):
        number = 0
        for record in memories.select(db, user):
            number += 1
            for term in set(search.terms_of(record)):
                key = f"{user}_{term}"
                terms[key] = terms.get(key, 0) + 1
        if number != counted:
            found.append(f"user {name} has {number} memories, but {counted} are counted")
    indexed = search.frequencies(db)
    wrong = sum(1 for key in terms.keys() | indexed.keys() if terms.get(key) != indexed.get(key))
    if wrong:
        found.append(f"{wrong} of {len(terms)} terms of the index do not agree with the texts")
    return found


def counts(db: sqlite3.Connection) -> tuple[int, int]:
    """(users, memories)"""
    users = memories.users(db)
    return len(users), sum(number for _, _, number in users)
