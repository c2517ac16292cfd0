"""Sentences of Chinese and Latin text, and long text cut at their ends."""

from __future__ import annotations

import re
from collections.abc import Callable

# A full stop after these ends no sentence.
_ABBREVIATIONS = frozenset(
    "dr mr mrs ms prof st no vs etc e.g i.e a.m p.m jr sr inc ltd approx fig jan feb mar apr jun"
    " jul aug sep sept oct nov dec mon tue wed thu fri sat sun".split()
)
_CLOSING = "\"'”’」』）)\\]》"
_END = re.compile(rf"[。！？!?；…]+[{_CLOSING}]*|\.+[{_CLOSING}]*(?=\s|$)|\n+")
_LAST_WORD = re.compile(r"(?:^|\s)([\w.]*\w)\.$")


def split(text: str) -> list[str]:
    """The sentences of a text, without the space around them."""
    found, start = [], 0
    for match in _END.finditer(text):
        sentence = text[start : match.end()].strip()
        if not _ends(sentence):
            continue
        start = match.end()
        if sentence:
            found.append(sentence)
    if rest := text[start:].strip():
        found.append(rest)
    return found


def first_complete(text: str) -> int:
    """Where the first sentence ends that more text can no longer change; 0 if there is none."""
    for match in _END.finditer(text):
        if match.end() < len(text) and _ends(text[: match.end()].strip()):
            return match.end()
    return 0


def chunks(text: str, most: int, size: Callable[[str], int]) -> list[str]:
    """A long text in pieces of at most `most` (as `size` measures), cut at sentence ends.

    A single sentence that is longer is cut where it must be.
    """
    if size(text) <= most:
        return [text]
    found: list[str] = []
    current = ""
    for sentence in split(text):
        joined = f"{current} {sentence}" if current else sentence
        if size(joined) <= most:
            current = joined
            continue
        if current:
            found.append(current)
        while size(sentence) > most:
            cut = max(1, len(sentence) * most // size(sentence))
            while cut > 1 and size(sentence[:cut]) > most:
                cut = cut * 9 // 10
            found.append(sentence[:cut])
            sentence = sentence[cut:]
        current = sentence
    if current:
        found.append(current)
    return found


def _ends(sentence: str) -> bool:
    """Whether a full stop there ends the sentence rather than an abbreviation or initial."""
    match = _LAST_WORD.search(sentence)
    return match is None or not (
        match.group(1).lower() in _ABBREVIATIONS
        or (len(match.group(1)) == 1 and match.group(1).isupper() and match.group(1) != "I")
    )
