"""Memories as Markdown, one file a month, readable without ltm, and read back as they were.

    <!-- ltm-export {"version": 1, "user": "me"} -->
    # 2024-05
    ## 2024-05-10
    ### 09:30 · Lena · #work
    > the text, each line of it quoted        (of an exchange the question, and below → the answer)
    <!-- {"at": "2024-05-10T09:30:00", …} -->

What is quoted is the memory, letter for letter; the comment holds what is not readable in itself.
Headings are for the reader alone. A text that somebody has edited in the file is read as edited.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltm_cli.core import atomic, messages
from ltm_cli.core.errors import InputError, UsageError
from ltm_cli.core.filter import Filter
from ltm_cli.core.record import Record, from_dict
from ltm_cli.core.sanitize import one_line
from ltm_cli.features.importers.items import Item, broken, line_of

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

MARK = "<!-- ltm-export "
_VERSION = 1
_MARKED = re.compile(r"<!-- ltm-export (\{.*\}) -->")
_COMMENT = re.compile(r"<!-- (\{.*\}) -->")
_ANSWER = "→"
_KEPT = ("kind", "at", "recorded", "session", "speaker", "tags", "ref")  # what a comment holds


def export(store: Store, which: Filter, folder: Path) -> dict[Path, int]:
    """Write a file for each month; returns how many memories each holds.

    Files of an earlier export are replaced. Raises UsageError, before anything is written, if a
    file of somebody else is in the way.
    """
    months = groupby(store.memories.select(which), key=lambda record: record.at[:7])
    if folder.is_dir():
        for path in folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].md"):
            with path.open("rb") as file:
                if not file.readline().startswith(MARK.encode()):
                    raise UsageError(
                        messages.text("{path} was not written by ltm export", path=path),
                        messages.text("choose another folder"),
                    )
    elif folder.exists():
        raise UsageError(
            messages.text("{path} is not a folder", path=folder),
            messages.text("choose another folder"),
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: dict[Path, int] = {}
    for month, records in months:
        path = folder / f"{month}.md"
        found = list(records)
        text = "\n".join(_lines(store.user, month, found))
        atomic.replace(path, text.encode())
        written[path] = len(found)
    return written


def is_export(data: bytes) -> bool:
    """Whether a file is one that `export` has written."""
    return data.startswith(MARK.encode())


def items(text: str, place: str) -> Iterator[Item]:
    """The memories of such a file. Raises InputError for another version."""
    lines = text.split("\n")
    if lines[0].endswith("\r"):  # an editor of Windows was here
        lines = text.replace("\r\n", "\n").split("\n")
    marked = _MARKED.fullmatch(lines[0])
    head = _json(marked[1]) if marked else {}
    if head.get("version") != _VERSION:
        raise InputError(messages.text("written by another version of ltm"))
    parts: list[list[str]] = []  # the quotations since the last memory
    quoting = False
    for number, line in enumerate(lines[1:], 2):
        if line.startswith(">"):
            if not quoting:
                parts.append([])
            parts[-1].append(line[2:] if line.startswith("> ") else line[1:])
            quoting = True
            continue
        quoting = False
        if (found := _COMMENT.fullmatch(line)) is not None:
            try:
                yield _record(_json(found[1]), parts, str(head.get("user") or ""))
            except InputError as error:
                yield broken(error, line_of(place, number))
            parts = []
    if parts:
        missing = InputError(messages.text("the comment below the memory is missing"))
        yield broken(missing, line_of(place, len(lines)))


def _record(values: dict[str, Any], parts: list[list[str]], user: str) -> Record:
    texts = ["\n".join(part) for part in parts]
    if len(texts) not in (1, 2):
        raise InputError(messages.text(
            "expected one or two quotations above the comment, found {count}", count=len(texts)
        ))  # fmt: skip
    names = ("text",) if len(texts) == 1 else ("question", "answer")
    return from_dict({**values, "user": user, **dict(zip(names, texts, strict=True))})


def _json(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    return values if isinstance(values, dict) else {"": None}  # which is no key of a memory


def _lines(user: str, month: str, records: Iterable[Record]) -> Iterator[str]:
    yield f"{MARK}{_safe({'version': _VERSION, 'user': user})} -->"
    yield f"# {month}"
    for day, same in groupby(records, key=lambda record: record.at[:10]):
        yield f"\n## {day}"
        for record in same:
            heading = [record.at[11:16], record.speaker or "", *(f"#{tag}" for tag in record.tags)]
            yield f"\n### {' · '.join(one_line(part) for part in heading if part)}\n"
            for place, part in enumerate(record.parts):
                if place:
                    yield f"\n{_ANSWER}\n"
                yield from (f"> {line}" if line else ">" for line in part.split("\n"))
            values = record.as_dict()
            yield f"\n<!-- {_safe({key: values[key] for key in _KEPT if values[key]})} -->"
    yield ""


def _safe(values: dict[str, Any]) -> str:
    """JSON that ends no comment."""
    return json.dumps(values, ensure_ascii=False).replace("--", "-\\u002d")
