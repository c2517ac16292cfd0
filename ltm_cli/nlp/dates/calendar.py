"""Arithmetic on calendar periods that never overflows: weeks start on Monday, ends are exclusive.

A start outside the years 1 to 9999 raises `Impossible`; an end after them is the last moment.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from ltm_cli.nlp.dates.span import Grain, Impossible, Unit

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "workday": 86400, "week": 604800,
           "weekend": 604800}  # fmt: skip

Amount = tuple[tuple[int, Unit], ...]  # one and a half years: ((1, "year"), (6, "month"))


class Period(NamedTuple):
    start: datetime
    end: datetime
    grain: Grain


def make_datetime(
    year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    try:
        return datetime(year, month, day, hour, minute, second)
    except (ValueError, OverflowError):
        raise Impossible("there is no day {day}", day=f"{year:04}-{month:02}-{day:02}") from None


def add(start: datetime, count: int, unit: Unit) -> datetime:
    """`count` units later; a day that the month lacks becomes its last one (31 Jan + 1 month)."""
    try:
        if unit in SECONDS:
            return start + timedelta(seconds=count * SECONDS[unit])
        year, month = divmod(start.year * 12 + start.month - 1 + count * MONTHS[unit], 12)
        return start.replace(
            year=year, month=month + 1, day=min(start.day, days_in_month(year, month + 1))
        )
    except (ValueError, OverflowError):
        raise Impossible("outside the years 1 to 9999") from None


def shift(start: datetime, amount: Amount, sign: int = 1) -> datetime:
    """So much later: days and more on the calendar, hours and less as they pass on the clock.

    Where the clocks are put forward in the night, two hours after half past one is half past four.
    """
    for count, unit in amount:
        if unit in ("hour", "minute", "second"):
            start = _elapsed(start, sign * count * SECONDS[unit])
        else:
            start = add(start, sign * count, unit)
    return start


def _elapsed(start: datetime, seconds: float) -> datetime:
    with suppress(ValueError, OverflowError, OSError):  # outside the years that the system knows
        return datetime.fromtimestamp(start.timestamp() + seconds)
    return add(start, int(seconds), "second")


def end_after(start: datetime, count: int, unit: Unit) -> datetime:
    """The exclusive end of a period of `count` units: the end of time instead of an overflow."""
    try:
        return add(start, count, unit)
    except Impossible:
        return datetime.max


def days_in_month(year: int, month: int) -> int:
    """How many days the month has."""
    if month == 2:
        return 28 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 30 if month in (4, 6, 9, 11) else 31


def start_of(now: datetime, unit: Unit) -> datetime:
    """The start of the year, month, week... that `now` lies in."""
    if unit == "minute":
        return now.replace(second=0, microsecond=0)
    if unit == "second":
        return now.replace(microsecond=0)
    if unit == "hour":
        return now.replace(minute=0, second=0, microsecond=0)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit in ("week", "weekend"):
        return add(day, (5 if unit == "weekend" else 0) - day.weekday(), "day")
    if unit in MONTHS:
        size = MONTHS[unit]
        return day.replace(month=(day.month - 1) // size * size + 1, day=1)
    return day


def period_around(now: datetime, grain: Grain, steps: int = 0) -> Period:
    """The period of this grain around `now`, or the one so many steps later."""
    unit: Unit = "day" if grain == "part" else grain
    start = add(start_of(now, unit), steps, unit)
    end = end_after(start, 2, "day") if grain == "weekend" else end_after(start, 1, unit)
    return Period(start, end, grain)


def make_day(year: int, month: int, day: int) -> Period:
    return period_around(make_datetime(year, month, day), "day")


def make_month(year: int, month: int) -> Period:
    return period_around(make_datetime(year, month), "month")


def part_of_period(whole: Period, which: str) -> Period:
    """A part of a month (first ten days: 上旬...), week, quarter or year: its start, mid, end.

    Month: 1-5, 11-20, 25-end; the thirds 1-10, 11-20, 21-end. Year: the first two months, June and
    July, the last two. Quarter: its months. Week: Monday and Tuesday, Wednesday, Friday to Sunday.
    """
    start, end, grain = whole
    bounds: dict[tuple[str, str], tuple[int, int | None]] = {
        ("month", "start"): (0, 5), ("month", "mid"): (10, 20), ("month", "end"): (24, None),
        ("month", "first"): (0, 10), ("month", "second"): (10, 20), ("month", "third"): (20, None),
        ("week", "start"): (0, 2), ("week", "mid"): (2, 3), ("week", "end"): (4, None),
        ("year", "start"): (0, 2), ("year", "mid"): (5, 7), ("year", "end"): (10, None),
        ("quarter", "start"): (0, 1), ("quarter", "mid"): (1, 2), ("quarter", "end"): (2, None),
    }  # fmt: skip
    first, last = bounds[grain, which]
    unit: Unit = "day" if grain in ("month", "week") else "month"
    stop = end if last is None else add(start, last, unit)
    return Period(add(start, first, unit), stop, "part")
