"""Reading a public set (memories, questions, evidence) and loading it into a store of its own."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from stores import keep, opened

from ltm_cli.core.record import from_dict, moment
from ltm_cli.storage.store import Store

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


def load(folder: Path, scratch: Path) -> Store:
    """A store with the memories of a set; `noise.json`, where there is one, goes to every user.

    It is nobody's: `of(name)` gives it as a user's.
    """
    by_user: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lines(folder / "memories.jsonl"):
        by_user[row["user"]].append(row)
    noise = folder / "noise.json"
    shared = json.loads(noise.read_text("utf-8")) if noise.exists() else []
    store = opened(scratch, "")
    for name, rows in by_user.items():
        keep(store.of(name), [from_dict({**row, "user": name}) for row in (*rows, *shared)])
    return store


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
