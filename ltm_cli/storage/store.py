"""What a store can do: the interface that everything above storage/ is written against.

A `Store` is the memory of one user. Whoever holds one sees nothing of anybody else, and names no
user: separation does not depend on an argument. `of(name)` gives the same store as another user's.

    store.memories    reading and writing memories
    store.journal     the changes that `undo` takes back
    store.feedback    what the user said of results
    store.execute     standard SQL, for indexing/ and a feature's own table.py alone

What is derived of a memory (index, times, tasks, facts) is written in the same transaction as the
memory, by the `Indexer` that the store was opened with; files beside the store that are derived of
memories (the memory bank, trained weights) are deleted by its `SideFiles`. Neither is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.record import Record
from ltm_cli.storage.values import Erasing, Judged, Judgement, Undone

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

Values = Sequence[object] | Mapping[str, object]


class Rows(Protocol):
    """The rows that a statement gives."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class SideFiles(Protocol):
    """Files beside the store that are derived of memories and never outlive them."""

    def forget(self, memories: Sequence[int]) -> None:
        """Delete what was made of these memories. Raises OSError."""

    def erase(self, erasing: Erasing) -> None:
        """Delete what was made of these memories and users. Raises OSError."""


class Indexer(Protocol):
    """Keeps what is derived of memories in step with them, within the transaction of a change."""

    def versions(self) -> dict[str, str]:
        """The version of each derived table's rules, as `meta` names them."""

    def add(self, store: Store, records: Sequence[Record]) -> None:
        """Derive what new memories give."""

    def replace(self, store: Store, before: Record, after: Record) -> None:
        """Derive anew what a memory gives that was changed."""

    def remove(self, store: Store, ids: Sequence[int]) -> None:
        """Delete what is not deleted with the memories themselves, before they are."""

    def clear(self, store: Store) -> None:
        """Delete what is derived of all users, before everything is derived again."""

    def scrub(self, store: Store) -> None:
        """Leave no trace of what was deleted."""

    def dependents(self, store: Store, record: Record) -> list[Record]:
        """The memories that were made of a memory and go with it."""


class Memories(Protocol):
    """The memories of one user. Ids of others are as unknown as those of none."""

    def add(self, records: Iterable[Record], change: int) -> list[int]:
        """Store new memories and what is derived of them; one that has an id keeps it."""

    def replace(self, record: Record) -> None:
        """Put `record` in the place of the memory of the same id."""

    def remove(self, ids: Sequence[int]) -> None:
        """Delete memories and what the index holds of them."""

    def count(self) -> int:
        """How many there are."""

    def known(self, record: Record) -> int | None:
        """The id of the memory that an import of `record` would double, if there is one."""

    def refuse_double(self, record: Record, what: str) -> None:
        """Raise UsageError when another memory has the ref of this one."""

    def fetch(self, ids: Iterable[int]) -> dict[int, Record]:
        """The memories of these ids, in the order asked for."""

    def select(self, which: Filter = EVERYTHING, *, newest: int | None = None) -> Iterator[Record]:
        """The memories that pass the filter, in order of time; at most the `newest` last ones."""

    def passing(self, ids: Sequence[int], which: Filter) -> list[int]:
        """Those of `ids` that pass the filter, in the same order."""

    def days(self, *, without: str) -> dict[date, int]:
        """How many memories each day has, those with the tag `without` left out."""

    def newest_first(self) -> list[int]:
        """The ids of all memories."""

    def neighbours(self, record: Record, reach: int) -> tuple[list[int], list[int]]:
        """The ids before and after a memory in its session, the nearest first, `reach` of each."""

    def anniversaries(self, day: str) -> list[Record]:
        """The memories of the same day in the ten years before, the latest first."""

    def sessions(self, tag: str) -> list[tuple[str, int, int, str, str]]:
        """(name, memories, characters, first at, last recorded) of the sessions with a tag."""

    def last_id(self) -> int:
        """The highest id of any user, 0 in an empty store."""


class Journal(Protocol):
    """The changes of one user that can be undone."""

    def begin(self, action: str) -> int:
        """A new entry; returns its id."""

    def keep(self, change: int, record: Record, judged: Sequence[Judgement] = ()) -> None:
        """Remember the form a memory had before this change, and the feedback that goes with it."""

    def undo(self) -> Undone | None:
        """Take back the last change that is not too old; None when there is none."""

    def earlier(self, ids: Sequence[int]) -> list[Record]:
        """The earlier forms of these memories that the journal holds."""

    def erase(self, records: Sequence[Record]) -> None:
        """Within a transaction that removed these memories: leave nothing to undo of them."""

    def erase_user(self) -> None:
        """Within a transaction that removed all memories: leave nothing of the user at all."""


class Feedback(Protocol):
    """What one user said of results."""

    def give(self, question: str, memory: int, *, good: bool) -> bool:
        """Note a judgement; the last one on the same question counts. False: unknown memory."""

    def cite(self, question: str, memories: Sequence[int]) -> None:
        """Note that an answer rests on these memories; what the user said of them stays."""

    def cited(self) -> list[int]:
        """The memories that were good for some question, those good for the most first."""

    def citing(self, memories: Sequence[int]) -> list[int]:
        """The exchanges whose questions one of these memories was good for."""

    def judged(self) -> list[Judged]:
        """All questions that have feedback, the oldest first."""

    def with_memory(self, memory: int, question: str | None) -> list[Judgement]:
        """What goes when a memory goes."""


class Readable(Protocol):
    """What reading needs at least: so little can be had in a millisecond."""

    @property
    def owner(self) -> int:
        """The number of the user; 0 of somebody of whom nothing is remembered yet."""

    def execute(self, sql: str, values: Values = ()) -> Rows:
        """One statement of standard SQL."""


class Store(Readable, Protocol):
    """The memory of one user. Use it as a context manager, or close it."""

    @property
    def user(self) -> str:
        """The name of the user."""

    @property
    def memories(self) -> Memories: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def feedback(self) -> Feedback: ...
    @property
    def indexer(self) -> Indexer: ...

    def of(self, user: str) -> Store:
        """The same store as another user's."""

    def users(self) -> list[tuple[int, str, int]]:
        """(id, name, number of memories) of every user, by name."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing: committed and synced on leaving, rolled back on any exception."""

    def refresh(self) -> None:
        """Look up the user anew, whom another process may have erased or made."""

    def unchanged(self, records: Sequence[Record]) -> AbstractContextManager[bool]:
        """Whether memories still say what was read of them; while this lasts, nothing changes."""

    def forgotten(self, ids: Sequence[int]) -> None:
        """Delete what files beside the store hold of memories that were changed or are gone."""

    def finish_erasing(self) -> bool:
        """Delete the files of what was erased; False if somebody still reads the log."""

    def executemany(self, sql: str, values: Iterable[Values]) -> None:
        """The same statement for many rows."""

    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
