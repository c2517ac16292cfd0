"""The files of a home: who can read them, whether there is room, what was left behind."""

from __future__ import annotations

import contextlib
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ltm_cli.core.errors import LtmError, StoreError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings
from ltm_cli.features.registry import INDEXER
from ltm_cli.kvcache import cache as kvcache
from ltm_cli.maintenance.doctor.finding import Finding, broken, note, ok
from ltm_cli.storage.sqlite import connection, files, memories, snapshots

ROOM = 100_000_000  # bytes that should be free, beside what a copy of the store takes


def examine(settings: Settings) -> Iterator[Finding]:
    if not settings.home.is_dir():
        return
    if paths := exposed(settings):
        yield broken(
            "permissions", text("other users can read {paths}", paths=_some(paths)), fixable=True
        )
    else:
        yield ok("permissions", text("only you can read your memories"))
    yield from _encryption(settings)
    free = shutil.disk_usage(settings.home).free
    size = settings.database.stat().st_size if settings.database.exists() else 0
    if free < size + ROOM:
        yield note(
            "disk",
            text("only {size} MB free: too little to copy the store", size=f"{free / 1e6:.0f}"),
        )
    else:
        yield ok("disk", text("{size} GB free", size=f"{free / 1e9:.1f}"))
    if paths := left_behind(settings):
        yield broken(
            "leftovers",
            text("left by interrupted commands: {paths}", paths=_some(paths)),
            fixable=True,
        )
    if paths := orphans(settings):
        yield broken(
            "orphans",
            text("of deleted memories or users: {paths}", paths=_some(paths)),
            fixable=True,
        )
    if paths := snapshots.kept(settings.database):
        yield note(
            "older",
            text(
                "earlier versions, kept for {days} days: {paths}",
                days=snapshots.KEPT.days,
                paths=_some(paths),
            ),
        )


def _encryption(settings: Settings) -> Iterator[Finding]:
    from ltm_cli.maintenance import encryption
    from ltm_cli.storage.sqlite import encryption as file_encryption

    if (left := file_encryption.unfinished(settings.database)).exists():
        yield note(
            "encryption",
            text(
                "{path} was left by an interrupted ltm encrypt or ltm decrypt;"
                " the next ltm remember deletes it",
                path=left,
            ),
        )
    with contextlib.suppress(LtmError):  # what store.py tells of
        if (found := encryption.status(settings)).encrypted:
            yield ok("encryption", text("SQLCipher, opened with {ways}", ways=found.ways))


def exposed(settings: Settings) -> list[Path]:
    """What others than its owner can read or change. A model that was downloaded is no secret."""
    models = settings.home / "models"
    return [
        path
        for path in (settings.home, *settings.home.rglob("*"))
        if path != models and models not in path.parents and not path.is_symlink()
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def left_behind(settings: Settings) -> list[Path]:
    """Files that a process was writing when it was killed."""
    return [path for path in settings.home.rglob("*.new*") if snapshots.is_left(path)]


def orphans(settings: Settings) -> list[Path]:
    """Entries of the bank, and trained weights, whose memory or user is not in the store."""
    entries = {path: kvcache.parse_memories(path) for path in settings.bank.glob("*.kv")}
    weights = settings.weights()
    if not entries and not weights:
        return []
    try:
        with (
            files.errors(settings.database),
            connection.open_reading(settings.database, INDEXER) as store,
        ):
            there = memories.existing(store.db, set().union(*entries.values()))
            users = {str(user) for user, _, _ in store.users()}
    except StoreError:  # which store.py tells of
        return []
    gone = [path for path, ids in entries.items() if not ids <= there]
    return gone + [path for path in weights if path.stem not in users]


def _some(paths: list[Path]) -> str:
    first = ", ".join(map(str, paths[:3]))
    if len(paths) <= 3:
        return first
    return text("{paths} and {count} more", paths=first, count=len(paths) - 3)
