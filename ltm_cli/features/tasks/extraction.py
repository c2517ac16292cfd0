"""Tasks in running text: what a sentence says is still to be done, and by when.

`find(text, spans, now)` gives the tasks of a text, whose time expressions are given (text/dates).
A sentence is a task when

1. nothing in it says otherwise: it is no question, negates nothing, tells of nothing past, speaks
   of nobody else's duty                                                     VETO
2. it obliges the one who says it, or is an instruction: "I have to", "send …", 要, 记得, "due"
3. it names a time that is still to come, as a deadline or beside a strong obligation; or it has
   no time and is marked as open: "TODO", "don't forget to", 还没做完          (then it has no date)

Doubtful sentences are no tasks: a reminder that is wrong costs more than one that is missing.
The rules of each language are tables in extraction_en.py and extraction_zh.py.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import ModuleType

from ltm_cli.nlp.dates import Span
from ltm_cli.nlp.dates.prefilters import alternatives, lower

_HAN = re.compile("[\u4e00-\u9fff]")
_WORDS = re.compile(r"[A-Za-z']+[ ,]+[A-Za-z']+[ ,]+[A-Za-z']+")
_LONGEST = 1000  # characters of a sentence that may be a task, or of a text that has a title
_ROUNDS = 8  # leads that a title loses: "and then please remind me to"
_CLOCK = ("hour", "minute", "second")
# One cheap look at a text decides whether its sentences are read at all.
_CUES = (
    "have has need needs must should gotta got due deadline todo to-do forget remember remind"
    " haven't hasn't wants? asked told please i'll we'll will by before within"
).split()
_GATE = re.compile(rf"\b(?:{alternatives(_CUES)})\b")
_GATE_ZH = re.compile("[前内要得需]|截止|必须|别忘|提醒|待办|还没|未完成|最[晚迟]")
_END = re.compile(r"(?<=[。！？!?；;\n])|(?<=[a-z0-9\])]\.)\s+(?=[A-Z\u4e00-\u9fff])")


@dataclass(frozen=True)
class Task:
    """What is to be done, and the last day (2024-05-17) or moment (2024-05-17T15:00:00) for it."""

    text: str
    due: str | None


def find(text: str, spans: Sequence[Span], now: datetime) -> list[Task]:
    """The tasks of a text that was said at `now`, in order; their deadlines are not before it."""
    if not (_gate(lower(text)) or any(span.sense == "deadline" for span in spans)):
        return []
    found: list[Task] = []
    ordered = sorted(spans, key=lambda span: span.begin)
    begins = [span.begin for span in ordered]
    start = 0
    for sentence in _END.split(text):
        start = text.find(sentence, start)
        end = start + len(sentence)
        inside = [
            span
            for span in ordered[bisect_left(begins, start) : bisect_left(begins, end)]
            if span.finish <= end
        ]
        if sentence.strip() and len(sentence) <= _LONGEST:
            task = _task(sentence, start, inside, now)
            found += [task] if task else []
        start = end
    return found


def _gate(low: str) -> bool:
    return bool((not low.isascii() and _GATE_ZH.search(low)) or _GATE.search(low))


def due(span: Span) -> str:
    """When something is due that is due "by" or "on" this time."""
    if span.grain in _CLOCK:
        return span.start.isoformat(timespec="seconds")
    return (span.end - timedelta(microseconds=1)).date().isoformat()


def is_over(due: str, now: datetime) -> bool:
    """Whether a deadline lies before `now`; a day lasts until it ends."""
    return due < now.isoformat(timespec="seconds")[: len(due)]


def title(text: str, spans: Sequence[Span]) -> str:
    """The text of a task without its time, where that stands at an end, and without "I have to"."""
    if len(text) > _LONGEST:
        return text.strip()
    marked = text
    for span in sorted(spans, key=lambda one: -one.begin):
        marked = f"{marked[: span.begin]}\ue000{marked[span.finish :]}"
    said = marked
    for _ in range(_ROUNDS):  # a time may stand behind "I have to", and that behind a time
        before = said
        for rules in _rules(text):
            said = rules.LEAD.sub("", said.strip(_EDGES)).strip(_EDGES)
        if said == before:
            break
    if not said:
        return text.strip()
    said = _LAST.sub(r" \1", said)
    for span in sorted(spans, key=lambda one: one.begin):  # those that stand within stay
        if "\ue000" in said:
            said = said.replace("\ue000", span.text, 1)
    return said


_LAST = re.compile(r"\s*\ue000([^\w\ue000]+)$")  # a time that only signs follow: "by Friday 📨"
_EDGES = " ,，。.!！;；:：、\n\ue000"


def _rules(text: str) -> list[ModuleType]:
    """The rules of the languages that a text is written in; of mixed text, both."""
    from ltm_cli.features.tasks import extraction_en, extraction_zh

    chosen = [extraction_zh] if _HAN.search(text) else []
    return chosen + ([extraction_en] if not chosen or _WORDS.search(text) else [])


def _task(sentence: str, start: int, spans: list[Span], now: datetime) -> Task | None:
    inner = [_moved(span, -start) for span in spans]
    ahead = [
        span
        for span in inner
        if span.sense in ("deadline", "point") and not is_over(due(span), now)
    ]
    rules = _rules(sentence)
    low = _plain(sentence)
    if any(one.VETO.search(low) for one in rules):
        return None
    deadlines = [span for span in ahead if span.sense == "deadline"]
    bare = _plain(_without(sentence, inner))
    if deadlines and any(one.obliges(bare, strong=False) for one in rules):
        span = deadlines[0]
    elif ahead and any(one.obliges(bare, strong=True) for one in rules):
        span = ahead[0]
    elif not inner and any(one.OPEN.search(low) for one in rules):
        return Task(title(sentence, ()), None)
    else:
        return None
    return Task(title(sentence, [span]), due(span))


def _plain(text: str) -> str:
    return text.strip().lower().replace("’", "'")


def _moved(span: Span, by: int) -> Span:
    return replace(span, begin=span.begin + by, finish=span.finish + by)


def _without(sentence: str, spans: list[Span]) -> str:
    """The sentence with a mark in the place of each time: the rules see where it stands."""
    for span in sorted(spans, key=lambda one: -one.begin):
        sense = "\ue000" if span.sense == "deadline" else "\ue001"
        if re.search("截止|到期|due|deadline", sentence[span.begin : span.finish], re.IGNORECASE):
            sense = "\ue002"
        sentence = sentence[: span.begin] + sense + sentence[span.finish :]
    return sentence
