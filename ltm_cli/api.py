"""The same memory for Python programs."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ltm_cli.answering.pipeline import Mind
from ltm_cli.answering.result import Answer, Options
from ltm_cli.core import settings
from ltm_cli.core.errors import InputError
from ltm_cli.core.record import Record, iso, moment
from ltm_cli.features.facts import facts
from ltm_cli.features.profile import profile
from ltm_cli.features.timeline import today
from ltm_cli.indexing import embedding, writer
from ltm_cli.llm import catalogue
from ltm_cli.llm import openai as engines
from ltm_cli.retrieval import Hit
from ltm_cli.retrieval.recall import recall
from ltm_cli.retrieval.semantic import in_use
from ltm_cli.storage.sqlite import connection, purge
from ltm_cli.storage.sqlite.memories import EVERYTHING, Filter

_log = logging.getLogger("ltm_cli")


class LongTermMemory:
    """The memories under one home. Safe to use from several threads and processes.

    >>> memory = LongTermMemory("/tmp/home")
    >>> memory.store_memory("anna", "Where is the key?", "Under the mat.", "2024-05-10 09:30")
    >>> memory.retrieve_memory("anna", keyword="mat")
    [{'time': '2024-05-10 09:30', 'question': 'Where is the key?', 'answer': 'Under the mat.'}]
    """

    def __init__(self, home: str | Path | None = None) -> None:
        self._settings = settings.load(Path(home) if home is not None else None)

    def store_memory(
        self, user_id: str, question: str, answer: str, interaction_time: str | datetime
    ) -> None:
        """Store one exchange. The time is a datetime or ISO 8601. Raises LtmError."""
        self.remember(user_id, question=question, answer=answer, at=interaction_time)

    def retrieve_memory(self, user_id: str, keyword: str | None = None) -> list[dict[str, str]]:
        """The user's exchanges in order of time, those that contain `keyword` if one is given."""
        keywords = [keyword] if keyword else []
        with self._opened(write=False) as db:
            found = [hit.record for hit in recall(db, user_id, keywords=keywords)]
        return [
            {"time": _time(one.at), "question": one.question, "answer": one.answer or ""}
            for one in found
            if one.question is not None
        ]

    def remember(
        self, user_id: str, text: str | None = None, *, at: str | datetime = "", **values: Any
    ) -> Record:
        """Store a text, or with question= and answer= an exchange; values as in Record."""
        when = iso(at) if isinstance(at, datetime) else at
        if when:
            try:
                when = iso(moment(when))
            except ValueError:
                raise InputError(f"{when!r} is not an ISO 8601 time") from None
        with self._opened(write=True) as db:
            stored = writer.remember(db, user_id, Record(text=text, at=when, **values))
            if self._settings.embed is not None:
                embedding.keep_up(db, self._settings, _log.warning)
            return stored

    def recall(
        self,
        user_id: str,
        query: str | None = None,
        *,
        keywords: Sequence[str] = (),
        which: Filter = EVERYTHING,
        limit: int | None = None,
    ) -> list[Hit]:
        """Ranked memories for a query, or all that contain the keywords."""
        with self._opened(write=False) as db, in_use(self._settings, _log.warning) as dense:
            return recall(
                db, user_id, query, keywords=keywords, which=which, limit=limit, dense=dense
            )

    def ask(self, user_id: str, question: str, *, use_model: bool = True, **options: Any) -> Answer:
        """Answer from memory; options as in answer.Options."""
        engine = engines.chosen(self._settings)
        choice = (engine or catalogue.choose(self._settings)) if use_model else None
        chosen = Options.of(self._settings, choice, **options)
        with (
            self._opened(write=chosen.remember) as db,
            in_use(self._settings, _log.warning) as dense,
            Mind(db, user_id, dense=dense) as mind,
        ):
            return mind.answer(question, chosen)

    def today(self, user_id: str, within: int | None = None) -> dict[str, Any]:
        """What is due and foreseen, as `ltm today --json`; `within` so many days."""
        now = settings.now()
        with self._opened(write=False) as db:
            return today.brief(db, user_id, now, within).as_dict(now)

    def forget(self, user_id: str, ids: Sequence[int]) -> list[Record]:
        """Delete memories, which can be taken back for 24 hours. Raises NothingFound."""
        with self._opened(write=True) as db:
            return writer.forget(db, user_id, ids, self._settings.bank)

    def facts(self, user_id: str) -> list[dict[str, Any]]:
        """The facts that hold, as `ltm facts --json`."""
        with self._opened(write=False) as db:
            return [fact.as_dict() for fact in facts.current(db, user_id)]

    def profile(self, user_id: str) -> dict[str, Any]:
        """What the memories say of the user, as `ltm profile --json`."""
        with self._opened(write=False) as db:
            return profile.profile(db, user_id).as_dict()

    @contextlib.contextmanager
    def _opened(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        path = self._settings.database
        with (
            connection.errors(path),
            contextlib.closing(connection.connect(path, write=write)) as db,
        ):
            purge.tidy(db, self._settings.bank)
            yield db


def _time(at: str) -> str:
    """A stored time as people write it: without seconds that are zero."""
    return at.replace("T", " ").removesuffix(":00")
