"""recall(): the one entry to finding memories, by question (rank.py) or by keyword."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ltm_cli.core import settings
from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.record import DOCUMENT
from ltm_cli.retrieval import Hit, keyword

if TYPE_CHECKING:
    from ltm_cli.retrieval.query import Query
    from ltm_cli.retrieval.reranker import SideNet
    from ltm_cli.retrieval.semantic import Dense
    from ltm_cli.storage.store import Store

LIMIT = 10  # ranked results, unless told otherwise


def recall(
    store: Store,
    query: str | Query | None = None,
    *,
    keywords: Sequence[str] = (),
    which: Filter = EVERYTHING,
    limit: int | None = None,
    now: datetime | None = None,
    net: SideNet | None = None,
    dense: Dense | None = None,
    explain: bool = False,
) -> list[Hit]:
    """Memories of one user.

    With a query, or one that was read before (query.py): ranked, best first (of those that contain
    `keywords`, if given). With keywords alone, or neither: all of them in order of time; `limit`
    keeps the newest. An unknown user has no memories. `now` is when the query is asked ("last
    Friday"); `net` is the residual on the base ranking, else the one that came with the program;
    `dense` is the embedding model, if one is in use; `explain` fills in the whole `why`. Of a
    document, what the best passage leads to is among the first five (second_hop.py).
    """
    if query is not None:
        # A keyword alone does without all that this needs.
        from ltm_cli.retrieval.query import parse_query
        from ltm_cli.retrieval.rank import rank

        if isinstance(query, str):
            query = parse_query(query, now or settings.now())

        only = None
        if keywords:
            only = {record.id for record in keyword.find_containing(store, keywords, which)}
        most = LIMIT if limit is None else limit
        ranking = rank(store, query, which, most, net, only, dense)
        hits = [ranking.hit(i, explain) for i in ranking.order[:most]]
        if DOCUMENT in which.tags and only is None:
            from ltm_cli.retrieval.second_hop import add_second_hops

            return add_second_hops(store, hits, ranking.found.terms, which)[:most]
        return hits
    if keywords:
        found = list(keyword.find_containing(store, keywords, which))
        why = {"contains": list(keywords)}
        return [Hit(record, 1.0, why) for record in (found[-limit:] if limit else found)]
    return [Hit(record, 1.0) for record in store.memories.select(which, newest=limit)]
