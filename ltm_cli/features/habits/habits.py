"""Habits: what is done again and again, how often, and when next. Nobody has to declare them.

The events of one key (features/habits/events.py) are a series of days, and a longer key joins the
shorter one
that it ends with: 买皇家猫粮 is 买猫粮. forecast.py tells whether a series is a habit, and how it
goes on.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ltm_cli.features.habits import events, table
from ltm_cli.features.habits.forecast import LEAST, predict
from ltm_cli.indexing import tokenizer

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

MOST = 200  # of the memories of a habit, the last


@dataclass(frozen=True)
class Habit:
    """Something repeated. `what` names it; `next` ± `spread` days is when it is expected."""

    what: str
    key: str
    count: int
    interval: int
    spread: int
    last: date
    next: date
    confidence: float
    pattern: str = ""  # weekday, monthday, yearday, weekly, monthly, yearly; or so many days later
    days: list[date] = field(default_factory=list)
    memories: list[int] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The shape of `ltm habits --json`."""
        return {
            "what": self.what, "count": self.count, "interval_days": self.interval,
            "spread_days": self.spread, "last": self.last.isoformat(),
            "next": self.next.isoformat(), "confidence": self.confidence,
            "memories": self.memories,
        }  # fmt: skip


def find(store: Store, now: datetime) -> list[Habit]:
    """The user's habits as of `now`, the surest first."""
    found: list[Habit] = []
    for key, happened in _series(store, now).items():
        days = sorted(set(happened.values()))
        forecast = predict([day.toordinal() for day in days], now.date().toordinal())
        if forecast is None:
            continue
        last = max(happened, key=lambda id: (happened[id], id))
        found.append(
            Habit(
                what=_label(key, store.memories.fetch([last])[last].content),
                key=key,
                count=len(days),
                interval=forecast.interval,
                spread=forecast.spread,
                last=days[-1],
                next=date.fromordinal(forecast.next),
                confidence=forecast.confidence,
                pattern=forecast.pattern,
                days=days,
                memories=sorted(happened, key=lambda id: (happened[id], id)),
            )
        )
    return sorted(_distinct(found), key=lambda one: (-one.confidence, one.next, one.what))


def expected(habits: Sequence[Habit], now: datetime, within: int) -> list[Habit]:
    """Those that are due within so many days, or were a short while ago; daily ones never are."""
    day = now.date()
    return sorted(
        (
            one
            for one in habits
            if one.interval >= 5 and one.next - day <= timedelta(days=within)
            and day - one.next <= timedelta(days=max(one.spread, one.interval // 2))
        ),
        key=lambda one: one.next,
    )  # fmt: skip


def _series(store: Store, now: datetime) -> dict[str, dict[int, date]]:
    """The day of each memory by key, the last MOST of each; only of what was repeated."""
    until = now.date().isoformat()
    counts = table.event_counts(store, until)
    joined: dict[str, list[str]] = {}
    for key in counts:
        joined.setdefault(_short(key, counts), []).append(key)
    found: dict[str, dict[int, date]] = {}
    for key, keys in joined.items():
        if sum(counts[one] for one in keys) < LEAST:
            continue
        rows = [row for one in keys for row in table.events_of(store, one, until, MOST)]
        days = {memory: date.fromisoformat(day) for day, memory in sorted(rows)[-MOST:]}
        if len(set(days.values())) >= LEAST:
            found[key] = days
    return found


def _short(key: str, known: Container[str]) -> str:
    """The shortest known key that a key of Chinese ends with: 买猫粮 of 买皇家猫粮."""
    if key.isascii() or " " in key:
        return key
    action, object = _parts(key)
    shorter = (action + object[-size:] for size in range(2, len(object)))
    return next((one for one in shorter if one in known), key)


def _parts(key: str) -> tuple[str, str]:
    """The action and the object of a key: buy, cat food; 买, 猫粮."""
    if " " in key or key.isascii():
        action, _, object = key.partition(" ")
        return action, object
    size = 2 if key[:2] in ("打扫", "清理", "体检", "复诊") else 1
    return key[:size], key[size:]


def _distinct(habits: list[Habit]) -> list[Habit]:
    """Of habits that rest on the same memories the surest, then the one with the longest name."""
    kept: list[Habit] = []
    ranked = sorted(habits, key=lambda one: (-one.count, -one.confidence, -len(one.what)))
    for one in ranked:
        mine = set(one.memories)
        if not any(
            len(mine & set(other.memories)) > 0.8 * len(mine) and _same_action(one, other)
            for other in kept
        ):
            kept.append(one)
    return kept


def _same_action(one: Habit, other: Habit) -> bool:
    """What is bought together is two habits; two names of one deed are not."""
    return _parts(one.key)[0] != _parts(other.key)[0]


def _label(key: str, text: str) -> str:
    """The key in the words of a memory: what is bought by its name, anything else with its verb."""
    action, object = _parts(key)
    if not (key.isascii() or " " in key):
        return object if action == "买" and object else key
    wanted = set(object.split()) if action == "buy" else {action, *object.split()}
    places = []
    for match in re.finditer(r"[^\W_][\w'’-]*", text):
        word = match.group().lower()
        if tokenizer.stem(word.removesuffix("'s")) in wanted or events.action_of(word) in wanted:
            places.append(match.span())
    said = text[places[0][0] : places[-1][1]] if places else ""
    if said and len(said) <= 40 and "\n" not in said:
        return said
    return object if action == "buy" and object else key
