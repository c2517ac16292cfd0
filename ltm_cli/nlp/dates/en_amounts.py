"""The English grammar of amounts of time: distances, deadlines, windows, durations, recurrences.

distance    in 3 days, 2 weeks ago, three days from now: years give the year, others the day or
            minute. "I finished it in three days" is a duration. Before or after an event (three
            days before the wedding) nothing is inferred.
within      within 3 days: a deadline, from now to the end of the last day
window      the last two weeks, the past month, over the next 3 days: to or from now
duration    for three days, took 2 hours
recurrence  every day, every other week, every two weeks, every Monday, on Mondays, monthly, twice a
            week, on the 1st of every month, every May 1st, every morning
"""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.amounts import (
    distance,
    duration,
    every,
    every_monthday,
    every_weekday,
    window,
    within,
)
from ltm_cli.nlp.dates.atoms import VOID, Atom, Reading, Rule, rule, void
from ltm_cli.nlp.dates.en_words import (
    ADVERBS,
    AMOUNT,
    COUNT,
    HOLDS_UNIT,
    MONTH,
    MONTH_NUMBERS,
    PARTS,
    UNITS,
    WEEKDAY,
    WEEKDAY_FULL,
    WEEKDAYS,
    parse_amount,
    parse_count,
)


def _later(match: re.Match[str], reading: Reading) -> Atom:
    size = parse_amount(match.groupdict())
    if size is None:
        return VOID
    if match["how"] == "within":
        return within(reading, size)
    if reading.tense(match.start(), match.end()) == "past":
        return duration(reading, size)
    return distance(reading, size, 1)


def _from_now(match: re.Match[str], reading: Reading) -> Atom:
    size = parse_amount(match.groupdict())
    return VOID if size is None else distance(reading, size, -1 if match["ago"] else 1)


def _window(match: re.Match[str], reading: Reading) -> Atom | None:
    said = match.groupdict()
    one = "n" not in said  # "over the last week"
    size = parse_amount({"n": "1", "half": None, "dot": None, "and": None, "tail": None} | said)
    if size is None:
        return VOID
    back = one or said["which"] in ("last", "past", "previous")
    return window(reading, size, -1 if back else 1)


def _duration(match: re.Match[str], reading: Reading) -> Atom:
    size = parse_amount(match.groupdict())
    return VOID if size is None else duration(reading, size, certain=False)


def _every(match: re.Match[str], reading: Reading) -> Atom:
    unit = match["unit"]
    if unit in ("second", "minute") and not match["n"]:  # worth every minute
        return VOID
    number = 2 if match["other"] else parse_count(match["n"]) if match["n"] else 1
    if unit in PARTS:
        return every(reading, number, "day", PARTS[unit])
    if unit == "fortnight":
        return every(reading, 2 * number, "week")
    return every(reading, number, UNITS[unit])


def _adverb(match: re.Match[str], reading: Reading) -> Atom:
    return every(reading, *ADVERBS[match[0]])


def _times(match: re.Match[str], reading: Reading) -> Atom:
    return every(reading, 1, UNITS[match["unit"]])


def _every_weekday(match: re.Match[str], reading: Reading) -> Atom:
    return every_weekday(reading, WEEKDAYS[(match["wd"] or match["wd2"]).rstrip(".")])


def _monthday(match: re.Match[str], reading: Reading) -> Atom:
    return every_monthday(reading, int(match["d"]))


def _yearday(match: re.Match[str], reading: Reading) -> Atom:
    month = MONTH_NUMBERS[(match["m"] or match["m2"]).rstrip(".")]
    return every_monthday(reading, int(match["d"] or match["d2"]), month)


_UNIT = "second|minute|hour|day|week|fortnight|month|quarter|year"
_MARK = "(?:st|nd|rd|th)"
_DAY = rf"(?P<d>\d{{1,2}}){_MARK}"

RULES: list[Rule] = [
    rule(_later, rf"\b(?:(?P<how>within)(?: the next)?|in) {AMOUNT}(?: time)?(?!'| of\b)",
         needs=HOLDS_UNIT),
    rule(_from_now, rf"\b{AMOUNT} (?:(?P<ago>ago)|from (?:now|today)|hence)\b(?! (?:today|on)\b)",
         needs=("ago", "from now", "from today", "hence")),
    rule(_window, r"\b(?:for |over |in |during |within )?the ",
                  rf"(?P<which>last|past|previous|next|coming) {AMOUNT}",
         needs=HOLDS_UNIT),
    rule(_window, r"\b(?:(?:over|in|during|for) the (?:last|past)|the past) ",
                  r"(?P<u>week|month|year|quarter|fortnight)\b", needs=("the last", "the past")),
    rule(_duration, rf"(?<![\d.,$-])\b{AMOUNT}(?! old\b| ago\b|-old\b)", needs=HOLDS_UNIT),
    # Three days before the wedding: from an event, together with its words.
    void(rf"\b{AMOUNT} (?:(?:later|earlier)\b|(?:before|after|from|prior to)\b(?! now| today)",
         r"(?: (?:the|this|next|last))?(?: \w+){0,2})", needs=HOLDS_UNIT),
    rule(_every, rf"\b(?:every|each) (?:(?P<other>other|second) |(?P<n>{COUNT}) )?(?P<unit>weekend"
                 r"|weekday|workday|working day|business day|morning|afternoon|evening|night",
                 rf"|{_UNIT})s?\b", needs=("every", "each")),
    rule(_every_weekday,
         rf"\b(?:every|each) (?P<wd>{WEEKDAY})\b|\bon (?P<wd2>{WEEKDAY_FULL})s\b",
         needs=("every", "each", "days")),
    rule(_adverb, rf"\b(?:{'|'.join(ADVERBS)})\b", needs=tuple(ADVERBS)),
    rule(_times, rf"\b(?:once|twice|(?:{COUNT}) times) (?:a|per|every|each) "
                 r"(?P<unit>hour|day|week|month|quarter|year)\b", needs=("once", "twice", "times")),
    rule(_monthday, rf"\b(?:on )?the {_DAY} (?:day )?of (?:every|each|the) month\b",
         needs=(" month",)),
    rule(_yearday, rf"\bevery (?:(?P<m>{MONTH}) (?:the )?(?P<d>\d{{1,2}}){_MARK}?"
                   rf"|(?P<d2>\d{{1,2}}){_MARK}? (?:of )?(?P<m2>{MONTH}))(?!\w)", needs=("every",)),
]  # fmt: skip
