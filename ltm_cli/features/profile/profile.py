"""What memories say of the user: facts, preferences, recurring topics, people, and weak points.

Computed from the memories each time, so that nothing of it outlives them; every entry has its
counts, dates and memories. Weak points come from outcomes that were recognised in a text
(features/profile/exercise_results.py), or told by tags: `topic:geometry` and `outcome:wrong`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ltm_cli.core import settings
from ltm_cli.core.record import Record, moment
from ltm_cli.features.facts import facts
from ltm_cli.features.facts.extraction import ME
from ltm_cli.features.facts.extraction.words import SURNAMES_ZH
from ltm_cli.features.facts.facts import Fact
from ltm_cli.features.facts.table import OTHERS
from ltm_cli.features.profile import exercise_results, phrases

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

MOST = 20_000  # of the newest memories
SHOWN = 10  # entries of each part
FADES = 45  # days after which a mistake weighs half as much
_INTERNAL = frozenset({"outcome:right", "outcome:wrong"})
_PEOPLE_EN = re.compile(
    r"\b(?:with|met|called|visited|saw|talked to|thanked|told|asked|miss) "
    r"((?:[A-Z][a-zà-ÿ]+)(?:(?:, | and |, and )[A-Z][a-zà-ÿ]+)*)"
    r"|\b([A-Z][a-zà-ÿ]+) (?:and I|called|came|visited|told me|said|recommended|asked)\b"
)
_PEOPLE_ZH = re.compile(
    rf"[和跟与陪约见]([{SURNAMES_ZH}][\u4e00-\u9fff]{{1,2}}?|[小老阿][{SURNAMES_ZH}])"
    r"(?=一起|一块|去|看|吃|聊|讨论|打|在|见|说|玩|逛|到|喝|的|[，,。！!、和]|$)"
)
NO_NAMES = frozenset(
    """I He She They We You It The This That Monday Tuesday Wednesday Thursday Friday Saturday
    Sunday January February March April May June July August September October November December
    God Mom Dad Christmas Easter My Our His Her And But So Then Everyone Somebody Nobody""".split()
)


@dataclass
class Seen:
    """Something that memories come back to."""

    name: str
    count: int
    first: str
    last: str
    memories: list[int] = field(default_factory=list)


@dataclass
class Weak:
    """A topic with its outcomes; `rate` is the share that went wrong, `score` weighs the recent."""

    topic: str
    wrong: int
    right: int
    rate: float
    last: str
    score: float
    memories: list[int] = field(default_factory=list)


@dataclass
class Profile:
    """What `ltm profile` shows."""

    about: list[Fact]
    preferences: list[Fact]
    topics: list[Seen]
    people: list[Seen]
    weak: list[Weak]

    def as_dict(self) -> dict[str, Any]:
        return {
            "about": [fact.as_dict() for fact in self.about],
            "preferences": [fact.as_dict() for fact in self.preferences],
            "topics": [asdict(one) for one in self.topics],
            "people": [asdict(one) for one in self.people],
            "weak_points": [asdict(one) for one in self.weak],
        }


def profile(store: Store) -> Profile:
    """The profile of a user; empty for one who is not known."""
    records = lived(store)
    known = facts.current(store, ME)
    preferences = [f for f in known if _is_preference(f)]
    about = [f for f in known if not _is_preference(f)]
    preferences.sort(key=lambda fact: (-len(fact.memories), fact.since), reverse=False)
    return Profile(
        about, preferences[: 2 * SHOWN], _topics(records), _people(store, records),
        weak_points(records)[:SHOWN],
    )  # fmt: skip


def lived(store: Store) -> list[Record]:
    """The newest memories of what happened, oldest first; no documents, answers or drafts."""
    found = store.memories.select(newest=MOST)
    return [one for one in found if one.kind != "style" and OTHERS.isdisjoint(one.tags)]


def weak_points(records: Iterable[Record]) -> list[Weak]:
    """The topics that went wrong at least once, the weakest first.

    A mistake counts half after FADES days, half again after as many, and so on; what went right
    counts against it in the same way.
    """
    now = settings.now()
    found: dict[str, Weak] = {}
    for record in records:
        faded = 0.5 ** (max(0, (now - moment(record.at)).days) / FADES)
        for topic, right in _outcomes(record):
            one = found.setdefault(topic.casefold(), Weak(topic, 0, 0, 0.0, record.at, 0.0))
            one.right += right
            one.wrong += not right
            one.score += -faded / 2 if right else faded
            one.last = max(one.last, record.at)
            one.memories.append(record.id)
    weak = [one for one in found.values() if one.wrong]
    for one in weak:
        one.rate = round(one.wrong / (one.wrong + one.right), 3)
        one.score = round(max(one.score, 0.0), 3)
    return sorted(weak, key=lambda one: (-one.score, -one.rate, one.topic))


def _outcomes(record: Record) -> list[tuple[str, bool]]:
    """(topic, whether it went right) of a memory: told by tags, or recognised in its text."""
    told = [tag for tag in record.tags if tag in ("outcome:right", "outcome:wrong")]
    topics = [tag.removeprefix("topic:") for tag in record.tags if tag.startswith("topic:")]
    seen = exercise_results.find(record.text or record.question or "")
    if not told:
        return [(topic, right) for _, right in seen[:1] for topic in topics] or seen
    right = told[-1] == "outcome:right"
    named = topics or [topic for topic, _ in seen]
    named = named or [tag for tag in record.tags if tag not in _INTERNAL]
    return [(topic, right) for topic in named]


def _is_preference(fact: Fact) -> bool:
    return fact.attribute in ("likes", "dislikes") or fact.attribute.startswith("favourite ")


def _topics(records: list[Record]) -> list[Seen]:
    found: dict[str, list[Record]] = {}
    for record in records:
        for tag in record.tags:
            if tag not in _INTERNAL:
                found.setdefault(tag.removeprefix("topic:"), []).append(record)
    texts = [record.text or record.question or "" for record in records]
    for phrase, places in phrases.frequent(texts)[: 4 * SHOWN]:
        if phrase not in found:
            found[phrase] = [records[place] for place in places]
    seen = [_seen(name, group) for name, group in found.items() if len(group) > 1]
    several = [one for one in seen if one.first[:10] != one.last[:10]]
    return sorted(several, key=lambda one: (-one.count, one.name))[:SHOWN]


def _people(store: Store, records: list[Record]) -> list[Seen]:
    found: dict[str, list[Record]] = {}
    for record in records:
        text = record.text or record.question or ""
        names = {record.speaker} if record.speaker and record.speaker != store.user else set()
        for name in (names | people_in(text)) - NO_NAMES:
            found.setdefault(name, []).append(record)
    known = {fact.subject for fact in facts.current(store) if _is_person(fact.subject)}
    by_id = {record.id: record for record in records}
    for fact in facts.current(store):
        if fact.subject in known:
            stated = [by_id[id] for id in fact.memories if id in by_id]
            group = found.setdefault(fact.subject, [])
            group += [record for record in stated if record not in group]
    seen = [_seen(name, group) for name, group in found.items() if group]
    several = [one for one in seen if one.count > 1 or one.name in known]
    return sorted(several, key=lambda one: (-one.count, one.name))[:SHOWN]


def people_in(text: str) -> set[str]:
    """What is used like a name of somebody in a text; NO_NAMES may be among it."""
    names = set(_PEOPLE_ZH.findall(text))
    for listed, alone in _PEOPLE_EN.findall(text):
        names.update(re.split(r", and |, | and ", listed) if listed else [alone])
    return names


def _is_person(subject: str) -> bool:
    return subject != ME and (
        subject[:1].isupper() or subject.startswith(("my ", "我")) or subject[:1] in SURNAMES_ZH
    )


def _seen(name: str, group: list[Record]) -> Seen:
    times = sorted(record.at for record in group)
    return Seen(name, len(group), times[0], times[-1], [record.id for record in group])
