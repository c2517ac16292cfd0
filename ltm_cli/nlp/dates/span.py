"""The types of a time expression that was understood, and its two errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# "part" is a piece of a longer period: a morning, the end of a month, the beginning of a year.
Grain = Literal[
    "year", "half", "quarter", "month", "week", "weekend", "day", "part", "hour", "minute", "second"
]
Sense = Literal["point", "deadline", "recurrence", "duration"]
Unit = Literal[
    "year", "half", "quarter", "month", "week", "weekend", "workday", "day",
    "hour", "minute", "second",
]  # fmt: skip


class _Error(ValueError):
    """An error in English, with {fields} for its values, that can be said in another language."""

    def __init__(self, english: str, /, **values: object) -> None:
        self._english, self._values = english, values
        super().__init__(self.say(str.format))

    def say(self, translate: Callable[..., str]) -> str:
        """What `translate(english, **values)` makes of it."""
        values = {
            name: value.say(translate) if isinstance(value, _Error) else value
            for name, value in self._values.items()
        }
        return translate(self._english, **values)


class DateError(_Error):
    """What the user gave as a time cannot be read, or names a time that does not exist."""


class Impossible(_Error):
    """A well-formed expression of a time that does not exist, such as 30 February."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every `count` units; of a week, month or year the day may be named (Monday is 0)."""

    unit: Unit
    count: int = 1
    weekday: int | None = None
    month: int | None = None
    monthday: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A time expression, and the stretch [start, end) of naive local wall time that it names.

    A point names the period itself (yesterday: 24 hours), or a window that reaches to or from now.
    A deadline names the period by whose end it is due: the last day is that of `end` less a moment.
    A recurrence names its first occurrence that is not over yet, or the current period if it has
    no day of its own ("every two weeks"). A duration is laid out from now: `end - start` counts.
    """

    text: str
    begin: int
    finish: int
    start: datetime
    end: datetime
    grain: Grain
    sense: Sense
    every: Recurrence | None = None
