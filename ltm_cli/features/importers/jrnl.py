"""jrnl's journal as JSON (`jrnl --format json`): entries with title, body, date, time and tags.

Entries have no ids: one is known again by its text and time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError
from ltm_cli.core.record import Record
from ltm_cli.features.importers.items import (
    EMPTY,
    Advance,
    Item,
    Skipped,
    local,
    mended,
    strings,
)


def is_journal(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("entries"), list)


def items(data: bytes, place: str, advance: Advance) -> Iterator[Item]:
    """The entries of a journal. Raises InputError for what is none."""
    try:
        journal = json.loads(data)
    except UnicodeDecodeError as error:
        raise InputError(
            messages.text("not valid UTF-8 at byte {byte:,}", byte=error.start + 1)
        ) from None
    except json.JSONDecodeError as error:
        raise InputError(messages.text(
            "not JSON at line {line}, column {column} ({why})",
            line=error.lineno, column=error.colno, why=error.msg,
        )) from None  # fmt: skip
    except RecursionError:
        raise InputError(messages.text("not JSON (nested too deeply)")) from None
    except ValueError:
        raise InputError(messages.text("not JSON (a number with too many digits)")) from None
    if not is_journal(journal):
        raise InputError(messages.text("not a journal of jrnl: there is no list of entries"))
    for number, entry in enumerate(journal["entries"], 1):
        advance(len(data) // len(journal["entries"]))
        where = messages.text("{file}, entry {number}", file=place, number=number)
        if not isinstance(entry, dict):
            yield Skipped(messages.text("not an entry"), where)
            continue
        at = local(f"{entry.get('date')}T{entry.get('time') or '00:00'}")
        if at is None:
            yield Skipped(messages.text("the date cannot be read"), where)
            continue
        parts = (mended(str(entry.get(key) or "")) for key in ("title", "body"))
        text = "\n".join(part.strip() for part in parts if part.strip())
        if not text:
            yield Skipped(EMPTY)
            continue
        tags = [tag.lstrip("@#").strip() for tag in strings(entry.get("tags"))]
        starred = ["starred"] if entry.get("starred") is True else []
        uuid = entry.get("uuid")
        yield Record(
            text=text, at=at, tags=["jrnl", *filter(None, map(mended, tags)), *starred],
            ref=f"jrnl:{uuid}" if isinstance(uuid, str) and uuid else None,
        )  # fmt: skip
