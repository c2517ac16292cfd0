"""The registry of what is derived of memories: each table with its VERSION, rows and check.

A derived table is a function of single memories: `rows(analysis)` gives what it holds of one. So it
can be made again from the texts at any time (storage/sqlite/rebuild.py), and `disagreeing` tells
whether it is what the texts give. `version` is raised whenever the rules give something else: then
the next writer derives everything again. A golden file in the tests says when that is due.

The index (fts.py) and the times that are named (spans.py) are always derived; the rest is what the
features add, each in its own folder, loaded when something is written.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ltm_cli.core.feature import Derived, Feature
from ltm_cli.indexing.analysis import Analysis

if TYPE_CHECKING:
    from ltm_cli.core.record import Record
    from ltm_cli.storage.store import Store

Row = tuple[object, ...]

INDEX = (
    Derived("terms", "1", "ltm_cli.indexing.fts", "TermsTable"),
    Derived("spans", "1", "ltm_cli.indexing.spans", "SpansTable"),
    Derived("vectors", "1", "ltm_cli.indexing.vectors", "VectorsTable"),
)


class DerivedTable:
    """What is kept of each memory in one table; `rows` says what that is.

    Rows of a memory are deleted with it by the store (ON DELETE CASCADE), unless `remove` does.
    """

    table: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]  # `user_id` and `memory_id` among them

    def rows(self, user: int, analysis: Analysis) -> Iterable[Row]:
        """The rows of a memory, in the order of `columns`."""
        raise NotImplementedError

    def add(self, store: Store, found: Sequence[Analysis]) -> None:
        """Keep what new memories give."""
        marks = ", ".join("?" * len(self.columns))
        store.executemany(
            f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES ({marks})"
            " ON CONFLICT DO NOTHING",
            [row for one in found for row in self.rows(store.owner, one)],
        )

    def replace(self, store: Store, before: Record, after: Analysis) -> None:
        """Keep what a memory gives now that it was changed."""
        store.execute(f"DELETE FROM {self.table} WHERE memory_id = ?", [before.id])
        self.add(store, [after])

    def remove(self, store: Store, ids: Sequence[int]) -> None:
        """Delete, before memories are, what would not go with them."""

    def clear(self, store: Store) -> None:
        """Delete everything, of all users."""
        store.execute(f"DELETE FROM {self.table}")

    def scrub(self, store: Store) -> None:
        """Leave no trace of what was deleted."""

    def disagreeing(self, store: Store, found: Sequence[Analysis]) -> int:
        """How many rows of these memories are missing, or should not be."""
        import json  # naming the tables, as each press of a key does, goes without

        ids = json.dumps([one.record.id for one in found])
        columns = ", ".join(f"{self.table}.{name}" for name in self.columns)
        stored = {
            self.comparable(row)
            for row in store.execute(
                f"SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN {self.table}"
                " ON memory_id = wanted.value"
                " WHERE user_id = ?",
                (ids, store.owner),
            )
        }
        wanted = {self.comparable(row) for one in found for row in self.rows(store.owner, one)}
        return len(stored ^ wanted)

    def comparable(self, row: Row) -> Row:
        """What of a row is to be the same when it is derived again."""
        return tuple(row)

    def dependents(self, store: Store, record: Record) -> list[Record]:
        """The memories that were made of a memory and go with it."""
        return []


class Registry:
    """All derived tables, kept in step with the memories: the Indexer of a store."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self._entries = (*INDEX, *(one for feature in features for one in feature.derived))

    def versions(self) -> dict[str, str]:
        return {f"derived:{one.name}": one.version for one in self._entries}

    @cached_property
    def tables(self) -> dict[str, DerivedTable]:
        """By name; importing them is left until something is written."""
        return {
            one.name: getattr(importlib.import_module(one.module), one.cls)()
            for one in self._entries
        }

    def add(self, store: Store, records: Sequence[Record]) -> None:
        found = [Analysis(record) for record in records]
        for table in self.tables.values():
            table.add(store, found)

    def replace(self, store: Store, before: Record, after: Record) -> None:
        analysis = Analysis(after)
        for table in self.tables.values():
            table.replace(store, before, analysis)

    def remove(self, store: Store, ids: Sequence[int]) -> None:
        for table in self.tables.values():
            table.remove(store, ids)

    def clear(self, store: Store) -> None:
        for table in self.tables.values():
            table.clear(store)

    def scrub(self, store: Store) -> None:
        for table in self.tables.values():
            table.scrub(store)

    def dependents(self, store: Store, record: Record) -> list[Record]:
        """The memories that were made of a memory and go with it."""
        return [one for table in self.tables.values() for one in table.dependents(store, record)]

    def disagreeing(self, batches: Iterable[tuple[Store, list[Record]]]) -> dict[str, int]:
        """How many rows of each table are not what the texts give; only tables with any."""
        wrong: dict[str, int] = {}
        for store, records in batches:
            found = [Analysis(record) for record in records]
            for name, table in self.tables.items():
                if number := table.disagreeing(store, found):
                    wrong[name] = wrong.get(name, 0) + number
        return wrong

    def derive(self, record: Record) -> dict[str, list[Any]]:
        """What each table holds of a memory: what the rules say of a text, without storing it."""
        analysis = Analysis(record)
        return {name: list(table.rows(0, analysis)) for name, table in self.tables.items()}
