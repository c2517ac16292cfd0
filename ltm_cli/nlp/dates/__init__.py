"""Time expressions in English and Chinese: where they are in a text, and which time they mean.

>>> from datetime import datetime
>>> from ltm_cli.nlp import dates
>>> now = datetime(2024, 5, 15, 9, 30)  # a Wednesday

`find` gives the spans of running text, from left to right. It infers nothing where the text is in
doubt, and costs a few microseconds where no word of time is in it.

>>> [(span.text, span.start.isoformat()) for span in dates.find("I met Ada last Friday.", now)]
[('last Friday', '2024-05-10T00:00:00')]
>>> [(span.text, span.start.isoformat()) for span in dates.find("明天下午三点开会", now)]
[('明天下午三点', '2024-05-16T15:00:00')]
>>> [(span.text, span.sense) for span in dates.find("周五之前交报告 every other week", now)]
[('周五之前', 'deadline'), ('every other week', 'recurrence')]

`parse` takes a whole text, given by a user, for one time: ISO forms at once, then the grammars,
then dateparser if it is installed (other languages). It raises `DateError` rather than guess.

>>> dates.parse("in two weeks", now).start.isoformat()
'2024-05-29T00:00:00'
>>> span = dates.parse("上周三", now)
>>> span.start.isoformat(), span.end.isoformat(), span.grain
('2024-05-08T00:00:00', '2024-05-09T00:00:00', 'day')

`find_rejected` gives the expressions of which `find` makes nothing, and why.

>>> [(text, str(reason)) for text, reason in dates.find_rejected("Pay on 31 April", now)]
[('on 31 April', 'there is no day 2024-04-31')]
>>> [text for text, reason in dates.find_rejected("2月30日见", now)]
['2月30日']

`search_tokens` names the days, months and years of spans, the same in every language.

>>> dates.search_tokens(dates.find("yesterday, and in 2022", now))
['d2024-05-14', 'm2024-05', 'y2022']
>>> dates.search_tokens(dates.find("昨天", now))
['d2024-05-14', 'm2024-05']

Times are naive local wall times; weeks start on Monday; ends are exclusive. The flow:

1. look      one regular expression: may there be a time at all?
2. atoms     the rules of `zh`, `en` and `numeric` (see `atoms`)
3. compose   atoms side by side become spans, with their sense (see `compose`)

It needs nothing of the rest of ltm, and of other packages only dateparser, when it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ltm_cli.nlp.dates.prefilters import alternatives
from ltm_cli.nlp.dates.span import DateError, Grain, Impossible, Recurrence, Sense, Span

__all__ = [
    "DateError",
    "Grain",
    "Impossible",
    "Recurrence",
    "Sense",
    "Span",
    "find",
    "find_rejected",
    "parse",
    "search_tokens",
]  # fmt: skip

_STOP = re.compile("[.!?](?=\\s+[A-Z\u4e00-\u9fff])|[。！？\\n]")
_DIGIT = re.compile(r"\d")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_NUMERAL = r"[\d一二两三四五六七八九十半几]"
_TIME_WORDS_ZH = re.compile(  # begins with one set of characters: the fastest search there is
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
_UNSURE = r"(?:may|mar(?:ch)?|sat|sun|mon|wed)"  # these are words, too
_WORDS = (
    "today tomorrow tonight tmrw yesterday mondays? tuesdays? wednesdays? thursdays? fridays? "
    "saturdays? sundays? tues? weds thu(?:rs?)? fri q[1-4] eo[dwmy] january february april "
    "june july august september october november december jan feb apr jun jul aug sept? oct "
    "nov dec days? weeks? week(?:end|day)s? workdays? months? quarters? years? hours? "
    "minutes? seconds? mins? secs? hrs? yrs? fortnights? morning afternoon evening night noon "
    "midday midnight daily hourly weekly fortnightly monthly quarterly yearly annually "
    "o'?clock"
).split()
_PREPOSITIONS = (
    "in on by before until till since last this next every each from due early late during and "
    "to through of the mid"
).split()


_AFTER_PREPOSITION = [
    rf"{lead}[ -](?:{_UNSURE}|[12]\d\d\d)" for lead in _PREPOSITIONS
]  # in May, since 2019
_TIME_WORDS = re.compile(
    rf"\b(?:(?:{alternatives(_WORDS + _AFTER_PREPOSITION)})\b"
    rf"|{_UNSURE},? ?(?:the )?\d)"
    rf"|\d(?:(?:st|nd|rd|th)\b|(?:st|nd|rd|th)?,? (?:of )?{_UNSURE}\b|[:：]\d\d|\d{{3}}[-/.]\d|/\d"
    r"| ?[ap]\.?m\b|(?:min|sec|hour|hr|day|week|year))"
    r"|[０-９]"
)


def _may_hold_time(text: str) -> bool:
    low = text.lower()
    return bool((not low.isascii() and _TIME_WORDS_ZH.search(low)) or _TIME_WORDS.search(low))


def find(text: str, now: datetime, *, past: bool | None = None) -> list[Span]:
    """The time expressions of a text from left to right; `past` overrides the cues of tense."""
    if not _may_hold_time(text):
        return []
    return _find_spans(text, now, past, explicit=False)


def find_rejected(text: str, now: datetime) -> list[tuple[str, Impossible]]:
    """The expressions from which `find` infers nothing, each with the reason why."""
    found: list[tuple[str, Impossible]] = []
    if _may_hold_time(text):
        _find_spans(text, now, None, explicit=False, rejected=found)
    return found


def parse(text: str, now: datetime, *, past: bool | None = None) -> Span:
    """The whole text as one time; `past` says which Friday "Friday" is (otherwise: the coming)."""
    from ltm_cli.nlp.dates.iso import parse_iso

    said = text.strip().rstrip("。!！")
    if not said.endswith("m."):  # p.m.
        said = said.rstrip(".")
    try:
        span = parse_iso(said)
        if span is None:
            span = _parse_whole(said, now, past)
    except Impossible as error:
        raise DateError("{words}: {reason}", words=_shortened(text), reason=error) from None
    if span is None:
        raise DateError("cannot understand the time {words}", words=_shortened(text))
    return span


def search_tokens(spans: Iterable[Span]) -> list[str]:
    """The days, months and years that spans name: d2024-05-10, m2024-05, y2024.

    A span within one day gives the day and its month, one within a month the month, one within a
    year the year; durations, recurrences and longer stretches give none.
    """
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


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 40 else line[:39] + "…")


def _find_spans(
    text: str,
    now: datetime,
    past: bool | None,
    explicit: bool,
    rejected: list[tuple[str, Impossible]] | None = None,
) -> list[Span]:
    where = [(0, len(text))] if explicit else list(_candidate_sentences(text))
    if not where:
        return []
    from ltm_cli.nlp.dates.atoms import Reading, Rule, find_atoms, normalise
    from ltm_cli.nlp.dates.compose import compose

    reading = Reading(text, normalise(text), now, past, explicit)
    rules: list[Rule] = []
    if _CJK.search(text):
        from ltm_cli.nlp.dates.zh import RULES as zh

        rules += zh
    if not rules or re.search("[A-Za-z]{2}", text):
        from ltm_cli.nlp.dates.en import RULES as en
        from ltm_cli.nlp.dates.en import WORDS as words

        rules += en if _DIGIT.search(reading.plain) else words
    return compose(reading, find_atoms(reading, rules, where), rejected)


def _candidate_sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences that may hold a time, as (begin, end)."""
    start = 0
    for stop in (*(match.end() for match in _STOP.finditer(text)), len(text)):
        if start < stop and _may_state_time(text[start:stop]):
            yield start, stop
        start = stop


def _may_state_time(sentence: str) -> bool:
    return _may_hold_time(sentence) and bool(_LATIN.search(sentence) or _TIMES_ZH.search(sentence))


def _parse_whole(said: str, now: datetime, past: bool | None) -> Span | None:
    if said.lower() in ("now", "right now", "现在", "此刻"):
        from ltm_cli.nlp.dates.calendar import period_around

        return Span(said, 0, len(said), *period_around(now, "second"), "point")
    found = _find_spans(said, now, past, explicit=True)
    if len(found) == 1 and (found[0].begin, found[0].finish) == (0, len(said)):
        return found[0]
    if len(found) > 1 or _CJK.search(said) or len(said) > 60:
        return None
    from ltm_cli.nlp.dates.fallback import parse_with_dateparser

    return parse_with_dateparser(said, now)
