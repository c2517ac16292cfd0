"""A question, analysed once: what it leans on, its language, its query and the days it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ltm_cli.answering import thread
from ltm_cli.answering.thread import Thread
from ltm_cli.core.record import Record
from ltm_cli.nlp.language import language
from ltm_cli.retrieval.query import Query, parse_query


@dataclass(frozen=True)
class Question:
    """What was asked, when, and in which conversation."""

    text: str
    now: datetime
    thread: Thread

    @cached_property
    def context(self) -> str:
        """The words of the turns before, if the question leans on them; otherwise nothing."""
        return thread.context(self.text, self.thread)

    @cached_property
    def language(self) -> str:
        """ISO 639-1."""
        return language(self.text)

    @cached_property
    def query(self) -> Query:
        """What memories are looked for by: the question with its context."""
        return parse_query(f"{self.text}\n{self.context}".strip(), self.now)

    @cached_property
    def days(self) -> tuple[str, ...]:
        """The days that the question itself names, as terms of the index."""
        return (parse_query(self.text, self.now) if self.context else self.query).days

    @property
    def context_turns(self) -> list[Record]:
        """The turn that it cannot do without."""
        return self.thread.turns[-1:] if self.context else []
