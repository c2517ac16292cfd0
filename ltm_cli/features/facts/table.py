"""The facts that memories state, derived from their texts when they are written.

A memory of the kind "fact" may say one in so many signs: "cabin · wifi password = heron-42", or
with "≠" that it is not so. That is how `ltm facts set` and `drop` are remembered, so that they are
exported, undone and forgotten like anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ltm_cli.core.record import ASKED, DOCUMENT, SECRET, Record
from ltm_cli.features.facts import extraction as rules
from ltm_cli.indexing import fts, tokenizer
from ltm_cli.indexing.analysis import Analysis
from ltm_cli.indexing.derived import DerivedTable

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

MOST = 10_000  # facts kept of one memory
_WRITTEN = re.compile(
    r"(?P<subject>[^\n·]+) · (?P<attribute>[^\n=≠]+) (?P<sign>[=≠]) (?P<value>[^\n]+)"
)
# Tags of what `ltm ask` and `ltm read` keep, and of what nothing is to be made of.
OTHERS = frozenset({ASKED, DOCUMENT, SECRET})
_MYSELF = frozenset({"me", "i", "user", "我", "用户"})


class Row(NamedTuple):
    """One fact as one memory states it."""

    id: int
    memory: int
    at: str
    subject: str
    attribute: str
    value: str
    confidence: float
    denied: bool


def written(subject: str, attribute: str, value: str, *, denied: bool = False) -> str:
    """A fact in the signs that `stated` reads."""
    return f"{subject} · {attribute} {'≠' if denied else '='} {value}"


def stated(record: Record) -> list[tuple[str, str, str, float, bool]]:
    """What a memory states: (subject, attribute, value, confidence, denied)."""
    if record.kind == "style" or not OTHERS.isdisjoint(record.tags):
        return []
    if record.kind == "fact" and record.text and (match := _WRITTEN.fullmatch(record.text)):
        return [(match["subject"], match["attribute"], match["value"], 1.0, match["sign"] == "≠")]
    if record.question is not None:  # who answered is somebody else: only what is of third persons
        answered = [one for one in rules.find(record.answer or "") if not _of_speaker(one)]
        unique = {one[:3]: one for one in (*rules.find(record.question), *answered)}
        found = list(unique.values())
    else:
        found = rules.find(record.text or "", speaker(record))
    if found and _orders(record.content):
        return []
    return [(*one, False) for one in found]


def _orders(text: str) -> bool:
    from ltm_cli.nlp.prompt_injection import (
        is_injection,  # few memories state anything: the others do without
    )

    return is_injection(text)


def speaker(record: Record) -> str:
    """Who "I" and 我 are in a memory: ME, or the name of somebody else who speaks."""
    name = record.speaker or ""
    mine = not name or name.casefold() in _MYSELF or name == record.user
    return rules.ME if mine else name


def tag(source: int) -> str:
    """The tag by which a fact that was kept of a proposal names the memory it is of."""
    return f"from:{source}"


def named(kept: Record) -> list[int]:
    """The ids in such tags."""
    return [int(match[1]) for tag in kept.tags if (match := re.fullmatch(r"from:(\d{1,18})", tag))]


def kept_of(record: Record, kept: Iterable[Record]) -> list[Record]:
    """Those memories of the kind "fact" that were kept as facts of this one.

    Ids change when memories are imported: one whose value this memory does not hold names another.
    """
    return [
        one
        for one in kept
        if record.id in named(one)
        and (match := _WRITTEN.fullmatch(one.text or ""))
        and match["value"] in record.content
    ]


class FactsTable(DerivedTable):
    """What is still stated keeps its id when a memory changes, or all is derived again."""

    table = "facts"
    columns = ("user_id", "memory_id", "subject", "attribute", "value", "confidence", "denied")

    def rows(self, user: int, analysis: Analysis) -> Iterable[tuple[object, ...]]:
        return ((user, analysis.record.id, *one) for one in stated(analysis.record))

    def replace(self, store: Store, before: Record, after: Analysis) -> None:
        self._prune(store, [after])
        super().add(store, [after])

    def clear(self, store: Store) -> None:
        """Nothing: `add` deletes what is stated no more."""
        self._anew = True

    def add(self, store: Store, found: Sequence[Analysis]) -> None:
        if self._anew:
            self._prune(store, found)
        super().add(store, found)

    _anew = False

    def _prune(self, store: Store, found: Sequence[Analysis]) -> None:
        """Delete what memories stated and do no more."""
        for one in found:
            said = {fact[:3] for fact in stated(one.record)}
            held = store.execute(
                "SELECT id, subject, attribute, value, confidence, denied FROM facts"
                " WHERE memory_id = ?", [one.record.id],
            ).fetchall()  # fmt: skip
            gone = [[row[0]] for row in held if tuple(row[1:4]) not in said]
            if gone:
                store.executemany("DELETE FROM facts WHERE id = ?", gone)

    def comparable(self, row: tuple[object, ...]) -> tuple[object, ...]:
        return (*row[:6], bool(row[6]))

    def dependents(self, store: Store, record: Record) -> list[Record]:
        """The memories of the kind "fact" that were kept as facts of this one."""
        name, number = tokenizer.terms(tag(record.id))
        near = store.memories.fetch(fts.joined(store, number, [name], MOST)).values()
        return kept_of(record, [one for one in near if one.kind == "fact"])


def rows(store: Store, attributes: Iterable[str] = (), until: str | None = None) -> list[Row]:
    """All that the user's memories state, in order of time; of some attributes, before a time."""
    wanted = list(attributes)
    condition = f" AND attribute IN ({', '.join('?' * len(wanted))})" if wanted else ""
    if until is not None:
        condition += " AND at < ?"
    found = store.execute(
        "SELECT facts.id, memory_id, at, subject, attribute, value, confidence, denied"
        " FROM facts JOIN memories ON memories.id = memory_id"
        f" WHERE facts.user_id = ?{condition} ORDER BY at, memory_id, facts.id",
        (store.owner, *wanted, *([until] if until is not None else [])),
    )
    return [Row._make((*row[:7], bool(row[7]))) for row in found]


def _of_speaker(one: rules.Stated) -> bool:
    return one.subject == rules.ME or one.subject.startswith(("my ", "our ", "我"))
