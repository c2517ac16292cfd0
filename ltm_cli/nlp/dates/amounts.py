"""What amounts of time come to, in either language: distances, windows, durations, recurrences."""

from __future__ import annotations

from ltm_cli.nlp.dates.atoms import Atom, Cycle, Part, Reading, fixed
from ltm_cli.nlp.dates.calendar import (
    Amount,
    Period,
    add,
    end_after,
    make_datetime,
    make_day,
    period_around,
    shift,
    start_of,
)
from ltm_cli.nlp.dates.span import Grain, Impossible, Recurrence, Unit


def distance(reading: Reading, size: Amount, sign: int) -> Atom:
    """So far from now: a year for years, a moment for hours and less, a day for all others."""
    unit = size[-1][1]
    grain: Grain = "day"
    if unit in ("hour", "minute"):
        grain = "minute"
    elif unit in ("year", "second"):
        grain = unit
    return fixed(period_around(shift(reading.now, size, sign), grain))


def window(reading: Reading, size: Amount, sign: int) -> Atom:
    """The stretch of this size that ends or begins now."""
    now = reading.now
    grain: Grain = "minute" if size[-1][1] in ("hour", "minute", "second") else "day"
    far = shift(now, size, sign)
    return fixed(Period(min(now, far), max(now, far), grain), whole=True)


def within(reading: Reading, size: Amount) -> Atom:
    """Due when this much has passed: at the end of that day, or at that minute."""
    end = shift(reading.now, size)
    grain: Grain = "minute" if size[-1][1] in ("hour", "minute", "second") else "day"
    if grain == "day":
        end = end_after(start_of(end, "day"), 1, "day")
    return fixed(Period(reading.now, end, grain), sense="deadline", whole=True)


def duration(reading: Reading, size: Amount, certain: bool = True) -> Atom:
    unit = size[-1][1]
    end = shift(reading.now, size)
    period = Period(reading.now, end, unit)  # type: ignore[arg-type]
    return fixed(period, sense="duration", weak="" if certain else "duration")


def every(reading: Reading, count: int, unit: Unit, part: Part | None = None) -> Atom:
    """A recurrence without a day of its own: its first occurrence is the current period."""
    if count < 1:
        raise Impossible("an interval must be longer than 0")

    def of(step: int) -> Period:
        if unit == "workday":
            day = period_around(reading.now, "day", step)
            late = max(0, day.start.weekday() - 4)
            return period_around(day.start, "day", 7 - day.start.weekday()) if late else day
        return period_around(reading.now, unit, step)

    cycle: Cycle = "day" if unit in ("day", "workday") else "week"
    return Atom(of, cycle, every=Recurrence(unit, count), sense="recurrence",
                part=part)  # fmt: skip


def every_weekday(reading: Reading, weekday: int) -> Atom:
    monday = period_around(reading.now, "week").start

    def of(step: int) -> Period:
        return period_around(add(monday, 7 * step + weekday, "day"), "day")

    rule = Recurrence("week", 1, weekday=weekday)
    return Atom(of, "week", every=rule, sense="recurrence")


def every_monthday(reading: Reading, day: int, month: int | None = None) -> Atom:
    """On this day of each month, or of one month each year (the 29th of February: leap years)."""
    now = reading.now

    def of(step: int) -> Period:
        if month:
            return make_day(now.year + step, month, day)
        first = period_around(now, "month", step).start
        return make_day(first.year, first.month, day)

    if month:
        make_datetime(2024, month, day)
        rule = Recurrence("year", 1, month=month, monthday=day)
        return Atom(of, "year", every=rule, sense="recurrence")
    if not 1 <= day <= 31:
        raise Impossible("no month has a day {day}", day=day)
    return Atom(of, "month", every=Recurrence("month", 1, monthday=day), sense="recurrence")
