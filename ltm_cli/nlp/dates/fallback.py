"""dateparser, for what the grammars leave to it: other languages, and rarer forms in English.

Only a full date counts (day, month and year, or a distance from now), and every number of the text
must be in the result: "31 April" is not a day of the year 31.
"""

from __future__ import annotations

import re
from datetime import datetime

from ltm_cli.nlp.dates.calendar import period_around
from ltm_cli.nlp.dates.span import Grain, Span

_LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "ru"]


def parse_with_dateparser(text: str, now: datetime) -> Span | None:
    """The whole text as a point; None if dateparser is missing or does not know it for certain."""
    if not re.search(r"[^\W\d_]{2}", text):
        return None
    try:
        from dateparser.date import DateDataParser
    except ImportError:
        return None
    settings = {"RELATIVE_BASE": now, "STRICT_PARSING": True, "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        found = DateDataParser(languages=_LANGUAGES, settings=settings).get_date_data(text).date_obj
    except (OverflowError, ValueError):
        return None
    if found is None:
        return None
    found = found.replace(tzinfo=None)
    away = abs(found - now)
    known = {found.year, found.year % 100, found.month, found.day, found.hour, found.hour % 12,
             found.minute, found.second, away.days, away.days // 7, round(away.days / 30.44),
             round(away.days / 365.25), away.seconds // 3600, away.seconds // 60, 12}  # fmt: skip
    if any(int(number) not in known for number in re.findall(r"\d+", text)):
        return None
    clock = re.search(r"\d\s*[:h]|\d\s*[ap]\.?m|uhr", text, re.I)
    grain: Grain = "minute" if clock else "day"
    return Span(text, 0, len(text), *period_around(found, grain), "point")
