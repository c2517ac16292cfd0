"""The words before and after an expression: its sense, and whether it is a time at all.

deadline  by, before, until, no later than, due (on) | 截止(到), 最晚, 之前, 前, 为止, 内
since     since | 自从, 以来, 至今: from then until now
point     in, on, at, during, over, around, from
The prepositions of English belong to the span, so that a task can be told without its time.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from ltm_cli.nlp.dates.atoms import Atom, Reading, Weak


class Phrase(NamedTuple):
    """An expression with its prepositions."""

    begin: int
    finish: int
    sense: Literal["", "deadline", "since", "from"]
    certain: bool


_DEADLINE = (
    "by no later than", "no later than", "not later than", "at the latest by", "latest by", "by",
    "before", "until", "till", "due on", "due by", "due in", "due at", "due", "deadline is",
    "deadline:", "deadline", "not after",
)  # fmt: skip
_POINT = (
    "in", "on", "at", "during", "over", "around", "about", "as of", "for", "after", "not before",
    "not until", "no earlier than",
)  # fmt: skip
_SINCE = ("ever since", "since")
_FROM = ("from", "between")
_COST = ("took", "takes", "take", "lasted", "lasts", "last", "spent", "spend")  # of a duration
_WORDS = sorted({*_DEADLINE, *_POINT, *_SINCE, *_FROM, *_COST}, key=len, reverse=True)
_BEFORE_EN = re.compile(
    rf"(?<![a-z0-9'-])({'|'.join(_WORDS)})\s*(?:(?<=\s)(?:the|about|around)\s+)?$"
)
_BEFORE_ZH = re.compile(
    r"(?:截止(?:日期|时间|日)?[是为到至在:]?|截至|最晚|最迟|不晚于|不迟于|赶在|(?:ddl|deadline)[是为:]?)\s*$"
)
_SINCE_ZH = re.compile(r"自从?$")
_TO_ZH = re.compile(r"直?到$")
_AFTER = re.compile(
    r"\s*(?:(?P<deadline>(?:下班|放学|睡|收盘|关门)?(?:的?之前|的?以前|前(?!所未|提(?![交供出醒高前])|[后夕沿面半期台端往去来一二两三四五六七八九十几\d]))|(?:就|日)?截止"
    r"|到期|(?P<stop>为止)|(?P<within>[之以]?内(?![容部心存科外地]))"
    r"|at the latest\b|or earlier\b)|(?P<since>以来|至今))"
)
_DEADLINES = frozenset(_DEADLINE)
# Which prepositions make an uncertain atom certain.
_CONFIRMS: dict[Weak, frozenset[str]] = {
    "month": frozenset(("in", "during", "from", *_DEADLINE, *_SINCE)),
    "year": frozenset(("in", "during", *_DEADLINE, *_SINCE)),
    "weekday": frozenset(("on", "from", *_DEADLINE, *_SINCE)),
    "monthday": frozenset(("on", "from", *_DEADLINE, *_SINCE)),
    "clock": frozenset(("at", "around", "about", *_FROM, *_DEADLINE, *_SINCE)),
    "duration": frozenset(("for", "over", *_COST)),
    "part": frozenset(),
}


def attach_prepositions(reading: Reading, group: Atom, left: int, right: int) -> Phrase:
    """Where the expression with its prepositions begins and ends, its sense, its certainty.

    They lie between `left` and `right`, where the neighbours end and begin.
    """
    text, begin, finish = reading.plain, group.begin, group.finish
    certain = reading.explicit or not group.weak
    bound = group.sense != "point" or group.whole
    slot = text[max(left, begin - 24) : begin]
    before = _BEFORE_EN.search(slot)
    word = before[1] if before else ""
    if group.weak and word in _CONFIRMS[group.weak]:
        certain = True
    if bound:  # a window, recurrence or duration keeps its own sense
        taken = {"duration": ("for", "over"), "recurrence": ("on", "at")}.get(group.sense, _POINT)
        if before and word in taken:
            begin -= len(slot) - before.start()
        return Phrase(begin, finish, "", certain)
    loose = (word == "at" and not group.clock) or (
        word == "over" and "weekend" not in text[begin:finish]
    )
    if before and word not in _COST and word != "for" and not loose:  # "come over tomorrow"
        begin -= len(slot) - before.start()
    after = _AFTER.match(text, finish)
    if after and after.end() > right:
        after = None
    zh = _BEFORE_ZH.search(slot)
    if zh:
        begin = group.begin - (len(slot) - zh.start())
    if after and after["within"] and (group.clock or reading.tense(begin, finish) == "past"):
        after = None
    if after and after["stop"]:
        to = _TO_ZH.search(slot)
        begin -= len(slot) - to.start() if to and not zh else 0
    if zh or word in _DEADLINES or (after and after["deadline"]):
        return Phrase(begin, after.end() if after else finish, "deadline", True)
    since = _SINCE_ZH.search(slot)
    if word in _SINCE or since or (after and after["since"]):
        begin -= len(slot) - since.start() if since else 0
        return Phrase(begin, after.end() if after else finish, "since", True)
    return Phrase(begin, finish, "from" if word in _FROM else "", certain)
