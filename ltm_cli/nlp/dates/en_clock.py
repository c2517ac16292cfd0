"""The English grammar of the time of day.

3pm, 3:30 p.m., at 15:00, noon, at 8 in the morning, 7 o'clock in the evening; EOD, EOW.
Midnight ends its day. "Tomorrow at 3" is tomorrow: which 3 is meant, nobody said.
"""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.atoms import Atom, Clock, Reading, Rule, fixed, rule
from ltm_cli.nlp.dates.calendar import part_of_period, period_around
from ltm_cli.nlp.dates.en_words import COUNTS, PARTS
from ltm_cli.nlp.dates.span import Grain, Impossible


def _end(match: re.Match[str], reading: Reading) -> Atom:
    """EOM, month end, end of day."""
    grains: dict[str, Grain] = {"w": "week", "m": "month", "y": "year"}
    grain = grains.get(match["u"] or match["short"] or "d", "day")
    whole = period_around(reading.now, grain)
    return fixed(whole if grain == "day" else part_of_period(whole, "end"))


def _clock(match: re.Match[str], reading: Reading) -> Atom | None:
    hour, minute, part = int(match["h"]), int(match["mi"] or 0), match["part"]
    if part and 12 < hour < 24:  # 19:00 in the evening
        return _sure(hour, match["mi"])
    if not 1 <= hour <= 12 or minute > 59:
        raise Impossible("{words} is not a time of day", words=match[0])
    afternoon = match["ap"] == "p" or (match["ap"] is None and part != "morning")
    if match["night"] or part == "evening":
        afternoon = 4 < hour < 12
        if hour == 12 or not afternoon:  # 2 at night, 12 in the evening: of which day?
            return None
    return _sure(hour % 12 + (12 if afternoon else 0), match["mi"])


def _sure(hour: int, minute: str | None) -> Atom:
    return Atom(clock=Clock(hour, int(minute) if minute else None, None, True))


def _oclock(match: re.Match[str], reading: Reading) -> Atom | None:
    hour = int(match[1]) if match[1].isdigit() else COUNTS[match[1]]
    if not 0 <= hour <= 24:
        return None
    return Atom(clock=Clock(hour, None, None, hour > 12 or hour == 0), weak="clock")


def _noon(match: re.Match[str], reading: Reading) -> Atom:
    hour = 12 if match[0] != "midnight" else 24
    return Atom(clock=Clock(hour, None, None, True), weak="clock")


def _part(match: re.Match[str], reading: Reading) -> Atom:
    return Atom(part=PARTS[match[1]], weak="part")


_HOURS = r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"

RULES: list[Rule] = [
    rule(_end, r"\beo(?P<short>[dwmy])\b|\b(?P<u>[wmy])(?:eek|onth|ear)[ -]end\b"
               r"|\b(?:the )?end of (?:the |today's )?day\b", needs=("eo", "end")),
    rule(_clock, r"(?<![\d.:$])(?<!\d[-–])\b(?P<h>\d{1,2})(?:[:.](?P<mi>\d\d))?"
                 r"(?: ?(?P<ap>[ap])(?:m\b|\.m\.)|(?: o'?clock)? "
                 r"(?:in the (?P<part>morning|afternoon|evening)|at (?P<night>night))\b)",
         needs=("am", "pm", "a.m", "p.m", "in the ", "at night")),
    rule(_oclock, rf"\b(\d{{1,2}}|{_HOURS}) o'?clock\b", needs=("clock",)),
    rule(_noon, r"\b(?:noon|midday|midnight)\b", needs=("noon", "midday", "midnight")),
    rule(_part, r"\b(?:in the )?(morning|afternoon|evening|night)\b", needs=tuple(PARTS)),
]  # fmt: skip
