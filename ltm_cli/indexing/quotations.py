"""What else holds the words of memories that are to be forgotten.

An answer of `ask` is drawn from memories. It goes with them if it, or its question, has a word that
nothing else holds but such answers, or if it rests on one of them by what was cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ltm_cli.core.record import ASKED, Record
from ltm_cli.indexing import fts, tokenizer

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

MOST = 10_000  # answers looked at
_TOGETHER = 100  # terms in one look-up
_LONGEST = 30  # terms of a text of which the rarest is looked for
_SAME = 50  # memories compared with it

_WHEN = re.compile(r"\b\d{4}-\d\d-\d\d(?: \d\d:\d\d)?\b")


def answers(store: Store, gone: Sequence[Record]) -> list[Record]:
    """The exchanges of `ask` that hold what only these memories said, or that cite them."""
    ids = {record.id for record in gone}
    terms = {term for record in gone for term in _terms(record)}
    [asked] = tokenizer.terms(ASKED)
    found = {
        id: record
        for id in _holding(store, asked, sorted(terms))
        for record in store.memories.fetch([id]).values()
        if ASKED in record.tags and id not in ids
    }
    known = ids | found.keys()
    telling: dict[str, bool] = {}

    def tells(term: str) -> bool:
        if term not in telling:
            holders = fts.postings(store, term, len(known) + 1)
            telling[term] = known.issuperset(holders)
        return telling[term]

    cited = set(store.feedback.citing(sorted(ids)))
    quoting = [one for one in found.values() if any(tells(t) for t in _terms(one) & terms)]
    rest = store.memories.fetch(cited - ids - {one.id for one in quoting}).values()
    quoting += [one for one in rest if ASKED in one.tags]
    return sorted(quoting, key=lambda one: one.id)


def doubles(store: Store, gone: Sequence[Record]) -> list[int]:
    """The other memories that hold all that one of these says."""
    ids = {record.id for record in gone}
    found: set[int] = set()
    for record in gone:
        longest = sorted(_terms(record), key=len, reverse=True)[:_LONGEST]
        if not longest:
            continue
        rarest = min(longest, key=lambda term: fts.frequency(store, term, _SAME))
        near = store.memories.fetch(fts.postings(store, rarest, _SAME))
        said = tokenizer.fold(record.content)
        found |= {id for id, one in near.items() if said in tokenizer.fold(one.content)}
    return sorted(found - ids)


def _terms(record: Record) -> set[str]:
    """What a memory says; when something quoted in it happened is not."""
    said = _WHEN.sub(" ", record.content) if ASKED in record.tags else record.content
    return {term for term in tokenizer.terms(said) if not tokenizer.is_stop(term)}


def _holding(store: Store, term: str, others: Sequence[str]) -> Iterator[int]:
    """The memories that hold a term and one of the others, each once."""
    seen: set[int] = set()
    for start in range(0, len(others), _TOGETHER):
        part = fts.joined(store, term, others[start : start + _TOGETHER], MOST)
        yield from (id for id in part if id not in seen)
        seen.update(part)
