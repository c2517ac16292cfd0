"""All texts that people see, in English and Chinese.

English stands in the code, where it is read with what it tells of; data/messages.json has each of
these texts with its Chinese beside it. A test finds every text and requires its translation, with
the same {fields}. What is said of a memory or a question is in its language; all else in that of
the locale.

    text("no memory {ids} of {user}", ids="7", user="anna")
    text_in("zh", "{days} days left", days=3)
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache

# Neither json nor pathlib is imported for English: a key press waits for what imports this.
CATALOGUE = os.path.join(os.path.dirname(__file__), "..", "data", "messages.json")  # noqa: PTH118, PTH120


def text(english: str, /, **values: object) -> str:
    """A text in the language of the locale, its {fields} filled in."""
    return text_in(language(), english, **values)


def text_in(lang: str, english: str, /, **values: object) -> str:
    """A text in Chinese ("zh") or English (all else), its {fields} filled in."""
    said = _chinese().get(english, english) if lang == "zh" else english
    return said.format(**values) if values else said


def listed(parts: Iterable[str], lang: str) -> str:
    """Several things in a row: a, b, c; 甲、乙、丙."""
    return ("、" if lang == "zh" else ", ").join(parts)


def help_text(english: str, /) -> str:
    """A text of a help, which the catalogue has under "help:", in the language of the locale."""
    return _chinese().get(f"help:{english}", english) if language() == "zh" else english


def N_(english: str, /) -> str:  # as gettext calls it
    """Mark a constant as a text that `text` is given later; it stays as it is."""
    return english


def language() -> str:
    """The language of the locale, in which people are spoken to: zh or en."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@cache
def _chinese() -> dict[str, str]:
    import json

    with open(CATALOGUE, encoding="utf-8") as file:  # noqa: PTH123
        found: dict[str, str] = json.load(file)
    return found
