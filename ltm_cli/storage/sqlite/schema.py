"""Whether a store has the tables that this program makes, and how full they are.

For maintenance alone, where sqlite-utils may take its time to be imported.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from ltm_cli.storage.sqlite.connection import in_memory

if TYPE_CHECKING:
    from sqlite_utils import Database

    from ltm_cli.storage.store import Indexer

# Made by SQLite's search index itself; by an ltm that left its migrations to sqlite-utils; by
# `ltm backup`.
_NOT_OURS = ("search_", "sqlite_", "_sqlite_migrations", "home")


class Shape(NamedTuple):
    """A table: its columns, each with its type, and the names of its indices."""

    columns: dict[str, str]
    indices: frozenset[str]


def shapes(db: sqlite3.Connection) -> dict[str, Shape]:
    """The tables of a store by name."""
    return {
        table.name: Shape(
            {column.name: column.type for column in table.columns},
            frozenset(index.name for index in table.indexes),
        )
        for table in _tools(db).tables
        if not table.name.startswith(_NOT_OURS)
    }


def rows(db: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    ours = shapes(db)
    return {
        table.name: table.count
        for table in _tools(db).tables
        if table.name in ours and table.virtual_table_using is None
    }


def differences(db: sqlite3.Connection, indexer: Indexer) -> list[str]:
    """The names of tables and indices that are missing, altered or added; and of triggers."""
    with in_memory(indexer, "") as fresh:
        wanted = shapes(fresh.db)
    found = shapes(db)
    wrong = [name for name in sorted(wanted.keys() | found.keys())
             if wanted.get(name) != found.get(name)]  # fmt: skip
    return wrong + [trigger.name for trigger in _tools(db).triggers]


def compact(db: sqlite3.Connection) -> None:
    """Give the space of deleted rows back to the disk."""
    _tools(db).vacuum()


def _tools(db: sqlite3.Connection) -> Database:
    from sqlite_utils import Database

    return Database(db, recursive_triggers=False, execute_plugins=False)
