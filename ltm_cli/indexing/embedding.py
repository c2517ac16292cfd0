"""Giving memories their vectors: those that have none yet, a batch at a time.

What is done is committed batch by batch, so what an interruption left undone is done by the next
call. Nothing here changes a memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core.errors import ModelError
from ltm_cli.core.messages import text
from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.indexing import vectors
from ltm_cli.llm import catalogue, embedder

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

BATCH = 64  # memories in one transaction


Progress = Callable[[int], contextlib.AbstractContextManager[Callable[[int], None]]]


def no_progress(total: int) -> contextlib.AbstractContextManager[Callable[[int], None]]:
    return contextlib.nullcontext(lambda size: None)


def keep_up(
    store: Store,
    settings: Settings,
    warn: Callable[[str], None],
    progress: Progress = no_progress,
) -> None:
    """Embed what is missing with the model that is chosen, if one is.

    The memories are stored already: a model that fails costs a warning, and no memory.
    """
    try:
        path = catalogue.choose_embedder(settings)
        if path is not None:
            complete(store, path, settings.bank, threads=settings.threads, progress=progress)
    except ModelError as error:
        warn(text("remembered, but not embedded: {error}", error=error))


def complete(
    store: Store,
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
    name = embedder.identify(model, cache)
    vectors.use(store, name)
    todo = [
        (store.of(user), ids[start : start + BATCH])
        for _, user, _ in store.users()
        if (ids := vectors.missing(store.of(user)))
        for start in range(0, len(ids), BATCH)
    ]
    total = sum(len(ids) for _, ids in todo)
    if not todo:
        return 0
    with embedder.Embedder(model, threads=threads) as opened, progress(total) as advance:
        for whose, ids in todo:
            _store(whose, name, ids, opened)
            advance(len(ids))
    return total


def said(record: Record) -> str:
    """What of a memory is embedded: who said it, and what."""
    return f"{record.speaker}: {record.content}" if record.speaker else record.content


def _store(store: Store, name: str, ids: list[int], model: embedder.Embedder) -> None:
    """Embed these memories; of what another process changed meanwhile nothing is stored."""
    texts = {id: said(record) for id, record in store.memories.fetch(ids).items()}
    found = model.embed(texts.values())
    with store.transaction():
        if vectors.model(store) != name:
            return
        now = store.memories.fetch(texts)
        for (id, text), chunks in zip(texts.items(), found, strict=True):
            if id in now and said(now[id]) == text:
                vectors.put(store, id, [chunk.astype("<f2").tobytes() for chunk in chunks])
