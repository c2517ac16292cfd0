"""Candidates ranked for one user: what fits their weak points, likings, habits and memories.

1. match      which memories speak of a candidate
2. done       what was done once or twice is not recommended again; what was done on three days or
              more is repeated, and may be, unless it is a habit (habits.py) that is not due yet
3. score      weak points (an exercise for what goes wrong), likings, habits (how often of late,
              and what used to follow what happened last), and memories that share rare words
4. reasons    each part that counts gives its reason and its memories

A candidate that holds what the user dislikes is left out. Nothing is stored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ltm_cli.core import messages, settings
from ltm_cli.core.errors import InputError
from ltm_cli.core.record import Record
from ltm_cli.core.sanitize import checked, decoded, json_value
from ltm_cli.features.facts import facts
from ltm_cli.features.facts.extraction import ME
from ltm_cli.features.facts.facts import Fact
from ltm_cli.features.habits import habits
from ltm_cli.features.habits.habits import Habit
from ltm_cli.features.profile import profile
from ltm_cli.features.profile.profile import Weak
from ltm_cli.indexing import tokenizer

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

LIMIT = 10
REPEATED = 3  # days on which something was done that is done again
HALF = 30  # mentions of candidates after which one counts half as much
FOLLOWS = 0.5  # what usually follows the last thing done, against what is done often
_PRIOR = 5  # turns before what follows is trusted half
_BAD = re.compile(
    r"\b(?:hated?|boring|bored|awful|terrible|disliked?|regret|waste|disappoint\w*|returned it)\b"
    r"|讨厌|无聊|难看|难吃|不好[看吃用]|不喜欢|后悔|失望|退货"
)
_GOOD = re.compile(
    r"\b(?:loved?|great|enjoyed|favou?rite|wonderful|amazing|fascinating|liked|excellent|fun)\b"
    r"|喜欢|好看|好吃|好用|精彩|有意思|有趣|太棒|真棒|点赞"
)


@dataclass(frozen=True)
class Candidate:
    """Something that could be recommended."""

    id: str
    text: str
    tags: tuple[str, ...] = ()


@dataclass
class Recommended:
    """A candidate with its score, reasons, and the memories behind them."""

    candidate: Candidate
    score: float = 0.0
    why: list[str] = field(default_factory=list)
    memories: list[int] = field(default_factory=list)

    def add(self, score: float, why: str, memories: Iterable[int]) -> None:
        self.score += score
        self.why.append(why)
        self.memories += [id for id in memories if id not in self.memories]

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape of the contract."""
        return {
            "id": self.candidate.id, "text": self.candidate.text, "score": round(self.score, 4),
            "why": "; ".join(self.why), "memories": self.memories,
        }  # fmt: skip


def read(lines: Iterable[bytes], source: str) -> list[Candidate]:
    """Candidates, one a line: plain text, or JSON with `text` and perhaps `id` and `tags`.

    Raises InputError that names the line.
    """
    found: list[Candidate] = []
    for number, raw in enumerate(lines, 1):
        where = messages.text("{file}, line {number}", file=source, number=number)
        line = decoded(raw, where).strip()
        if not line:
            continue
        try:
            found.append(_candidate(line, number))
        except InputError as error:
            said = messages.text("{place}: {reason}", place=where, reason=error)
            raise InputError(said, error.hint) from None
    return found


def recommend(
    store: Store, candidates: Sequence[Candidate], limit: int = LIMIT
) -> list[Recommended]:
    """The best candidates for a user, each with at least one reason."""
    records = profile.lived(store)
    likings = facts.current(store, ME)
    known = habits.find(store, settings.now())
    return rank(candidates, records, profile.weak_points(records), likings, limit, known)


def rank(
    candidates: Sequence[Candidate],
    records: Sequence[Record],
    weak: Sequence[Weak],
    likings: Sequence[Fact],
    limit: int = LIMIT,
    known: Sequence[Habit] = (),
) -> list[Recommended]:
    """As `recommend`, from memories in order of time."""
    wanted = [_terms(f"{one.text} {' '.join(one.tags)}") for one in candidates]
    named = [_terms(one.text) for one in candidates]
    holding = _index(records, set().union(*wanted) if wanted else set())
    mentions = _mentions(candidates, named, holding, records)
    often = _expected(mentions)
    found = []
    for place, candidate in enumerate(candidates):
        days = {records[i].at[:10] for i in mentions[place]}
        if 0 < len(days) < REPEATED or _disliked(wanted[place], likings):
            continue
        habit = _habit({records[i].id for i in mentions[place]}, known)
        if habit is not None and not _is_due(habit):
            continue
        one = Recommended(candidate)
        if habit is not None:
            why = _rhythm(habit)
            one.add(habit.confidence, why, habit.memories[-3:])
        _for_weakness(one, wanted[place], weak)
        _for_liking(one, wanted[place], likings)
        if days:
            last = records[mentions[place][-1]]
            ids = [records[i].id for i in mentions[place][-3:]]
            why = messages.text("you do this regularly, last on {day}", day=last.at[:10])
            one.add(often[place], why, ids)
        else:
            _for_likeness(one, wanted[place], holding, records)
        if one.score > 0:
            found.append(one)
    found.sort(key=lambda one: -one.score)
    return found[:limit]


def _habit(memories: set[int], known: Sequence[Habit]) -> Habit | None:
    """The habit that most of these memories are part of."""
    shared = [
        habit for habit in known if 2 * len(memories.intersection(habit.memories)) > len(memories)
    ]
    return shared[0] if shared else None


def _rhythm(habit: Habit) -> str:
    if habit.interval == 1:
        return messages.text("about every day, expected on {day}", day=habit.next)
    return messages.text(
        "about every {days} days, expected on {day}", days=habit.interval, day=habit.next
    )


def _is_due(habit: Habit) -> bool:
    return settings.now().date() >= habit.next - timedelta(days=habit.spread)


def _candidate(line: str, number: int) -> Candidate:
    if not line.startswith("{"):
        return Candidate(str(number), checked(line))
    try:
        values = json_value(line)
    except ValueError as error:
        raise InputError(
            messages.text("not JSON ({why})", why=error),
            messages.text("make each line plain text or a JSON object"),
        ) from None
    text, tags = values.get("text"), values.get("tags", [])
    if not isinstance(text, str) or not text.strip():
        raise InputError(
            messages.text("the key 'text' is missing"),
            messages.text("for example: {example}", example='{"id": "v1", "text": "Black holes"}'),
        )
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InputError(
            messages.text("the key 'tags' must be a list of strings"),
            messages.text("for example: {example}", example='"tags": ["space"]'),
        )
    return Candidate(str(values.get("id", number)), checked(text), tuple(tags))


def _terms(text: str) -> set[str]:
    """The words that say what something is; of Chinese, pairs of characters."""
    terms = {term for term in tokenizer.query_terms(text) if not tokenizer.is_stop(term)}
    pairs = {term for term in terms if not tokenizer.is_dense(term)}
    return pairs or terms


def _index(records: Sequence[Record], wanted: set[str]) -> dict[str, list[int]]:
    """The places of the memories that hold each of the wanted terms, in order of time."""
    holding: dict[str, list[int]] = {term: [] for term in wanted}
    for place, record in enumerate(records):
        terms = set(tokenizer.terms(f"{record.content} {' '.join(record.tags)}"))
        for term in terms & wanted:
            holding[term].append(place)
    return holding


def _mentions(
    candidates: Sequence[Candidate],
    named: Sequence[set[str]],
    holding: dict[str, list[int]],
    records: Sequence[Record],
) -> list[list[int]]:
    """For each candidate the places of the memories that speak of it, in order of time.

    They hold its text, and not only within that of a longer candidate (milk in chocolate milk); of
    three words and more they may hold these in any order.
    """
    found: list[list[int]] = [[] for _ in candidates]
    texts: dict[int, str] = {}
    for which in sorted(range(len(candidates)), key=lambda i: -len(candidates[i].text)):
        phrase = re.escape(tokenizer.fold(candidates[which].text.strip(" .。!！")))
        whole = re.compile(rf"(?<![a-z0-9]){phrase}(?:e?s)?(?![a-z0-9])")
        for place in _all(named[which], holding):
            text = texts.setdefault(place, tokenizer.fold(records[place].content))
            rest = whole.sub("\0", text)
            if rest != text or len(named[which]) >= 3:
                found[which].append(place)
                texts[place] = rest
    return found


def _all(terms: set[str], holding: dict[str, list[int]]) -> list[int]:
    """The places of the memories that hold all of some terms."""
    lists = sorted((holding[term] for term in terms), key=len)
    if not lists or not lists[0]:
        return []
    common = set(lists[0]).intersection(*lists[1:])
    return sorted(common)


def _expected(mentions: Sequence[Sequence[int]]) -> list[float]:
    """How likely each candidate is next: how often it was of late, and after what was last."""
    series = sorted((place, which) for which, places in enumerate(mentions) for place in places)
    weights = [0.0] * len(mentions)
    for age, (_, which) in enumerate(reversed(series)):
        weights[which] += 0.5 ** (age / HALF)
    total = sum(weights) or 1.0
    last = {which for place, which in series if series and place == series[-1][0]}
    after = [0] * len(mentions)
    turns = 0
    for (place, which), (following, then) in _turns(series):
        if which in last and following > place:
            after[then] += 1
            turns += 1
    return [
        weight / total + FOLLOWS * count / (turns + _PRIOR)
        for weight, count in zip(weights, after, strict=True)
    ]


def _turns(series: list[tuple[int, int]]) -> Iterable[tuple[tuple[int, int], tuple[int, int]]]:
    """Each mention with each of the next memory that mentions anything."""
    by_place: dict[int, list[int]] = {}
    for place, which in series:
        by_place.setdefault(place, []).append(which)
    places = list(by_place)
    for place, following in pairwise(places):
        for which in by_place[place]:
            for then in by_place[following]:
                yield (place, which), (following, then)


def _for_weakness(one: Recommended, terms: set[str], weak: Sequence[Weak]) -> None:
    for point in weak:
        topic = _terms(point.topic)
        shared = len(topic & terms) / len(topic) if topic else 0.0
        if shared >= 0.5 and point.score:
            why = messages.text(
                "{topic}: {wrong} of {all} wrong, last on {day}",
                topic=point.topic, wrong=point.wrong, all=point.wrong + point.right,
                day=point.last[:10],
            )  # fmt: skip
            one.add(3 * shared * point.score / (1 + point.score), why, point.memories[-3:])


def _for_liking(one: Recommended, terms: set[str], likings: Sequence[Fact]) -> None:
    for fact in likings:
        if fact.attribute == "likes" or fact.attribute.startswith("favourite "):
            liked = _terms(fact.value)
            shared = len(liked & terms) / len(liked) if liked else 0.0
            if shared >= 0.5:
                why = messages.text(
                    "you like {value} ({day})", value=fact.value, day=fact.since[:10]
                )
                one.add(2 * shared, why, fact.memories[-3:])


def _disliked(terms: set[str], likings: Sequence[Fact]) -> bool:
    return any(
        fact.attribute == "dislikes" and (bad := _terms(fact.value)) and bad <= terms
        for fact in likings
    )


def _for_likeness(
    one: Recommended, terms: set[str], holding: dict[str, list[int]], records: Sequence[Record]
) -> None:
    """Memories that share rare words with a candidate speak for it, or, if they were bad, not."""
    number = len(records)
    scores: dict[int, float] = {}
    for term in terms:
        rarity = math.log(1 + number / (1 + len(holding[term])))
        for place in holding[term]:
            scores[place] = scores.get(place, 0.0) + rarity
    if not scores:
        return
    most = sum(math.log(1 + number) for _ in terms)
    total, best, best_worth = 0.0, 0, 0.0
    for place, score in scores.items():
        text = records[place].content
        worth = score / most * (-1 if _BAD.search(text) else 1.5 if _GOOD.search(text) else 1)
        total += worth
        if worth > best_worth:
            best, best_worth = place, worth
    if total > 0 and records[best].id in one.memories:  # its reason is given already
        one.score += total / (1 + total)
    elif total > 0 and best_worth > 0:
        text = " ".join((records[best].text or records[best].question or "").split())
        short = text if len(text) <= 60 else text[:59].rstrip() + "…"
        why = messages.text('similar to "{text}" ({day})', text=short, day=records[best].at[:10])
        one.add(total / (1 + total), why, [records[best].id])
