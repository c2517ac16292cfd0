"""Giving memories their vectors: those that have none yet, a batch at a time.

What is done is committed batch by batch, so what an interruption left undone is done by the next
call. Nothing here changes a memory.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from ltm_cli.core.errors import ModelError
from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.indexing import vectors
from ltm_cli.llm import catalogue, embedder
from ltm_cli.storage.sqlite import memories
from ltm_cli.storage.sqlite.transaction import transaction

BATCH = 64  # memories in one transaction


Progress = Callable[[int], contextlib.AbstractContextManager[Callable[[int], None]]]


def no_progress(total: int) -> contextlib.AbstractContextManager[Callable[[int], None]]:
    return contextlib.nullcontext(lambda size: None)


def keep_up(
    db: sqlite3.Connection,
    settings: Settings,
    warn: Callable[[str], None],
    progress: Progress = no_progress,
) -> None:
    """Embed what is missing with the model that is chosen, if one is.

    The memories are stored already: a model that fails costs a warning, and no memory.
    """
    try:
        path = catalogue.embedding(settings)
        if path is not None:
            complete(db, path, settings.bank, threads=settings.threads, progress=progress)
    except ModelError as error:
        warn(f"remembered, but not embedded: {error}")


def complete(
    db: sqlite3.Connection,
    model: Path,
    cache: Path,
    *,
    threads: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Embed every memory that has no vector of this model; returns how many that were.

    Vectors of another model are deleted first. `cache` is the folder that knows the models'
    hashes; `progress` opens a bar of so many, and what it gives advances it. Raises
    ModelError, StoreError.
    """
    name = embedder.identity(model, cache)
    vectors.use(db, name)
    todo = [
        (user, ids[start : start + BATCH])
        for user, _, _ in memories.users(db)
        if (ids := vectors.missing(db, user))
        for start in range(0, len(ids), BATCH)
    ]
    total = sum(len(ids) for _, ids in todo)
    if not todo:
        return 0
    with embedder.Embedder(model, threads=threads) as opened, progress(total) as advance:
        for user, ids in todo:
            _store(db, name, user, ids, opened)
            advance(len(ids))
    return total


def said(record: Record) -> str:
    """What of a memory is embedded: who said it, and what."""
    return f"{record.speaker}: {record.content}" if record.speaker else record.content


def _store(
    db: sqlite3.Connection, name: str, user: int, ids: list[int], model: embedder.Embedder
) -> None:
    """Embed these memories; of what another process changed meanwhile nothing is stored."""
    texts = {id: said(record) for id, record in memories.fetch(db, user, ids).items()}
    found = model.embed(texts.values())
    with transaction(db):
        if vectors.model(db) != name:
            return
        now = memories.fetch(db, user, texts)
        for (id, text), chunks in zip(texts.items(), found, strict=True):
            if id in now and said(now[id]) == text:
                vectors.put(db, user, id, [chunk.astype("<f2").tobytes() for chunk in chunks])
