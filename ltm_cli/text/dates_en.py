"""The English grammar: days, weeks, months and years; clocks; and what only looks like a time.

day      today, yesterday, tomorrow, the day before yesterday, tonight, last night, this morning
week     Friday; last Friday (the latest before today), this Friday (as Friday: the coming one),
         next Friday (that of the next week, Monday to Sunday); last/this/next week, weekend
date     10 May, 10th of May, May 10th 2024, Friday 10 May; May 2023; in May; the 15th
year     in 2022, last year, Q3 2024, the third quarter, next month, the week before last
piece    end of the month, early May, mid-June, the beginning of next year, EOM
clock    3pm, 3:30 p.m., at 15:00, noon, 7 o'clock in the evening; midnight ends its day
`dates_en_amounts` has distances, durations, windows and recurrences; `dates_compose` puts a day, a
part of the day and a clock together and reads "by", "since", "until".
A name that is also a word is a time only with capital letter or a preposition: may, march, sat, sun.
"Tomorrow at 3" is tomorrow: which 3 is meant, nobody said.
"""

from __future__ import annotations

import re

from .dates_atoms import VOID, Atom, Clock, Cycle, Reading, Rule, fixed
from .dates_calendar import Period, add, around, day_of, floor, month_of, piece
from .dates_en_amounts import RULES as AMOUNTS
from .dates_en_words import (
    MONTH,
    MONTH_NUMBERS,
    ORDINALS,
    PARTS,
    PIECES,
    WEEKDAY,
    WEEKDAY_FULL,
    WEEKDAYS,
)
from .dates_numeric import RULES as NUMERIC
from .dates_span import Grain, Impossible

_STEPS = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "the": 0, "": 0,
          "next": 1, "coming": 1}  # fmt: skip
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1, "tmrw": 1, "day before yesterday": -2,
         "day after tomorrow": 2}  # fmt: skip


def _day(match: re.Match[str], reading: Reading) -> Atom:
    return fixed(around(reading.now, "day", _DAYS[match[1]]))


def _part_of_day(match: re.Match[str], reading: Reading) -> Atom:
    """tonight, last night, this morning."""
    part = PARTS[match["part"] or "night"]
    step = -1 if match[0].startswith("last") else 0
    return fixed(around(reading.now, "day", step), part=part)


def _weekday(match: re.Match[str], reading: Reading) -> Atom | None:
    now, which, name = reading.now, match["which"] or "", match["wd"].rstrip(".")
    weekday = WEEKDAYS[name]
    monday = around(now, "week").start
    if which.startswith("next"):
        return fixed(around(add(monday, 7 + weekday, "day"), "day"))
    if which.startswith(("last", "past", "previous")):
        back = (now.weekday() - weekday - 1) % 7 + 1
        return fixed(around(now, "day", -back))
    name_only = len(name) < 6 and not which
    if name_only and not (reading.explicit or reading.text[match.start("wd")].isupper()):
        return None

    def day(step: int) -> Period:
        return around(add(monday, 7 * step + weekday, "day"), "day")

    return Atom(day, "week", weekday=None if which else weekday, weak="weekday" if name_only else "")


def _weekday_of(match: re.Match[str], reading: Reading) -> Atom:
    """Friday next week, Monday of last week."""
    week = around(reading.now, "week", _STEPS[match["which"].removeprefix("the ")])
    return fixed(around(add(week.start, WEEKDAYS[match["wd"]], "day"), "day"))


def _month_of(match: re.Match[str], reading: Reading) -> Atom:
    """August last year."""
    year = reading.now.year + _STEPS[match["which"]]
    return fixed(month_of(year, MONTH_NUMBERS[match["m"].rstrip(".")]))


def _unit(match: re.Match[str], reading: Reading) -> Atom:
    """last week, this month, next quarter, the week before last."""
    grain: Grain = match["unit"]  # type: ignore[assignment]
    if match["far"]:
        step = -2 if "before" in match["far"] else 2
    else:
        step = _STEPS[match["which"]]
    return fixed(around(reading.now, grain, step))


def _nth(match: re.Match[str], reading: Reading) -> Atom | None:
    """The first Monday of June: nothing is inferred; "last Monday" by itself is no such thing."""
    return None if match[0].startswith("last") and " of " not in match[0] and " in " not in match[0] else VOID


def _weekend(match: re.Match[str], reading: Reading) -> Atom:
    return Atom(lambda step: around(reading.now, "weekend", step), "week")


def _named(match: re.Match[str], reading: Reading) -> bool:
    """Whether "may" and "march" are written as names."""
    at = match.start("m")
    return match["m"] not in ("may", "march", "mar") or reading.text[at].isupper() or reading.explicit


def _date(match: re.Match[str], reading: Reading) -> Atom | None:
    if not _named(match, reading) and not (match["y"] or match["ord"]):
        return None
    year, month, day = match["y"], MONTH_NUMBERS[match["m"].rstrip(".")], int(match["d"])
    if not 1 <= day <= 31:
        raise Impossible(f"there is no such day as {match[0]}")
    atom = _yearly(year, lambda y: day_of(y, month, day), reading)
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


def _yearly(year: str | None, of: object, reading: Reading, **more: object) -> Atom:
    """A period of the year that was said, or of some year if none was."""
    assert callable(of)
    if year:
        return fixed(of(int(year)), **more)
    return Atom(lambda step: of(reading.now.year + step), "year", **more)  # type: ignore[arg-type]


def _month(match: re.Match[str], reading: Reading) -> Atom | None:
    month = MONTH_NUMBERS[match["m"].rstrip(".")]
    now, year = reading.now, match["y"]
    which = match["which"]
    if which == "last":  # the latest that is over
        return fixed(month_of(now.year - (month >= now.month), month))
    if which == "next":  # the first that has not begun
        return fixed(month_of(now.year + (month <= now.month), month))
    abbreviated = match["m"].rstrip(".") not in ("may", "june", "july") and len(match["m"]) < 5
    if not year and abbreviated and not (reading.explicit or reading.text[match.start("m")].isupper()):
        return None
    return _yearly(year, lambda y: month_of(y, month), reading, weak="" if year or which else "month")


def _monthday(match: re.Match[str], reading: Reading) -> Atom | None:
    day = int(match["d"])
    if not 1 <= day <= 31:
        return None

    def of(step: int) -> Period:
        month = around(reading.now, "month", step).start
        return day_of(month.year, month.month, day)

    if match["which"]:
        return fixed(of(_STEPS[match["which"]]))
    return Atom(of, "month", weak="monthday")


def _year(match: re.Match[str], reading: Reading) -> Atom:
    return fixed(around(month_of(int(match[0]), 1).start, "year"), weak="year")


def _quarter(match: re.Match[str], reading: Reading) -> Atom | None:
    which = int(match["q"]) if match["q"] else ORDINALS[match["word"]]

    def of(year: int) -> Period:
        return around(month_of(year, 3 * which).start, "quarter")

    return _yearly(match["y"] or match["y2"], of, reading)


def _half(match: re.Match[str], reading: Reading) -> Atom:
    month = 1 if match["word"] == "first" else 7
    return _yearly(match["y"], lambda y: around(month_of(y, month).start, "half"), reading)


def _piece(match: re.Match[str], reading: Reading) -> Atom | None:
    which, now = PIECES[match["piece"]], reading.now
    if match["m"]:
        month = MONTH_NUMBERS[match["m"].rstrip(".")]
        return _yearly(match["y"], lambda y: piece(month_of(y, month), which), reading)
    if match["y2"]:
        return fixed(piece(around(month_of(int(match["y2"]), 1).start, "year"), which))
    step = _STEPS[(match["which"] or "").strip()]
    grain: Grain = match["unit"]  # type: ignore[assignment]
    return fixed(piece(around(now, grain, step), which))


def _end(match: re.Match[str], reading: Reading) -> Atom:
    """EOM, month end, end of day."""
    grains: dict[str, Grain] = {"w": "week", "m": "month", "y": "year"}
    grain = grains.get(match["u"] or match["short"] or "d", "day")
    whole = around(reading.now, grain)
    return fixed(whole if grain == "day" else piece(whole, "end"))


def _clock(match: re.Match[str], reading: Reading) -> Atom | None:
    hour, minute = int(match["h"]), int(match["mi"]) if match["mi"] else None
    half = match["ap"] or ("a" if match["part"] == "morning" else "p")
    if not 1 <= hour <= 12 or (minute or 0) > 59:
        if match["part"] and hour < 24:
            return Atom(clock=Clock(hour, minute, None, True))
        raise Impossible(f"there is no such time of day as {match[0]}")
    if match["part"] in ("evening", "night") and (hour == 12 or hour < 5):
        return Atom(clock=Clock(hour % 12 + 24, minute, None, True)) if hour != 12 else None
    return Atom(clock=Clock(hour % 12 + (12 if half == "p" else 0), minute, None, True))


def _oclock(match: re.Match[str], reading: Reading) -> Atom | None:
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
             "eleven", "twelve")  # fmt: skip
    hour = int(match[1]) if match[1].isdigit() else words.index(match[1]) + 1
    if not 0 <= hour <= 24:
        return None
    return Atom(clock=Clock(hour, None, None, hour > 12 or hour == 0), weak="clock")


def _noon(match: re.Match[str], reading: Reading) -> Atom:
    hour = 12 if match[0] == "noon" or match[0] == "midday" else 24
    return Atom(clock=Clock(hour, None, None, True), weak="clock")


def _part(match: re.Match[str], reading: Reading) -> Atom:
    return Atom(part=PARTS[match[1]], weak="part")


_YEAR = r"(?P<y>(?:1[0-9]|20|21)\d\d)(?!\d|[:.]\d)"
_D = r"(?P<d>\d{1,2})"
_WD = rf"(?:(?P<wd>{WEEKDAY}),? (?:the )?)?"
_MARK = r"(?P<ord>st|nd|rd|th)"

RULES: list[Rule] = [
    *NUMERIC,
    (re.compile(r"\b(?:the )?(today|yesterday|tomorrow|tmrw|day before yesterday|day after tomorrow)\b"), _day),
    (re.compile(r"\b(?:tonight|last night|(?:later |earlier )?this (?P<part>morning|afternoon|evening))\b"), _part_of_day),
    (re.compile(rf"\b(?:(?P<which>last|past|previous|this coming|this past|this|next|coming) )?(?P<wd>{WEEKDAY})(?<![a-z]may)\b"), _weekday),
    (re.compile(r"\b(?:the )?(?:(?P<which>last|previous|this|current|next|coming) (?P<unit>week|weekend|month|quarter|year)\b"
                r"(?! of\b)(?P<far>)"
                r")"), _unit),
    (re.compile(r"\b(?P<which>)the (?P<unit>week|month|year|weekend) (?P<far>before last|after next)\b"), _unit),
    (re.compile(rf"\b(?:on )?(?P<wd>{WEEKDAY_FULL}),? (?:of )?(?P<which>last|this|next|the coming) week\b"), _weekday_of),
    (re.compile(rf"\b(?P<m>{MONTH}),? (?:of )?(?P<which>last|this|next) year\b"), _month_of),
    (re.compile(r"\bthe weekend\b|(?<=\bat )weekend\b|(?<=^)weekend(?=$)"), _weekend),
    (re.compile(rf"(?<![\d.:/-])\b{_WD}(?:the )?{_D}{_MARK}? (?:of )?(?P<m>{MONTH})(?![a-z])(?:,? (?:of )?{_YEAR})?"), _date),
    (re.compile(rf"\b{_WD}(?P<m>{MONTH}) (?:the )?{_D}{_MARK}?(?![\d:%]|[.,]\d|st|nd|rd|th| ?[ap]\.?m\b)(?:,? (?:of )?{_YEAR})?"), _date),
    (re.compile(rf"\b(?:(?P<which>last|this|next) )?(?P<m>{MONTH})(?![a-z'])(?:,? (?:of )?{_YEAR})?"), _month),
    (re.compile(r"\bthe (?P<d>\d{1,2})(?:st|nd|rd|th)\b(?: of (?P<which>last|this|next) month\b)?"
                r"(?=$|[,.;!?)]|\s+(?:at|and|to|i|we|he|she|they|you|it|because|but|so|with|for)\b)"), _monthday),
    (re.compile(r"(?<![\d.,:/$€£-])\b(?:1[89]|20|21)\d\d\b(?![-/.,:]?\d|%| (?:[a-z]+s|people|more)\b|s\b)"), _year),
    (re.compile(rf"\bq(?P<q>[1-4])(?:[ ,-]*(?:of )?{_YEAR})?(?P<y2>)(?P<word>)\b"), _quarter),
    (re.compile(r"\b(?P<q>)(?P<y2>)the (?P<word>first|second|third|fourth) quarter(?: of (?:the year|" + _YEAR + r"))?\b"), _quarter),
    (re.compile(rf"\bthe (?P<word>first|second) half of (?:the year|this year|{_YEAR})\b"), _half),
    (re.compile(r"\b(?:the )?(?P<piece>start|beginning|middle|end|early|mid|late)(?:[ -](?:of |in )?)"
                rf"(?:(?P<m>{MONTH})(?![a-z])(?: (?:of )?{_YEAR})?|(?P<which>the |this |next |last |)(?P<unit>month|year|week|quarter)\b"
                r"|(?P<y2>(?:1[89]|20|21)\d\d)\b)"), _piece),
    (re.compile(r"\beo(?P<short>[dwmy])\b|\b(?P<u>[wmy])(?:eek|onth|ear)[ -]end\b|\b(?:the )?end of (?:the |today's )?day\b"), _end),
    (re.compile(r"(?<![\d.:$])\b(?P<h>\d{1,2})(?:[:.](?P<mi>\d\d))?(?: ?(?P<ap>[ap])(?:m\b|\.m\.)"
                r"|(?: o'?clock)? (?:in the (?P<part>morning|afternoon|evening)|at (?P<night>night))\b)"), _clock),
    (re.compile(r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) o'?clock\b"), _oclock),
    (re.compile(r"\b(?:noon|midday|midnight)\b"), _noon),
    (re.compile(r"\b(?:in the )?(morning|afternoon|evening|night)\b"), _part),
    *AMOUNTS,
    # What only looks like a time.
    (re.compile(rf"\b(?:first|second|third|fourth|last|2nd|3rd|4th|1st|other) (?:{WEEKDAY_FULL}|weekend|week|day)s?"
                rf"(?: (?:of|in)(?: (?:every|each|the|this|next|last) (?:month|year)|(?: the)? {MONTH}(?: \d{{4}})?)\b|(?<!last \w\w\w)\b(?! week))"), _nth),
    (re.compile(r"\b(?:daily (?:mail|life|lives|news|bread)|black friday|good friday|ash wednesday|may day"
                r"|sunday times|friday the 13th|second hand|the other day|one day|day (?:by|after) day"
                r"|morning star|good (?:morning|night|evening|afternoon)|(?:mon|tue|wed|thu|fri|sat|sun)(?=[-/]))\b"),
     lambda m, r: VOID),
]  # fmt: skip
