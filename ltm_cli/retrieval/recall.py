"""recall(): the one entry to finding memories, by question (rank.py) or by keyword."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ltm_cli.core import settings
from ltm_cli.core.record import DOCUMENT
from ltm_cli.retrieval import Hit, keyword
from ltm_cli.storage.sqlite import memories
from ltm_cli.storage.sqlite.memories import EVERYTHING, Filter

if TYPE_CHECKING:
    from ltm_cli.retrieval.reranker import SideNet
    from ltm_cli.retrieval.semantic import Dense

LIMIT = 10  # ranked results, unless told otherwise


def recall(
    db: sqlite3.Connection,
    user: str,
    query: str | None = None,
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

    With a query: ranked, best first (of those that contain `keywords`, if given). With keywords
    alone, or neither: all of them in order of time; `limit` keeps the newest. An unknown user has
    no memories. `now` is when the query is asked ("last Friday"); `net` is the residual on the
    base ranking, else the one that came with the program; `dense` is the embedding model, if one is
    in use; `explain` fills in the whole `why`. Of a document, what the best passage leads to is
    among the first five (second_hop.py).
    """
    id = memories.user_id(db, user)
    if id is None:
        return []
    if query is not None:
        from ltm_cli.retrieval.rank import rank  # a keyword alone does without all that this needs

        only = None
        if keywords:
            only = {record.id for record in keyword.containing(db, id, keywords, which)}
        most = LIMIT if limit is None else limit
        ranking = rank(db, id, query, which, most, now or settings.now(), net, only, dense)
        hits = [ranking.hit(i, explain) for i in ranking.order[:most]]
        if DOCUMENT in which.tags and only is None:
            from ltm_cli.retrieval.second_hop import bridged

            return bridged(db, id, hits, ranking.found.terms, which)[:most]
        return hits
    if keywords:
        found = list(keyword.containing(db, id, keywords, which))
        why = {"contains": list(keywords)}
        return [Hit(record, 1.0, why) for record in (found[-limit:] if limit else found)]
    return [Hit(record, 1.0) for record in memories.select(db, id, which, newest=limit)]
