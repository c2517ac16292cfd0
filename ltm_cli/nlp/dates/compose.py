"""From atoms to spans, the same for every language, in four steps.

1. join: a day, a part of the day and a clock side by side, in any order, are one expression
   (明天 下午 三点; 3pm on Friday); a weekday beside a date must agree with it.
2. attach: the prepositions around it tell the sense ("by", 之前, "since") and make a weak atom
   certain: the month in "in May", the clock in "at 15:00".
3. choose: what was left unsaid is chosen. A weekday or day of the month is the coming one, today
   included, and beside a past cue the latest one. A date without a year is of this year, but of
   the neighbouring year when that is nearer and this year's is more than nine months away.
4. range: two points with "to" between them are one stretch, to the second's end (to the moment
   of a clock).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import zip_longest
from typing import Literal

from ltm_cli.nlp.dates.atoms import Atom, Clock, Part, Reading, Tense, text_between
from ltm_cli.nlp.dates.calendar import Period, add, end_after, period_around
from ltm_cli.nlp.dates.context import inherit
from ltm_cli.nlp.dates.prepositions import Phrase, attach_prepositions
from ltm_cli.nlp.dates.span import Grain, Impossible, Span

_GLUE = re.compile(
    r"\s*(?:,|的|(?P<open>\()|大?约|大概|at\b|on\b|from\b|in the\b|in\b|@"
    r"|(?:at )?(?:around|about)\b|after\b"
    r"|(?P<by>by|before|until|till|no later than)\b)?\s*"
)
_RANGE = re.compile(
    r"\s*(?:到|至|-|~|–|—|\bto\b|\buntil\b|\btill\b|\bthrough\b|(?P<both>\band\b))\s*"
)
_NEAREST_YEAR = timedelta(days=270)
_FINE: tuple[Grain, ...] = (
    "second", "minute", "hour", "part", "day", "weekend", "week", "month", "quarter", "half", "year"
)  # fmt: skip


def compose(
    reading: Reading, atoms: list[Atom], rejected: list[tuple[str, Impossible]] | None = None
) -> list[Span]:
    """The spans, left to right; raises `Impossible` only for an explicit expression.

    Those of running text that are impossible or in doubt are left out, and noted in `rejected`.
    """
    joined = inherit(reading, _join(reading, atoms))
    groups: list[tuple[Atom, Phrase]] = []
    for group, following in zip_longest(joined, joined[1:]):
        left = groups[-1][1].finish if groups else 0
        right = following.begin if following else len(reading.text)
        groups.append((group, attach_prepositions(reading, group, left, right)))
    result: list[Span] = []
    index = 0
    while index < len(groups):
        (group, phrase), index = groups[index], index + 1
        try:
            if index < len(groups) and phrase.sense in ("", "from"):
                span = _build_range(reading, group, phrase, groups[index][0])
                if span:
                    result.append(span)
                    index += 1
                    continue
            if phrase.certain:
                result.append(_build_span(reading, group, phrase))
        except Impossible as error:
            if reading.explicit:
                raise
            if rejected is not None:
                rejected.append((reading.text[phrase.begin : phrase.finish], error))
    return result


def _join(reading: Reading, atoms: list[Atom]) -> list[Atom]:
    groups: list[Atom] = []
    for atom in atoms:
        glue = text_between(_GLUE, groups[-1], atom, reading) if groups else None
        both = _unite(groups[-1], atom) if glue else None
        if not glue or not both or (glue["by"] and atom.date):
            groups.append(replace(atom))
            continue
        if glue["by"]:  # Friday before noon
            both.sense = "deadline"
        if glue["open"] and reading.plain.startswith(")", both.finish):
            both.finish += 1
        groups[-1] = both
    return groups


def _unite(left: Atom, right: Atom) -> Atom | None:
    """Two neighbours as one expression, or None if they do not belong together."""
    begin, finish = left.begin, right.finish
    if left.impossible or right.impossible:
        return Atom(impossible=left.impossible or right.impossible, begin=begin, finish=finish)
    if left.whole or right.whole or "duration" in (left.sense, right.sense):
        return None
    if (left.part and right.part) or (left.clock and right.clock):
        return None
    first, second = (left, right) if left.date else (right, left)
    if second.date:
        return _confirm(left, right)
    if first.date and not (first.part or first.clock) and not first.is_day():
        return None
    return replace(
        first,
        part=left.part or right.part,
        clock=left.clock or right.clock,
        weak="",
        begin=begin,
        finish=finish,
    )


def _confirm(left: Atom, right: Atom) -> Atom | None:
    """A date beside a bare weekday, one confirming the other."""
    date, weekday = (left, right) if right.weekday is not None else (right, left)
    if weekday.weekday is None or date.weekday is not None or not date.date or date.every:
        return None
    if date.cycle not in ("", "year", "month") or not date.is_day():
        return None
    occurrence, wanted = date.date, weekday.weekday

    def checked(step: int) -> Period:
        period = occurrence(step)
        if period.start.weekday() != wanted:
            raise Impossible("the weekday does not fit the date")
        return period

    return replace(
        date,
        date=checked,
        part=left.part or right.part,
        clock=left.clock or right.clock,
        begin=left.begin,
        finish=right.finish,
    )


def _build_span(reading: Reading, group: Atom, phrase: Phrase) -> Span:
    if group.impossible:
        raise group.impossible.with_traceback(None)  # it may have been raised before
    now = reading.now
    tense: Tense = ""
    if phrase.sense == "since":
        tense = "past"
    elif group.cycle and not group.every:
        tense = reading.tense(phrase.begin, phrase.finish)
        if phrase.sense == "deadline" and tense != "past":
            tense = "future"
    if not group.date and (
        phrase.sense == "deadline" or reading.tense(phrase.begin, phrase.finish) == "future"
    ):
        group = replace(group, clock=_next_clock(group.clock, group.part, reading))
    start, end, grain = _choose_occurrence(reading, group, tense, phrase.sense == "deadline")
    if phrase.sense == "since":
        if start >= now:
            raise Impossible("the time is in the future")
        end = now
    sense = "deadline" if phrase.sense == "deadline" else group.sense
    text = reading.text[phrase.begin : phrase.finish]
    return Span(text, phrase.begin, phrase.finish, start, end, grain, sense, group.every)


def _choose_occurrence(
    reading: Reading, group: Atom, tense: Tense, deadline: bool = False
) -> Period:
    """Choose the occurrence: see step 3 of the module."""
    now, cycle = reading.now, group.cycle if group.date else "day"

    def occurrence(step: int) -> Period:
        day = group.date(step) if group.date else period_around(now, "day", step)
        return _narrow_to_time(day, group.part, group.clock)

    if cycle == "" or (cycle == "day" and not deadline and not group.every):
        return occurrence(0)
    if group.every or tense == "future" or (tense == "" and cycle in ("week", "month")):
        steps = range(-1, 9)
    elif tense == "past":
        steps = range(1, -9, -1)
    else:
        period = occurrence(0)
        if abs(period.start - now) > _NEAREST_YEAR:
            return occurrence(1 if period.start < now else -1)
        return period
    for step in steps:
        try:
            period = occurrence(step)
        except Impossible:  # the 31st in a month that lacks it, 29 February: not that time
            continue
        if period.start <= now if steps.step < 0 else period.end > now:
            return period
    raise Impossible("there is no such day")


def _narrow_to_time(day: Period, part: Part | None, clock: Clock | None) -> Period:
    """The part of the day, or the moment of it."""
    if clock:
        hour, minute = _hour_of_24(clock, part), clock.minute or 0
        if not (0 <= clock.hour <= 24 and minute < 60 and (clock.second or 0) < 60):
            raise Impossible("{words} is not a time of day", words=f"{clock.hour}:{minute:02}")
        if clock.hour == 24 and (minute or clock.second):
            raise Impossible("a day ends at 24:00")
        seconds = hour * 3600 + minute * 60 + (clock.second or 0)
        grain: Literal["hour", "minute", "second"] = "hour" if clock.minute is None else "minute"
        if clock.second is not None:
            grain = "second"
        start = add(day.start, seconds, "second")
        return Period(start, end_after(start, 1, grain), grain)
    if part:
        start = add(day.start, part.first, "hour")
        return Period(start, end_after(day.start, part.last, "hour"), "part")
    return day


def _hour_of_24(clock: Clock, part: Part | None) -> int:
    """The hour of 24 (25 and more: of the next day); 晚上12点 is the end of that day."""
    hour = clock.hour
    if part and part.reading == "am" and (hour > 12 or (hour == 12 and part.first > 0)):
        raise Impossible("{hour} o'clock is not in the morning", hour=hour)
    if part and part.reading == "evening" and hour == 0:
        return 24
    if part is None or clock.sure:
        return hour
    if part.reading == "am":
        return hour % 12
    if hour > 12:
        return hour
    if part.reading == "noon":
        return hour if hour > 9 else hour + 12
    if part.reading == "evening" and (hour < 5 or hour == 12):
        return hour % 12 + 24
    return hour % 12 + 12


def _next_clock(clock: Clock | None, part: Part | None, reading: Reading) -> Clock | None:
    """三点之前, said at two in the afternoon, means three in the afternoon."""
    if clock and not part and not clock.sure and clock.hour < 12 and clock.hour <= reading.now.hour:
        later = clock._replace(hour=clock.hour + 12)
        if later.hour > reading.now.hour:
            return later
    return clock


def _build_range(reading: Reading, first: Atom, phrase: Phrase, second: Atom) -> Span | None:
    if any(atom.impossible or atom.every or atom.whole for atom in (first, second)):
        return None
    if "duration" in (first.sense, second.sense) or (first.clock is None) != (second.clock is None):
        return None
    if not (phrase.certain or first.weak == second.weak == "clock"):
        return None
    to = text_between(_RANGE, first, second, reading)
    if not to or (to["both"] and phrase.sense != "from"):
        return None
    tense = reading.tense(first.begin, second.finish) if first.cycle else ""
    if not first.date and second.date:
        first = replace(first, date=second.date, cycle=second.cycle)
    start, early, grain = _choose_occurrence(reading, first, tense)
    if not second.date:
        whole = period_around(start, "day")
        second = replace(second, date=lambda _: whole, cycle="")
    if second.clock and not second.part and not second.clock.sure:
        second = replace(second, part=first.part)
    later = replace(reading, now=start)
    period = _choose_occurrence(later, second, "future" if second.cycle else "")
    end = period.start if second.clock else period.end  # from nine to eleven
    if end <= start or period.end <= early:
        return None
    finest = min(grain, period.grain, key=_FINE.index)
    text = reading.text[phrase.begin : second.finish]
    return Span(text, phrase.begin, second.finish, start, end, finest, "point")
