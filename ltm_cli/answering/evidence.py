"""Evidence: the memories an answer may rest on, or the finding that there are none."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ltm_cli.answering.thread import ABSTAINED, ASKED, QUOTED
from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.record import Record
from ltm_cli.indexing import fts, tokenizer
from ltm_cli.indexing.analysis import Analysis
from ltm_cli.nlp import sentences
from ltm_cli.nlp.prompt_injection import is_injection
from ltm_cli.retrieval import Hit

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

# The least share of a question's content (weighted by idf) that its best memory must hold.
RELEVANT = 0.35
# The least share, of the best memory's, that another one must hold to be read beside it: what does
# not help distracts a small model (one right note 0.75 right answers, among four 0.53).
COMPARABLE = 0.6
COMPARABLE_IN_THREAD = 0.15  # a question that leans on another names little of what it asks for
ON_THE_DAY = 0.6  # what having happened on the day that was asked about is worth, of 1
SAID = 0.7  # the share of an earlier answer's terms in a memory that has thereby been told
ASKED_AGAIN = 0.7  # the share of a question's content in a sentence that asks the same
_ASKS = re.compile(r"[?？]\W*$")

EACH = 128  # tokens of one memory that are read
WINDOW = 192  # tokens of a memory with its neighbours
REACH = 1  # neighbours on each side


@dataclass(frozen=True)
class Passage:
    """What is read of one memory: all of it between its neighbours in the session, or a part."""

    record: Record
    text: str
    score: float
    before: tuple[Record, ...] = ()
    after: tuple[Record, ...] = ()

    @property
    def lines(self) -> list[tuple[Record, str]]:
        """The memories that are read, in order, each with what is read of it."""
        return [
            *((one, one.content) for one in self.before),
            (self.record, self.text),
            *((one, one.content) for one in self.after),
        ]

    @property
    def records(self) -> list[Record]:
        return [record for record, _ in self.lines]

    @property
    def ids(self) -> list[int]:
        return [record.id for record in self.records]

    @property
    def single(self) -> list[Passage]:
        """The same memories, each by itself."""
        return [Passage(record, text, self.score) for record, text in self.lines]


def term_weights(store: Store, question: str, context: str = "") -> dict[str, float]:
    """How much each content term of a question tells: its idf among the user's memories.

    Terms that only the conversation before holds count half.
    """
    number = max(store.memories.count(), 1)
    factors = dict.fromkeys(tokenizer.query_terms(context), 0.5) if context else {}
    factors |= dict.fromkeys(tokenizer.query_terms(question), 1.0)
    return {
        term: factor * math.log(1 + number / (0.5 + fts.frequency(store, term)))
        for term, factor in factors.items()
    }


def apart(store: Store, weights: dict[str, float]) -> dict[str, float]:
    """The weights with a third for pairs of Chinese characters that stand together nowhere.

    Such a pair mostly spans two words of the question, and does not tell what it is about.
    """
    return {
        term: weight / 3
        if len(term) == 2 and tokenizer.is_dense(term[0]) and not fts.frequency(store, term, 1)
        else weight
        for term, weight in weights.items()
    }


def coverage(weights: dict[str, float], text: str) -> float:
    """The share of the weighted terms that a text holds, 0 to 1."""
    held = set(tokenizer.terms(text))
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def is_echo(record: Record) -> bool:
    """Whether a memory only says that there is none, or what others say."""
    return ABSTAINED in record.tags or QUOTED in record.tags


def commands(record: Record) -> bool:
    """Whether a memory gives orders to a model that reads it; then it may only be quoted."""
    names = [name for name in (record.speaker, record.session) if name]
    return is_injection("\n".join([*record.parts, *names]))


def only_asks(record: Record, weights: dict[str, float]) -> bool:
    """Whether what a memory has of the question is a sentence that asks it, and no more.

    What follows that sentence may be anything, an order too: where another memory states something
    about the question, this one answers nothing. An exchange, and a turn that does nothing but
    ask, are answered by what comes next.
    """
    if record.text is None:
        return False
    said = sentences.split(record.text)
    asking = [one for one in said if _ASKS.search(one) and coverage(weights, one) >= ASKED_AGAIN]
    rest = [one for one in said if one not in asking]
    return bool(asking and rest) and coverage(weights, " ".join(rest)) < RELEVANT


def usable(hits: Sequence[Hit], question: str) -> list[Hit]:
    """Hits that may support an answer: no echo of a memory, nor this same question."""
    same = set(tokenizer.query_terms(question))
    kept = []
    for hit in hits:
        if is_echo(hit.record):
            continue
        if (
            ASKED in hit.record.tags
            and set(tokenizer.query_terms(hit.record.question or "")) == same
        ):
            continue
        kept.append(hit)
    return kept


def select(
    hits: Sequence[Hit],
    weights: dict[str, float],
    *,
    days: Collection[str] = (),
    comparable: float = COMPARABLE,
) -> list[Hit]:
    """The hits an answer may rest on: none if not even the best is about the question.

    Of a question that names a day (`days`: its index terms), what happened then is about it.
    """
    held = [coverage(weights, searchable(hit.record)) for hit in hits]
    if days:
        then = [not set(days).isdisjoint(fts.terms_of(Analysis(hit.record))[0]) for hit in hits]
        held = [
            ON_THE_DAY + (1 - ON_THE_DAY) * share if day else share
            for share, day in zip(held, then, strict=True)
        ]
    best = max(held, default=0.0)
    if best < RELEVANT:
        return []
    return [hit for hit, share in zip(hits, held, strict=True) if share >= comparable * best]


def without_said(hits: Sequence[Hit], turns: Sequence[Record]) -> list[Hit]:
    """Hits that say more than the turns before did; all of them if none does."""
    said = [set(tokenizer.terms(turn.answer or "")) for turn in turns]
    fresh = [
        hit
        for hit in hits
        if not any(
            len(one & set(tokenizer.terms(hit.record.content))) > SAID * len(one)
            for one in said
            if one
        )
    ]
    return fresh or list(hits)


def searchable(record: Record) -> str:
    """All words of a memory that a question may name."""
    return " ".join([*record.parts, record.speaker or "", *record.tags, record.at])


def passages(
    store: Store,
    hits: Sequence[Hit],
    weights: dict[str, float],
    size: Callable[[str], int],
    which: Filter = EVERYTHING,
) -> list[Passage]:
    """A passage for each hit that does not stand in an earlier one; `size` counts tokens."""
    found: list[Passage] = []
    read: set[int] = set()
    for hit in hits:
        if hit.record.id in read:
            continue
        parts = sentences.chunks(hit.record.content, EACH, size)
        best = max(parts, key=lambda part: coverage(weights, part))
        passage = Passage(hit.record, best, hit.score)
        if len(parts) == 1:
            passage = between(store, passage, size, which)
        found.append(passage)
        read.update(passage.ids)
    return found


def between(
    store: Store,
    passage: Passage,
    size: Callable[[str], int],
    which: Filter = EVERYTHING,
) -> Passage:
    """The passage with its neighbours in the session, the nearest first, as far as WINDOW goes.

    A turn of a conversation says little by itself: an answer needs its question. What else is
    recalled plays no part, so that the same memory is always the same passage.
    """
    sides = store.memories.neighbours(passage.record, REACH)
    records = store.memories.fetch(
        store.memories.passing([id for ids in sides for id in ids], which)
    )
    room = WINDOW - size(passage.text)
    kept: tuple[list[Record], list[Record]] = ([], [])
    for place in range(REACH):
        for ids, taken in zip(sides, kept, strict=True):
            record = records.get(ids[place]) if len(taken) == place < len(ids) else None
            if record is None or ASKED in record.tags or size(record.content) > room:
                continue
            if commands(record):
                continue
            room -= size(record.content)
            taken.append(record)
    before, after = kept
    return replace(passage, before=tuple(reversed(before)), after=tuple(after))
