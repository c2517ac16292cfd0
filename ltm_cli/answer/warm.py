"""Encoding memories into the bank before they are asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ltm_cli.answer import evidence, reader
from ltm_cli.answer.evidence import Passage
from ltm_cli.bank.bank import Bank
from ltm_cli.errors import ModelError
from ltm_cli.model.catalogue import Choice
from ltm_cli.store import memories
from ltm_cli.text import sentences
from ltm_cli.text.scripts import language


@dataclass
class Warmed:
    """How many passages were encoded, and how many were there already."""

    encoded: int = 0
    there: int = 0


def warm(
    db: sqlite3.Connection,
    user: str,
    choice: Choice,
    folder: Path,
    budget: int,
    *,
    most: int | None = None,
    threads: int | None = None,
    context: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Warmed:
    """Encode what is missing of a user's memories, the newest first, until the budget is full.

    Only memories in a language that the model speaks, and none that `ask` would not read.
    Interrupted, it goes on where it was when it is run again. Raises ModelError.
    """
    from ltm_cli.model.llama import Llama

    done = Warmed()
    owner = memories.user_id(db, user)
    if owner is None:
        return done
    with Llama(choice.path, threads=threads, context=context) as model:
        if reason := model.unbankable:
            raise ModelError(f"this model has no bank: {reason}", "it reads memories as text")
        spoken = choice.languages or model.info.languages
        bank = Bank(folder, choice.path, budget)
        reading = reader.Reader(model, bank)
        room = budget
        for record in reversed(list(memories.select(db, owner, newest=most))):
            tongue = language(record.content)
            if (spoken and tongue not in spoken) or evidence.is_echo(record):
                continue
            for part in sentences.chunks(
                record.content, reader.EACH, lambda text: len(model.tokenize(text))
            ):
                tokens = reading.encode(Passage(record, part, 0.0), tongue)
                room -= tokens * model.info.kv_bytes_per_token
                progress(1)
            if room < 0:
                break
    done.encoded, done.there = bank.misses, bank.hits
    return done
