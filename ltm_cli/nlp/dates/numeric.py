"""Dates and times in figures within a text, the same in every language.

ISO dates as in iso.py; 13/5/2024 and 5/13/2024, which can be read in one way only (5/6/2024
cannot, and is refused); clocks such as 15:00 and 15:00:30.
"""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.atoms import VOID, Atom, Clock, Reading, Rule, fixed, rule, text_before, void
from ltm_cli.nlp.dates.calendar import make_day
from ltm_cli.nlp.dates.iso import CLOCK, DATE, parse_period
from ltm_cli.nlp.dates.span import DateError


def _date(match: re.Match[str], reading: Reading) -> Atom | None:
    year, month = int(match[1]), match[3]
    if not reading.explicit and not 1000 <= year <= 2999:
        return None
    if match[4] is None and (match[2] == "." or len(month) < 2 or not 1900 <= year <= 2099):
        return VOID  # 2024.5, 2024-7: a number, a version
    period = parse_period(match)
    return fixed(period)


def _european(match: re.Match[str], reading: Reading) -> Atom | None:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if first <= 12 and second <= 12 and first != second:
        if reading.explicit:
            raise DateError(
                "{words} could be two different days: write it like {year}-05-10",
                words=match[0],
                year=year,
            )
        return VOID
    return fixed(make_day(year, min(second, first), max(second, first)))


def _clock(match: re.Match[str], reading: Reading) -> Atom | None:
    hour, minute = int(match[1]), int(match[2])
    if not reading.explicit and (hour > 24 or minute > 59):
        return VOID
    sure = hour > 12 or hour == 0 or len(match[1]) == 2
    clock = Clock(hour, minute, int(match[3]) if match[3] else None, sure)
    return Atom(clock=clock, weak="" if text_before(_ALONE, match, reading) else "clock")


# Where hh:mm is a clock without more words: at the start, after punctuation or 在, 到, 约.
_ALONE = re.compile(r"(?:^|[,;，。；、!?(\n]\s*|[在于约从])$")

RULES: list[Rule] = [
    rule(_date, rf"(?<![a-z0-9_.:/=-]){DATE}(?![-/.:]?\d|[-_/]?[a-z_])"),
    rule(_european,
         r"(?<![a-z0-9_.:/-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![-/.:]?\d|[a-z_])"),
    rule(_clock, rf"(?<![\d:.]){CLOCK}(?![\d:])"),
    # Telephone numbers, addresses, versions, serial numbers: no part of them is a time.
    void(r"(?<![\d.])\d+(?:\.\d+){2,}|\d[\d-]{9,}\d|\d+\.\d+"),
]  # fmt: skip
