"""Reading a public set (memories, questions, evidence) and loading it into a store of its own."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ltm_cli.core.record import from_dict, moment
from ltm_cli.storage.sqlite import memories
from ltm_cli.storage.sqlite.connection import connect
from ltm_cli.storage.sqlite.transaction import transaction

# Questions that name no time of their own are asked on this day.
ASKED = datetime(2024, 1, 1)


@dataclass(frozen=True)
class Question:
    """One question of a set, with the refs of the memories that hold its answer."""

    qid: str
    user: str
    text: str
    now: datetime
    gold: frozenset[str]
    category: str


def questions(folder: Path) -> list[Question]:
    """The questions that have evidence, in the order of the file."""
    gold = {row["qid"]: row for row in lines(folder / "gold.jsonl")}
    return [
        Question(
            row["qid"],
            row["user"],
            row["query"],
            moment(row["at"]) if "at" in row else ASKED,
            frozenset(gold[row["qid"]]["gold"]),
            gold[row["qid"]]["cat"],
        )
        for row in lines(folder / "queries.jsonl")
        if gold[row["qid"]]["gold"]
    ]


def load(folder: Path, store: Path) -> sqlite3.Connection:
    """A store with the memories of a set; `noise.json`, where there is one, goes to every user."""
    by_user: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lines(folder / "memories.jsonl"):
        by_user[row["user"]].append(row)
    noise = folder / "noise.json"
    shared = json.loads(noise.read_text("utf-8")) if noise.exists() else []
    db = connect(store, write=True)
    with transaction(db):
        for name, rows in by_user.items():
            user = memories.ensure_user(db, name)
            records = [from_dict({**row, "user": name}) for row in (*rows, *shared)]
            for record in records:
                record.recorded = record.at
            memories.add(db, user, records, 0)
    return db


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
