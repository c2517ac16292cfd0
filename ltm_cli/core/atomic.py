"""Files beside the store: each is there whole or not at all, and its owner alone can read it."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

STALE = 3600.0  # seconds after which nobody is writing a temporary any more


def replace(path: Path, *parts: bytes, sync: bool = True) -> None:
    """Put a file in place at once; with `sync` it is on the disk then. Raises OSError.

    It is written beside its place first. What a process that was killed has left of that, in this
    folder, is swept an hour later.
    """
    sweep(path.parent)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(parts)
            if sync:
                file.flush()
                os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """Delete what killed processes were writing in a folder."""
    for left in folder.glob("*.new"):
        with contextlib.suppress(OSError):  # another process may have swept it meanwhile
            if left.stat().st_mtime < time.time() - STALE:
                left.unlink()
