"""What the user has decided about a task, as tags of its memory, so that it is kept, exported,
edited and undone with it:

    done:2024-06-10  dropped:2024-06-10  snoozed:2024-06-20  due:2024-06-13[T15:00:00]  no-task

The text of a memory and these tags are all that a task is made of (see ahead.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NO_TASK = "no-task"
_MARK = re.compile(r"(done|dropped|snoozed|due):(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)")


@dataclass(frozen=True)
class Marks:
    """Days in ISO 8601; `refused`: the user said that this memory is no task."""

    done: str | None = None
    dropped: str | None = None
    snoozed: str | None = None
    due: str | None = None
    refused: bool = False


def read(tags: Iterable[str]) -> Marks:
    """The marks among these tags."""
    found = {match[1]: match[2] for tag in tags if (match := _MARK.fullmatch(tag))}
    return Marks(**found, refused=NO_TASK in tags)


def is_mark(tag: str) -> bool:
    return tag == NO_TASK or _MARK.fullmatch(tag) is not None


def without(tags: Iterable[str], *names: str) -> list[str]:
    """The tags without the marks of these names."""
    return [tag for tag in tags if not (is_mark(tag) and tag.partition(":")[0] in names)]
