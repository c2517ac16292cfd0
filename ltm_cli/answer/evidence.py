"""Evidence: the memories an answer may rest on, or the finding that there are none."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ltm_cli.recall import Hit
from ltm_cli.store import memories, search
from ltm_cli.store.record import Record
from ltm_cli.text import segment, sentences

# Tags of exchanges that `ask` itself stored; they can be filtered like any other. What says only
# that there is no memory, or quotes memories, is no evidence of its own.
ASKED = "asked"
ABSTAINED = "abstained"
QUOTED = "quoted"

# The least share of a question's content (weighted by idf) that its best memory must hold.
RELEVANT = 0.35


@dataclass(frozen=True)
class Passage:
    """What is read of one memory: all of it, or the part that fits the question best."""

    record: Record
    text: str
    score: float


def term_weights(db: sqlite3.Connection, user: int, query: str) -> dict[str, float]:
    """How much each content term of a query tells: its idf among the user's memories."""
    number = max(memories.count(db, user), 1)
    return {
        term: math.log(1 + number / (0.5 + search.frequency(db, user, term)))
        for term in segment.query_terms(query)
    }


def coverage(weights: dict[str, float], text: str) -> float:
    """The share of the weighted terms that a text holds, 0 to 1."""
    held = set(segment.terms(text))
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def usable(hits: Sequence[Hit], question: str) -> list[Hit]:
    """Hits that may support an answer: no echo of a memory, nor this same question."""
    same = set(segment.query_terms(question))
    kept = []
    for hit in hits:
        tags = hit.record.tags
        if ABSTAINED in tags or QUOTED in tags:
            continue
        if ASKED in tags and set(segment.query_terms(hit.record.question or "")) == same:
            continue
        kept.append(hit)
    return kept


def is_relevant(weights: dict[str, float], hits: Sequence[Hit]) -> bool:
    """Whether the best hits hold enough of what was asked about."""
    return any(coverage(weights, searchable(hit.record)) >= RELEVANT for hit in hits)


def searchable(record: Record) -> str:
    """All words of a memory that a question may name."""
    return " ".join([*record.parts, record.speaker or "", *record.tags, record.at])


def passages(
    hits: Sequence[Hit],
    weights: dict[str, float],
    *,
    each: int,
    size: Callable[[str], int],
) -> list[Passage]:
    """One passage of each hit, at most `each` long (as `size` measures)."""
    found = []
    for hit in hits:
        parts = sentences.chunks(hit.record.content, each, size)
        best = max(parts, key=lambda part: coverage(weights, part))
        found.append(Passage(hit.record, best, hit.score))
    return found
