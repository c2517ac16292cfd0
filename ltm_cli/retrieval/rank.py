"""rank(): the memories that could answer a question, in four steps.

1. read        its terms, the days it names, what it asks            query.py
2. candidates  memories that share terms, and their neighbours       candidates.py
               with an embedding model also those close in meaning   semantic.py
3. features    what is known of each candidate, and a base score     features.py
4. residual    what was learned of such features                     reranker.py
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ltm_cli.core.filter import Filter
from ltm_cli.retrieval import Hit, candidates, features, reranker
from ltm_cli.retrieval.candidates import Found
from ltm_cli.retrieval.features import DENSE, GENERAL
from ltm_cli.retrieval.query import Query
from ltm_cli.retrieval.reranker import SideNet
from ltm_cli.retrieval.semantic import Dense

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store


@dataclass(frozen=True)
class Ranking:
    """The candidates of one question with all that was computed of them."""

    found: Found
    rows: list[dict[str, float]]  # features by name
    base: list[float]
    net: SideNet
    scores: list[float]
    order: list[int]  # best first

    def hit(self, i: int, explain: bool = False) -> Hit:
        """One candidate as a result; `explain` adds its features and how terms were looked up."""
        candidate, row = self.found.candidates[i], self.rows[i]
        why: dict[str, Any] = {
            "base": round(self.base[i], 3),
            "learned": round(self.scores[i] - self.base[i], 3),
            "terms": {
                term.text: round(term.weight, 2)
                for place, term in enumerate(self.found.terms)
                if candidate.mask >> place & 1
            },
        }
        if explain:
            why["features"] = {
                name: round(row[name], 3) for name in (*GENERAL, *DENSE) if row.get(name)
            }
            parts = self.net.contributions(row)
            why["contributions"] = {name: round(part, 3) for name, part in parts.items()}
            why["plan"] = {term.text: f"{term.how} of {term.holding}" for term in self.found.terms}
        return Hit(candidate.record, self.scores[i], why)


def rank(
    store: Store,
    query: Query,
    which: Filter,
    most: int,
    net: SideNet | None = None,
    only: Collection[int] | None = None,
    dense: Dense | None = None,
) -> Ranking:
    """Rank the memories that share a term with a question, or stand beside one that does.

    With an embedding model, also those that are close to it in meaning.
    """
    net = reranker.load_shipped() if net is None else net
    similar = dense.similar(store, query.text) if dense is not None else None
    also = similar.nearest(store, which, only) if similar is not None else ()
    found = candidates.find_candidates(store, query.lookup, which, most, only, also)
    rows, base = features.compute_features(query, found)
    if similar is not None:
        similar.describe([candidate.record.id for candidate in found.candidates], rows)
    scores = [score + net.residual(row) for score, row in zip(base, rows, strict=True)]
    records = [candidate.record for candidate in found.candidates]
    order = sorted(range(len(rows)), key=lambda i: (-scores[i], records[i].at, records[i].id))
    return Ranking(found, rows, base, net, scores, order)
