"""Session: one memory, opened. The only place where its parts are put together.

    settings      where it is and what was chosen           core/settings.py
    store         the memories of one user, with all that is derived of them in step
    ranking       the weights as this user has trained them  retrieval/reranker.py
    embedder      meaning, if a model is chosen              retrieval/semantic.py
    pipeline      from a question to an answer               answering/pipeline.py

The command line, `LongTermMemory`, MCP and `ltm serve` all open a Session, so that all of them
rank, answer, hide secrets and remember alike. Whatever a feature offers beyond what is here takes
`session.store`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltm_cli.core import settings as config
from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.features.registry import FEATURES, INDEXER
from ltm_cli.storage.sqlite import purge
from ltm_cli.storage.sqlite.connection import open_store
from ltm_cli.storage.sqlite.files import errors

if TYPE_CHECKING:
    from types import TracebackType

    from ltm_cli.answering.generation import Say
    from ltm_cli.answering.pipeline import Pipeline
    from ltm_cli.answering.result import Answer, Options
    from ltm_cli.features.facts.facts import Fact
    from ltm_cli.features.profile.profile import Profile
    from ltm_cli.features.timeline.today import Brief
    from ltm_cli.indexing.embedding import Progress
    from ltm_cli.retrieval import Hit
    from ltm_cli.retrieval.learning import Learned
    from ltm_cli.retrieval.reranker import SideNet
    from ltm_cli.retrieval.semantic import Dense
    from ltm_cli.storage.values import Erasing, Undone

Warn = Callable[[str], None]


class SideFiles:
    """What is derived of memories beside the store: the memory bank and trained weights."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def forget(self, memories: Sequence[int]) -> None:
        """Delete what the bank holds of these memories."""
        if self._settings.bank.exists():
            from ltm_cli.kvcache import cache

            cache.delete_memories(self._settings.bank, memories)

    def erase(self, erasing: Erasing) -> None:
        """Delete what the bank holds of these memories, and what these users have trained."""
        self.forget(erasing.memories)
        for user in erasing.users:
            self._settings.sidenet(user).unlink(missing_ok=True)


class Session:
    """The memory of one user under one home, until it is closed."""

    def __init__(
        self, settings: Settings, user: str, *, write: bool, warn: Warn = lambda said: None
    ) -> None:
        """`warn` is told what does not stop anything. Raises StoreError."""
        self.settings = settings
        self.user = user
        self._warn = warn
        self._closing = contextlib.ExitStack()
        with errors(settings.database):
            self.store = open_store(
                settings.database, user, write=write, indexer=INDEXER,
                side_files=SideFiles(settings),
            )  # fmt: skip
            self._closing.push(self.store)
            purge.tidy(self.store)

    @classmethod
    def open(
        cls, home: Path | None, user: str, *, write: bool, warn: Warn = lambda said: None
    ) -> Session:
        """The memory under a home (else LTM_HOME, else the platform's place). Raises LtmError."""
        return cls(config.load(home), user, write=write, warn=warn)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.__exit__(kind, error, trace)

    def close(self) -> None:
        self.__exit__(None, None, None)

    def of(self, user: str) -> Session:
        """The same memory, as another user's; it is closed with this one."""
        other = Session.__new__(Session)
        other.settings, other.user, other._warn = self.settings, user, self._warn
        other.store = self.store.of(user)
        other._closing = self._closing
        return other

    @property
    def now(self) -> datetime:
        """Local time, or LTM_NOW."""
        return config.now()

    @cached_property
    def ranking(self) -> SideNet:
        """The ranking as the user has trained it; as it was shipped, where it is not usable."""
        from ltm_cli.retrieval import reranker

        if not self.store.owner:
            return reranker.load_shipped()
        return reranker.load_or_warn(self.settings.sidenet(self.store.owner), self._warn)

    @cached_property
    def embedder(self) -> Dense | None:
        """The embedding model that is chosen; None where there is none, or after a warning."""
        if self.settings.embed is None:
            return None
        from ltm_cli.retrieval.semantic import open_dense

        return self._closing.enter_context(open_dense(self.settings, self._warn))

    @cached_property
    def pipeline(self) -> Pipeline:
        """What answers questions; its model is loaded once."""
        from ltm_cli.answering.pipeline import Pipeline

        return self._closing.enter_context(
            Pipeline(self.store, self.ranking, self.embedder, FEATURES)
        )

    # Writing.

    def remember(self, record: Record, action: str = "remember") -> Record:
        """Store a memory; without `at` it happened now. Raises LtmError."""
        from ltm_cli.indexing import writer

        return writer.remember(self.store, record, action)

    def embed_missing(self, progress: Progress | None = None) -> None:
        """Give the memories that have none their vectors, if an embedding model is chosen."""
        if self.settings.embed is None:
            return
        from ltm_cli.indexing import embedding

        embedding.keep_up(self.store, self.settings, self._warn, progress or embedding.no_progress)

    def edit(self, id: int, **values: object) -> Record:
        """Replace some values of a memory; returns the new one. Raises NothingFound."""
        from ltm_cli.indexing import writer

        return writer.edit(self.store, id, **values)

    def forget(
        self, ids: Sequence[int], *, now: bool = False, answers: bool = True
    ) -> list[Record]:
        """Delete memories and what is derived of them; returns all that is gone."""
        from ltm_cli.indexing import writer

        return writer.forget(self.store, ids, now=now, answers=answers)

    def undo(self) -> Undone | None:
        """Take back the last change; None when there is none of the last 24 hours."""
        from ltm_cli.indexing import writer

        return writer.undo(self.store)

    # Finding.

    def recall(
        self,
        query: str | None = None,
        *,
        keywords: Sequence[str] = (),
        which: Filter = EVERYTHING,
        limit: int | None = None,
        now: datetime | None = None,
        explain: bool = False,
        secrets: bool = False,
    ) -> list[Hit]:
        """Ranked memories for a query, or all that contain the keywords (retrieval/recall.py).

        Secrets are masked, unless `secrets`.
        """
        from ltm_cli.retrieval.recall import recall

        self.store.refresh()
        ranked = query is not None
        hits = recall(
            self.store, query, keywords=keywords, which=which, limit=limit, now=now,
            net=self.ranking if ranked else None, dense=self.embedder if ranked else None,
            explain=explain,
        )  # fmt: skip
        return hits if secrets else [hit.masked for hit in hits]

    def ask(self, question: str, options: Options, say: Say = lambda said: None) -> Answer:
        """Answer a question from memory; `say` hears each sentence as soon as it may be shown."""
        return self.pipeline.answer(question, options, say)

    def options(
        self, *, use_model: bool = True, model: str | None = None, **values: Any
    ) -> Options:
        """How to answer: with the model that is chosen (or `model`), `values` as in Options.

        Raises ModelError, and UsageError where a secret would be sent elsewhere.
        """
        from ltm_cli.answering.result import Options
        from ltm_cli.llm import catalogue
        from ltm_cli.llm import openai as openai_server

        choice: Any = None
        if use_model:
            server = None if model else openai_server.load_engine(self.settings)
            if server is not None and values.get("secrets"):
                server.refuse_secrets()
            choice = server or catalogue.choose(self.settings, model)
        return Options.of(self.settings, choice, **values)

    # What features know.

    def facts(self) -> list[Fact]:
        """The facts that hold."""
        from ltm_cli.features.facts import facts

        return facts.current(self.store)

    def profile(self) -> Profile:
        """What the memories say of the user."""
        from ltm_cli.features.profile import profile

        return profile.profile(self.store)

    def today(self, within: int | None = None) -> Brief:
        """What is due and foreseen; `within` so many days."""
        from ltm_cli.features.timeline import today

        return today.brief(self.store, self.now, within)

    # Training.

    def learn(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Learned:
        """Train the user's ranking from feedback, kept if it is no worse."""
        from ltm_cli.retrieval import learning

        return learning.learn(self.store, self.settings.sidenet(self.store.owner), progress)


def is_writable(settings: Settings) -> bool:
    """Whether what is asked can be remembered: neither home nor store is read-only."""
    there = [path for path in (settings.home, settings.database) if path.exists()]
    return all(os.access(path, os.W_OK) for path in there)
