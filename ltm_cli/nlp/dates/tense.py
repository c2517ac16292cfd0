"""Past or future, told by plain cues: which Monday is meant by "on Monday I went", 周一我去了.

The clause (up to commas) decides, else the whole sentence. A future cue is stronger than a past
one: 周一要交报告了 is to come, "I was told to send it on Friday" too. Without any cue: neither.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

_FUTURE_ZH = (
    r"(?<![重主需纪摘概首扼])要(?![求点闻素])|(?<![开聚约晚宴年机社省])会(?![议员场面谈])|将(?![军近])|记得|提醒"
    r"|打算|计划|准备|预计|必须|应该|需要|别忘|下次|即将|安排在|定在|截止|到期|想去|请(?![假客])"
    r"|(?<=[ 天日])得(?=[把去给先在赶])"
)
_FUTURE_EN = (
    r"\b(?:will|won't|shall|must|should|going to|gonna|(?:have|has|need|needs|want|wants|plan|plans"
    r"|hope|hopes|got|told|asked|supposed|scheduled|planned|expected|intend|promised) to"
    r"|remind|remember to|don't forget|due|let's|scheduled for|can you|could you|please)\b|'ll\b"
)
_PAST_ZH = (
    r"了(?!解|不起)|(?<![不通超经难])过(?![来去程年节期度敏于生])|曾|刚刚|刚才|已经|当时|那天"
)
_PAST_EN = (
    r"\b(?:was|were|did|didn't|had|went|ate|bought|saw|met|came|took|made|sent|gave|told|said|got"
    r"|ran|read|wrote|began|left|lost|won|paid|spent|felt|fell|found|heard|kept|knew|thought|slept"
    r"|swam|drove|flew|rode|spoke|taught|caught|brought|broke|built|drank|forgot|held|sold|wore|woke"
    r"|became|grew|hung|sang|sat|stood|threw|understood"
    r"|(?!(?:need|feed|seed|speed|bleed|breed|indeed|hundred|sacred|naked|exceed|proceed|succeed"
    r"|embed|shed|sled|red|bed|fed|wed|led|med|scheduled|supposed|planned|expected|united|agreed)\b)"
    r"[a-z]{2,}ed)\b"
)
_SENTENCE = re.compile(r"[.!?;。！？；\n](?=\s|$|[^\x00-\x7f])|[。！？；\n]")
_CLAUSE = re.compile(r"[,，、:：]")
_REACH = 200  # characters on each side that are looked at: a longer sentence is no sentence


@lru_cache(maxsize=1)
def _cues() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(f"{_FUTURE_ZH}|{_FUTURE_EN}"), re.compile(f"{_PAST_ZH}|{_PAST_EN}")


def _bounds(text: str, begin: int, finish: int, stop: re.Pattern[str]) -> tuple[int, int]:
    start = max((m.end() for m in stop.finditer(text, 0, begin)), default=0)
    after = stop.search(text, finish)
    return start, after.start() if after else len(text)


def find_tense(text: str, begin: int, finish: int) -> Literal["past", "future", ""]:
    """Of the expression at [begin, finish) in the lower-case text."""
    future, past = _cues()
    text, skipped = text[max(0, begin - _REACH) : finish + _REACH], max(0, begin - _REACH)
    begin, finish = begin - skipped, finish - skipped
    for stop in (_CLAUSE, _SENTENCE):
        start, end = _bounds(text, begin, finish, _SENTENCE)
        if stop is _CLAUSE:
            inner = _bounds(text[start:end], begin - start, finish - start, stop)
            start, end = start + inner[0], start + inner[1]
        around = text[start:begin] + " " + text[finish:end]
        if future.search(around):
            return "future"
        if past.search(around):
            return "past"
    return ""
