"""Backups: the store as one file, with what a person has chosen and trained beside it.

A backup is a `memory.db` of its own, which sqlite3 opens, with one table more: `home` holds
config.toml and the weights that `ltm learn` has trained (sidenet/). It holds no undo journal, so
that nothing is in it that was forgotten before. The bank is not in it: it is computed again. That
of an encrypted store is encrypted with the same key, and has the envelope of that beside it.

Restoring puts all of it in the place of what is there, in this order, so that a process killed at
any point leaves either store whole:

    1. the backup is checked, copied into the home, and there migrated if an older ltm made it
    2. the bank is emptied
    3. the store is locked, and kept as it was beside the new one (snapshots.py)
    4. the copy is written into it, as one transaction
    5. the bank is emptied of what was asked meanwhile; the weights are those of the backup
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ltm_cli.core import atomic
from ltm_cli.core.errors import NothingFound, StoreError, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings, ensure_home, now
from ltm_cli.features.registry import INDEXER
from ltm_cli.kvcache import cache as kvcache
from ltm_cli.storage.sqlite import (
    connection,
    driver,
    files,
    journal,
    migrations,
    side_table,
    snapshots,
)
from ltm_cli.storage.sqlite.snapshots import Contents, Copy
from ltm_cli.storage.sqlite.store import SqliteStore

_NAMES = re.compile(r"config\.toml|sidenet/\d+\.json")  # of a home, by these names alone


@dataclass(frozen=True)
class Restored:
    """What `restore` put in place, and where the store of before is kept, if there was one."""

    contents: Contents
    kept: Path | None
    config: bool  # whether config.toml came from the backup


def named(file: Path) -> Path:
    """The file that a backup goes to: in a folder one that is named for the time."""
    return file / f"ltm-{now():%Y-%m-%d-%H%M%S}.db" if file.is_dir() else file


def back_up(home: Settings, file: Path, *, force: bool = False) -> Contents:
    """Write all of a home that cannot be computed again to one file. Raises LtmError."""
    if not home.database.exists():
        raise NothingFound(
            text("nothing is remembered yet"), text("choose another folder with --home DIR")
        )
    _refuse_itself(home, file)
    if not file.parent.is_dir():
        raise UsageError(
            text("the folder {path} does not exist", path=file.parent), text("create it first")
        )
    if file.exists() and not force:
        raise UsageError(
            text("{path} already exists", path=file), text("use --force to replace it")
        )
    found: list[Contents] = []
    key = driver.key(home.database)
    with (
        files.errors(home.database),
        contextlib.closing(connection.connect(home.database, INDEXER, write=False)) as db,
    ):
        db.execute("BEGIN")  # one moment for what is counted and what is copied
        counted = snapshots.counts(db)

        def complete(copy: Copy) -> None:
            journal.drop_all(SqliteStore(copy, "", INDEXER))
            side_table.put(copy, _beside(home))

        def verify(written: Path) -> None:
            try:
                found.append(snapshots.check(written, key, wholly=False))
            except StoreError as error:
                raise StoreError(
                    text("no backup was made: {reason}", reason=error),
                    text("run ltm doctor to check the store"),
                ) from None
            if (found[0].users, found[0].memories) != counted:
                raise StoreError(
                    text("{path} does not match the store", path=file), text("try again")
                )

        if key is not None:
            atomic.replace(_envelope(file), home.key.read_bytes())
        snapshots.write(db, file, key, complete, verify)
    return found[0]


def look(home: Settings, file: Path, *, wholly: bool = False) -> Contents:
    """What a backup holds. Raises UsageError, StoreError for one that cannot be restored."""
    _refuse_itself(home, file)
    if not file.is_file():
        raise UsageError(
            text("{path} does not exist", path=file), text("make a backup with ltm backup FILE")
        )
    return snapshots.check(file, _key(home, file), wholly=wholly)


def restore(home: Settings, file: Path) -> Restored:
    """Put a backup in the place of what a home holds. Raises LtmError; then nothing is changed."""
    contents = look(home, file, wholly=True)
    ensure_home(home.home)
    path, key = home.database, _key(home, file)
    snapshots.clear_left(path)
    beside: dict[str, bytes] = {}

    def ready(copy: Copy) -> None:
        beside.update(side_table.take(copy, _NAMES.fullmatch))
        migrations.apply(copy, lambda version: None, INDEXER.versions)
        connection.bring_up_to_date(copy, INDEXER)

    def verify(written: Path) -> None:
        snapshots.check(written, key, wholly=False)

    fresh = path.with_name(f"{path.name}.{os.getpid()}.restored.new")
    kept = snapshots.kept_name(path, f"{now():%Y-%m-%dT%H-%M-%S}")
    existed = path.exists() and path.stat().st_size > 0
    try:
        with files.errors(file), contextlib.closing(files.reading(file, key)) as source:
            snapshots.write(source, fresh, key, ready, verify)
        kvcache.clear(home.bank)  # now, in case this process is killed, and again below
        _put(home, fresh, kept, key)
    finally:
        fresh.unlink(missing_ok=True)
    kvcache.clear(home.bank)
    return Restored(contents, kept if existed else None, _put_beside(home, beside))


def _put(home: Settings, fresh: Path, kept: Path, key: bytes | None) -> None:
    path = home.database

    def keep(old: Copy) -> None:
        if snapshots.is_made(old):
            snapshots.write(old, kept, key, lambda copy: side_table.put(copy, _beside(home)))

    try:
        with contextlib.closing(files.reading(fresh, key)) as source:
            snapshots.put(source, path, keep)
    except StoreError as error:
        if not files.is_damaged(error):
            raise
        snapshots.replace(fresh, path, kept)


def _envelope(file: Path) -> Path:
    """What an encrypted backup needs beside it, as memory.db needs key.json."""
    return file.with_name(f"{file.name}.key.json")


def _key(home: Settings, file: Path) -> bytes | None:
    """The key of a backup; None for a plain one. Raises StoreError where it does not fit a home."""
    path = home.database
    if driver.is_plain(file):
        if driver.is_encrypted(path):
            raise StoreError(
                text("{path} is not encrypted, but the store is", path=file),
                text(
                    "restore it into another --home,"
                    " or run ltm decrypt first and ltm encrypt afterwards"
                ),
            )
        return None
    if driver.is_encrypted(path):
        return driver.key(path)
    if (envelope := _envelope(file)).exists():
        if path.exists():
            hint = text("restore it into another --home")
        else:
            hint = text(
                "run cp {source} {target}, then try again", source=envelope, target=home.key
            )
        raise StoreError(
            text("{path} is encrypted, but {home} is not", path=file, home=home.home), hint
        )
    return None  # no backup at all, as reading it will say


def _beside(home: Settings) -> dict[str, bytes]:
    """The files that go into a backup, by their name within the home."""
    found = {}
    for path in (home.config, *home.weights()):
        with contextlib.suppress(FileNotFoundError):
            found[path.relative_to(home.home).as_posix()] = path.read_bytes()
    return found


def _put_beside(home: Settings, beside: dict[str, bytes]) -> bool:
    """Write the files of a backup. A config.toml that is there speaks of this machine: it stays."""
    config = beside.pop("config.toml", None)
    new = config is not None and not home.config.exists()
    if config is not None and new:
        atomic.replace(home.config, config)
    for path in home.weights():  # of users by their number, which others may have now
        path.unlink(missing_ok=True)
    for name, content in beside.items():
        path = home.home / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        atomic.replace(path, content)
    return new


def _refuse_itself(home: Settings, file: Path) -> None:
    if file.exists() and home.database.exists() and file.samefile(home.database):
        raise UsageError(text("{path} is the store itself", path=file), text("choose another file"))
