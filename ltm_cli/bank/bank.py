"""The bank: entries by what was encoded, within a budget, gone when their memories are.

An entry is one file, `M.M.M-KEY.kv`: the ids of the memories whose words it holds (none for the
prefix), and a key of its header. Nothing here is the truth: any file may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ltm_cli.bank import files
from ltm_cli.model.identity import sha256

BUDGET = 1 << 30  # bytes, unless config.toml says otherwise


@dataclass(frozen=True)
class Status:
    """What a bank holds."""

    folder: str
    entries: int
    memories: int
    bytes: int
    budget: int


class Bank:
    """The entries of one model in one folder."""

    def __init__(self, folder: Path, model: Path, budget: int = BUDGET) -> None:
        self.folder = folder
        self.budget = budget
        self.hits = self.misses = 0
        self._identity = {
            "model": sha256(model, folder),
            "library": version("llama-cpp-python"),
        }

    def get(
        self, tokens: Sequence[int], before: Sequence[int], memories: Iterable[int]
    ) -> bytes | None:
        """The state of `tokens` encoded after `before`; None if it has to be computed."""
        header = self._header(tokens, before)
        path = self._path(header, memories)
        state = files.read(path, header)
        if state is None:
            self.misses += 1
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)  # what does not verify is never looked at again
            return None
        self.hits += 1
        with contextlib.suppress(OSError):
            os.utime(path)  # eviction goes by last use
        return state

    def put(
        self, tokens: Sequence[int], before: Sequence[int], memories: Iterable[int], state: bytes
    ) -> None:
        """Keep a state, and drop the least recently used beyond the budget. Raises OSError."""
        header = self._header(tokens, before)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(self._path(header, memories), header, state)
        evict(self.folder, self.budget)

    def _header(self, tokens: Sequence[int], before: Sequence[int]) -> files.Header:
        prefix = hashlib.sha256(repr(list(before)).encode()).hexdigest()
        return {**self._identity, "prefix": prefix, "begin": len(before), "tokens": list(tokens)}

    def _path(self, header: files.Header, memories: Iterable[int]) -> Path:
        key = hashlib.sha256(json.dumps(header, sort_keys=True).encode()).hexdigest()[:24]
        return self.folder / f"{'.'.join(map(str, memories))}-{key}.kv"


def forget(folder: Path, memories: Iterable[int]) -> None:
    """Delete every entry that holds words of one of these memories."""
    gone = set(memories)
    for path in folder.glob("*.kv*"):
        if gone & memories_of(path):
            path.unlink(missing_ok=True)


def clear(folder: Path) -> int:
    """Delete all entries; returns how many there were."""
    paths = list(folder.glob("*.kv*"))
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def status(folder: Path, budget: int = BUDGET) -> Status:
    paths = list(folder.glob("*.kv"))
    held = set().union(*(memories_of(path) for path in paths))
    size = sum(path.stat().st_size for path in paths)
    return Status(str(folder), len(paths), len(held), size, budget)


def evict(folder: Path, budget: int) -> None:
    """Delete the least recently used entries until the rest fits the budget."""
    found = []
    for path in folder.glob("*.kv"):
        with contextlib.suppress(OSError):  # another process may have deleted it meanwhile
            about = path.stat()
            found.append((about.st_mtime_ns, about.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= budget:
            break
        path.unlink(missing_ok=True)
        total -= size


def memories_of(path: Path) -> set[int]:
    """The ids in the name of an entry."""
    return {int(id) for id in path.name.partition("-")[0].split(".") if id}
