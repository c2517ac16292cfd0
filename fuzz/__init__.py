"""What holds for any input, checked with inputs that nobody would write.

A target is a module with `SEEDS` (inputs to begin from) and `one(data)`, which raises when a
promise is broken. `python -m fuzz` runs them under atheris, which looks for inputs that reach new
code; tests/test_fuzz.py runs the same with hypothesis. A bug that is found becomes a test there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# target -> what is read by it
TARGETS = {
    "dates": "the grammars of dates",
    "rules": "words, sentences, tasks, events, facts, style",
    "importers": "JSONL, and the store after it",
    "exports": "chats, notes and diaries of other programs, and the store after them",
    "documents": "ltm read: text, Markdown, encodings, PDF, Word",
    "blob": "entries of the bank",
    "config": "config.toml, LTM_* and what a terminal shows",
}


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def dated(data: bytes) -> tuple[datetime, str]:
    """A moment of the years 1 to 9999, and a text."""
    days = int.from_bytes(data[:3], "big") % 3_652_059
    return datetime(1, 1, 1, 20) + timedelta(days=days), text_of(data[3:])


def seeds(texts: str) -> list[bytes]:
    """Lines as inputs of `dated`, said on 10 June 2024."""
    now = (datetime(2024, 6, 10) - datetime(1, 1, 1)).days.to_bytes(3, "big")
    return [now + line.encode() for line in texts.strip().splitlines()]
