"""Cheap looks at a text, which spare it the patterns that could find nothing in it.

Most texts hold no time, task, fact or secret. `in` and sets tell so many times faster than a
pattern does, above all one with IGNORECASE.
"""

from __future__ import annotations

from collections.abc import Iterable


def lower(text: str) -> str:
    """A text in small letters as IGNORECASE takes them, each in its place.

    To a pattern with that flag İ and ı are i, ſ is s and the Kelvin sign is k.
    """
    if text.isascii():
        return text.lower()
    return text.replace("İ", "i").lower().replace("ı", "i").replace("ſ", "s")


def contains_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands anywhere in a text."""
    for word in words:  # noqa: SIM110  any() takes twice the time
        if word in text:
            return True
    return False


def alternatives(words: Iterable[str]) -> str:
    """A pattern of words, one alternative per first letter: a third of the time of a flat list."""
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{initial}(?:{'|'.join(rest)})" for initial, rest in groups.items())
