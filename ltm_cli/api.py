"""The same memory for Python programs.

>>> from ltm_cli import LongTermMemory
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ltm_cli.answering.result import Answer
from ltm_cli.core import messages, settings
from ltm_cli.core.errors import InputError, LtmError
from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.record import Record, iso, moment
from ltm_cli.retrieval import Hit
from ltm_cli.session import Session

__all__ = ["Answer", "Filter", "Hit", "LongTermMemory", "LtmError", "Record"]

_log = logging.getLogger("ltm_cli")


class LongTermMemory:
    """The memories under one home. Safe to use from several threads and processes.

    Each call opens a Session of its own.

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
        found = self.recall(user_id, keywords=[keyword] if keyword else [])
        return [
            {"time": _time(one.at), "question": one.question, "answer": one.answer or ""}
            for one in (hit.record for hit in found)
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
                raise InputError(
                    messages.text("{time} is not an ISO 8601 time", time=repr(when)),
                    messages.text("write it like 2024-05-10 09:30"),
                ) from None
        with self._session(user_id, write=True) as session:
            stored = session.remember(Record(text=text, at=when, **values))
            session.embed_missing()
            return stored

    def recall(
        self,
        user_id: str,
        query: str | None = None,
        *,
        keywords: Sequence[str] = (),
        which: Filter = EVERYTHING,
        limit: int | None = None,
        secrets: bool = False,
    ) -> list[Hit]:
        """Ranked memories for a query, or all that contain the keywords.

        What was remembered as a secret is masked, unless `secrets`.
        """
        with self._session(user_id) as session:
            return session.recall(
                query, keywords=keywords, which=which, limit=limit, secrets=secrets
            )

    def ask(self, user_id: str, question: str, *, use_model: bool = True, **options: Any) -> Answer:
        """Answer from memory; options as in answering.result.Options."""
        with self._session(user_id, write=options.get("remember", True)) as session:
            return session.ask(question, session.options(use_model=use_model, **options))

    def today(self, user_id: str, within: int | None = None) -> dict[str, Any]:
        """What is due and foreseen, as `ltm today --json`; `within` so many days."""
        with self._session(user_id) as session:
            return session.today(within).as_dict(session.now)

    def forget(self, user_id: str, ids: Sequence[int]) -> list[Record]:
        """Delete memories, which can be taken back for 24 hours. Raises NothingFound."""
        with self._session(user_id, write=True) as session:
            return session.forget(ids)

    def facts(self, user_id: str) -> list[dict[str, Any]]:
        """The facts that hold, as `ltm facts --json`."""
        with self._session(user_id) as session:
            return [fact.as_dict() for fact in session.facts()]

    def profile(self, user_id: str) -> dict[str, Any]:
        """What the memories say of the user, as `ltm profile --json`."""
        with self._session(user_id) as session:
            return session.profile().as_dict()

    def _session(self, user: str, *, write: bool = False) -> Session:
        return Session(self._settings, user, write=write, warn=_log.warning)


def _time(at: str) -> str:
    """A stored time as people write it: without seconds that are zero."""
    return at.replace("T", " ").removesuffix(":00")
