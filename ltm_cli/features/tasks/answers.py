"""Questions about tasks, deadlines and habits, answered from those structures and no model.

    what is open    "what have I not finished?", "what is due this week?", 我还有什么没做完？
    a deadline      "when is my report due?", 季度报告什么时候截止？, 方案修改还有几天？
    a habit         "how often do I buy cat food?", 我多久买一次猫粮？, 下次什么时候买猫粮？

A question is only answered here if its words say that it is one of these, and, where it names
something, if that is a task or a habit. Everything else is left to recall and reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.question import Question
from ltm_cli.answering.result import Answer, Options, Source
from ltm_cli.core.messages import text_in
from ltm_cli.core.sanitize import one_line
from ltm_cli.features import wording
from ltm_cli.features.habits import habits
from ltm_cli.features.habits.habits import Habit
from ltm_cli.features.tasks import tasks
from ltm_cli.features.tasks.tasks import Task
from ltm_cli.indexing import tokenizer, writer
from ltm_cli.nlp import dates

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

READER = "schedule"  # what `ltm ask --json` names as the reader of such an answer
MOST = 10  # tasks in one answer
_NAMED = 0.5  # of the words of a task or habit that a question has to say

_OPEN = re.compile(
    r"\b(?:what|which|any|anything|list|show|is there)\b.*\b(?:not (?:yet )?(?:finished|done)"
    r"|haven't (?:i )?(?:yet )?(?:finished|done)|unfinished|open tasks?|left to do|to-?dos?"
    r"|tasks?|deadlines?|overdue|pending|still (?:have|need) to do|due|have to do|need to do)\b"
    r"|(?:什么|哪些|有没有|还有|有啥|哪几).{0,12}(?:没有?(?:做|写|改|弄)?完|没做|未完成|没完成|待办"
    r"|任务|要做|要交|到期|截止|逾期)"
    r"|^(?:待办|任务)[有是]",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\bwhen\b.*\b(?:due|have to|need to|must|deadline|should)\b|\bdeadline\b|\bby when\b"
    r"|\buntil when\b|\bhow (?:long|many days|much time)\b.*\b(?:left|until|till|due|have)\b"
    r"|\bis\b.*\bdue\b"
    r"|(?:什么时候|哪天|几号|何时|多会儿).{0,6}(?:截止|到期|要?交|要?完成|期限|之前)"
    r"|截止(?:日期|时间)|期限|(?:还有|还剩|距离.*)(?:几天|多久|多少天|多长时间)"
    r"|(?:截止|到期).{0,4}(?:什么时候|哪天|几号)",
    re.IGNORECASE,
)
_OFTEN = re.compile(
    r"\bhow (?:often|frequently)\b|多久.{0,8}一次|多长时间.{0,8}一次|几天.{0,6}一次|频率",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\bwhen\b.*\b(?:next|again|run out|need(?: to)? (?:more|buy))\b|\bnext time\b|下一?次"
    r"|什么时候.{0,4}再|什么时候(?:会)?(?:用完|吃完|该)|该.{0,6}了吗",
    re.IGNORECASE,
)
_HABITS = re.compile(r"\bmy (?:habits|routines)\b|我有?(?:什么|哪些)习惯|我的习惯", re.IGNORECASE)


# What a question says that is not what it is about.
_ASKING = re.compile(
    r"\b(?:when|deadline|due|by|until|till|left|long|many|much|days?|time|how|next|often|again|is|are"
    r"|does|do|did|my|the|our|have|need|must|should|again|usually|still|there|be|to|for|of|i|we)\b"
    r"|什么时候|哪天|几号|何时|截止日期|截止时间|截止|到期|期限|还有|还剩|几天|多久|一次|多少天|我的|我|是|的",
    re.IGNORECASE,
)

T = TypeVar("T", Task, Habit)


def answer(store: Store, question: Question, options: Options) -> Answer | None:
    """The answer, or None when the question is not about tasks or habits that are known."""
    if options.which:  # it is of some memories, and these are of all
        return None
    text, now, lang = question.text, options.now, question.language
    if _OFTEN.search(text) or _NEXT.search(text):
        known = habits.find(store, now)
        if chosen := _about(text, [(one, tasks.words(one.what)) for one in known]):
            line = wording.recurring(chosen[0], now, lang)
            return _found(store, [line], chosen[0].memories[-MOST:])
    if _HABITS.search(text) and (known := habits.find(store, now)):
        lines = [wording.habit(one, now, lang) for one in known[:MOST]]
        return _found(store, lines, [one.memories[-1] for one in known[:MOST]])
    asks_when = _WHEN.search(text) is not None
    asks_open = _OPEN.search(text) is not None
    if not (asks_when or asks_open) or not (open_ := tasks.find(store, now)):
        return None
    chosen_tasks: list[Task] | None = None
    if asks_when:
        said = f"{text}\n{question.context}" if question.context else text
        chosen_tasks = _about(said, [(one, tasks.words(one.text)) for one in open_ if one.due])
    if not chosen_tasks and asks_open:
        chosen_tasks = _of_time(text, open_, now)
        if not chosen_tasks:
            return Answer(text_in(lang, "No open task is due then."), reader=READER)
    if not chosen_tasks:
        return None
    lines = [wording.task(one, now, lang) for one in chosen_tasks[:MOST]]
    if more := len(chosen_tasks[MOST:]):
        lines.append(wording.more(more, lang))
    return _found(store, lines, [id for one in chosen_tasks[:MOST] for id in one.memories])


def _found(store: Store, lines: list[str], ids: Sequence[int]) -> Answer:
    memories = writer.fetch(store, list(ids))
    return Answer(
        "\n".join(map(one_line, lines)),
        sources=[Source.of(Passage(one, one.content, 1.0)) for one in memories],
        reader=READER,
    )


def _of_time(question: str, known: list[Task], now: datetime) -> list[Task]:
    """Of the open tasks those that are due in the time the question names; else all of them.

    A time to come includes what is overdue; one that is past, what was made then.
    """
    spans = [one for one in dates.find(question, now) if one.sense in ("point", "deadline")]
    if not spans:
        return known
    start, end = spans[0].start.isoformat(), spans[0].end.isoformat()
    past = spans[0].end <= now
    return [
        one
        for one in known
        if (one.due is not None and start[:10] <= one.due < end)
        or (start <= one.made < end if past else one.is_overdue(now))
    ]


def _about(question: str, known: Sequence[tuple[T, set[str]]]) -> list[T]:
    """Those that the question names, the best named first; those as well named stay in order.

    Named is what half of whose words the question says, or who has all that the question says
    beside asking: "when is the invoice due?" names "send the invoice to the new accountant".
    """
    asked = set(tokenizer.terms(question))
    named = set(tokenizer.query_terms(_ASKING.sub(" ", question)))
    scored = [
        (1.0 if named and named <= words else len(words & asked) / len(words), one)
        for one, words in known
        if words
    ]
    best = max((share for share, _ in scored), default=0.0)
    return [one for share, one in scored if share >= max(_NAMED, best - 0.01)]
