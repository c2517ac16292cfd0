"""The English grammar: days, weeks, months and years; clocks; and what only looks like a time.

day      today, yesterday, tomorrow, the day before yesterday, tonight, last night, this morning
week     Friday; last Friday (the latest before today), this Friday (as Friday: the coming one),
         next Friday (that of the next week, Monday to Sunday); last/this/next week, weekend
date     10 May, 10th of May, May 10th 2024, Friday 10 May; May 2023; in May; the 15th
year     in 2022, last year, Q3 2024, the third quarter, next month, the week before last
piece    end of the month, early May, mid-June, the beginning of next year, EOM
`en_amounts` has distances, durations, windows and recurrences; `compose` puts a day, a
part of the day and a clock together and reads "by", "since", "until".
A name that is also a word (may, march, sat, sun) is a time only with a capital letter or with a
preposition. The clocks are in `en_clock`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ltm_cli.nlp.dates.atoms import VOID, Atom, Reading, Rule, Weak, fixed, rule, void
from ltm_cli.nlp.dates.calendar import (
    Period,
    add,
    make_day,
    make_month,
    part_of_period,
    period_around,
)
from ltm_cli.nlp.dates.en_amounts import RULES as AMOUNTS
from ltm_cli.nlp.dates.en_clock import RULES as CLOCKS
from ltm_cli.nlp.dates.en_words import (
    HOLDS_MONTH,
    HOLDS_WEEKDAY,
    MONTH,
    MONTH_NUMBERS,
    ORDINALS,
    PARTS,
    PIECES,
    WEEKDAY,
    WEEKDAY_FULL,
    WEEKDAYS,
)
from ltm_cli.nlp.dates.numeric import RULES as NUMERIC
from ltm_cli.nlp.dates.span import Grain, Impossible

_STEPS = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "the": 0, "": 0,
          "next": 1, "coming": 1}  # fmt: skip
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1, "tmrw": 1, "day before yesterday": -2,
         "day after tomorrow": 2}  # fmt: skip


def _day(match: re.Match[str], reading: Reading) -> Atom:
    return fixed(period_around(reading.now, "day", _DAYS[match[1]]))


def _part_of_day(match: re.Match[str], reading: Reading) -> Atom:
    """tonight, last night, this morning."""
    part = PARTS[match["part"] or "night"]
    step = -1 if match[0].startswith("last") else 0
    return fixed(period_around(reading.now, "day", step), part=part)


def _weekday(match: re.Match[str], reading: Reading) -> Atom | None:
    now, which, name = reading.now, match["which"] or "", match["wd"].rstrip(".")
    weekday = WEEKDAYS[name]
    monday = period_around(now, "week").start
    if which.startswith("next"):
        return fixed(period_around(add(monday, 7 + weekday, "day"), "day"))
    if which.startswith(("last", "past", "previous")):
        back = (now.weekday() - weekday - 1) % 7 + 1
        return fixed(period_around(now, "day", -back))
    name_only = len(name) < 6 and not which
    if name_only and not (reading.explicit or reading.text[match.start("wd")].isupper()):
        return None

    def day(step: int) -> Period:
        return period_around(add(monday, 7 * step + weekday, "day"), "day")

    return Atom(
        day, "week", weekday=None if which else weekday, weak="weekday" if name_only else ""
    )


def _weekday_of(match: re.Match[str], reading: Reading) -> Atom:
    """Friday next week, Monday of last week."""
    week = period_around(reading.now, "week", _STEPS[match["which"].removeprefix("the ")])
    return fixed(period_around(add(week.start, WEEKDAYS[match["wd"]], "day"), "day"))


def _month_of(match: re.Match[str], reading: Reading) -> Atom:
    """August last year."""
    year = reading.now.year + _STEPS[match["which"]]
    return fixed(make_month(year, MONTH_NUMBERS[match["m"].rstrip(".")]))


def _unit(match: re.Match[str], reading: Reading) -> Atom:
    """last week, this month, next quarter."""
    grain: Grain = match["unit"]  # type: ignore[assignment]
    return fixed(period_around(reading.now, grain, _STEPS[match["which"]]))


def _far_unit(match: re.Match[str], reading: Reading) -> Atom:
    """The week before last, the month after next."""
    grain: Grain = match["unit"]  # type: ignore[assignment]
    return fixed(period_around(reading.now, grain, 2 if match["far"] == "after next" else -2))


def _nth(match: re.Match[str], reading: Reading) -> Atom | None:
    """The first Monday of June: nothing is inferred; "last Monday" by itself is no such thing."""
    return (
        None
        if match[0].startswith("last") and " of " not in match[0] and " in " not in match[0]
        else VOID
    )


def _weekend(match: re.Match[str], reading: Reading) -> Atom:
    return Atom(lambda step: period_around(reading.now, "weekend", step), "week")


def _days(match: re.Match[str], reading: Reading) -> Atom:
    """May 3-5; 5 to 10 May 2024."""
    month = MONTH_NUMBERS[match["m"].rstrip(".")]
    first, last = int(match["d"]), int(match["d2"])

    def of(year: int) -> Period:
        start, end = make_day(year, month, first), make_day(year, month, last)
        if end.start <= start.start:
            raise Impossible("{words} ends before it begins", words=match[0])
        return Period(start.start, end.end, "day")

    return _yearly(match["y"], of, reading)


def _named(match: re.Match[str], reading: Reading) -> bool:
    """Whether "may" and "march" are written as names."""
    at = match.start("m")
    return (
        match["m"] not in ("may", "march", "mar") or reading.text[at].isupper() or reading.explicit
    )


def _date(match: re.Match[str], reading: Reading) -> Atom | None:
    if not _named(match, reading) and not (match["y"] or match["ord"]):
        return None
    year, month, day = match["y"], MONTH_NUMBERS[match["m"].rstrip(".")], int(match["d"])
    if not 1 <= day <= 31:
        raise Impossible("there is no day {day}", day=match[0])
    atom = _yearly(year, lambda y: make_day(y, month, day), reading)
    if match["wd"]:  # Friday, 10 May: the year that fits, or none
        return _fitting(atom, WEEKDAYS[match["wd"].rstrip(".")])
    return atom


def _fitting(atom: Atom, weekday: int) -> Atom:
    occurrence = atom.date
    assert occurrence is not None

    def checked(step: int) -> Period:
        period = occurrence(step)
        if period.start.weekday() != weekday:
            raise Impossible("the weekday does not fit the date")
        return period

    atom.date = checked
    return atom


def _yearly(
    year: str | None, of: Callable[[int], Period], reading: Reading, weak: Weak = ""
) -> Atom:
    """A period of the year that was said, or of some year if none was."""
    if year:
        return fixed(of(int(year)), weak=weak)
    return Atom(lambda step: of(reading.now.year + step), "year", weak=weak)


def _month(match: re.Match[str], reading: Reading) -> Atom | None:
    month = MONTH_NUMBERS[match["m"].rstrip(".")]
    now, year = reading.now, match["y"]
    which = match["which"]
    if which == "last":  # the latest that is over
        return fixed(make_month(now.year - (month >= now.month), month))
    if which == "next":  # the first that has not begun
        return fixed(make_month(now.year + (month <= now.month), month))
    abbreviated = match["m"].rstrip(".") not in ("may", "june", "july") and len(match["m"]) < 5
    if (
        not year
        and abbreviated
        and not (reading.explicit or reading.text[match.start("m")].isupper())
    ):
        return None
    return _yearly(
        year, lambda y: make_month(y, month), reading, weak="" if year or which else "month"
    )


def _monthday(match: re.Match[str], reading: Reading) -> Atom | None:
    day = int(match["d"])
    if not 1 <= day <= 31:
        return None

    def of(step: int) -> Period:
        month = period_around(reading.now, "month", step).start
        return make_day(month.year, month.month, day)

    if match["which"]:
        return fixed(of(_STEPS[match["which"]]))
    return Atom(of, "month", weak="monthday")


def _year(match: re.Match[str], reading: Reading) -> Atom:
    return fixed(period_around(make_month(int(match[0]), 1).start, "year"), weak="year")


def _quarter(match: re.Match[str], reading: Reading) -> Atom | None:
    which = int(match["q"]) if match["q"] else ORDINALS[match["word"]]

    def of(year: int) -> Period:
        return period_around(make_month(year, 3 * which).start, "quarter")

    return _yearly(match["y"] or match["y2"], of, reading)


def _half(match: re.Match[str], reading: Reading) -> Atom:
    month = 1 if match["word"] == "first" else 7
    return _yearly(match["y"], lambda y: period_around(make_month(y, month).start, "half"), reading)


def _piece(match: re.Match[str], reading: Reading) -> Atom | None:
    which, now = PIECES[match["piece"]], reading.now
    if match["m"]:
        month = MONTH_NUMBERS[match["m"].rstrip(".")]
        return _yearly(match["y"], lambda y: part_of_period(make_month(y, month), which), reading)
    if match["y2"]:
        return fixed(
            part_of_period(period_around(make_month(int(match["y2"]), 1).start, "year"), which)
        )
    step = _STEPS[(match["which"] or "").strip()]
    grain: Grain = match["unit"]  # type: ignore[assignment]
    return fixed(part_of_period(period_around(now, grain, step), which))


_YEAR = r"(?P<y>(?:1[0-9]|20|21)\d\d)(?!\d|[:.]\d)"
_OF_YEAR = rf"(?:,? (?:of )?{_YEAR})?"
_D = r"(?P<d>\d{1,2})"
_TO = r" ?(?:-|–|to|through) ?(?P<d2>\d{1,2})(?:st|nd|rd|th)?"
_ON_WD = rf"(?:(?P<wd>{WEEKDAY}),? (?:the )?)?"
_MARK = r"(?P<ord>st|nd|rd|th)"
_M = rf"(?P<m>{MONTH})"
_NOT_IN_NUMBER = r"(?<![\d.:/-])\b"
_PERIOD = r"(?P<unit>week|weekend|month|quarter|year)"
# After "the 15th" there is no noun that it could belong to (the 5th element).
_NO_NOUN = r"(?=$|[,.;!?)]|\s+(?:at|and|to|i|we|he|she|they|you|it|because|but|so|with|for)\b)"
_OF_SOME_MONTH = (
    r" (?:of|in)(?: (?:every|each|the|this|next|last) (?:month|year)"
    rf"|(?: the)? {MONTH}(?: \d{{4}})?)\b"
)

_HOLDS_PERIOD = ("week", "month", "quarter", "year")

RULES: list[Rule] = [
    *NUMERIC,
    rule(_day, r"\b(?:the )?(today|yesterday|tomorrow|tmrw|day before yesterday"
               r"|day after tomorrow)\b",
         needs=("today", "yesterday", "tomorrow", "tmrw")),
    rule(_part_of_day, r"\b(?:tonight|last night"
                       r"|(?:later |earlier )?this (?P<part>morning|afternoon|evening))\b",
         needs=("night", "this ")),
    rule(_weekday, r"\b(?:(?P<which>last|past|previous|this coming|this past|this|next|coming) )?",
                   rf"(?P<wd>{WEEKDAY})(?![a-z])", needs=HOLDS_WEEKDAY),
    rule(_unit, r"\b(?:the )?(?P<which>last|previous|this|current|next|coming) ",
                rf"{_PERIOD}\b(?! of\b)", needs=_HOLDS_PERIOD),
    rule(_far_unit, rf"\bthe {_PERIOD} (?P<far>before last|after next)\b",
         needs=("before last", "after next")),
    rule(_weekday_of, rf"\b(?:on )?(?P<wd>{WEEKDAY_FULL}),? (?:of )?",
                      r"(?P<which>last|this|next|the coming) week\b", needs=(" week",)),
    rule(_month_of, rf"\b{_M},? (?:of )?(?P<which>last|this|next) year\b", needs=(" year",)),
    rule(_weekend, r"\bthe weekend\b|(?<=\bat )weekend\b|^weekend$", needs=("weekend",)),
    rule(_date, rf"{_NOT_IN_NUMBER}{_ON_WD}(?:the )?{_D}{_MARK}? (?:of )?{_M}(?![a-z]){_OF_YEAR}",
         needs=HOLDS_MONTH),
    rule(_date, rf"\b{_ON_WD}{_M} (?:the )?{_D}{_MARK}?",
                rf"(?![\d:%]|[.,]\d|st|nd|rd|th| ?[ap]\.?m\b){_OF_YEAR}", needs=HOLDS_MONTH),
    rule(_days, rf"\b{_M} {_D}{_MARK}?{_TO}\b(?![:%.]\d){_OF_YEAR}", needs=HOLDS_MONTH),
    rule(_days, rf"{_NOT_IN_NUMBER}{_D}{_MARK}?{_TO} (?:of )?{_M}\b{_OF_YEAR}", needs=HOLDS_MONTH),
    rule(_month, rf"\b(?:(?P<which>last|this|next) )?{_M}(?![a-z']){_OF_YEAR}", needs=HOLDS_MONTH),
    rule(_monthday, rf"\bthe {_D}(?:st|nd|rd|th)\b",
                    rf"(?: of (?P<which>last|this|next) month\b)?{_NO_NOUN}"),
    rule(_year, r"(?<![\d.,:/$€£-])\b(?:1[89]|20|21)\d\d\b",
                r"(?![-/.,:]?\d|%| (?:[a-z]+s|people|more)\b|s\b)"),
    rule(_quarter, rf"\bq(?P<q>[1-4])(?:[ ,-]*(?:of )?{_YEAR})?\b",
                   r"|\bthe (?P<word>first|second|third|fourth) quarter",
                   rf"(?: of (?:the year|{_YEAR.replace('<y>', '<y2>')}))?\b",
         needs=("quarter", "q1", "q2", "q3", "q4")),
    rule(_half, rf"\bthe (?P<word>first|second) half of (?:the year|this year|{_YEAR})\b",
         needs=("half of",)),
    rule(_piece, r"\b(?:the )?(?P<piece>start|beginning|middle|end|early|mid|late)[ -](?:of |in )?",
                 rf"(?:{_M}(?![a-z])(?: (?:of )?{_YEAR})?|(?P<y2>(?:1[89]|20|21)\d\d)\b",
                 r"|(?P<which>the |this |next |last |)(?P<unit>month|year|week|quarter)\b)",
         needs=tuple(PIECES)),
    *CLOCKS,
    *AMOUNTS,
    # What only looks like a time.
    rule(_nth, r"\b(?:first|second|third|fourth|last|2nd|3rd|4th|1st|other) ",
               rf"(?:{WEEKDAY_FULL}|weekend|week|day)s?(?:{_OF_SOME_MONTH}|\b(?! week))",
         needs=("day", "week")),
    void(rf"\b(?:that|the following|one|some|a) (?:{WEEKDAY_FULL})\b|\b(?:{WEEKDAY_FULL}) week\b"
         rf"|\bthe (?:{WEEKDAY_FULL}) (?:before|after)\b", needs=HOLDS_WEEKDAY),
    void(r"\b(?:daily (?:mail|life|lives|news|bread)|black friday|good friday|ash wednesday|may day"
         r"|sunday times|friday the 13th|sunday school|monday blues|second hand|the other day"
         r"|one day|day (?:by|after) day|morning star|good (?:morning|night|evening|afternoon)"
         r"|(?:mon|tue|wed|thu|fri|sat|sun)(?=[-/]))\b",
         needs=(*HOLDS_WEEKDAY, "da", "second hand", "morning", "good ")),
]  # fmt: skip

# Those that can match a text without a digit: the others are a third of the time.
_DIGITS = {_date, _days, _monthday, _year}
WORDS: list[Rule] = [one for one in RULES if one not in NUMERIC and one.build not in _DIGITS]
