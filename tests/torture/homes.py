"""What a home holds, and what is wrong with it. Looked at in a copy: the home stays as it is."""

from __future__ import annotations

import contextlib
import json
import shutil
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ltm_cli.core import settings
from ltm_cli.core.errors import LtmError
from ltm_cli.features.registry import INDEXER
from ltm_cli.kvcache import cache as kvcache
from ltm_cli.kvcache import entries
from ltm_cli.retrieval import reranker
from ltm_cli.storage.sqlite.connection import open_reading
from tests.soundness import faults

# What the user said and decided; everything else in the store follows from it.
_TRUTH = {
    "memories": "SELECT m.id, u.name, kind, text, question, answer, at, recorded, session, speaker,"
    " tags, ref FROM memories AS m JOIN users AS u ON u.id = user_id",
    "feedback": "SELECT user_id, question, memory_id, good FROM feedback",
    "denied": "SELECT memory_id, subject, attribute, value FROM facts WHERE denied",
    "changes": "SELECT id, user_id, action FROM changes",
    "earlier": "SELECT change_id, memory_id, record FROM earlier",
}


@dataclass(frozen=True)
class State:
    """All rows that are not derived, by table, and the files the user's choices are in."""

    rows: dict[str, frozenset[tuple[object, ...]]]
    chosen: dict[str, bytes]

    @property
    def ids(self) -> list[int]:
        """The ids of all memories."""
        return sorted(int(str(row[0])) for row in self.rows["memories"])

    @property
    def texts(self) -> list[int]:
        """The ids of the memories that are one text, and no exchange."""
        return sorted(int(str(row[0])) for row in self.rows["memories"] if row[3] is not None)

    def lies_between(self, before: State, after: State) -> bool:
        """Whether this is `before` with a part of what `after` has more."""
        return self.chosen == before.chosen and all(
            before.rows[table] <= self.rows[table] <= after.rows[table] for table in _TRUTH
        )


@contextlib.contextmanager
def copied(home: Path) -> Iterator[Path]:
    """A copy of a home that nobody has open."""
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        copy = Path(folder) / home.name
        if home.exists():
            shutil.copytree(home, copy)
        yield copy


def look(home: Path, *, finished: bool = False) -> tuple[State, list[str]]:
    """The state of a home and what is wrong with it.

    After a command that was `finished`, and not killed, the bank may hold nothing of memories that
    are gone.
    """
    with copied(home) as copy:
        wrong = list(_readable_by_others(copy))
        chosen = {
            str(path.relative_to(copy)): path.read_bytes()
            for path in (copy / "config.toml", *copy.glob("sidenet/*.json"))
            if path.exists()
        }
        with open_reading(copy / "memory.db", INDEXER) as store:
            rows = {name: frozenset(map(tuple, store.execute(sql))) for name, sql in _TRUTH.items()}
            wrong += faults(store)
        state = State(rows, chosen)
        wrong += _unreadable(copy)
        if finished:
            wrong += _orphans(copy, set(state.ids))
        return state, wrong


def temporaries(home: Path) -> list[Path]:
    """The files that were being written when their process was killed."""
    return sorted(home.rglob("*.new"))


def _readable_by_others(home: Path) -> Iterator[str]:
    for path in (home, *home.rglob("*")):
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"others can read {path.relative_to(home.parent)}"


def _unreadable(home: Path) -> Iterator[str]:
    """The files that are there, but not whole."""
    with contextlib.suppress(LtmError):
        settings.load(home)
    try:
        settings.load(home)
        for path in home.glob("sidenet/*.json"):
            reranker.load(path)
    except LtmError as error:
        yield str(error)
    for path in home.glob("bank/*.kv"):
        data = path.read_bytes()
        try:
            (size,) = struct.unpack_from("<I", data, 7)
            header = json.loads(data[11 : 11 + size])
        except (struct.error, ValueError):
            header = {}
        if entries.load(path, header) is None:
            yield f"{path.name} is no whole entry of the bank"
    for path in home.glob("bank/*.json"):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            yield f"{path.name} is not whole"


def _orphans(home: Path, ids: set[int]) -> Iterator[str]:
    for path in home.glob("bank/*.kv*"):
        if gone := kvcache.parse_memories(path) - ids:
            yield f"the bank holds {path.name}, of memories that are gone: {sorted(gone)}"
