"""Which format a file is, and its items: one module a format, each a generator of items (items.py).

    jsonl     records of ltm, one a line (the contract; transfer.py)
    chatgpt   ChatGPT's export, claude  Claude's: the archive, its folder, or conversations.json
    llm       logs.db of simonw/llm
    markdown  a folder of notes, such as a vault of Obsidian; what `ltm export --format markdown`
              has written is restored as it was (monthly_notes.py)
    jrnl      jrnl's JSON
    text      plain text whose entries begin with a date

What is broken is given as an item with its place, so that the rest is imported all the same.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import IO

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError, UsageError
from ltm_cli.core.messages import N_
from ltm_cli.features.importers.items import Advance, Item, Skipped, broken

FORMATS = ("auto", "jsonl", "chatgpt", "claude", "llm", "markdown", "jrnl", "text")
CHATS = "chats"  # of ChatGPT or Claude: each conversation says itself which
_MARKDOWN = (".md", ".markdown")
_HEAD = 1 << 16  # bytes that a file is told apart by
_KEYS = re.compile(rb'"(?:(mapping|chat_messages|conversations)|(entries))"\s*:\s*[\[{]')
_UNKNOWN = N_("name the format with --format, or store it as a document with ltm read FILE")


def format_of(path: Path) -> str:
    """Which format a file or folder is, by what is in it. Raises InputError."""
    if path.is_dir():
        from ltm_cli.features.importers import archive

        if archive.has_conversations(path):
            return CHATS
        if any(_notes(path)):
            return "markdown"
        raise InputError(
            messages.text(
                "{path} contains neither conversations.json nor Markdown files", path=path
            ),
            messages.text("see what can be imported with ltm import --help"),
        )
    if path.suffix.lower() in _MARKDOWN:
        return "markdown"
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return "jsonl"
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InputError(
            messages.text("cannot read {path}: {why}", path=path, why=error.strerror),
            messages.text("check the path"),
        ) from None
    if head.startswith(b"SQLite format 3\0"):
        return "llm"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"PK\x03\x04") or re.match(rb"\[\s*[{\]]", start):
        return CHATS
    if start.startswith(b"{"):
        return _object(start)
    from ltm_cli.features.importers import dated

    try:
        if dated.is_dated(_text(path.read_bytes())):
            return "text"
    except InputError as error:
        said = messages.text("{place}: {reason}", place=path, reason=error)
        raise InputError(said, error.hint) from None
    raise InputError(
        messages.text("{path}: unknown format, and no line begins with a date", path=path),
        messages.text(_UNKNOWN),
    )


def size(path: Path, format: str) -> int:
    """How many bytes `items` will tell of."""
    if format in ("chatgpt", "claude", CHATS):
        from ltm_cli.features.importers import archive

        return archive.size(path)
    if path.is_dir():
        return sum(one.stat().st_size for one in _notes(path))
    return path.stat().st_size


def items(path: Path, format: str, branches: bool, advance: Advance) -> Iterator[Item]:
    """The memories of a file or folder of this format. Raises InputError, UsageError."""
    if format == "markdown":
        yield from _markdown(path, advance)
        return
    if path.is_dir() and format not in ("chatgpt", "claude", CHATS):
        raise InputError(
            messages.text("{path} is a folder", path=path),
            messages.text("give a file; --format {format} reads no folders", format=format),
        )
    if format == "llm":
        from ltm_cli.features.importers import llm

        yield from _placed(llm.items(path, advance), str(path))
    elif path.is_dir() or zipfile.is_zipfile(path):
        from ltm_cli.features.importers import archive

        yield from archive.items(path, format if format != CHATS else None, branches, advance)
    else:
        with path.open("rb") as file:
            yield from stream_items(file, str(path), format, branches, advance)


def stream_items(
    file: IO[bytes], place: str, format: str, branches: bool, advance: Advance
) -> Iterator[Item]:
    """The memories of an open file of this format; `place` is its name. Raises UsageError."""
    if format == "text":
        from ltm_cli.features.importers import dated

        yield from _placed(dated.items(_text(file.read()), place, advance), place)
    elif format == "jrnl":
        from ltm_cli.features.importers import jrnl

        yield from _placed(jrnl.items(file.read(), place, advance), place)
    elif format in ("chatgpt", "claude", CHATS):
        from ltm_cli.features.importers import archive

        kind = format if format != CHATS else None
        yield from archive.conversations(file, place, kind, branches, advance)
    else:
        raise UsageError(
            messages.text("{format} cannot be read from {place}", format=format, place=place),
            messages.text("give the path of the file"),
        )


def _object(start: bytes) -> str:
    """What a file that begins with an object is: records, unless its keys say otherwise."""
    line = start.partition(b"\n")[0]
    try:
        keys = json.loads(line).keys()
    except (ValueError, RecursionError):  # an object of several lines, or a very long one
        found = _KEYS.search(start)
        return "jsonl" if found is None else CHATS if found[1] else "jrnl"
    if not keys.isdisjoint(("mapping", "chat_messages", "conversations")):
        return CHATS
    return "jrnl" if "entries" in keys else "jsonl"


def _markdown(path: Path, advance: Advance) -> Iterator[Item]:
    """The notes of a folder, or of one file; exports of ltm among them as they were."""
    from ltm_cli.features.importers import monthly_notes, notes

    root = path if path.is_dir() else path.parent
    for one in _notes(path) if path.is_dir() else [path]:
        try:
            data = one.read_bytes()
            advance(len(data))
            text = _text(data)
            if monthly_notes.is_export(data):
                yield from monthly_notes.items(text, str(one))
            else:
                name = PurePath(one.relative_to(root))
                yield from notes.items(text, name, one.stat().st_mtime, str(one))
        except OSError as error:
            why = messages.text("cannot be read ({why})", why=error.strerror)
            yield broken(InputError(why), str(one))
        except InputError as error:
            yield broken(error, str(one))
    if path.is_dir() and (others := sum(1 for _ in _files(path)) - sum(1 for _ in _notes(path))):
        yield Skipped(N_("files that are not Markdown"), number=others)


def _notes(folder: Path) -> list[Path]:
    return sorted(one for one in _files(folder) if one.suffix.lower() in _MARKDOWN)


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder, without what is hidden (.obsidian, .trash)."""
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(top, name) for name in names if not name.startswith("."))


def _text(data: bytes) -> str:
    """A text in whatever encoding it is. Raises InputError."""
    from ltm_cli.nlp import charset

    try:
        return charset.decode(data, "it").text
    except InputError:
        raise InputError(
            messages.text("not a readable text file"), messages.text("convert it to UTF-8 first")
        ) from None


def _placed(found: Iterator[Item], place: str) -> Iterator[Item]:
    """Items, and the error that ends them as one of them."""
    try:
        yield from found
    except InputError as error:
        yield broken(error, place)
