"""What else holds the words of memories that are to be forgotten.

An answer of `ask` is drawn from memories. It goes with them if it, or its question, has a word that
nothing else holds but such answers, or if it rests on one of them by what was cited.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence

from ltm_cli.core.record import ASKED, Record
from ltm_cli.indexing import fts, tokenizer
from ltm_cli.storage.sqlite import feedback, memories

MOST = 10_000  # answers looked at
_TOGETHER = 100  # terms in one look-up
_LONGEST = 30  # terms of a text of which the rarest is looked for
_SAME = 50  # memories compared with it

_WHEN = re.compile(r"\b\d{4}-\d\d-\d\d(?: \d\d:\d\d)?\b")


def answers(db: sqlite3.Connection, user: int, gone: Sequence[Record]) -> list[Record]:
    """The exchanges of `ask` that hold what only these memories said, or that cite them."""
    ids = {record.id for record in gone}
    terms = {term for record in gone for term in _terms(record)}
    [asked] = tokenizer.terms(ASKED)
    found = {
        id: record
        for id in _holding(db, user, asked, sorted(terms))
        for record in memories.fetch(db, user, [id]).values()
        if ASKED in record.tags and id not in ids
    }
    known = ids | found.keys()
    telling: dict[str, bool] = {}

    def tells(term: str) -> bool:
        if term not in telling:
            holders = fts.postings(db, user, term, len(known) + 1)
            telling[term] = known.issuperset(holders)
        return telling[term]

    cited = set(feedback.citing(db, user, sorted(ids)))
    quoting = [one for one in found.values() if any(tells(t) for t in _terms(one) & terms)]
    rest = memories.fetch(db, user, cited - ids - {one.id for one in quoting}).values()
    quoting += [one for one in rest if ASKED in one.tags]
    return sorted(quoting, key=lambda one: one.id)


def doubles(db: sqlite3.Connection, user: int, gone: Sequence[Record]) -> list[int]:
    """The other memories that hold all that one of these says."""
    ids = {record.id for record in gone}
    found: set[int] = set()
    for record in gone:
        longest = sorted(_terms(record), key=len, reverse=True)[:_LONGEST]
        if not longest:
            continue
        rarest = min(longest, key=lambda term: fts.frequency(db, user, term, _SAME))
        near = memories.fetch(db, user, fts.postings(db, user, rarest, _SAME))
        said = tokenizer.fold(record.content)
        found |= {id for id, one in near.items() if said in tokenizer.fold(one.content)}
    return sorted(found - ids)


def _terms(record: Record) -> set[str]:
    """What a memory says; when something quoted in it happened is not."""
    said = _WHEN.sub(" ", record.content) if ASKED in record.tags else record.content
    return {term for term in tokenizer.terms(said) if not tokenizer.is_stop(term)}


def _holding(db: sqlite3.Connection, user: int, term: str, others: Sequence[str]) -> Iterator[int]:
    """The memories that hold a term and one of the others, each once."""
    seen: set[int] = set()
    for start in range(0, len(others), _TOGETHER):
        part = fts.joined(db, user, term, others[start : start + _TOGETHER], MOST)
        yield from (id for id in part if id not in seen)
        seen.update(part)
