"""Time expressions in English and Chinese: where they are in a text, and which time they mean.

`find(text, now)` gives the spans of running text. It infers nothing where the text is doubtful, and
costs a few microseconds when no word of time is in it. `when(text, now)` reads a text that is one
expression as a whole, given by a user: ISO forms at once, then the grammars, then dateparser (other
languages); it raises `DateError` rather than guess. Times are naive local wall times; weeks start
on Monday; ends are exclusive. The flow:

1. gate      one regular expression: may there be a time at all?
2. atoms     the rules of `dates_zh`, `dates_en` and `dates_numeric` (see `dates_atoms`)
3. compose   atoms side by side become spans, with their sense (see `dates_compose`)
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from .dates_span import DateError, Grain, Impossible, Recurrence, Sense, Span

__all__ = ["DateError", "Grain", "Recurrence", "Sense", "Span", "find", "tokens", "when"]

_CJK = re.compile(r"[\u4e00-\u9fff]")
_GATE = re.compile(
    r"[天日年月周季早晚晨夜]|星期|礼拜|小时|分钟|钟头|[上中下]午|凌晨|傍晚|[\d一二两三四五六七八九十半几][点时号秒刻]"
    r"|\d[:：]\d\d|\d{4}[-/.]\d|\d/\d|\d(?:st|nd|rd|th)\b|\d ?[ap]\.?m\b|[０-９]"
    r"|\b(?:to(?:day|morrow|night)|tmrw|yesterday|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}|q[1-4]|eo[dwmy]"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}|days?|weeks?|week(?:end|day)s?"
    r"|months?|quarters?|years?|hours?|minutes?|seconds?|fortnight|morning|afternoon|evening|night"
    r"|noon|midday|midnight|daily|hourly|weekly|fortnightly|monthly|quarterly|yearly|annually"
    r"|o'?clock|(?:in|since|by|until|before|during|till) \d{4})\b"
)


def find(text: str, now: datetime, *, past: bool | None = None) -> list[Span]:
    """The time expressions of a text from left to right; `past` overrides the cues of tense."""
    if not _GATE.search(text.lower()):
        return []
    return _read(text, now, past, explicit=False)


def when(text: str, now: datetime, *, past: bool | None = None) -> Span:
    """The whole text as one time; `past` says which Friday "Friday" is (otherwise: the coming)."""
    from .dates_numeric import iso

    said = text.strip().rstrip("。!！")
    if not said.endswith("m."):  # p.m.
        said = said.rstrip(".")
    try:
        span = iso(said)
        if span is None:
            span = _whole(said, now, past)
    except Impossible as error:
        raise DateError(f"{_short(text)}: {error}") from None
    if span is None:
        raise DateError(f"cannot read {_short(text)} as a time (2024-05-10, yesterday, 上周三)")
    return span


def tokens(text: str, now: datetime) -> list[str]:
    """Search tokens of the days, months and years that a text names: d2024-05-10, m2024-05, y2024.

    A span within one day gives the day and its month, one within a month the month, one within a
    year the year; durations, recurrences and longer stretches give none.
    """
    result: dict[str, None] = {}
    for span in find(text, now):
        if span.sense not in ("point", "deadline"):
            continue
        start, last = span.start, span.end - timedelta(microseconds=1)
        day = start.isoformat()[:10]
        if start.date() == last.date():
            result["d" + day] = None
        if (start.year, start.month) == (last.year, last.month):
            result["m" + day[:7]] = None
        elif start.year == last.year:
            result["y" + day[:4]] = None
    return list(result)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 40 else line[:39] + "…")


def _read(text: str, now: datetime, past: bool | None, explicit: bool) -> list[Span]:
    from .dates_atoms import Reading, Rule, atoms, plain
    from .dates_compose import spans

    reading = Reading(text, plain(text), now, past, explicit)
    rules: list[Rule] = []
    if _CJK.search(text):
        from .dates_zh import RULES as zh

        rules += zh
    if not rules or re.search("[A-Za-z]{3}", text):
        from .dates_en import RULES as en

        rules += en
    return spans(reading, atoms(reading, rules))


def _whole(said: str, now: datetime, past: bool | None) -> Span | None:
    if said.lower() in ("now", "right now", "现在", "此刻"):
        start = now.replace(microsecond=0)
        return Span(said, 0, len(said), start, start + timedelta(seconds=1), "second", "point")
    found = _read(said, now, past, explicit=True)
    if len(found) == 1 and (found[0].begin, found[0].finish) == (0, len(said)):
        return found[0]
    if found or _CJK.search(said) or len(said) > 60:
        return None
    from .dates_fallback import other

    return other(said, now)
