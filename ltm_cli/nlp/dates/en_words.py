"""The words of the English grammar: numbers, units, months, weekdays, parts of the day."""

from __future__ import annotations

from ltm_cli.nlp.dates.atoms import Part
from ltm_cli.nlp.dates.calendar import Amount
from ltm_cli.nlp.dates.span import Unit

_COUNTS = ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
           "fifteen sixteen seventeen eighteen nineteen twenty").split()  # fmt: skip
COUNTS = {word: i + 1 for i, word in enumerate(_COUNTS)} | {
    "a": 1, "an": 1, "a couple of": 2, "a dozen": 12, "thirty": 30, "forty": 40, "forty-five": 45,
    "sixty": 60, "ninety": 90,
}  # fmt: skip
_ORDINALS = ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
             "thirteenth fourteenth fifteenth").split()  # fmt: skip
ORDINALS = {word: i + 1 for i, word in enumerate(_ORDINALS)}

MONTHS = ("january february march april may june july august september october november "
          "december").split()  # fmt: skip
MONTH_NUMBERS = {m: i + 1 for i, m in enumerate(MONTHS)}
MONTH_NUMBERS |= {m[:3]: i + 1 for i, m in enumerate(MONTHS)} | {"sept": 9}
WEEKDAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday".split()
WEEKDAYS = {d: i for i, d in enumerate(WEEKDAY_NAMES)} | {
    d[:3]: i for i, d in enumerate(WEEKDAY_NAMES)
}
WEEKDAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}

PARTS = {
    "morning": Part(6, 12, "am"), "afternoon": Part(12, 18, "pm"),
    "evening": Part(18, 24, "evening"), "night": Part(18, 24, "evening"),
}  # fmt: skip
PIECES = {"start": "start", "beginning": "start", "early": "start", "mid": "mid", "middle": "mid",
          "late": "end", "end": "end"}  # fmt: skip

UNITS: dict[str, Unit] = {
    "sec": "second", "second": "second", "min": "minute", "minute": "minute", "hour": "hour",
    "hr": "hour", "day": "day", "week": "week", "month": "month", "quarter": "quarter",
    "year": "year", "yr": "year", "weekend": "weekend", "weekday": "workday", "workday": "workday",
    "working day": "workday", "business day": "workday",
}  # fmt: skip
ADVERBS: dict[str, tuple[int, Unit]] = {
    "hourly": (1, "hour"), "daily": (1, "day"), "weekly": (1, "week"), "fortnightly": (2, "week"),
    "monthly": (1, "month"), "quarterly": (1, "quarter"), "yearly": (1, "year"),
    "annually": (1, "year"),
}  # fmt: skip
_HALVES: dict[Unit, Amount] = {
    "hour": ((30, "minute"),), "year": ((6, "month"),), "minute": ((30, "second"),),
    "day": ((12, "hour"),), "month": ((15, "day"),),
}  # fmt: skip

# Of a unit, month or weekday that a text names, each in any of its forms, it holds one of these.
HOLDS_UNIT = ("sec", "min", "hour", "hr", "day", "week", "fortnight", "month", "quarter", "year",
              "yr")  # fmt: skip
HOLDS_MONTH = tuple(month[:3] for month in MONTHS)
HOLDS_WEEKDAY = tuple(day[:3] for day in WEEKDAY_NAMES)
_MONTH_FULL = "|".join(MONTHS)
MONTH = rf"(?:{_MONTH_FULL}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
WEEKDAY_FULL = "|".join(WEEKDAY_NAMES)
WEEKDAY = rf"(?:{WEEKDAY_FULL}|(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)\b\.?)"
COUNT = r"(?:\d{1,4}|" + "|".join(sorted(COUNTS, key=len, reverse=True)) + ")"
# half an hour, a couple of weeks, 3 days, two and a half hours, a fortnight
AMOUNT = (
    rf"(?:(?P<half>half an?|half) |(?P<n>{COUNT})(?P<dot>\.5)?(?P<and> and a half)?[ -]?)"
    r"(?P<u>second|sec|minute|min|hour|hr|day|week|fortnight|month|quarter|year|yr)s?"
    r"(?P<tail> and a half)?(?![a-z])"
)


def parse_count(text: str) -> int:
    return int(text) if text.isdigit() else COUNTS[text]


def parse_amount(said: dict[str, str | None]) -> Amount | None:
    """The amount that AMOUNT matched; None for idioms (a second, half a day) and absurdities."""
    word = said["u"] or ""
    scale = 2 if word == "fortnight" else 1
    unit: Unit = "week" if word == "fortnight" else UNITS[word]
    half = _HALVES.get(unit)
    if said["half"]:
        return half if unit in ("hour", "year") else None
    number = said["n"] or ""
    if number in ("a", "an") and unit in ("second", "minute"):
        return None
    size: Amount = ((parse_count(number) * scale, unit),)
    if said["dot"] or said["and"] or said["tail"]:
        return size + half if half else None
    return size
