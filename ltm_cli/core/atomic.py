"""Files beside the store: each is there whole or not at all, and its owner alone can read it."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

STALE = 3600.0  # seconds after which nobody is writing a temporary any more


def replace(path: Path, *parts: bytes, sync: bool = True) -> None:
    """Write a file, in the place of any of its name, at once; with `sync` it is on the disk then.

    Raises OSError. It is written beside its place first. What a process that was killed has left of
    that, in this folder, is swept an hour later.
    """
    sweep(path.parent)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        _write(temporary, parts, os.O_TRUNC)
        if sync:
            move(temporary, path)
        else:
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def create(path: Path, *parts: bytes) -> None:
    """Write a file that was not there, onto the disk. Raises OSError: FileExistsError if it was."""
    _write(path, parts, os.O_EXCL)
    sync(path)
    sync(path.parent)


def move(new: Path, path: Path) -> None:
    """Put a file that is whole in the place of another, with both on the disk. Raises OSError."""
    sync(new)
    new.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have a file, or what a folder says of its files, on the disk."""
    folder = path.is_dir()
    if folder and os.name != "posix":
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Delete what killed processes were writing in a folder."""
    for left in folder.glob("*.new"):
        with contextlib.suppress(OSError):  # another process may have swept it meanwhile
            if left.stat().st_mtime < time.time() - STALE:
                left.unlink()


def _write(path: Path, parts: tuple[bytes, ...], flags: int) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(parts)
