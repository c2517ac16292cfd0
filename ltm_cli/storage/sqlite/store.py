"""The store of one user in a SQLite file: what storage/store.py asks for."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core.record import Record
from ltm_cli.storage.sqlite import journal, purge
from ltm_cli.storage.sqlite.feedback import SqliteFeedback
from ltm_cli.storage.sqlite.files import faults, store_error
from ltm_cli.storage.sqlite.journal import SqliteJournal
from ltm_cli.storage.sqlite.memories import SqliteMemories
from ltm_cli.storage.sqlite.transaction import transaction
from ltm_cli.storage.values import Erasing

if TYPE_CHECKING:
    from types import TracebackType

    from ltm_cli.storage.store import Indexer, SideFiles, Values


class NoSideFiles:
    """Where nothing is kept beside the store."""

    def forget(self, memories: Sequence[int]) -> None:
        pass

    def erase(self, erasing: Erasing) -> None:
        pass


class SqliteStore:
    """The memory of one user. Closed when it is left as a context manager."""

    def __init__(
        self,
        db: sqlite3.Connection,
        user: str,
        indexer: Indexer,
        side_files: SideFiles | None = None,
        path: Path | None = None,
    ) -> None:
        """`path` is what an error calls the file."""
        self.db = db
        self.user = user
        self.indexer = indexer
        self.side_files: SideFiles = side_files or NoSideFiles()
        self.path = path
        self._owner = 0
        self.memories = SqliteMemories(self)
        self.journal = SqliteJournal(self)
        self.feedback = SqliteFeedback(self)

    @property
    def owner(self) -> int:
        if not self._owner:
            row = self.db.execute("SELECT id FROM users WHERE name = ?", [self.user]).fetchone()
            self._owner = row[0] if row else 0
        return self._owner

    def ensure_owner(self) -> int:
        """The number of the user, who gets one if need be."""
        if not self.owner:
            # Not one whose files are still to be erased: they would take what is new for that.
            left = journal.erasing(self.db)
            least = max(left.users, default=0) if left else 0
            self.db.execute(
                "INSERT INTO users (id, name)"
                " VALUES (max(?, (SELECT ifnull(max(id), 0) FROM users)) + 1, ?)",
                (least, self.user),
            )
        return self.owner

    def refresh(self) -> None:
        """Look up the user anew, whom another process may have erased or made."""
        self._owner = 0

    def of(self, user: str) -> SqliteStore:
        return SqliteStore(self.db, user, self.indexer, self.side_files, self.path)

    def users(self) -> list[tuple[int, str, int]]:
        return self.db.execute("SELECT id, name, memories FROM users ORDER BY name").fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            with transaction(self.db):
                self.refresh()
                yield
        except BaseException:
            self.refresh()  # the number of a user who was made in it is free again
            raise

    def unchanged(self, records: Sequence[Record]) -> contextlib.AbstractContextManager[bool]:
        return purge.unchanged(self, records)

    def forgotten(self, ids: Sequence[int]) -> None:
        self.side_files.forget(ids)

    def finish_erasing(self) -> bool:
        return purge.finish(self)

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        return self.db.execute(sql, values)

    def executemany(self, sql: str, values: Iterable[Values]) -> None:
        self.db.executemany(sql, values)

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it; an error of SQLite becomes a StoreError."""
        self.close()
        if isinstance(error, faults()):
            raise store_error(self.path or Path(":memory:"), error) from error
