"""Lexical ranking: BM25 over the terms of one user's memories.

    1. terms       the query's content terms (text/segment.py)
    2. candidates  the newest postings of each term, weighted by its idf
    3. scores      BM25 of the best candidates, from their texts

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, §3.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from dataclasses import dataclass

from ltm_cli.store import memories, search
from ltm_cli.store.memories import Filter
from ltm_cli.store.record import Record
from ltm_cli.text import segment

K1 = 0.9  # saturation of a repeated term; low, for memories are short
B = 0.4  # how much a long memory is discounted
POSTINGS = 20_000  # the most postings read for one term: the newest
CANDIDATES = 300  # how many are scored from their texts


@dataclass(frozen=True)
class Scored:
    record: Record
    score: float
    terms: dict[str, float]  # what each matching term of the query adds


def rank(db: sqlite3.Connection, user: int, query: str, which: Filter, most: int) -> list[Scored]:
    """The best memories for a query, best first; memories without any of its terms never rank."""
    number, total = db.execute("SELECT memories, terms FROM users WHERE id = ?", [user]).fetchone()
    weights: dict[str, float] = {}
    rough: Counter[int] = Counter()
    for term in segment.query_terms(query):
        ids = search.postings(db, user, term, POSTINGS)
        if not ids:
            continue
        weights[term] = idf(number, len(ids))
        for id in ids:
            rough[id] += weights[term]  # type: ignore[assignment]
    best = sorted(rough, key=lambda id: (-rough[id], -id))
    kept: list[int] = []
    for start in range(0, len(best), 1000):
        kept += memories.passing(db, user, best[start : start + 1000], which)
        if len(kept) >= max(CANDIDATES, most):
            break
    average = total / number if number else 1.0
    scored = []
    for record in memories.fetch(db, user, kept[: max(CANDIDATES, most)]).values():
        terms = search.terms_of(record)
        parts = bm25(Counter(terms), len(terms) / average, weights)
        scored.append(Scored(record, sum(parts.values()), parts))
    scored.sort(key=lambda one: (-one.score, one.record.at, one.record.id))
    return scored[:most]


def idf(number: int, holding: int) -> float:
    """Inverse document frequency, never negative."""
    return math.log(1 + (number - holding + 0.5) / (holding + 0.5))


def bm25(found: Counter[str], length: float, weights: dict[str, float]) -> dict[str, float]:
    """What each term adds; `length` is relative to the average memory."""
    norm = K1 * (1 - B + B * length)
    return {
        term: weight * found[term] * (K1 + 1) / (found[term] + norm)
        for term, weight in weights.items()
        if term in found
    }
