"""Which model a file holds, told by its content: what one has made is never used with another."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from ltm_cli.core import atomic
from ltm_cli.core.sanitize import json_value

_KNOWN = "models.json"  # {"path:size:mtime": sha256}


def sha256(model: Path, folder: Path) -> str:
    """The sha256 of a model file, computed again only when the file has changed.

    `folder` is where the known ones are kept, in models.json. Raises OSError.
    """
    key = _key(model)
    known = _load(folder)
    if key not in known:
        known[key] = compute(model)
        _save(folder, known)
    return known[key]


def compute(model: Path, advance: Callable[[int], None] = lambda size: None) -> str:
    """The sha256 of a file; `advance` hears how many bytes were read. Raises OSError."""
    found = hashlib.sha256()
    with model.open("rb") as file:
        while part := file.read(1 << 20):
            found.update(part)
            advance(len(part))
    return found.hexdigest()


def save_known(model: Path, folder: Path, found: str) -> None:
    """Keep the sha256 of a file that was computed already."""
    _save(folder, _load(folder) | {_key(model): found})


def forget_known(model: Path, folder: Path) -> str | None:
    """Forget the sha256 of a file that is about to go; what it was, if it was known."""
    known = _load(folder)
    found = known.pop(_key(model), None)
    if found is not None:
        _save(folder, known)
    return found


def _key(model: Path) -> str:
    about = model.stat()
    return f"{model.resolve()}:{about.st_size}:{about.st_mtime_ns}"


def _load(folder: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return dict(json_value((folder / _KNOWN).read_text("utf-8")))
    return {}


def _save(folder: Path, known: dict[str, str]) -> None:
    with contextlib.suppress(OSError):  # a read-only home computes it each time
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        atomic.replace(folder / _KNOWN, json.dumps(known).encode(), sync=False)
