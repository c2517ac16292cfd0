"""Grounding: what a sentence of the model may say.

A sentence is withheld when it holds a number, a date, a name or a quotation that stands neither
in the memories that were read nor in the question, when most of its content words do not, or most
of those that the question did not say, or when it denies something and they do not. A
date may also follow from a memory's own time ("yesterday" in a memory of 8 May is 7 May).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress, pairwise
from typing import Literal

from ltm_cli.core.messages import N_, listed, text_in
from ltm_cli.core.record import DOCUMENT, Record
from ltm_cli.core.sanitize import legible, one_line
from ltm_cli.indexing import tokenizer
from ltm_cli.indexing.tokenizer import fold
from ltm_cli.nlp import dates

# The least share of a sentence's content terms that must stand in the evidence.
_SUPPORTED = 0.5

_MOST_WORDS = 4  # that are named as the reason

# A date must stand in a memory that shares so much of the answer's terms, of the most any shares.
_SAME_THING = 0.7

# A date that means the same whenever it is said, unlike "last week".
_CALENDAR = re.compile(
    r"\d|(?:jan|febr)uary|march|april|may|june|july|august|(?:sept|nov|dec)ember|october", re.I
)

# A number by itself: "42" does not stand in "heron-42", which is a word of its own.
_NUMBER = re.compile(r"(?<![0-9A-Za-z.])(?<![A-Za-z][-_/])[0-9]+(?:[.,:][0-9]+)*")
_CODE = re.compile(r"[A-Za-z][A-Za-z_-]*[0-9][\w-]*", re.ASCII)
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]*\w")
_QUOTATION = re.compile(r"“([^”]+)”|\"([^\"]+)\"|「([^」]+)」|『([^』]+)』|《([^》]+)》")
_COUNTS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {word: str(value) for value, word in enumerate("〇一二三四五六七八九十")}
# Small models deny what they fail to find.
_NEGATION = re.compile(r"\b(?:not|no|never|none|nothing|nobody|cannot|\w+n['’]t)\b|[不没未]", re.I)
_ASKS_NUMBER = re.compile(
    r"^\W*(?:(?:and|but|so|on|at|since|until|by|for)\s+)*"
    r"(?:when|how (?:many|much|long|old|often|far)|what (?:time|day|date|year|month))\b"
    r"|多少|几[个只次天年月点岁位本张件号]|什么时候|何时|哪[天年月]|多[久大长]",
    re.IGNORECASE,
)
_QUANTITIES = (
    {
        tokenizer.stem(word)
        for word in """once twice daily weekly monthly yearly half dozen hundred thousand million
        few several none never always today yesterday tomorrow ago last next every morning evening
        night afternoon monday tuesday wednesday thursday friday saturday sunday january february
        march april may june july august september october november december summer winter spring
        autumn fall week month year day""".split()
    }
    | set(_COUNTS)
    | set("天周月年今昨前每半百千万两")
)
# Capitalised at the beginning of an answer without being anybody's name.
_OPENERS = frozenset("yes no you your unfortunately according based here".split())


@dataclass(frozen=True)
class Source:
    """One memory that was read: its text folded, its terms, and the days it speaks of."""

    text: str
    terms: set[str]
    times: list[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Evidence:
    """What may be said."""

    sources: list[Source]
    text: str  # all that was read and asked, folded
    terms: set[str]
    numbers: set[str]
    asked: Source


def evidence(records: Iterable[Record], asked: Sequence[str], now: datetime) -> Evidence:
    """The evidence in memories, and in what was asked (the question, earlier questions)."""
    texts = ["\n".join(asked)]
    question = Source(fold(texts[0]), set(tokenizer.terms(texts[0])), _times(texts[0], now))
    sources = []
    for record in records:
        at = datetime.fromisoformat(record.at)
        said = legible("\n".join([*record.parts, record.speaker or "", *record.tags]))
        day = at.replace(hour=0, minute=0, second=0)
        times = _times(said, at)
        if DOCUMENT not in record.tags:  # which happened when it was read no more than before
            times.append((day, day + timedelta(days=1)))
        sources.append(Source(fold(said), set(tokenizer.terms(said)), times))
        texts.append(said)
    text = fold("\n".join(texts))
    terms = question.terms.union(*(one.terms for one in sources))
    numbers = {_plain(match.group()) for match in _NUMBER.finditer(text)}
    numbers |= {_COUNTS[word] for word in _COUNTS if word in terms}
    return Evidence(sources, text, terms, numbers, question)


@dataclass(frozen=True)
class Unsupported:
    """What a sentence says that the evidence does not, and what kind of thing that is."""

    kind: Literal["quotation", "date", "denial", "name", "number", "words"]
    said: tuple[str, ...]  # as the sentence has it; several only of words

    def say(self, lang: str) -> str:
        """The same for a person, as a clause."""
        said = listed((text_in(lang, '"{word}"', word=one_line(one)) for one in self.said), lang)
        if len(self.said) > 1:
            return text_in(
                lang, "The model's answer used {said}, which are in none of the memories it read",
                said=said,
            )  # fmt: skip
        return text_in(lang, _REASONS[self.kind], said=said)


_REASONS = {
    "quotation": N_("The model's answer quoted {said}, which is in none of the memories it read"),
    "date": N_(
        "The model's answer gave the date {said}, which the memories it read do not support"
    ),
    "denial": N_("The model's answer contains the negation {said}; the memories it read have none"),
    "name": N_("The model's answer named {said}, which is in none of the memories it read"),
    "number": N_("The model's answer gave the number {said}, which is in no memory it read"),
    "words": N_("The model's answer used {said}, which is in none of the memories it read"),
}


def unsupported(sentence: str, known: Evidence, now: datetime) -> Unsupported | None:
    """What a sentence says that the evidence does not, or None."""
    for match in _QUOTATION.finditer(sentence):
        quoted = next(group for group in match.groups() if group)
        if fold(quoted).strip(" .,。，") not in known.text:
            return Unsupported("quotation", (quoted,))
    spans = [span for span in dates.find(sentence, now) if span.sense in ("point", "deadline")]
    rest = sentence
    for span in spans:
        rest = rest.replace(span.text, " ", 1)
    about = set(tokenizer.query_terms(rest)) | known.asked.terms
    for span in spans:
        if not _follows(span, about, known):
            return Unsupported("date", (span.text,))
    if (denial := _NEGATION.search(rest)) and not _NEGATION.search(known.text):
        return Unsupported("denial", (denial.group(),))
    for match in _CODE.finditer(rest):
        if fold(match.group()) not in known.text:
            return Unsupported("name", (match.group(),))
    for match in _NUMBER.finditer(rest):
        if _plain(match.group()) not in known.numbers:
            return Unsupported("number", (match.group(),))
    for match in _NAME.finditer(rest):
        name = match.group()
        if match.start() == len(rest) - len(rest.lstrip()) and fold(name) in _OPENERS:
            continue
        said = [piece for piece in tokenizer.terms(name) if piece not in tokenizer.STOP_WORDS]
        if not known.terms.issuperset(said):
            return Unsupported("name", (name,))
    said = [term for term in tokenizer.query_terms(rest) if term not in tokenizer.STOP_WORDS]
    unknown = [term for term in said if term not in known.terms]
    new = [term for term in said if term not in known.asked.terms]
    few = bool(said) and 1 - len(unknown) / len(said) <= _SUPPORTED
    if few or 2 * len(unknown) > len(new):  # the question's own words bear out nothing
        return Unsupported("words", _written(unknown, rest))
    return None


def _written(terms: Sequence[str], text: str) -> tuple[str, ...]:
    """Where a text has these terms: its words, and stretches of what is written without spaces."""
    folded = fold(text)
    shown = text if len(text) == len(folded) else folded
    pieces = list(tokenizer.pieces(folded))
    meant = [not set(terms).isdisjoint(tokenizer.terms(one.text)) for one in pieces]
    for i, (one, after) in enumerate(pairwise(pieces)):
        if one.end == after.start and one.text + after.text in terms:
            meant[i] = meant[i + 1] = True
    spans: list[tuple[int, int]] = []
    for one in compress(pieces, meant):
        if spans and spans[-1][1] == one.start and tokenizer.is_dense(one.text):
            spans[-1] = (spans[-1][0], one.end)
        else:
            spans.append((one.start, one.end))
    return tuple(dict.fromkeys(shown[start:end] for start, end in spans))[:_MOST_WORDS]


def evades(question: str, sentence: str) -> bool:
    """Whether a question asks for a number or a time and the sentence holds neither."""
    if not _ASKS_NUMBER.search(question):
        return False
    return (
        not any(char.isdigit() for char in sentence)
        and not set(tokenizer.terms(sentence)) & _QUANTITIES
    )


def _follows(span: dates.Span, about: set[str], known: Evidence) -> bool:
    """Whether a date is, or holds, a day of a memory that tells of the same thing as the answer."""
    shared = [len(about & one.terms) for one in known.sources]
    least = _SAME_THING * max(shared, default=0)
    for one, count in zip([*known.sources, known.asked], [*shared, least], strict=True):
        if count < least:
            continue
        if _CALENDAR.search(span.text) and fold(span.text) in one.text:
            return True  # "in September", of whichever year the memory speaks
        if any(
            (span.start <= start and end <= span.end) or (start <= span.start and span.end <= end)
            for start, end in one.times
        ):
            return True
    return False


def _times(text: str, now: datetime) -> list[tuple[datetime, datetime]]:
    return [
        (span.start, span.end)
        for span in dates.find(text, now)
        if span.sense in ("point", "deadline")
    ]


def _plain(number: str) -> str:
    """A number without thousands separators."""
    return re.sub(r",(?=\d{3}\b)", "", number)
