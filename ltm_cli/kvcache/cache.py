"""The bank: entries by what was encoded, within a budget, gone when their memories are.

An entry is one file, `M.M.M-NAME.kv`: the ids of the memories whose words it holds (none for the
prefix), and a digest of its header. Nothing here is the truth: any file may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core import atomic
from ltm_cli.core.sanitize import json_value
from ltm_cli.core.settings import Settings
from ltm_cli.kvcache import entries, layout, quantise
from ltm_cli.kvcache.layout import State
from ltm_cli.llm.file_hash import sha256
from ltm_cli.storage.sqlite import driver

if TYPE_CHECKING:
    from ltm_cli.llm.llama import Llama

BUDGET = 1 << 30  # bytes, unless config.toml says otherwise
_USAGE = "used.json"  # [hits, misses]


@dataclass(frozen=True)
class Status:
    """What a bank holds."""

    folder: str
    entries: int
    memories: int
    bytes: int
    budget: int
    hits: int  # entries that were restored since the bank was cleared
    misses: int  # entries that had to be computed


class KVCache:
    """The entries of one model in one folder."""

    def __init__(
        self,
        folder: Path,
        model: Path,
        budget: int = BUDGET,
        *,
        quantised: bool = False,
        key: bytes | None = None,  # of an encrypted store
    ) -> None:
        self.folder = folder
        self.budget = budget
        self.hits = self.misses = 0
        self.bytes = 0  # read and written
        self._quantised = quantised
        self._seal = None
        if key is not None:
            from ltm_cli.kvcache.seal import Seal

            self._seal = Seal(key)
        self._identity = {
            "model": sha256(model, folder),
            "library": _library_version(),
            "form": "q8_0" if quantised else "f16",
        }

    def get(
        self, tokens: Sequence[int], before: Sequence[int], memories: Iterable[int]
    ) -> State | None:
        """The state of `tokens` encoded after `before`; None if it has to be computed."""
        header = self._header(tokens, before)
        path = self._path(header, memories)
        data = entries.load(path, header, self._seal)
        if data is None:
            self.misses += 1
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)  # what does not verify is never looked at again
            return None
        self.hits += 1
        self.bytes += len(data)
        with contextlib.suppress(OSError):
            os.utime(path)  # eviction goes by last use
        return quantise.dequantise(layout.parse(data))

    def put(
        self, tokens: Sequence[int], before: Sequence[int], memories: Iterable[int], state: State
    ) -> None:
        """Keep a state, and drop the least recently used beyond the budget. Raises OSError."""
        header = self._header(tokens, before)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = quantise.quantise(state) if self._quantised else state
        data = layout.serialise(kept)
        entries.save(self._path(header, memories), header, data, self._seal)
        self.bytes += len(data)
        evict(self.folder, self.budget)

    def save_usage(self) -> None:
        """Add hits and misses to those of earlier processes; of two at once, one may be lost."""
        if self.hits or self.misses:
            hits, misses = _load_usage(self.folder)
            total = json.dumps([hits + self.hits, misses + self.misses]).encode()
            with contextlib.suppress(OSError):
                atomic.replace(self.folder / _USAGE, total, sync=False)
            self.hits = self.misses = 0

    def _header(self, tokens: Sequence[int], before: Sequence[int]) -> entries.Header:
        prefix = hashlib.sha256(repr(list(before)).encode()).hexdigest()
        return {**self._identity, "prefix": prefix, "begin": len(before), "tokens": list(tokens)}

    def _path(self, header: entries.Header, memories: Iterable[int]) -> Path:
        name = entries.file_name(header, self._seal)
        return self.folder / f"{'.'.join(map(str, memories))}-{name}.kv"


@lru_cache(maxsize=1)
def _library_version() -> str:
    from importlib.metadata import version  # forgetting entries does without

    return version("llama-cpp-python")


def open_cache(settings: Settings, model: Llama) -> KVCache | None:
    """The bank of a model in a home; None for a model that cannot have one.

    Raises StoreError for an encrypted store without its key.
    """
    if model.uncacheable:
        return None
    budget = settings.bank_bytes or BUDGET
    key = driver.key(settings.database)
    return KVCache(settings.bank, model.path, budget, quantised=settings.bank_quantised, key=key)


def delete_memories(folder: Path, memories: Iterable[int]) -> None:
    """Delete every entry that holds words of one of these memories."""
    gone = set(memories)
    for path in folder.glob("*.kv*"):
        if gone & parse_memories(path):
            path.unlink(missing_ok=True)


def delete_model(folder: Path, model: str) -> int:
    """Delete every entry of a model, by its sha256; returns how many there were."""
    paths = [
        path for path in folder.glob("*.kv") if entries.load_header(path).get("model") == model
    ]
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def clear(folder: Path) -> int:
    """Delete all entries; returns how many there were."""
    paths = list(folder.glob("*.kv*"))
    for path in [*paths, folder / _USAGE]:
        path.unlink(missing_ok=True)
    return len(paths)


def status(folder: Path, budget: int = BUDGET) -> Status:
    paths = list(folder.glob("*.kv"))
    held = set().union(*(parse_memories(path) for path in paths))
    size = sum(path.stat().st_size for path in paths)
    return Status(str(folder), len(paths), len(held), size, budget, *_load_usage(folder))


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


def parse_memories(path: Path) -> set[int]:
    """The ids in the name of an entry; none in that of a file which somebody else put there."""
    return {int(id) for id in path.name.partition("-")[0].split(".") if id.isdecimal()}


def _load_usage(folder: Path) -> tuple[int, int]:
    """Hits and misses so far."""
    try:
        hits, misses = json_value((folder / _USAGE).read_bytes())
        return int(hits), int(misses)
    except (OSError, ValueError, TypeError):
        return 0, 0
