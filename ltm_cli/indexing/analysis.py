"""A memory, and what several derived tables need to know of its text, found once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ltm_cli.core.record import Record
    from ltm_cli.nlp.dates import Span

LONGEST = 20_000  # characters in which times are looked for

T = TypeVar("T")


class Analysis:
    """One memory, while its rows are derived."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._found: dict[str, Any] = {}

    def once(self, name: str, find: Callable[[], T]) -> T:
        """What `find` gives, which is called the first time only."""
        if name not in self._found:
            self._found[name] = find()
        found: T = self._found[name]
        return found

    @cached_property
    def spans(self) -> list[Span]:
        """The times that it names, relative to when it happened; of a long one, of its start.

        Nobody tells of days in a hundred pages, and reading them costs 8 µs a character.
        """
        from ltm_cli.core.record import moment
        from ltm_cli.nlp import dates

        return dates.find(self.record.content[:LONGEST], moment(self.record.at))
