"""recall(): the one entry to finding memories."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ltm_cli.recall import Hit, keyword, lexical
from ltm_cli.store import memories
from ltm_cli.store.memories import EVERYTHING, Filter
from ltm_cli.text.segment import fold

LIMIT = 10  # ranked results, unless told otherwise


def recall(
    db: sqlite3.Connection,
    user: str,
    query: str | None = None,
    *,
    keywords: Sequence[str] = (),
    which: Filter = EVERYTHING,
    limit: int | None = None,
) -> list[Hit]:
    """Memories of one user.

    With a query: ranked, best first (of those that contain `keywords`, if given). With keywords
    alone, or neither: all of them in order of time; `limit` keeps the newest. An unknown user has
    no memories.
    """
    id = memories.user_id(db, user)
    if id is None:
        return []
    if query is not None:
        most = LIMIT if limit is None else limit
        ranked = lexical.rank(
            db, id, query, which, most if not keywords else memories.count(db, id)
        )
        folded = [fold(word) for word in keywords]
        kept = (one for one in ranked if keyword.contains(one.record, folded))
        hits = [Hit(one.record, one.score, {"bm25": one.score, "terms": one.terms}) for one in kept]
        return hits[:most]
    if keywords:
        found = list(keyword.containing(db, id, keywords, which))
        why = {"contains": list(keywords)}
        return [Hit(record, 1.0, why) for record in (found[-limit:] if limit else found)]
    return [Hit(record, 1.0) for record in memories.select(db, id, which, newest=limit)]
