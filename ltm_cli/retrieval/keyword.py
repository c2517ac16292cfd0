"""Memories that contain a string: exact, in any script, in order of time.

A memory contains a keyword when one of its texts does, both folded (NFKC, case). The index names
the candidates, then each is verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ltm_cli.core.filter import Filter
from ltm_cli.core.record import Record
from ltm_cli.indexing import fts
from ltm_cli.indexing.tokenizer import fold

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store


def find_containing(store: Store, keywords: Sequence[str], which: Filter) -> Iterator[Record]:
    """The memories that contain every one of `keywords`, oldest first."""
    folded = [fold(keyword) for keyword in keywords]
    candidates = _candidates(store, folded)
    if candidates is None:
        found = store.memories.select(which)
    else:
        passing = store.memories.passing(sorted(candidates), which)
        records = store.memories.fetch(passing).values()
        found = iter(sorted(records, key=lambda record: (record.at, record.id)))
    return (record for record in found if contains(record, folded))


def contains(record: Record, folded: Sequence[str]) -> bool:
    """Whether each folded keyword stands in one of the record's texts."""
    parts = [fold(part) for part in record.parts]
    return all(any(keyword in part for part in parts) for keyword in folded)


def _candidates(store: Store, folded: Sequence[str]) -> set[int] | None:
    """Ids that the index allows for all keywords; None when it excludes nothing."""
    allowed: set[int] | None = None
    for keyword in folded:
        ids = fts.holding(store, keyword)
        if ids is not None:
            allowed = set(ids) if allowed is None else allowed & set(ids)
    return allowed
