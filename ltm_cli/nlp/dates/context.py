"""What an expression takes over from an earlier one, so that no half of a time becomes a wrong one.

clock     "Tomorrow I have a meeting at 3pm": of that day, not today. Beside a longer period ("next
          week ... at 3pm") the day is unknown, and nothing is inferred.
year      2023年5月1日出发，5月8日回来: of the same year, within a sentence.
weekday   下周一和周三: of the same week; every Monday and Thursday: both recur.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from ltm_cli.nlp.dates.atoms import Atom, Occurrence, Reading, text_between
from ltm_cli.nlp.dates.span import Impossible, Recurrence

_STOP = re.compile(r"[.!?](?=\s|$)|[。！？；;\n]")
_AND = re.compile(r"\s*(?:和|与|跟|及|以及|或|、|,|&|and\b|or\b|, and\b)?\s*(?:on\b\s*)?")
_YEAR_SAID = re.compile(
    r"\d{4}|[零〇一二三四五六七八九]{4}年|[去今明前后]年|(?:last|this|next) year"
)
_FAR = 500  # characters: what stands farther off is of another sentence, whatever lies between
_DOUBT = Atom(impossible=Impossible("the day is not certain"))


def inherit(reading: Reading, groups: list[Atom]) -> list[Atom]:
    """The groups with what they take over; one that is in doubt becomes impossible."""
    result: list[Atom] = []
    before: Atom | None = None  # the latest that lends
    dated: Atom | None = None  # the latest that has a year, said or taken over
    following = _next_lenders(groups)
    for index, group in enumerate(groups):
        if not _can_lend(group) and group.sense == "point" and not group.whole:  # a clock
            after = following[index]
            if not before and after and not _are_apart(reading, group, after):
                before = after
            group = _inherit_day(group, before) if before else group
        elif before and group.date and group.cycle and not _are_apart(reading, before, group):
            with suppress(Impossible):  # at the ends of time
                group = _inherit_context(reading, group, before, dated)
            if dated and _are_apart(reading, dated, group):
                dated = None
        if group.cycle == "" and group.date:
            lent = group is not groups[index] and dated is not None
            if lent or _YEAR_SAID.search(reading.plain, group.begin, group.finish):
                dated = group
        result.append(group)
        if _can_lend(group):
            before = group
    return result


def _next_lenders(groups: list[Atom]) -> list[Atom | None]:
    """For each group the next one that lends."""
    found: list[Atom | None] = []
    latest: Atom | None = None
    for group in reversed(groups):
        found.append(latest)
        if _can_lend(group):
            latest = group
    return found[::-1]


def _can_lend(group: Atom) -> bool:
    return bool(group.impossible or (group.date and not group.whole and group.sense != "duration"))


def _are_apart(reading: Reading, left: Atom, right: Atom) -> bool:
    if right.begin - left.finish > _FAR:
        return True
    return bool(_STOP.search(reading.plain, left.finish, right.begin))


def _place_at(group: Atom, begin: int, finish: int) -> Atom:
    return replace(group, begin=begin, finish=finish)


def _inherit_day(group: Atom, day: Atom) -> Atom:
    period = day.current()
    if day.impossible or period is None or period.grain != "day":
        return _place_at(_DOUBT, group.begin, group.finish)
    sense = "recurrence" if day.every else group.sense
    return replace(group, date=day.date, cycle=day.cycle, every=day.every, sense=sense)


def _inherit_context(reading: Reading, group: Atom, before: Atom, dated: Atom | None) -> Atom:
    occurrence, now = group.date, reading.now
    if occurrence is None or group.every:
        return group
    if group.weekday is not None:
        if text_between(_AND, before, group, reading):
            return _inherit_week(reading, group, before)
    elif group.cycle == "year" and dated and not _are_apart(reading, dated, group):
        said = dated.current()
        year = said.start.year if said else now.year
        if year >= now.year or reading.tense(group.begin, group.finish) != "future":
            return _fix_occurrence(group, occurrence, year - now.year)
    elif group.cycle == "month":
        month = before.current()
        if month and (month.start.year, month.start.month) != (now.year, now.month):
            return _place_at(_DOUBT, group.begin, group.finish)
    return group


def _inherit_week(reading: Reading, group: Atom, before: Atom) -> Atom:
    """A weekday beside another one: of the same recurrence, or the first one after that day."""
    if before.every and before.every.weekday is not None:
        every = Recurrence("week", before.every.count, weekday=group.weekday)
        return replace(group, every=every, sense="recurrence", weekday=None)
    day = None if before.cycle else before.current()
    if day and day.grain == "day" and group.date:
        weeks = (day.start - reading.now).days // 7 - 1
        for step in range(weeks, weeks + 4):
            if group.date(step).start > day.start:
                return _fix_occurrence(group, group.date, step)
    return group


def _fix_occurrence(group: Atom, occurrence: Occurrence, step: int) -> Atom:
    return replace(group, date=lambda more: occurrence(step + more), cycle="")
