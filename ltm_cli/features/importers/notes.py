"""Notes in Markdown, such as a vault of Obsidian: each section below a heading is a memory.

Its session is the note's path, its tags are those of the front matter, the title, the headings
above it and the #tags in it. A section that is long is cut, as a document is
(features/documents/passages.py).
When it was: the front matter's date, else the date in the file's name (a daily note), else when
the file was changed; "## 09:30" in a note of one day is at that time. A section is known again by
its path, headings and text, so that one that was edited is a new memory beside the earlier one.

Notes are the user's own words, unlike documents (`ltm read`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Any

from ltm_cli.core import messages
from ltm_cli.core.record import Record, iso
from ltm_cli.features.documents import layout, passages
from ltm_cli.features.importers.items import EMPTY, Item, Skipped, local, mended, strings

TAG = "note"
_DATES = ("date", "created", "created_at", "date created", "creation date", "day")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.M)
_NAMED = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[-_./](\d\d?)[-_./](\d\d?)|年(\d\d?)月(\d\d?)日|(\d\d)(\d\d))(?!\d{3})"
)
_TAG = re.compile(r"(?:(?<=\s)|^)#(?=[^\s#]*[^\W\d])([\w/-]+)", re.MULTILINE)
_CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_CLOCK = re.compile(r"\W*([01]?\d|2[0-3])[:：]([0-5]\d)(?!\d)")


def items(text: str, path: PurePath, changed: float, place: str) -> Iterator[Item]:
    """The sections of a note; `path` is that within its folder, `changed` seconds since 1970."""
    text = mended(text.replace("\r\n", "\n").replace("\r", "\n"))
    values: Any = {}
    if matter := _FRONT_MATTER.match(text):
        text = text[matter.end() :]
        values, wrong = _values(matter[1])
        if wrong:
            said = messages.text("the front matter is not valid YAML ({why})", why=wrong)
            yield Skipped(said, place)
    name = path.with_suffix("").as_posix()
    day = _day(values, path.stem)
    at = day or iso(datetime.fromtimestamp(changed))
    title = next(iter(strings(values.get("title"))), "") or path.stem
    tags = [TAG, title, *_tags(values.get("tags") or values.get("tag"))]
    empty = True
    for block in passages.cut(layout.blocks(layout.markdown(text))):
        empty = False
        key = "\x1f".join((*block.path, block.text)).encode()
        digest = hashlib.blake2b(key, digest_size=8).hexdigest()
        yield Record(
            text=block.text, at=_clock(at, block.path) if day else at, session=name,
            tags=[*tags, *block.path, *_TAG.findall(_CODE.sub(" ", block.text))],
            ref=f"note:{path.as_posix()}#{digest}",
        )  # fmt: skip
    if empty:
        yield Skipped(EMPTY)


def _values(text: str) -> tuple[dict[str, Any], str]:
    """(front matter as strings, lists and dictionaries, what is wrong with it)."""
    import yaml

    # Scalars stay strings: nothing is constructed, and a day that does not exist is no error here.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        values = yaml.load(text, loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            return {}, messages.text("nested too deeply")
        return {}, messages.text("line {number}", number=mark.line + 2)
    if not isinstance(values, dict):
        return {}, ""
    return {str(key).lower(): value for key, value in values.items()}, ""


def _day(values: dict[str, Any], stem: str) -> str | None:
    """When a note says it is of."""
    for key in _DATES:
        for written in strings(values.get(key)):
            if at := local(written.strip()) or _named(written):
                return at
    return _named(stem)


def _named(text: str) -> str | None:
    """The first date in a text that there is such a day for."""
    for found in _NAMED.finditer(text):
        year, *parts = (part for part in found.groups() if part)
        month, day = parts
        if at := local(f"{year}-{int(month):02}-{int(day):02}"):
            return at
    return None


def _clock(at: str, path: tuple[str, ...]) -> str:
    """The time of a section, if the note's is a day and a heading begins with a time."""
    for heading in reversed(path):
        if at.endswith("T00:00:00") and (found := _CLOCK.match(heading)):
            return f"{at[:11]}{int(found[1]):02}:{found[2]}:00"
    return at


def _tags(values: Any) -> list[str]:
    """The tags of front matter: a list, or words between commas or spaces."""
    written = strings(values)
    parts = re.split(r"[,，\s]+", written[0]) if isinstance(values, str) else written
    return [tag for tag in (part.strip().lstrip("#") for part in parts) if tag]
