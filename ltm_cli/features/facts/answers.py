"""Questions that a fact answers: "Where do I live?", 张三的电话是多少？, "What was it before?"

A question is read by a few patterns into a subject, attributes, and whether what holds or what
held before is asked for. Where no undisputed fact fits, the memories are read as for any question.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.question import Question
from ltm_cli.answering.result import Answer, Options, Source
from ltm_cli.core.messages import listed, text_in
from ltm_cli.core.record import iso
from ltm_cli.core.sanitize import one_line
from ltm_cli.features.facts import facts
from ltm_cli.features.facts.extraction import ME
from ltm_cli.features.facts.extraction.words import ATTRIBUTES, NAMED_EN, NAMED_ZH
from ltm_cli.features.facts.facts import Fact
from ltm_cli.indexing import tokenizer
from ltm_cli.nlp.patterns import lazy

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

_BEFORE = re.compile(
    r"\b(?:before|previous(?:ly)?|used to|former(?:ly)?|old|earlier|last time|in the past)\b"
    r"|以前|之前|原来|过去|曾经|旧的?|上一个"
)
_WHO_EN = r"(?P<who>I|we|you|my [\w' ]+?|our [\w' ]+?|[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
_S = r"['’]s?"
_WHAT = r"(?:[Ww]hat|[Ww]hich|[Ww]ho|[Ww]hen)(?:['’]s| is| was| are| were)"
_ATTRIBUTE = rf"(?P<what>favou?rite [a-z]+(?: [a-z]+)?|{NAMED_EN}|[a-z]+ (?:code|number|password))(?: number)?"
_DO = r"(?: do| does| did| am| is| was| are| were|['’]s|['’]m)"

_WHO_ZH = r"(?P<who>我们家|我|[^，,。？?的]{1,10}?)"
_ASKED = r"(?:是|叫|在)?(?:什么(?:名字|时候|地方|语言|车|专业|工作)?|多少|几号|几岁|哪(?:里|儿|天|一天|个|家|所|种|位)?|谁|多大|多高|多重)?"

# (pattern of the whole question, attributes); with a group `what` the attribute is named.
_Questions = list[tuple[re.Pattern[str], tuple[str, ...]]]
_ENGLISH: _Questions = [
    (lazy(pattern), attributes)
    for pattern, attributes in (
        (rf"[Ww]here{_DO} {_WHO_EN} (?:live|living|stay)", ("home",)),
        (rf"[Ww]here {_WHO_EN} (?:lives?|am living|is living)", ("home",)),
        (rf"[Ww](?:hich|hat) (?:city|town|country|place){_DO} {_WHO_EN} (?:live|living)", ("home",)),
        (rf"[Ww]here{_DO} {_WHO_EN} born", ("birthplace",)),
        (rf"[Ww]here{_DO} {_WHO_EN} (?:(?:come )?from|grow up)", ("hometown",)),
        (rf"[Ww]hen(?: was| is|['’]s) {_WHO_EN} born", ("birthday",)),
        (rf"(?:[Ww]here|[Ww]ho|[Ff]or whom|[Ww](?:hat|hich) company){_DO} {_WHO_EN} work(?:ing)?(?: at| for)?", ("employer", "workplace")),
        (rf"[Ww]hat{_DO} {_WHO_EN} do(?: for (?:a living|work))?", ("job",)),
        (rf"[Ww]hat{_DO} {_WHO_EN} allergic to", ("allergy",)),
        (rf"[Ww]hat{_DO} {_WHO_EN} (?:like|love|enjoy)", ("likes",)),
        (rf"[Ww]hat{_DO} {_WHO_EN} (?:hate|dislike|not like)", ("dislikes",)),
        (rf"[Hh]ow old{_DO} {_WHO_EN}", ("age",)),
        (rf"[Hh]ow tall{_DO} {_WHO_EN}", ("height",)),
        (rf"[Ww]hat{_DO} {_WHO_EN} stud(?:y|ying)", ("studies",)),
        (rf"[Ww]here{_DO} {_WHO_EN} stud(?:y|ying)", ("school",)),
        (rf"[Ww](?:hat|hich) languages{_DO} {_WHO_EN} speak", ("speaks",)),
        (rf"[Ww](?:hat|hich) car{_DO} {_WHO_EN} drive", ("car",)),
        (rf"[Ww]ho{_DO} {_WHO_EN} married to", ("spouse",)),
        (rf"[Ww]hat{_DO} {_WHO_EN} (?:called|named)", ("name",)),
        (rf"{_WHAT} (?:[Mm]y|our) (?:\w+ )??{_ATTRIBUTE}", ()),
        (rf"{_WHAT} (?P<who>[Mm]y [\w ]+?|[A-Z][\w'-]+(?: [A-Z][\w'-]+)?){_S} (?:\w+ )??{_ATTRIBUTE}", ()),
        (rf"{_WHAT} the (?:\w+ )??{_ATTRIBUTE} (?:of|at|in|for|to) (?:the |my |our )?(?P<who>[\w' -]+?)", ()),
        (rf"{_WHAT} the (?P<who>[\w-]+) {_ATTRIBUTE}", ()),
    )
]  # fmt: skip
_CHINESE: _Questions = [
    (lazy(pattern), attributes)
    for pattern, attributes in (
        (rf"{_WHO_ZH}住(?:在|到)?(?:哪里|哪儿|哪|什么地方|哪个城市)", ("home",)),
        (rf"{_WHO_ZH}(?:出生在|在)(?:哪里|哪儿|哪)出生|{_WHO_ZH.replace('who', 'who2')}出生在(?:哪里|哪儿|哪)", ("birthplace",)),
        (rf"{_WHO_ZH}(?:老家在|是)(?:哪里|哪儿|哪)人?", ("hometown",)),
        (rf"{_WHO_ZH}在(?:哪里|哪儿|哪家公司|哪个公司|哪)(?:上班|工作)", ("employer", "workplace")),
        (rf"{_WHO_ZH}(?:是)?(?:做什么|干什么)(?:工作)?的?", ("job",)),
        (rf"{_WHO_ZH}对什么(?:东西)?过敏", ("allergy",)),
        (rf"{_WHO_ZH}(?:都|最)?喜欢(?:些)?什么", ("likes",)),
        (rf"{_WHO_ZH}(?:都|最)?(?:讨厌|不喜欢)(?:些)?什么", ("dislikes",)),
        (rf"{_WHO_ZH}(?:今年)?(?:多大|几岁|多少岁)", ("age",)),
        (rf"{_WHO_ZH}(?:有)?多高", ("height",)),
        (rf"{_WHO_ZH}叫什么(?:名字)?", ("name",)),
        (rf"{_WHO_ZH}(?:会|能)(?:说|讲)(?:什么|哪些|哪几种)(?:语言|话)", ("speaks",)),
        (rf"{_WHO_ZH}开(?:的是)?什么车", ("car",)),
        (r"(?P<who>[^，,。？?]{1,10}?)最(?:喜欢|爱)的(?P<favourite>[^，,。？?]{1,6}?)(?:是什么|是哪.?|是谁)", ()),
        (rf"{_WHO_ZH}(?:的|家)?(?:新|现在的?)?(?P<what>{NAMED_ZH}|[\u4e00-\u9fff]{{1,3}}密码){_ASKED}", ()),
    )
]  # fmt: skip
_POLITE = re.compile(
    r"^(?:(?:please|hey|ok|so|and|can you|could you)\W+)*(?:(?:tell me|remind me|remember)\W+)?"
    r"|^(?:请问|请告诉我|告诉我|你知道|你还记得|还记得)",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:\s*(?:now|currently|these days|again|please|来着|呢|了|呀|啊))*\s*(?:[？?。.!！]+\s*)?$",
    re.IGNORECASE,
)
LONGEST = 400  # characters of a question about one fact
_NOW_ZH = re.compile(r"现在|目前|如今|到底|究竟")


def answer(store: Store, question: Question, options: Options) -> Answer | None:
    """The answer of the facts; None where they have none, or contradict each other."""
    if options.which or options.reader != "auto":  # these memories are to be read, in this way
        return None
    asked = read(question.text)
    if asked is None:
        return None
    subject, attributes, before = asked
    known = facts.history(store, subject, attributes, f"{iso(options.now)}~")
    if not known or any(fact.disputed and fact.until is None for fact in known):
        return None
    holding = [fact for fact in known if fact.until is None]
    ended = [fact for fact in known if fact.until is not None]
    told = ended[-1:] if before else holding
    if not told:
        return None
    lang = question.language
    said = listed((one_line(fact.value) for fact in told), lang)
    if before:
        said = text_in(
            lang, "{value} ({since} to {until}).",
            value=said, since=_day(told[0].since), until=_day(told[0].until or ""),
        )  # fmt: skip
    elif len(told) == 1 and ended and ended[-1].attribute == told[0].attribute:
        past = ended[-1]
        said = text_in(
            lang, "{value}, since {day}. Before: {past} ({since} to {until}).",
            value=said, day=_day(told[0].since), past=one_line(past.value),
            since=_day(past.since), until=_day(past.until or ""),
        )  # fmt: skip
    else:
        said = text_in(lang, "{value}.", value=said)
    return Answer(said, sources=_sources(store, told + ended[-1:]), reader="facts")


def read(question: str) -> tuple[str, tuple[str, ...], bool] | None:
    """(subject, attributes, whether what held before is asked for) of a question about a fact."""
    if len(question) > LONGEST:
        return None
    before = _BEFORE.search(question) is not None
    plain = _POLITE.sub("", _BEFORE.sub("", question).strip(), count=1)
    plain = _END.sub("", _NOW_ZH.sub("", " ".join(plain.split())))
    plain = _END.sub("", plain).strip(" ,，")
    for pattern, attributes in [*_ENGLISH, *(_CHINESE if tokenizer.dense(plain) else ())]:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        groups = match.groupdict()
        if what := groups.get("what"):
            named = what.lower()
            attributes = (ATTRIBUTES.get(named, named.replace("favorite", "favourite")),)
        elif groups.get("favourite"):
            attributes = (f"favourite {groups['favourite']}",)
        return _subject(groups.get("who") or groups.get("who2")), attributes, before
    return None


def _subject(who: str | None) -> str:
    if who is None or who.lower() in ("i", "we", "我", "我们家", "我们", "my", "our"):
        return ME
    who = who.removesuffix("的")
    return who[0].lower() + who[1:] if who.startswith(("My ", "Our ")) else who


def _day(at: str) -> str:
    return datetime.fromisoformat(at).date().isoformat() if at else ""


def _sources(store: Store, told: list[Fact]) -> list[Source]:
    ids = dict.fromkeys(fact.memories[-1] for fact in told)
    return [Source.of(Passage(one, one.content, 1.0)) for one in store.memories.fetch(ids).values()]
