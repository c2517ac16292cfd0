"""The words of the picture in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ltm_cli.core.messages import text_in

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True)
class Words:
    """The labels of the picture."""

    title: str
    due: str
    habits: str
    told: str
    less: str
    more: str
    next: str
    done: str


def words(lang: str) -> Words:
    """The labels in a language."""
    return Words(
        title=text_in(lang, "Timeline"),
        due=text_in(lang, "Due"),
        habits=text_in(lang, "Habits"),
        told=text_in(lang, "What happened"),
        less=text_in(lang, "less"),
        more=text_in(lang, "more"),
        next=text_in(lang, "next"),
        done=text_in(lang, "done"),
    )


def weekdays(lang: str) -> str:
    """The weekdays, a letter each, from Monday."""
    return "一二三四五六日" if lang == "zh" else "MTWTFSS"


def month(first: date, lang: str, *, year: bool = True) -> str:
    """May 2024, 2024年5月; without the year: May, 5月."""
    if lang == "zh":
        return f"{first.year}年{first.month}月" if year else f"{first.month}月"
    return f"{_MONTHS[first.month - 1]} {first.year}" if year else _MONTHS[first.month - 1]


def count(number: int, lang: str) -> str:
    """1 memory, 42 memories, 42 条记忆."""
    if number == 1:
        return text_in(lang, "1 memory")
    return text_in(lang, "{count:,} memories", count=number)
