"""The answer without a model: the sentences of the memories that fit the question best."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ltm_cli.answering.evidence import Passage, coverage
from ltm_cli.core.record import DOCUMENT, Record
from ltm_cli.core.sanitize import one_line
from ltm_cli.nlp import sentences

MOST = 3  # memories quoted
_LONGEST = 300  # characters of one quotation
_ASKS = re.compile(r"[?？]\W*$")


def quote(found: Sequence[Passage], weights: dict[str, float]) -> tuple[str, list[Passage]]:
    """Lines "date: sentence", best memories first, and the memories they come from."""
    quoted = [_answering(one) for one in found[:MOST]]
    lines = [one_line(f"{day(one.record)}: {_said(one, weights)}") for one in quoted]
    return "\n".join(lines), quoted


def _answering(passage: Passage) -> Passage:
    """What is quoted of a passage: its memory, or where that asks something, the next turn."""
    if passage.after and _ASKS.search(passage.text):
        return Passage(passage.after[0], passage.after[0].content, passage.score)
    return passage


def day(record: Record) -> str:
    """The date of a memory, with its time if it has one; of a document, which passage it is."""
    if DOCUMENT in record.tags and record.ref:
        return record.ref
    date, _, time = record.at.partition("T")
    return date if time in ("", "00:00:00") else f"{date} {time[:5]}"


def _said(passage: Passage, weights: dict[str, float]) -> str:
    """The best sentence and its neighbours as far as they fit; of an exchange, the answer."""
    record = passage.record
    who = f"{record.speaker}: " if record.speaker else ""
    text = record.answer if record.answer is not None else passage.text
    parts = sentences.split(text) or [text]
    best = max(range(len(parts)), key=lambda i: coverage(weights, parts[i]))
    first = last = best
    while True:
        if last + 1 < len(parts) and _length(parts[first : last + 2]) <= _LONGEST:
            last += 1
        elif first > 0 and _length(parts[first - 1 : last + 1]) <= _LONGEST:
            first -= 1
        else:
            break
    said = _join(parts[first : last + 1])
    if len(said) > _LONGEST:
        said = said[:_LONGEST].rstrip() + "…"
    return ("… " if first else "") + who + said if not who else who + ("… " if first else "") + said


def _length(parts: Sequence[str]) -> int:
    return len(_join(parts))


def _join(parts: Sequence[str]) -> str:
    """Sentences side by side: a space after Latin ones, none after Chinese ones."""
    joined = ""
    for part in parts:
        joined += (" " if joined and joined[-1].isascii() else "") + part
    return joined
