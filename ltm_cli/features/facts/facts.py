"""Facts: what is known of the user and of others, since when, and from which memories.

Nothing is stored here: facts are what memories state (features/facts/table.py), seen in order of
time.

- An attribute with one value at a time (where somebody lives) has a chain of values: each ends
  when the next begins, and a value said again goes on.
- Of those with many (what somebody likes) each value stands for itself; "hates" ends "loves".
- Two values of one attribute in one memory, or on one day of which no hour is known, contradict
  each other: neither is preferred, unless the user has stated one outright.
- What the user has dropped counts no more, unless it is said again later.

Two ways to write a subject are one (我的妹妹, 我妹妹); two names never are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from ltm_cli.core import messages
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.core.record import Record
from ltm_cli.core.sanitize import checked, one_line
from ltm_cli.features.facts import table as facts_table
from ltm_cli.features.facts.extraction import ATTRIBUTES, ME, is_single, same
from ltm_cli.features.facts.table import Row
from ltm_cli.indexing import writer

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

OUTRIGHT = 1.0  # the confidence of what the user has stated as a fact
_OPPOSITES = {"dislikes": "likes"}  # these two are one chain for each value


@dataclass
class Fact:
    """A value of an attribute of a subject, from when to when (None: still), and its memories."""

    id: int
    subject: str
    attribute: str
    value: str
    since: str
    until: str | None = None
    confidence: float = 0.0
    disputed: bool = False  # another value was stated at the very same time
    memories: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)  # of each time it was stated

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape of the contract."""
        return {
            "id": self.id, "subject": self.subject, "attribute": self.attribute,
            "value": self.value, "from": self.since, "to": self.until,
            "confidence": round(self.confidence, 2), "disputed": self.disputed,
            "memories": self.memories,
        }  # fmt: skip


class Statement(NamedTuple):
    """A fact as somebody states it; `source`: the memory that it was proposed from."""

    subject: str
    attribute: str
    value: str
    at: str = ""
    source: int | None = None


def history(
    store: Store,
    subject: str | None = None,
    attributes: Iterable[str] = (),
    until: str | None = None,
) -> list[Fact]:
    """All facts, those that hold no more included, by subject and attribute, oldest first.

    `until` (ISO 8601, exclusive) leaves out what was stated later.
    """
    chains: dict[tuple[str, ...], list[Row]] = {}
    for row in _standing(facts_table.rows(store, attributes, until)):
        if subject is None or same(row.subject) == same(subject):
            chains.setdefault(_chain(row), []).append(row)
    ordered = sorted(chains, key=lambda chain: (chain[0] != same(ME), chain[:2]))
    return [fact for key in ordered for fact in _facts(chains[key])]


def current(
    store: Store,
    subject: str | None = None,
    attributes: Iterable[str] = (),
    until: str | None = None,
) -> list[Fact]:
    """The facts that hold."""
    return [fact for fact in history(store, subject, attributes, until) if fact.until is None]


def find(store: Store, id: int) -> Fact:
    """The fact of an id. Raises NothingFound."""
    for fact in history(store):
        if id in fact.ids:
            return fact
    raise NothingFound(
        messages.text("{user} has no fact with the id {id}", user=store.user, id=id),
        messages.text("see the ids with ltm facts list"),
    )


def state(store: Store, said: Iterable[Statement], action: str = "facts set") -> list[Fact]:
    """Remember facts that the user states outright, as one change that undo calls `action`."""
    stored = writer.remember_all(store, [_record(one) for one in said], action)
    ids = {record.id for record in stored}
    return [fact for fact in history(store) if ids.intersection(fact.memories)]


def sources(store: Store, fact: Fact) -> list[Record]:
    """The memories that state a fact, and those that it was proposed from, while they are there."""
    found = writer.fetch(store, fact.memories)
    named = {id for one in found for id in facts_table.named(one)}
    others = store.memories.fetch(sorted(named - set(fact.memories))).values()
    return [*found, *(one for one in others if facts_table.kept_of(one, found))]


def _record(said: Statement) -> Record:
    """The memory of a fact that is stated outright. Raises UsageError."""
    subject, attribute, value = (
        one_line(checked(text, what))
        for text, what in (
            (said.subject, messages.text("subject")),
            (said.attribute, messages.text("attribute")),
            (said.value, messages.text("value")),
        )
    )  # fmt: skip
    if subject.casefold() in ("i", "我", "myself", "自己"):
        subject = ME
    attribute = ATTRIBUTES.get(attribute.casefold(), attribute)
    for text in (subject, attribute):
        if any(sign in text for sign in "·=≠"):
            raise UsageError(
                messages.text("{text} contains one of the signs · = ≠", text=repr(text)),
                messages.text("leave the sign out"),
            )
    tags = [] if said.source is None else [facts_table.tag(said.source)]
    text = facts_table.written(subject, attribute, value)
    return Record(text=text, kind="fact", at=said.at, tags=tags)


def drop(store: Store, id: int) -> Fact:
    """Remember that a fact is not so; the memories that state it stay as they are."""
    fact = find(store, id)
    text = facts_table.written(fact.subject, fact.attribute, fact.value, denied=True)
    writer.remember(store, Record(text=text, kind="fact"), "facts drop")
    return fact


def _standing(rows: list[Row]) -> list[Row]:
    """Without what was dropped after it was stated, and without the dropping."""
    dropped: dict[tuple[str, str, str], int] = {}
    for row in rows:
        if row.denied:
            key = _claim(row)
            dropped[key] = max(row.memory, dropped.get(key, 0))
    return [row for row in rows if not row.denied and row.memory > dropped.get(_claim(row), 0)]


def _moment(row: Row) -> object:
    """What two statements share that are not known to follow each other."""
    return row.at if row.at.endswith("T00:00:00") else row.memory


def _claim(row: Row) -> tuple[str, str, str]:
    return same(row.subject), row.attribute, same(row.value)


def _chain(row: Row) -> tuple[str, ...]:
    """What a new value takes the place of the one before within."""
    attribute = _OPPOSITES.get(row.attribute, row.attribute)
    head = (same(row.subject), attribute)
    return head if is_single(attribute) else (*head, same(row.value))


def _facts(rows: list[Row]) -> list[Fact]:
    """The facts of one chain, from what was stated in order of time."""
    found: list[Fact] = []
    holding: dict[tuple[str, str], Fact] = {}  # more than one: a contradiction
    for _, together in groupby(rows, key=_moment):
        said = list(together)
        outright = [row for row in said if row.confidence == OUTRIGHT]
        decided = {_value(row) for row in outright[-1:] or said}
        held, holding = holding, {}
        for row in said:
            key = _value(row)
            fact = holding.get(key) or held.get(key)
            if fact is None:
                fact = Fact(row.id, row.subject, row.attribute, row.value, row.at)
                found.append(fact)
            holding[key] = fact
            fact.ids.append(row.id)
            fact.confidence = max(fact.confidence, row.confidence)
            if row.memory not in fact.memories:
                fact.memories.append(row.memory)
        for key, fact in (held | holding).items():
            if key not in decided:
                fact.until = said[-1].at
        holding = {key: fact for key, fact in holding.items() if key in decided}
        for fact in holding.values():
            fact.disputed = len(holding) > 1
    return found


def _value(row: Row) -> tuple[str, str]:
    return row.attribute, same(row.value)
