"""Time expressions in English and Chinese: where they are in a text, and which time they mean.

`find(text, now)` gives the spans of running text. It infers nothing where the text is doubtful, and
costs a few microseconds when no word of time is in it. `when(text, now)` reads a text that is one
expression as a whole, given by a user: ISO forms at once, then the grammars, then dateparser (other
languages); it raises `DateError` rather than guess. Times are naive local wall times; weeks start
on Monday; ends are exclusive. The flow:

1. gate      one regular expression: may there be a time at all?
2. atoms     the rules of `zh`, `en` and `numeric` (see `atoms`)
3. compose   atoms side by side become spans, with their sense (see `compose`)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ltm_cli.nlp.dates.prefilters import by_initial
from ltm_cli.nlp.dates.span import DateError, Grain, Impossible, Recurrence, Sense, Span

__all__ = ["DateError", "Grain", "Impossible", "Recurrence", "Sense", "Span", "find", "named",
           "refused", "tokens", "when"]  # fmt: skip

_STOP = re.compile("[.!?](?=\\s+[A-Z\u4e00-\u9fff])|[。！？\\n]")
_DIGIT = re.compile(r"\d")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_NUMERAL = r"[\d一二两三四五六七八九十半几]"
_GATE_ZH = re.compile(  # begins with one set of characters: the fastest search there is
    r"[天日年月周季早晚晨夜期拜午钟时点号秒刻]"
    r"(?:(?<=[天日年月周季早晚晨夜])|(?<=星期)|(?<=礼拜)|(?<=[上中下]午)|(?<=分钟)|(?<=小时)"
    rf"|(?<={_NUMERAL}[点时号秒刻]))"
)
# Of a sentence without a letter or figure, which passes for 天气 or 晚饭: every rule of the Chinese
# grammar (but those of what only looks like a time) needs one of these.
_LATIN = re.compile(r"[A-Za-z\d\uff21-\uff5a]")
_TIMES_ZH = re.compile(
    r"[周月年每隔秒]|[昨今明][天儿日早晚晨夜]|[前后][天晚]|[零〇一二两三四五六七八九十百半]个?[天日号点时]"
    r"|星期|礼拜|季度|小时|分钟|钟头|凌晨|清[晨早]|大早|早[晨上]|[上中下]午|午后|傍晚|晚[上间]|夜[里晚]|[深半]夜"
)
_WEAK = r"(?:may|mar(?:ch)?|sat|sun|mon|wed)"  # these are words, too
_WORDS = (
    "today tomorrow tonight tmrw yesterday mondays? tuesdays? wednesdays? thursdays? fridays? "
    "saturdays? sundays? tues? weds thu(?:rs?)? fri q[1-4] eo[dwmy] january february april "
    "june july august september october november december jan feb apr jun jul aug sept? oct "
    "nov dec days? weeks? week(?:end|day)s? workdays? months? quarters? years? hours? "
    "minutes? seconds? mins? secs? hrs? yrs? fortnights? morning afternoon evening night noon "
    "midday midnight daily hourly weekly fortnightly monthly quarterly yearly annually "
    "o'?clock"
).split()
_LEADS = (
    "in on by before until till since last this next every each from due early late during and "
    "to through of the mid"
).split()


_LED = [rf"{lead}[ -](?:{_WEAK}|[12]\d\d\d)" for lead in _LEADS]  # in May, since 2019
_GATE = re.compile(
    rf"\b(?:(?:{by_initial(_WORDS + _LED)})\b"
    rf"|{_WEAK},? ?(?:the )?\d)"
    rf"|\d(?:(?:st|nd|rd|th)\b|(?:st|nd|rd|th)?,? (?:of )?{_WEAK}\b|[:：]\d\d|\d{{3}}[-/.]\d|/\d"
    r"| ?[ap]\.?m\b|(?:min|sec|hour|hr|day|week|year))"
    r"|[０-９]"
)


def _gate(text: str) -> bool:
    low = text.lower()
    return bool((not low.isascii() and _GATE_ZH.search(low)) or _GATE.search(low))


def find(text: str, now: datetime, *, past: bool | None = None) -> list[Span]:
    """The time expressions of a text from left to right; `past` overrides the cues of tense."""
    if not _gate(text):
        return []
    return _read(text, now, past, explicit=False)


def refused(text: str, now: datetime) -> list[tuple[str, Impossible]]:
    """The expressions from which `find` infers nothing, each with the reason why."""
    found: list[tuple[str, Impossible]] = []
    if _gate(text):
        _read(text, now, None, explicit=False, refused=found)
    return found


def when(text: str, now: datetime, *, past: bool | None = None) -> Span:
    """The whole text as one time; `past` says which Friday "Friday" is (otherwise: the coming)."""
    from ltm_cli.nlp.dates.iso import iso

    said = text.strip().rstrip("。!！")
    if not said.endswith("m."):  # p.m.
        said = said.rstrip(".")
    try:
        span = iso(said)
        if span is None:
            span = _whole(said, now, past)
    except Impossible as error:
        raise DateError("{words}: {reason}", words=_short(text), reason=error) from None
    if span is None:
        raise DateError("cannot understand the time {words}", words=_short(text))
    return span


def tokens(text: str, now: datetime) -> list[str]:
    """Search tokens of the days, months and years that a text names: d2024-05-10, m2024-05, y2024.

    A span within one day gives the day and its month, one within a month the month, one within a
    year the year; durations, recurrences and longer stretches give none.
    """
    return named(find(text, now))


def named(spans: Iterable[Span]) -> list[str]:
    """The search tokens of these spans (see `tokens`)."""
    result: dict[str, None] = {}
    for span in spans:
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


def _read(
    text: str,
    now: datetime,
    past: bool | None,
    explicit: bool,
    refused: list[tuple[str, Impossible]] | None = None,
) -> list[Span]:
    where = [(0, len(text))] if explicit else list(_gated(text))
    if not where:
        return []
    from ltm_cli.nlp.dates.atoms import Reading, Rule, atoms, plain
    from ltm_cli.nlp.dates.compose import spans

    reading = Reading(text, plain(text), now, past, explicit)
    rules: list[Rule] = []
    if _CJK.search(text):
        from ltm_cli.nlp.dates.zh import RULES as zh

        rules += zh
    if not rules or re.search("[A-Za-z]{2}", text):
        from ltm_cli.nlp.dates.en import RULES as en
        from ltm_cli.nlp.dates.en import WORDS as words

        rules += en if _DIGIT.search(reading.plain) else words
    return spans(reading, atoms(reading, rules, where), refused)


def _gated(text: str) -> Iterator[tuple[int, int]]:
    """The sentences that may hold a time, as (begin, end)."""
    start = 0
    for stop in (*(match.end() for match in _STOP.finditer(text)), len(text)):
        if start < stop and _may_tell(text[start:stop]):
            yield start, stop
        start = stop


def _may_tell(sentence: str) -> bool:
    return _gate(sentence) and bool(_LATIN.search(sentence) or _TIMES_ZH.search(sentence))


def _whole(said: str, now: datetime, past: bool | None) -> Span | None:
    if said.lower() in ("now", "right now", "现在", "此刻"):
        from ltm_cli.nlp.dates.calendar import around

        return Span(said, 0, len(said), *around(now, "second"), "point")
    found = _read(said, now, past, explicit=True)
    if len(found) == 1 and (found[0].begin, found[0].finish) == (0, len(said)):
        return found[0]
    if len(found) > 1 or _CJK.search(said) or len(said) > 60:
        return None
    from ltm_cli.nlp.dates.fallback import other

    return other(said, now)
