"""Which memories to look at: by time, kind, session and tag."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Filter:
    """Which memories to look at; an empty one means all. Times are ISO 8601.

    With `named`, a memory that names a time within (上周三买了猫粮) passes too.
    """

    since: str | None = None  # inclusive
    until: str | None = None  # exclusive
    kinds: tuple[str, ...] = ()
    session: str | None = None
    tags: tuple[str, ...] = ()  # all of them
    exchanges: bool = False  # only questions with their answers
    named: bool = False
    secrets: bool = True  # also those with the tag SECRET

    def __bool__(self) -> bool:
        return self != EVERYTHING


EVERYTHING = Filter()
