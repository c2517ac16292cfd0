"""Dense recall: memories close in meaning to a question, whatever words they use.

Search is exact: all vectors of the user are read in one go and compared with the question's. What
enters the ranking is how far a cosine stands out among those of all memories of the user, in
standard deviations: models differ in which cosines are ordinary, and a memory without a vector is
ordinary (0).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core.errors import ModelError
from ltm_cli.core.filter import Filter
from ltm_cli.core.messages import N_, text
from ltm_cli.core.settings import Settings
from ltm_cli.indexing import vectors
from ltm_cli.llm import catalogue, pool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ltm_cli.llm.embedder import Embedder
    from ltm_cli.storage.store import Store

NEAREST = 50  # memories that become candidates for their meaning alone
BLOCK = 1 << 15  # vectors that are widened to float32 at once
_LEFT_OUT = N_("semantic search is off: {error}")


@dataclass(frozen=True)
class Similar:
    """How the memories of a user compare with a question: ids (n,) rising, closeness (n,)."""

    ids: NDArray[np.int64]
    closeness: NDArray[np.float32]

    def nearest(self, store: Store, which: Filter, only: Collection[int] | None) -> list[int]:
        """The closest memories that pass the filter (of `only` these), closest first."""
        import numpy as np

        ranked = self.ids[np.argsort(-self.closeness, kind="stable")].tolist()
        if only is not None:
            ranked = [id for id in ranked if id in only]
        kept: list[int] = []
        for start in range(0, len(ranked), 1000):
            kept += store.memories.passing(ranked[start : start + 1000], which)
            if len(kept) >= NEAREST:
                break
        return kept[:NEAREST]

    def describe(self, ids: Sequence[int], rows: Sequence[dict[str, float]]) -> None:
        """Add the features of the candidates with these ids; one without a vector has none."""
        import numpy as np

        places = np.searchsorted(self.ids, ids)
        for id, place, row in zip(ids, places.tolist(), rows, strict=True):
            if place < len(self.ids) and self.ids[place] == id:
                row["dense"] = float(self.closeness[place])
        ranked = sorted((row for row in rows if "dense" in row), key=lambda row: -row["dense"])
        for rank, row in enumerate(ranked):
            row["rank_dense"] = 10 / (rank + 10)


def open_dense(
    settings: Settings, warn: Callable[[str], None]
) -> contextlib.AbstractContextManager[Dense | None]:
    """The embedding model that is chosen; None when there is none, or after a warning."""
    try:
        path = catalogue.choose_embedder(settings)
    except ModelError as error:
        warn(text(_LEFT_OUT, error=error))
        path = None
    if path is None:
        return contextlib.nullcontext()
    return Dense(path, settings.bank, warn, threads=settings.threads)


class Dense:
    """The embedding model in use: opened for the first question, left out once it failed."""

    def __init__(
        self, model: Path, cache: Path, warn: Callable[[str], None], *, threads: int | None = None
    ) -> None:
        """`cache` is the folder that knows the models' hashes; `warn` is told of a failure."""
        self._path, self._cache, self._threads, self._warn = model, cache, threads, warn
        self._model: Embedder | None = None
        self._kept_as = (str(model), threads)
        self._failed = False

    def close(self) -> None:
        if self._model is not None:
            pool.release(self._kept_as, self._model)
            self._model = None

    def __enter__(self) -> Dense:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def similar(self, store: Store, question: str) -> Similar | None:
        """The user's memories compared; None without vectors, or after the model has failed."""
        if self._failed:
            return None
        try:
            return find_similar(store, self._embed(store, question))
        except ModelError as error:
            self._failed = True
            self._warn(text(_LEFT_OUT, error=error))
            return None

    def _embed(self, store: Store, question: str) -> NDArray[np.float32]:
        """The question as a vector (width,), by the model that made the vectors of the store."""
        from ltm_cli.llm import embedder

        name = embedder.identify(self._path, self._cache)
        if vectors.model(store) != name:
            raise ModelError(
                text("no memory has been embedded with {model}", model=self._path),
                text("embed the memories with ltm model use --embed"),
            )
        if self._model is None:
            self._model = pool.acquire(
                embedder.Embedder,
                self._kept_as,
                lambda: embedder.Embedder(self._path, threads=self._threads),
            )
        vector: NDArray[np.float32] = self._model.embed([question])[0][0]
        return vector


def find_similar(store: Store, vector: NDArray[np.float32]) -> Similar | None:
    """All vectors of a user against one (width,); a memory counts by its closest chunk."""
    import numpy as np

    owners, data = vectors.read(store)
    if not owners:
        return None
    stored = np.frombuffer(data, "<f2").reshape(len(owners), -1)  # (chunks, width)
    cosines = np.empty(len(owners), np.float32)
    for start in range(0, len(owners), BLOCK):
        cosines[start : start + BLOCK] = stored[start : start + BLOCK].astype(np.float32) @ vector
    ids, starts = np.unique(np.array(owners), return_index=True)
    cosines = np.maximum.reduceat(cosines, starts)
    return Similar(ids, (cosines - cosines.mean()) / max(float(cosines.std()), 1e-6))
