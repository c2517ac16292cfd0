"""What importers give: records, and what they passed over with the reason why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError
from ltm_cli.core.messages import N_
from ltm_cli.core.record import Record, iso, moment

Advance = Callable[[int], None]  # told how much of the source has been read


# Why something is skipped, where more than one format does it.
TOOLS = N_("tool calls and their results")
SYSTEM = N_("system messages")
REASONING = N_("the assistant's reasoning")
EMPTY = N_("entries without text")


class Skipped(NamedTuple):
    """What is not imported. `place` (file and position) is given for what is broken.

    The reason is English, and translated where it is shown; of what is broken it is an error.
    """

    reason: str
    place: str | None = None
    number: int = 1


Item = Record | Skipped


def broken(error: InputError, place: str) -> Skipped:
    """What could not be read, at this place."""
    return Skipped(str(error), place)


def line_of(file: str, number: int) -> str:
    """The place of a line of a file."""
    return messages.text("{file}, line {number}", file=file, number=number)


def local(time: object) -> str | None:
    """A time as other programs write it (seconds since 1970, or ISO 8601) as local wall time."""
    try:
        if isinstance(time, str):
            return iso(moment(time))
        if isinstance(time, (int, float)) and not isinstance(time, bool):
            return iso(datetime.fromtimestamp(int(time)))
    except (ValueError, OverflowError, OSError):
        pass
    return None


def mended(text: str) -> str:
    """A text without what no text can hold: NUL bytes, and halves of surrogate pairs as \ufffd."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def strings(values: Any) -> list[str]:
    """The strings that stand in a list, or the one that stands for it."""
    if isinstance(values, str):
        return [values]
    return [one for one in values if isinstance(one, str)] if isinstance(values, list) else []


def objects(values: Any) -> list[dict[str, Any]]:
    """The objects that stand in a list; none where it is no list."""
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
