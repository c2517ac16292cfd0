"""What is derived from the texts: whether it agrees with them, and how it is made again."""

from __future__ import annotations

import sqlite3

from ltm_cli.store import facts, memories, search
from ltm_cli.store.transaction import transaction
from ltm_cli.text import facts as rules
from ltm_cli.text import segment


def faults(db: sqlite3.Connection) -> list[str]:
    """What is wrong, in words; empty for a sound store. Reads every memory."""
    from ltm_cli.store import ahead  # opening a store does without

    found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if found:
        return found
    if not is_current(db):
        return ["the index was made by another version (the next ltm remember rebuilds it)"]
    terms: dict[str, int] = {}
    stated = 0
    for user, name, counted in memories.users(db):
        number = 0
        mine = list(memories.select(db, user))
        for record in mine:
            number += 1
            stated += facts.of(db, record.id) != set(facts.stated(record))
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
    from ltm_cli.store import ahead

    with transaction(db):
        search.clear(db)
        ahead.clear(db)
        for user, _, _ in memories.users(db):
            batch = []
            for record in memories.select(db, user):
                facts.prune(db, record)
                batch.append(record)
                if len(batch) == 1000:
                    memories.index(db, user, batch)
                    batch = []
            memories.index(db, user, batch)
        db.executemany(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            list(_versions().items()),
        )


def _versions() -> dict[str, str]:
    return {"segmentation": str(segment.VERSION), "facts": str(rules.VERSION)}
