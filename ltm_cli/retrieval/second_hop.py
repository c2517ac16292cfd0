"""Bridges: of a document, what is told elsewhere of those whom the best passage names.

"In which town was Ingrid's teacher born?" The best passage says who taught Ingrid; where the
teacher was born stands chapters away, and shares hardly a word with the question. So the rare words
of the sentence that fits best are looked up, together with what of the question it leaves open.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ltm_cli.core.filter import Filter
from ltm_cli.indexing import tokenizer
from ltm_cli.nlp import sentences
from ltm_cli.retrieval import Hit, candidates
from ltm_cli.retrieval.candidates import Term

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

FIRST = 3  # hits that stay before those that they lead to
HOPS = 2  # hits that the best one leads to
RARE = 20  # passages that may hold a word for it to lead from one to another
WORDS = 6  # so many of the rarest words of a sentence lead on
_CONSIDERED = 50


def add_second_hops(
    store: Store, hits: Sequence[Hit], terms: Sequence[Term], which: Filter
) -> list[Hit]:
    """The same hits, with those that the best one leads to in the fourth and fifth place.

    `terms` are those of the question. A hit that was led to has in `why` the words that led to it,
    and the score of the hit before it.
    """
    first = list(hits[:FIRST])
    if not first:
        return first
    led = _find_second_hops(store, first, terms, which)
    records = store.memories.fetch(led)
    score = first[-1].score
    found = [Hit(record, score, {"bridge": led[id]}) for id, record in records.items()]
    return [*first, *found, *(hit for hit in hits[FIRST:] if hit.record.id not in records)]


def _find_second_hops(
    store: Store, first: Sequence[Hit], terms: Sequence[Term], which: Filter
) -> dict[int, list[str]]:
    """The ids that the best of the first hits leads to, each with the words that lead there."""
    weights = {term.text: term.weight for term in terms}
    lead = first[0].record.content

    def fit(sentence: str) -> float:
        return sum(weights.get(term, 0.0) for term in set(tokenizer.terms(sentence)))

    told = set(tokenizer.query_terms(max(sentences.split(lead), key=fit, default=""))) - set(
        weights
    )
    left = set(weights) - set(tokenizer.terms(lead))
    found, masks = candidates.look_up_terms(
        store, dict.fromkeys(sorted(told | left), 1.0), store.memories.count()
    )
    names = [term for term in found if term.text in told and 1 < term.holding <= RARE]
    rare = {term.text for term in sorted(names, key=lambda term: term.holding)[:WORDS]}
    bits = {term.text: 1 << place for place, term in enumerate(found)}
    leading = sum(bits[word] for word in rare)
    counted = leading | sum(bits[word] for word in left)
    known = {hit.record.id for hit in first}
    scores = {
        id: candidates.sum_weights(mask & counted, found)
        for id, mask in masks.items()
        if mask & leading and id not in known
    }
    best = heapq.nlargest(_CONSIDERED, scores, key=lambda id: (scores[id], -id))
    return {
        id: [word for word in sorted(rare) if masks[id] & bits[word]]
        for id in store.memories.passing(best, which)[:HOPS]
    }
