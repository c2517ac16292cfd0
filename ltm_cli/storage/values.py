"""What a store gives beside memories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ltm_cli.core.record import Record


class Judgement(NamedTuple):
    """One judgement as it is stored: for this question the memory was good (1) or bad (0)."""

    question: str
    memory: int
    good: int
    made: str


@dataclass
class Judged:
    """A question, and the ids of the memories that were judged for it."""

    question: str
    asked: str  # when, ISO 8601
    good: set[int] = field(default_factory=set)
    bad: set[int] = field(default_factory=set)


class Undone(NamedTuple):
    """What was taken back: memories that are there again, and memories that are gone."""

    action: str
    restored: list[Record]
    removed: list[Record]


class Erasing(NamedTuple):
    """What was erased from the store, and may not be from the files beside it."""

    memories: list[int]
    users: list[int]
