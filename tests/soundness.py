"""All that can be wrong with a store: everything is derived again and compared."""

from __future__ import annotations

import sqlite3

from ltm_cli.features import INDEXER
from ltm_cli.indexing import fts
from ltm_cli.storage.sqlite import format, integrity, rebuild
from ltm_cli.storage.sqlite.store import SqliteStore


def faults(db: sqlite3.Connection) -> list[str]:
    """What is wrong with a store, of all users, in words; empty for a sound one."""
    if found := integrity.damage(db):
        return found
    if not format.is_derived_by(db, INDEXER.versions()):
        return ["what is derived was made by other rules"]
    everybody = SqliteStore(db, "", INDEXER)
    found = integrity.miscounted(db)
    for table, rows in INDEXER.disagreeing(rebuild.batches(everybody)).items():
        found.append(f"{rows} rows of {table} do not agree with the texts")
    if wrong := fts.disagreeing(everybody):
        found.append(f"{wrong} terms and words of the index do not agree with the texts")
    if any(unindexed := fts.unindexed(everybody)):
        found.append(f"(missing in the index, of no memory): {unindexed}")
    for table, rows in integrity.orphans(db).items():
        found.append(f"{rows} rows of {table} are of no memory")
    if altered := integrity.texts(db).altered:
        found.append(f"{len(altered)} texts are not those that were stored")
    return found
