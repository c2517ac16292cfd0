"""ISO dates and times, read without any grammar.

2024-05-10 · 2024-05 · 2024 · 2024-05-10T09:30[:15][.5][Z|+08:00] · 2024/05/10 · 2024.5.10 ·
20240510. An offset is converted to local wall time.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Literal

from ltm_cli.nlp.dates.calendar import Period, end_after, make_datetime, make_day, make_month
from ltm_cli.nlp.dates.span import Impossible, Span

CLOCK = r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?"
_ZONE = r"([Zz]|[+-]\d\d:?\d\d)?"
DATE = rf"(\d{{4}})([-/.])(\d{{1,2}})(?:\2(\d{{1,2}})(?:[Tt ]\s*{CLOCK}\s*{_ZONE})?)?"
_ISO = re.compile(DATE)
_COMPACT = re.compile(r"(\d{4})(?:(\d\d)(\d\d))?")


def parse_iso(text: str) -> Span | None:
    """The whole text as an ISO date or time; None if it is something else."""
    match = _ISO.fullmatch(text)
    if match:
        if match[2] == "." and match[4] is None:
            return None  # 2024.5 may be any number
        period = parse_period(match)
    elif match := _COMPACT.fullmatch(text):
        start = make_datetime(int(match[1]))
        if match[2]:
            period = make_day(start.year, int(match[2]), int(match[3]))
        else:
            period = Period(start, end_after(start, 1, "year"), "year")
    else:
        return None
    return Span(text, 0, len(text), *period, "point")


def parse_period(match: re.Match[str]) -> Period:
    year, month, day, hour, minute, second = (
        None if match[group] is None else int(match[group]) for group in (1, 3, 4, 5, 6, 7)
    )
    assert year is not None
    assert month is not None
    if day is None:
        return make_month(year, month)
    if hour is None or minute is None:
        return make_day(year, month, day)
    try:
        start = make_datetime(year, month, day, hour, minute, second or 0)
    except Impossible:
        raise Impossible("there is no time {words}", words=match[0]) from None
    if match[8]:
        start = _local(start, match[8])
    grain: Literal["minute", "second"] = "minute" if second is None else "second"
    return Period(start, end_after(start, 1, grain), grain)


def _local(start: datetime, zone: str) -> datetime:
    offset = timedelta()
    if zone not in "zZ":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    try:
        return start.replace(tzinfo=timezone(offset)).astimezone().replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        raise Impossible("there is no time {words}", words=f"{start} {zone}") from None
