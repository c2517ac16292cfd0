"""The words of the picture in both languages."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Words(NamedTuple):
    title: str
    memories: str
    one_memory: str
    due: str
    habits: str
    told: str
    less: str
    more: str
    weekdays: str
    next: str
    done: str


WORDS = {
    "en": Words(
        "Timeline", "{} memories", "1 memory", "Due", "Again and again", "What happened", "less",
        "more", "MTWTFSS", "next", "done",
    ),
    "zh": Words(
        "时间线", "{} 条记忆", "1 条记忆", "待办", "习惯", "发生了什么", "少", "多",
        "一二三四五六日", "下次", "已完成",
    ),
}  # fmt: skip


def month(first: date, lang: str, *, year: bool = True) -> str:
    """May 2024, 2024年5月; without the year: May, 5月."""
    if lang == "zh":
        return f"{first.year}年{first.month}月" if year else f"{first.month}月"
    return f"{_MONTHS[first.month - 1]} {first.year}" if year else _MONTHS[first.month - 1]


def count(number: int, lang: str) -> str:
    """1 memory, 42 memories, 42 条记忆."""
    words = WORDS[lang]
    return words.one_memory if number == 1 else words.memories.format(f"{number:,}")
