"""recall(): the one entry to finding memories.

A question is ranked in four steps:

    1. read        its terms, the days it names, what it asks            query.py
    2. candidates  memories that share terms, and their neighbours       lexical.py
    3. features    what is known of each candidate, and a base score     features.py
    4. residual    what was learned of such features                     sidenet.py
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime

from ltm_cli import settings
from ltm_cli.recall import Hit, features, keyword, lexical, sidenet
from ltm_cli.recall.query import read
from ltm_cli.recall.sidenet import SideNet
from ltm_cli.store import memories
from ltm_cli.store.memories import Filter

LIMIT = 10  # ranked results, unless told otherwise


def recall(
    db: sqlite3.Connection,
    user: str,
    query: str | None = None,
    *,
    keywords: Sequence[str] = (),
    which: Filter = Filter(),  # noqa: B008 - frozen
    limit: int | None = None,
    now: datetime | None = None,
    net: SideNet | None = None,
) -> list[Hit]:
    """Memories of one user.

    With a query: ranked, best first (of those that contain `keywords`, if given). With keywords
    alone, or neither: all of them in order of time; `limit` keeps the newest. An unknown user has
    no memories. `now` is when the query is asked ("last Friday"); `net` is the residual on the
    base ranking, else the one that came with the program.
    """
    id = memories.user_id(db, user)
    if id is None:
        return []
    if query is not None:
        only = None
        if keywords:
            only = {record.id for record in keyword.containing(db, id, keywords, which)}
        most = LIMIT if limit is None else limit
        return ranked(db, id, query, which, most, now or settings.now(), net, only)
    if keywords:
        found = list(keyword.containing(db, id, keywords, which))
        why = {"contains": list(keywords)}
        return [Hit(record, 1.0, why) for record in (found[-limit:] if limit else found)]
    return [Hit(record, 1.0) for record in memories.select(db, id, which, newest=limit)]


def ranked(
    db: sqlite3.Connection,
    user: int,
    text: str,
    which: Filter,
    most: int,
    now: datetime,
    net: SideNet | None = None,
    only: Collection[int] | None = None,
) -> list[Hit]:
    """The best memories for a question; without any of its terms, or beside one that has, none."""
    net = sidenet.shipped() if net is None else net
    query = read(text, now)
    found = lexical.candidates(db, user, query.lookup, which, most, only)
    rows, base = features.table(query, found)
    scores = [score + net.residual(row) for score, row in zip(base, rows, strict=True)]
    best = heapq.nsmallest(
        most,
        range(len(rows)),
        key=lambda i: (-scores[i], found.candidates[i].record.at, found.candidates[i].record.id),
    )
    hits = []
    for i in best:
        candidate = found.candidates[i]
        why = {
            "base": round(base[i], 4),
            "residual": round(scores[i] - base[i], 4),
            "terms": {
                term.text: round(term.weight, 3)
                for place, term in enumerate(found.terms)
                if candidate.mask >> place & 1
            },
            "features": {
                name: round(rows[i][name], 3) for name in features.GENERAL if rows[i][name]
            },
            "learned": {name: round(part, 3) for name, part in net.contributions(rows[i]).items()},
            "plan": {term.text: f"{term.holding} {term.how}" for term in found.terms},
        }
        hits.append(Hit(candidate.record, scores[i], why))
    return hits
