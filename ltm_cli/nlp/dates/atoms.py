"""What the grammars share: the text being read, the atoms found in it, and the search for them.

A grammar is a table of rules: a regular expression, and a function from its match to an `Atom` (or
None: no). Of all the matches the leftmost wins, of those the longest, of those the first rule. So
"the day before yesterday" hides "yesterday"; words that only look like a time are voids that hide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from ltm_cli.nlp.dates.calendar import Period
from ltm_cli.nlp.dates.prefilters import contains_any
from ltm_cli.nlp.dates.span import Impossible, Recurrence, Sense

# Kinds of atom too weak to be a time by themselves: they need a neighbour or a fitting preposition.
Weak = Literal["", "month", "year", "weekday", "monthday", "clock", "part", "duration"]
Cycle = Literal["", "day", "week", "month", "year"]
Tense = Literal["past", "future", ""]


class Part(NamedTuple):
    """A part of the day: its first and last hour, and how hours said with it are read."""

    first: int
    last: int
    reading: Literal["am", "noon", "pm", "evening"]


class Clock(NamedTuple):
    hour: int
    minute: int | None = None
    second: int | None = None
    sure: bool = False  # False: the hour may be one of twelve


Occurrence = Callable[[int], Period]  # 0: in this week, month or year; 1: in the next; ...


@dataclass(slots=True)
class Atom:
    """A piece of a time expression. Neighbours with different fields are joined by the composer."""

    date: Occurrence | None = None
    cycle: Cycle = ""  # the unit that was left unsaid: "Friday" leaves the week unsaid
    part: Part | None = None
    clock: Clock | None = None
    every: Recurrence | None = None
    sense: Sense = "point"
    weekday: int | None = None  # a bare weekday beside a date must agree with it
    weak: Weak = ""
    whole: bool = False  # a window: takes neither neighbours nor prepositions of time
    void: bool = False
    impossible: Impossible | None = None
    begin: int = field(default=0, kw_only=True)
    finish: int = field(default=0, kw_only=True)

    def current(self) -> Period | None:
        """The date in this week, month or year, if there is one."""
        try:
            return self.date(0) if self.date else None
        except Impossible:
            return None

    def is_day(self) -> bool:
        period = self.current()
        return period is None or period.grain == "day"


VOID = Atom(void=True)


def fixed(period: Period, **more: object) -> Atom:
    return Atom(lambda _: period, **more)  # type: ignore[arg-type]


@dataclass(slots=True)
class Reading:
    """The text with full-width forms made ASCII and letters small, each character in its place."""

    text: str
    plain: str
    now: datetime
    past: bool | None
    explicit: bool  # the whole text is one expression: nothing is too weak

    def tense(self, begin: int, finish: int) -> Tense:
        """Told by the clause around the expression, else by the sentence (see tense.py)."""
        from ltm_cli.nlp.dates.tense import find_tense

        if self.past is not None:
            return "past" if self.past else "future"
        return find_tense(self.plain, begin, finish)


Builder = Callable[[re.Match[str], Reading], Atom | None]


class Rule(NamedTuple):
    """`needs`: strings of which every match holds at least one; looking for them is cheaper."""

    pattern: re.Pattern[str]
    build: Builder
    needs: tuple[str, ...] = ()


def rule(build: Builder, *pattern: str, needs: tuple[str, ...] = ()) -> Rule:
    """A rule whose pattern is written in pieces; it is matched against small letters."""
    return Rule(re.compile("".join(pattern)), build, needs)


def void(*pattern: str, needs: tuple[str, ...] = ()) -> Rule:
    """Words that hide what would look like a time in them."""
    return rule(lambda match, reading: VOID, *pattern, needs=needs)


def text_before(
    pattern: re.Pattern[str], match: re.Match[str], reading: Reading
) -> re.Match[str] | None:
    """What stands right before a match; `pattern` ends with $ and is short."""
    return pattern.search(reading.plain, max(0, match.start() - 12), match.start())


def text_between(
    pattern: re.Pattern[str], left: Atom, right: Atom, reading: Reading
) -> re.Match[str] | None:
    """All that stands between two atoms; `pattern` matches nothing long."""
    if right.begin - left.finish > 40:
        return None
    return pattern.fullmatch(reading.plain, left.finish, right.begin)


_WIDE = re.compile("[\uff01-\uff5e\u3000]")


def _narrow(match: re.Match[str]) -> str:
    return " " if match[0] == "\u3000" else chr(ord(match[0]) - 0xFEE0)


def normalise(text: str) -> str:
    narrow = text if text.isascii() else _WIDE.sub(_narrow, text)
    low = narrow.lower()
    if len(low) != len(text):  # a letter whose small form is longer: leave it as it is
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in narrow)
    return low


def find_atoms(
    reading: Reading, rules: Iterable[Rule], where: Sequence[tuple[int, int]]
) -> list[Atom]:
    """The atoms within the parts (begin, end) of a text, from left to right, not overlapping.

    Impossible ones carry `impossible`.
    """
    found: list[tuple[int, int, int, re.Match[str], Rule]] = []
    plain = reading.plain
    said = "\n".join(plain[begin:end] for begin, end in where)
    held: dict[tuple[str, ...], bool] = {(): True}
    for order, rule in enumerate(rules):
        needs = rule.needs
        if needs not in held:
            held[needs] = contains_any(said, needs)
        if not held[needs]:
            continue
        for begin, end in where:
            for match in rule.pattern.finditer(plain, begin, end):
                found.append((match.start(), -match.end(), order, match, rule))
    found.sort(key=lambda item: item[:3])
    result: list[Atom] = []
    edge = 0
    for begin, stop, _, match, rule in found:
        if begin < edge:
            continue
        try:
            atom = rule.build(match, reading)
        except Impossible as error:
            atom = Atom(impossible=error)
        if atom is None:
            continue
        edge = -stop
        if atom is not VOID:
            atom.begin, atom.finish = begin, edge
            result.append(atom)
    return result
