"""Candidates: the memories that share terms with a question, or stand beside ones that do.

    1. probe      the newest few postings of each term tell how common it is
    2. read       the rarest terms are read in full, while the budget lasts
    3. join       a term too common to read counts where it stands beside a rare one
    4. widen      the best, and their neighbours in the same session

Cost is bounded by the budget, not by the number of memories.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ltm_cli.core.filter import Filter
from ltm_cli.core.record import Record
from ltm_cli.indexing import fts

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

PROBE = 256  # postings that tell how common a term is
BUDGET = 12_000  # postings read in full for one question
JOINED = 32  # rare terms that a common one is joined with, at most
CANDIDATES = 120  # memories that are scored from their texts, before their neighbours
WIDENED = 50  # of which so many bring in their neighbours
REACH = 2  # neighbours on each side


@dataclass(frozen=True)
class Term:
    """A term of the question: how many memories hold it, and how it was looked up."""

    text: str
    holding: int
    weight: float  # its idf, times what it is worth in the question
    how: str  # "all": every posting was read; "newest"; "joined" with rarer terms; "none"


@dataclass(slots=True)
class Candidate:
    """A memory and what the index says of it: masks have bit i set where term i is held."""

    record: Record
    mask: int
    before: list[int] = field(default_factory=list)  # masks of the neighbours, nearest first
    after: list[int] = field(default_factory=list)
    previous: Record | None = None


@dataclass(frozen=True)
class Found:
    terms: list[Term]
    candidates: list[Candidate]
    average: float  # terms in a memory of this user


def find_candidates(
    store: Store,
    words: Mapping[str, float],
    which: Filter,
    most: int,
    only: Collection[int] | None = None,
    also: Collection[int] = (),
) -> Found:
    """The memories that could answer (of `only` these ids), and `also` these, in no order."""
    number, total = fts.size(store)
    terms, masks = look_up_terms(store, words, number)
    if only is not None:
        masks = {id: mask for id, mask in masks.items() if id in only}
    kept = select_best(store, masks, terms, which, max(CANDIDATES, most))
    kept = list(dict.fromkeys([*kept, *also]))
    return Found(
        terms, add_neighbours(store, masks, kept, which, only), total / number if number else 1.0
    )


def look_up_terms(
    store: Store, words: Mapping[str, float], number: int
) -> tuple[list[Term], dict[int, int]]:
    """The terms with their document frequencies, and for each memory the mask of its terms."""
    probes = {word: fts.postings(store, word, PROBE) for word in words}
    last = store.memories.last_id()
    guesses = {word: _estimate_frequency(ids, number, last) for word, ids in probes.items()}
    terms: list[Term] = []
    masks: dict[int, int] = {}
    budget = BUDGET
    rare: list[str] = []
    for word in sorted(words, key=lambda word: guesses[word] / words[word]):
        ids, how, holding = probes[word], "all", guesses[word]
        if len(ids) == PROBE:
            if budget > 0 and (holding <= budget or not rare):
                ids = fts.postings(store, word, budget)
                if len(ids) < budget:
                    holding = len(ids)
                else:
                    how = "newest"
            elif rare:
                ids = fts.joined(store, word, rare[:JOINED], BUDGET // 4)
                how = "joined"
            else:
                ids, how = [], "none"
        if how == "all":
            rare.append(word)
        budget -= len(ids)
        bit = 1 << len(terms)
        terms.append(Term(word, holding, words[word] * idf(number, holding), how))
        for id in ids:
            masks[id] = masks.get(id, 0) | bit
    return terms, masks


def select_best(
    store: Store,
    masks: dict[int, int],
    terms: Sequence[Term],
    which: Filter,
    most: int,
) -> list[int]:
    """The ids of most weight that pass the filter, heaviest first; of equals the newest."""
    weights = {mask: sum_weights(mask, terms) for mask in set(masks.values())}
    if not which:
        return [id for _, id in heapq.nlargest(most, ((weights[m], id) for id, m in masks.items()))]
    ranked = sorted(masks, key=lambda id: (-weights[masks[id]], -id))
    kept: list[int] = []
    for start in range(0, len(ranked), 1000):
        kept += store.memories.passing(ranked[start : start + 1000], which)
        if len(kept) >= most:
            break
    return kept[:most]


def add_neighbours(
    store: Store,
    masks: dict[int, int],
    kept: Sequence[int],
    which: Filter,
    only: Collection[int] | None,
) -> list[Candidate]:
    """These memories and the neighbours of the first of them, each with its neighbours' masks."""
    records = store.memories.fetch(kept)
    beside: dict[int, tuple[list[int], list[int]]] = {}
    extra: dict[int, None] = {}
    for place, (id, record) in enumerate(records.items()):
        beside[id] = store.memories.neighbours(record, REACH)
        if place < WIDENED:
            extra.update(dict.fromkeys(beside[id][0] + beside[id][1]))
    added = [id for id in extra if id not in records and (only is None or id in only)]
    found = store.memories.fetch(store.memories.passing(added, which))
    for id, record in found.items():
        beside[id] = store.memories.neighbours(record, REACH)
    records.update(found)
    previous = store.memories.fetch({ids[0][0] for ids in beside.values() if ids[0]})
    return [
        Candidate(
            record,
            masks.get(id, 0),
            [masks.get(other, 0) for other in beside[id][0]],
            [masks.get(other, 0) for other in beside[id][1]],
            previous.get(beside[id][0][0]) if beside[id][0] else None,
        )
        for id, record in records.items()
    ]


def sum_weights(mask: int, terms: Sequence[Term]) -> float:
    """The weight of the terms in a mask."""
    return sum(term.weight for place, term in enumerate(terms) if mask >> place & 1)


def idf(number: int, holding: int) -> float:
    """Inverse document frequency, never negative (Robertson and Zaragoza 2009, §3)."""
    return math.log(1 + (max(number, holding) - holding + 0.5) / (holding + 0.5))


def _estimate_frequency(newest: Sequence[int], number: int, last: int) -> int:
    """How many memories hold a term, judged by how dense its newest postings stand."""
    if len(newest) < PROBE:
        return len(newest)
    span = newest[0] - newest[-1] + 1
    return max(PROBE, min(number, last * PROBE // span))
