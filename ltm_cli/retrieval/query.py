"""Reading a question: its content terms and what each is worth, the days it names, what it asks.

People ramble before they ask ("… anyway, what I wanted to know is …"). A sentence that does not
ask is worth less than one that does, and words of a known meaning bring their relatives along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ltm_cli.indexing import tokenizer
from ltm_cli.nlp import dates
from ltm_cli.retrieval.synonyms import find_synonyms

LONGEST = 20_000  # characters that are read
MOST_TERMS = 400  # of a very long question
ASIDE = 0.2  # what a sentence that leads up to the question is worth
STATEMENT = 0.5  # what a sentence that asks nothing is worth
EXPANSION = 0.4  # what a relative of a word is worth

_SENTENCE = re.compile(r"(?<=[。！？!?；;\n])(?![\"”」』]|的)|(?<=[a-z]\.)\s+|另外[，,]?")
_ASKING = re.compile(
    r"[？?]\s*$|^(?:wh(?:o|at|en|ere|y|ich|ose)|how|did|do|does|is|are|was|were|can)\b"
    r"|[吗呢]$|什么|哪|多少|几[个次位]"
)
_LEAD = re.compile(
    r".*(?:想(?:要)?(?:问|知道|了解|搞清楚|弄清楚)|问题)[^，,：:]{0,6}[，,：:]"
    r"|.*\b(?:question|(?:wanted|want) to (?:ask|know)|was wondering)\b[^,:]{0,12}[,:]?",
    re.DOTALL,
)
# Phrases that ask, and say nothing of what is asked for.
_PHRASES = re.compile(
    "以下哪[一]?个|下列哪[一]?个|哪[一]?[个些种款家位]|什么样|什么|怎么样|怎样|来着|请问|告诉我|是不是|有没有|最可能的?|描述|符合"
    "|等等|另外|有几[个位次]|多少|啥样?|为何|如何"
)
_KINDS = {
    "when": re.compile(
        r"\bwhen\b|\bwhat (?:date|day|month|year|time)\b|\bhow long ago\b"
        r"|什么时候|何时|哪天|哪年|几点|几号"
    ),
    "long": re.compile(r"\bhow (?:long|often)\b|多久|多长|几年|几天"),
    "many": re.compile(r"\bhow (?:many|much|old)\b|多少|几[个次位岁]|多大|多高"),
    "where": re.compile(
        r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|town)\b|哪里|哪儿|在哪|何处"
    ),
    "who": re.compile(r"\bwho(?:m|se)?\b|谁|哪位"),
    "why": re.compile(r"\bwhy\b|为什么|为何|为啥"),
}
_RECENT = re.compile(
    r"\b(?:recent(?:ly)?|latest|lately|newest|last time)\b|最近|近来|近期|最新|上一?次"
)


@dataclass(frozen=True)
class Query:
    """A question, read once. `weights` are its index terms, dates left out, and their worth."""

    text: str
    weights: dict[str, float]
    sentences: tuple[frozenset[str], ...]  # the terms of each sentence that asks
    order: tuple[str, ...]  # its own terms in order
    expansions: dict[str, str]  # a relative -> the word of the question that brought it
    days: tuple[str, ...]  # date tokens of the index
    months: frozenset[str]  # "07" where a month was named without its year
    kinds: frozenset[str]
    recent: bool

    @property
    def lookup(self) -> dict[str, float]:
        """All terms to look up in the index, with their worth."""
        return {**self.weights, **dict.fromkeys(self.days, 1.0)}


def parse_query(text: str, now: datetime) -> Query:
    """Take a question apart; of a very long one, its beginning."""
    text = text[:LONGEST]
    folded = tokenizer.fold(text)
    parts = list(_weigh_sentences(folded))
    weights: dict[str, float] = {}
    order: list[str] = []
    asked: dict[frozenset[str], None] = {}
    for part, worth in parts:
        terms = tokenizer.query_terms(_PHRASES.sub(" ", part)) or tokenizer.query_terms(part)
        for term in terms:
            weights[term] = max(worth, weights.get(term, 0.0))
        order += terms
        if worth == 1.0 and terms:
            asked[frozenset(terms)] = None
    expansions: dict[str, str] = {}
    for term in list(weights):
        for other in find_synonyms(term):
            if other not in weights and weights[term] == 1.0:
                expansions[other] = term
    weights.update(dict.fromkeys(expansions, EXPANSION))
    days, months = _find_days(text, now)
    return Query(
        text=text,
        weights=dict(sorted(weights.items(), key=lambda item: -item[1])[:MOST_TERMS]),
        sentences=tuple(asked),
        order=tuple(order),
        expansions=expansions,
        days=days,
        months=months,
        kinds=frozenset(kind for kind, pattern in _KINDS.items() if pattern.search(folded)),
        recent=any(worth == 1.0 and _RECENT.search(part) for part, worth in parts),
    )


def _weigh_sentences(folded: str) -> list[tuple[str, float]]:
    """The sentences and their worth: 1 where something is asked."""
    said = [part for part in _SENTENCE.split(folded) if part and part.strip()]
    if len(said) < 2:
        return [(folded, 1.0)]
    leads = [_LEAD.match(part) for part in said]
    if any(leads):
        found = []
        after = False
        for part, lead in zip(said, leads, strict=True):
            if lead:
                rest = part[lead.end() :]
                after = not rest.strip()
                found.append((rest or part, 1.0))
            else:
                found.append((part, 1.0 if after else STATEMENT if _ASKING.search(part) else ASIDE))
                after = False
        return found
    asks = [_ASKING.search(part.strip()) is not None for part in said]
    if not any(asks):
        return [(part, 1.0) for part in said]
    return [(part, 1.0 if ask else STATEMENT) for part, ask in zip(said, asks, strict=True)]


def _find_days(text: str, now: datetime) -> tuple[tuple[str, ...], frozenset[str]]:
    """Index tokens that cover the times named: by days, for longer ones by months, or by years."""
    found: dict[str, None] = {}
    months: set[str] = set()
    for span in dates.find(text, now):
        if span.sense == "recurrence" or span.sense == "duration":
            continue
        start, last = span.start, span.end - timedelta(microseconds=1)
        length = (last.date() - start.date()).days + 1
        if length <= 14:
            for ahead in range(length):
                found[f"{start + timedelta(days=ahead):d%Y%m%d}"] = None
        elif length <= 124:
            day = start
            while day <= last:
                found[f"{day:m%Y%m}"] = None
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        elif length <= 1100:
            for year in range(start.year, last.year + 1):
                found[f"y{year:04}"] = None
        if span.grain == "month" and not re.search(r"\d{4}|年", span.text):
            months.add(f"{start:%m}")
    return tuple(found), frozenset(months)
