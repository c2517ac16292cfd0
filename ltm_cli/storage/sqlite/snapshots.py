"""The store as files beside it: copies for a backup, and what it was before it was replaced.

Every copy is made by SQLite's own backup: what was committed at one moment, while others go on
reading and writing. It becomes one file without a log, is checked, synced to the disk and only then
given its name, so that a file of that name is always whole.

    memory.db.v6.old                     before a newer ltm migrated it
    memory.db.2026-11-22T20-15-03.old    before `ltm restore` replaced it

These two hold the texts of their time. They go after `KEPT`, and as soon as something is forgotten
for good (journal.py).
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ltm_cli.core import atomic, settings
from ltm_cli.core.errors import StoreError
from ltm_cli.core.messages import text
from ltm_cli.storage.sqlite import driver, files, format
from ltm_cli.storage.sqlite.transaction import WAIT

KEPT = timedelta(days=30)
_BUSY = (5, 6)  # SQLITE_BUSY and SQLITE_LOCKED, which Python 3.10 has no names for

LONGEST = 3600  # seconds that writing a file may take
_UNFINISHED = re.compile(r"(?:\.(\d+))?(?:\.restored)?\.new(?:-wal|-shm|-journal)?$")

Copy = sqlite3.Connection
Change = Callable[[Copy], None]


@dataclass(frozen=True)
class Contents:
    """What a copy holds; `format` is the number of migrations it has seen."""

    users: int
    memories: int
    format: int
    bytes: int


def write(
    source: sqlite3.Connection,
    target: Path,
    key: bytes | None,
    change: Change = lambda copy: None,
    verify: Callable[[Path], None] = lambda path: None,
) -> None:
    """Copy a store to `target`, in the place of any file of that name, under the source's `key`.

    `change` may alter the copy; `verify` is given the file that is written and synced, and may
    still refuse it. Raises StoreError; then no file is left.
    """
    clear_left(target)
    temporary = target.with_name(f"{target.name}.{os.getpid()}.new")
    files.create_private(temporary)
    try:
        with files.errors(target):
            with contextlib.closing(driver.opened(temporary, key=key, timeout=WAIT)) as copy:
                copy.execute("PRAGMA synchronous = OFF")  # synced below, at once
                copy.execute("PRAGMA secure_delete = ON")
                copy.execute("PRAGMA foreign_keys = ON")
                copy.execute("PRAGMA temp_store = MEMORY")
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
                change(copy)
            atomic.sync(temporary)
            verify(temporary)
        atomic.move(temporary, target)
    except OSError as error:
        raise StoreError(
            text("cannot write {path}: {reason}", path=target, reason=error.strerror),
            text("choose another file"),
        ) from None
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            Path(f"{temporary}{rest}").unlink(missing_ok=True)


def check(path: Path, key: bytes | None, *, wholly: bool = True) -> Contents:
    """What a copy holds. Raises StoreError for one that is damaged, newer or not ours.

    Every page and row is read; `wholly` compares the indices with the rows too, which takes longer
    than making a copy.
    """
    with files.errors(path), contextlib.closing(files.reading(path, key)) as db:
        try:
            version, faults = format.version_of(db), _faults(db, wholly=wholly)
        except StoreError as error:
            raise StoreError(f"{path}: {error}", error.hint) from None
        if not version:
            raise StoreError(
                text("{path} is empty", path=path), text("make a backup with ltm backup FILE")
            )
        if faults:
            raise StoreError(
                text("{path} is damaged: {reason}", path=path, reason="; ".join(faults)),
                text("use another backup"),
            )
        if db.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone():
            raise StoreError(
                text("{path} contains triggers or views, which no backup of ltm has", path=path),
                text("use another backup"),
            )
        return Contents(*counts(db), version, path.stat().st_size)


def _faults(db: sqlite3.Connection, *, wholly: bool) -> list[str]:
    db.execute("PRAGMA ignore_check_constraints = ON")  # they held when it was written
    pragma = "integrity_check" if wholly else "quick_check"
    try:
        return [row[0] for row in db.execute(f"PRAGMA {pragma}(3)") if row[0] != "ok"]
    except driver.errors() as error:
        if driver.is_transient(error):
            raise
        return [str(error)]


def counts(db: sqlite3.Connection) -> tuple[int, int]:
    """(users of whom something is remembered, memories), counted"""
    found: tuple[int, int] = db.execute(
        "SELECT (SELECT count(*) FROM users WHERE memories > 0), (SELECT count(*) FROM memories)"
    ).fetchone()
    return found


def is_made(db: Copy) -> bool:
    """Whether there is anything in a file."""
    return db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None


def put(source: sqlite3.Connection, path: Path, before: Change) -> None:
    """Put a copy in the place of the store at `path`: all of it or, if anything fails, nothing.

    It is written into the live file as one transaction, not moved over it: a process that has the
    store open would go on writing to the old file, and its log would be read with the new one. From
    the first page on the store is locked for others; then `before` is given it as it was. Raises
    StoreError, sqlite3.Error.
    """
    files.create_private(path)
    patience, key = time.monotonic() + WAIT, driver.key(path)
    locked = False
    with (
        files.errors(path),
        contextlib.closing(driver.opened(path, key=key, timeout=WAIT)) as live,
    ):
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("PRAGMA synchronous = FULL")

        def step(status: int, left: int, total: int) -> None:
            nonlocal locked
            if status in _BUSY:
                if time.monotonic() > patience:
                    raise StoreError(
                        text("the store {path} is locked", path=path),
                        text("wait for the other ltm process to finish, then try again"),
                    )
            elif not locked:
                locked = True
                with contextlib.closing(driver.opened(path, key=key, timeout=WAIT)) as old:
                    before(old)

        pages = source.execute("PRAGMA page_count").fetchone()[0]
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM users").fetchone()  # one state of it for all steps
        # More than one step, for what a last step has written is committed before `step` is called.
        source.backup(live, pages=max(1, pages // 100), progress=step, sleep=0.05)
        source.execute("COMMIT")
        with contextlib.suppress(*driver.errors()):  # it is done already; on a full disk later
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def replace(new: Path, path: Path, kept: Path) -> None:
    """Put a whole file in the place of one that is no database any more, keeping that one."""
    import shutil  # every writer imports this module, and seldom for this

    for rest in ("", "-wal"):
        if (old := Path(f"{path}{rest}")).exists():
            try:
                os.link(old, f"{kept}{rest}")
            except OSError:  # a file system without links
                shutil.copy2(old, f"{kept}{rest}")
    for rest in ("-wal", "-shm"):
        Path(f"{path}{rest}").unlink(missing_ok=True)
    atomic.move(new, path)


def keep(path: Path, label: str) -> Path:
    """Copy the store as it is to a file beside it."""
    file = path.with_name(f"{path.name}.{label}.old")  # a second attempt replaces the first
    with contextlib.closing(driver.connect(path, timeout=WAIT)) as db:
        write(db, file, driver.key(path))
    return file


def kept_name(path: Path, label: str) -> Path:
    """Where a store is kept as it was; no form replaces another, even if the clock stands still."""
    name = path.with_name(f"{path.name}.{label}.old")
    number = 1
    while name.exists():
        number += 1
        name = path.with_name(f"{path.name}.{label}-{number}.old")
    return name


def kept(path: Path) -> list[Path]:
    """The older forms that are kept beside a store."""
    return sorted(path.parent.glob(f"{glob.escape(path.name)}.*.old"))


def is_left(path: Path) -> bool:
    """Whether a file is one that a process was writing when it was killed: NAME.PID.new…"""
    match = _UNFINISHED.search(path.name)
    if match is None or not path.is_file():
        return False
    if match[1] is not None and os.name == "posix":
        try:
            os.kill(int(match[1]), 0)
        except ProcessLookupError:
            return True
        except (PermissionError, OverflowError):
            pass
    return time.time() - path.stat().st_mtime > LONGEST


def clear_left(path: Path) -> None:
    """Delete what killed processes left of copies of this name."""
    for file in path.parent.glob(f"{glob.escape(path.name)}.*.new*"):
        if is_left(file):
            file.unlink(missing_ok=True)


def drop(path: Path, before: datetime | None = None) -> None:
    """Delete the older forms beside a store, all or those made before a time."""
    clear_left(path)
    for file in kept(path):
        with contextlib.suppress(FileNotFoundError):  # another process may be at it, too
            if before is None or file.stat().st_mtime < before.timestamp():
                Path(f"{file}-wal").unlink(missing_ok=True)
                file.unlink()


def expire(path: Path) -> None:
    """Delete the older forms that have been kept long enough."""
    drop(path, settings.now() - KEPT)
