"""Sentences of Chinese and Latin text, and long text cut at their ends."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator

# A full stop after these ends no sentence.
_ABBREVIATIONS = frozenset(
    "dr mr mrs ms prof st no vs etc e.g i.e a.m p.m jr sr inc ltd approx fig jan feb mar apr jun"
    " jul aug sep sept oct nov dec mon tue wed thu fri sat sun".split()
)
_CLOSING = "\"'”’」』）)\\]》"
_SURE = "。！？!?；…"
_END = re.compile(  # begins with one set of characters: the fastest search there is
    rf"[{_SURE}.\n](?:(?<=[{_SURE}])[{_SURE}]*[{_CLOSING}]*"
    rf"|(?<=\.)(?<!\.\.)\.*[{_CLOSING}]*(?=\s|$)|(?<=\n)\n*)"
)
_LONGEST_WORD = 40  # a longer one is no abbreviation


def split(text: str) -> list[str]:
    """The sentences of a text, without the space around them."""
    return [text[start:end] for start, end in _find_spans(text)]


def end_of_first(text: str) -> int:
    """Where the first sentence ends that more text can no longer change; 0 if there is none."""
    for match in _END.finditer(text):
        if match.end() < len(text) and _ends_sentence(text, 0, match.end()):
            return match.end()
    return 0


def stream(pieces: Iterable[bytes]) -> Iterator[str]:
    """The sentences of a text that comes in pieces, each as soon as nothing can change it."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pending = ""
    for piece in pieces:
        pending += decoder.decode(piece)
        while end := end_of_first(pending):
            yield pending[:end].strip()
            pending = pending[end:].lstrip()
    if pending.strip():
        yield pending.strip()


def chunks(text: str, most: int, size: Callable[[str], int]) -> list[str]:
    """A long text in pieces of at most `most` (as `size` measures), cut at sentence ends.

    A single sentence that is longer is cut where it must be, between words if it has any.
    """
    if size(text) <= most:
        return [text]
    found: list[str] = []
    first = last = 0  # the piece that is growing
    for start, end in _find_spans(text):
        if last and size(text[first:end]) <= most:
            last = end
            continue
        if last:
            found.append(text[first:last])
        while (
            start + (cut := _longest_prefix(text[start : min(end, start + 8 * most)], most, size))
            < end
        ):
            found.append(text[start : start + cut].rstrip())
            start += cut
        first, last = start, end
    if last:
        found.append(text[first:last])
    return found


def _longest_prefix(sentence: str, most: int, size: Callable[[str], int]) -> int:
    """How many characters of a sentence fit."""
    cut = len(sentence)
    while cut > 1 and (measured := size(sentence[:cut])) > most:
        cut = max(1, min(cut * 19 // 20, cut * most // measured))
    space = sentence.rfind(" ", cut // 2, cut) if cut < len(sentence) else -1
    return space + 1 if space > 0 else cut


def _find_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends, the space around it left out."""
    start = 0
    for match in _END.finditer(text):
        if _ends_sentence(text, start, match.end()):
            yield from _trim(text, start, match.end())
            start = match.end()
    yield from _trim(text, start, len(text))


def _trim(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if rest := part.strip():
        start += len(part) - len(part.lstrip())
        yield start, start + len(rest)


def _ends_sentence(text: str, start: int, end: int) -> bool:
    """Whether a full stop there ends the sentence rather than an abbreviation or initial."""
    last = text[end - 1]
    if last != "." and not last.isspace():  # most end so
        return True
    said = text[max(start, end - _LONGEST_WORD) : end].strip()
    if not said.endswith("."):
        return True
    word = said.split()[-1][:-1]
    initial = len(word) == 1 and word.isalpha() and word.isupper() and word != "I"
    return not initial and word.lower() not in _ABBREVIATIONS
