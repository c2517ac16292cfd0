"""Dates and times in figures, the same in every language.

2024-05-10 · 2024-05 · 2024 · 2024-05-10T09:30[:15][.5][Z|+08:00] · 2024/05/10 · 2024.5.10 · 20240510
An offset is converted to local wall time. 13/5/2024 and 5/13/2024 can be read in one way only;
5/6/2024 cannot, and is refused. 15:00 and 15:00:30 are clocks.
"""

from __future__ import annotations

import re
from datetime import datetime

from .dates_atoms import VOID, Atom, Clock, Reading, Rule, fixed
from .dates_calendar import Period, day_of, moment, month_of, until
from .dates_span import DateError, Grain, Impossible, Span

_CLOCK = r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?"
_ZONE = r"([Zz]|[+-]\d\d:?\d\d)?"
_DATE = rf"(\d{{4}})([-/.])(\d{{1,2}})(?:\2(\d{{1,2}})(?:[Tt ]\s*{_CLOCK}\s*{_ZONE})?)?"
_ISO = re.compile(_DATE)
_COMPACT = re.compile(r"(\d{4})(?:(\d\d)(\d\d))?")


def iso(text: str) -> Span | None:
    """The whole text as an ISO date or time; None if it is something else."""
    match = _ISO.fullmatch(text)
    if match:
        if match[2] == "." and match[4] is None:
            return None  # 2024.5 may be any number
        period = _period(match)
    elif match := _COMPACT.fullmatch(text):
        start = moment(int(match[1]))
        if match[2]:
            period = day_of(start.year, int(match[2]), int(match[3]))
        else:
            period = Period(start, until(start, 1, "year"), "year")
    else:
        return None
    return Span(text, 0, len(text), *period, "point")


def _period(match: re.Match[str]) -> Period:
    year, month, day, hour, minute, second = (
        None if match[group] is None else int(match[group]) for group in (1, 3, 4, 5, 6, 7)
    )
    assert year is not None and month is not None
    if day is None:
        return month_of(year, month)
    if hour is None or minute is None:
        return day_of(year, month, day)
    try:
        start = moment(year, month, day, hour, minute, second or 0)
    except Impossible:
        raise Impossible(f"there is no such time as {match[0]}") from None
    if match[8]:
        start = _local(start, match[8])
    grain: Grain = "minute" if second is None else "second"
    return Period(start, until(start, 1, grain), grain)


def _local(start: datetime, zone: str) -> datetime:
    from datetime import timedelta, timezone

    offset = timedelta()
    if zone not in "zZ":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    try:
        return start.replace(tzinfo=timezone(offset)).astimezone().replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        raise Impossible(f"there is no such time zone or time as {start} {zone}") from None


def _date(match: re.Match[str], reading: Reading) -> Atom | None:
    year, month = int(match[1]), match[3]
    if not reading.explicit and not 1000 <= year <= 2999:
        return None
    if match[4] is None and (match[2] == "." or len(month) < 2 or not 1900 <= year <= 2099):
        return VOID  # 2024.5, 2024-7: a number, a version
    period = _period(match)
    return fixed(period)


def _european(match: re.Match[str], reading: Reading) -> Atom | None:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if first <= 12 and second <= 12 and first != second:
        if reading.explicit:
            raise DateError(f"{match[0]} may be two days: write {year}-05-10 and the like")
        return VOID
    return fixed(day_of(year, min(second, first), max(second, first)))


def _clock(match: re.Match[str], reading: Reading) -> Atom | None:
    hour, minute = int(match[1]), int(match[2])
    if not reading.explicit and (hour > 24 or minute > 59):
        return VOID
    sure = hour > 12 or hour == 0 or len(match[1]) == 2
    clock = Clock(hour, minute, int(match[3]) if match[3] else None, sure)
    return Atom(clock=clock, weak="" if _ALONE.search(reading.plain, 0, match.start()) else "clock")


# Where hh:mm is a clock without more words: at the start, after punctuation or 在, 到, 约.
_ALONE = re.compile(r"(?:^|[,;，。；、!?(\n]\s*|[在于约从])$")

RULES: list[Rule] = [
    (re.compile(rf"(?<![a-z0-9_.:/=-]){_DATE}(?![-/.:]?\d|[-_/]?[a-z_])"), _date),
    (re.compile(r"(?<![a-z0-9_.:/-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![-/.:]?\d|[a-z_])"),
     _european),
    (re.compile(rf"(?<![\d:.]){_CLOCK}(?![\d:])"), _clock),
    # Telephone numbers, addresses, versions, serial numbers: no part of them is a time.
    (re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}|\d[\d-]{9,}\d|\d+\.\d+"), lambda m, r: VOID),
]  # fmt: skip
