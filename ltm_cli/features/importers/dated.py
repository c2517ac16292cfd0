"""Plain text with dated lines: a diary, a log. What follows a date, until the next, is one memory.

    2024-05-10 09:30 Took Mochi to the vet     [2024/5/11] …     2024年5月12日 …
    10 May 2024: …        May 10, 2024 — …     # 2024-05-13      (and below it) 09:30 …

A memory is known again by its text and time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from ltm_cli.core import messages
from ltm_cli.core.messages import N_
from ltm_cli.core.record import Record, iso
from ltm_cli.features.importers.items import Advance, Item, Skipped, line_of, mended

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DAY = (
    r"(?P<year>(?:19|20)\d\d)(?P<sign>[-/.])(?P<month>\d\d?)(?P=sign)(?P<day>\d\d?)(?!\d)"
    r"|(?P<year2>(?:19|20)\d\d)\s*年\s*(?P<month2>\d\d?)\s*月\s*(?P<day2>\d\d?)\s*[日号]"
    rf"|(?P<day3>\d\d?)(?:st|nd|rd|th)? {_MONTH},? (?P<year3>(?:19|20)\d\d)"
    rf"|{_MONTH.replace('name', 'name4')} (?P<day4>\d\d?)(?:st|nd|rd|th)?,?"
    r" (?P<year4>(?:19|20)\d\d)"
)
_TIME = (
    r"(?P<hour>[01]?\d|2[0-3])[:：](?P<minute>[0-5]\d)(?:[:：](?P<second>[0-5]\d))?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?(?!\d)"
)
_WEEKDAY = (
    r"(?:[,，\s]*[(（]?(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|(?:星期|周)[一二三四五六日天])"
    r"[)）]?)?"
)
_LEAD = r"\s*(?:#+\s*|[-*]\s+)?[\[(（【]?"  # a heading, an item of a list, a bracket
_ENTRY = re.compile(
    rf"{_LEAD}(?:{_DAY}){_WEEKDAY}(?:(?:[T,，\s]|at)*{_TIME})?[\])）】]?[ \t]*"
    r"(?:[:：,，|–—-]+(?=\s|\W|[^\x00-\x7f]|$))?[ \t]*(?P<rest>.*)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    rf"{_LEAD}{_TIME}[\])）】]?(?:[ \t]*[:：|–—-]*[ \t]+)(?P<rest>.*)", re.IGNORECASE
)


def is_dated(text: str) -> bool:
    """Whether a line of a text begins with a date."""
    return any(_ENTRY.match(line) for line in text.splitlines())


def items(text: str, place: str, advance: Advance) -> Iterator[Item]:
    """The entries of a text; `place` names the file."""
    day: datetime | None = None  # of the entries that follow
    at: datetime | None = None  # of the entry that is growing
    lines: list[str] = []
    lost = 0  # lines before the first date
    for number, line in enumerate(text.splitlines(), 1):
        advance(len(line.encode(errors="replace")) + 1)
        found = _ENTRY.match(line)
        if found is not None:
            yield from _entry(at, lines)
            try:
                at = _moment(found)
            except ValueError:
                yield Skipped(messages.text("this day does not exist"), line_of(place, number))
                at = None
            day, lines = at, [found["rest"]]
        elif day is not None and (found := _CLOCK.match(line)) is not None:
            yield from _entry(at, lines)
            at, lines = _timed(day, found), [found["rest"]]
        elif at is None and day is None and not lines:
            lost += bool(line.strip())
        else:
            lines.append(line)
    yield from _entry(at, lines)
    if lost:
        yield Skipped(N_("lines before the first date"), number=lost)


def _entry(at: datetime | None, lines: list[str]) -> Iterator[Item]:
    text = mended("\n".join(lines)).strip()
    if text and at is not None:
        yield Record(text=text, at=iso(at))


def _moment(found: re.Match[str]) -> datetime:
    """The day and time of a line. Raises ValueError for one that does not exist."""
    parts = found.groupdict()
    year, day = (
        int(next(value for value in (parts[f"{key}{n}"] for n in ("", 2, 3, 4)) if value))
        for key in ("year", "day")
    )
    name = parts["name"] or parts["name4"]
    month = parts["month"] or parts["month2"] or str(_MONTHS.index(name[:3].lower()) + 1)
    return _timed(datetime(year, int(month), day), found)


def _timed(day: datetime, found: re.Match[str]) -> datetime:
    """A day at the time that a line names."""
    if found["hour"] is None:
        return day
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    return day.replace(hour=hour, minute=int(found["minute"]), second=int(found["second"] or 0))
