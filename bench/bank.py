"""Readers side by side: accuracy, and the time to the first token, on the same recalled memories.

    python bench/bank.py [DATA] [--facts N] [--questions N] [--threads N]

Facts are synthetic (fixed seed): notes about people and places, one question each; right is an
answer that holds the value. With DATA (a folder with locomo/) questions of LoCoMo are read too,
scored by token F1. What is measured is the model's own answer, before anything is withheld. Each
question is read twice by each reader, so that the second time the bank is warm; times are of the
second. The paired bootstrap interval is of the difference to `text`. Writes bench/results/bank.md.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import numpy as np

from ltm_cli import settings
from ltm_cli.answer import evidence, reader
from ltm_cli.answer.evidence import Passage
from ltm_cli.bank.bank import Bank
from ltm_cli.model.catalogue import bundled
from ltm_cli.model.llama import Llama
from ltm_cli.recall.recall import recall
from ltm_cli.store import memories
from ltm_cli.store.connection import in_memory
from ltm_cli.store.record import Record, from_dict
from ltm_cli.store.transaction import transaction

NOTES = 4  # memories read for each question
RESULTS = Path(__file__).parent / "results" / "bank.md"
PEOPLE = (
    "Ana Ben Carla David Elena Farid Greta Hugo Ines Jonas Karim Lena Marta Nils Olga Paul".split()
)
THINGS = {
    "favourite colour": "teal amber crimson olive indigo maroon silver violet".split(),
    "home town": "Porto Bergen Lyon Turin Graz Malmo Ghent Split Bilbao Leipzig".split(),
    "pet's name": "Biscuit Pepper Ziggy Waffle Marble Comet Pickle Domino".split(),
    "locker code": "owl-1934 elk-2207 fox-8815 yak-3391 bee-6620 cod-7154 hen-4408".split(),
    "job": "carpenter nurse pilot baker plumber librarian violinist welder".split(),
    "next holiday": "Crete Madeira Iceland Cyprus Corsica Malta Sardinia Tenerife".split(),
}
ASIDES = (
    "We talked for an hour over tea.", "It rained all afternoon.", "The train was late again.",
    "Later we cooked pasta together.", "The café was full of students.",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    text: str
    answer: str
    passages: list[Passage]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--facts", type=int, default=200)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--threads", type=int)
    chosen = parser.parse_args()
    choice = bundled()
    assert choice is not None
    lines = [
        "| set | reader | score | against text (95 %) | first token ms | tokens/s |",
        "|---|---|---:|---|---:|---:|",
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        Llama(choice.path, threads=chosen.threads) as model,
    ):
        reading = reader.Reader(model, Bank(Path(folder), choice.path))
        sets = {"facts, exact": (facts(chosen.facts), contains)}
        if chosen.data:
            sets["LoCoMo, token F1"] = (locomo(chosen.data, chosen.questions), f1)
        for name, (questions, score) in sets.items():
            lines += measured(name, questions, score, model, reading)
    print("\n".join(lines))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


def measured(
    name: str,
    questions: list[Question],
    score: Callable[[str, str], float],
    model: Llama,
    reading: reader.Reader,
) -> list[str]:
    scores: dict[str, list[float]] = {kind: [] for kind in reader.READERS}
    first: dict[str, list[float]] = {kind: [] for kind in reader.READERS}
    speed: dict[str, list[float]] = {kind: [] for kind in reader.READERS}
    for question in questions:
        for kind in reader.READERS:
            for _ in range(2):
                one = reading.prepare(question.text, question.passages, [], "en", 10_000, kind)
                said = " ".join(reader.spoken(model, reading.read(one)))
            scores[kind].append(score(said, question.answer))
            first[kind].append(one.timings["first_token"])
            speed[kind].append(one.timings.get("tokens_per_second", 0.0))
    rng = np.random.default_rng(1)
    base = np.array(scores["text"])
    rows = []
    for kind in reader.READERS:
        gain = np.array(scores[kind]) - base
        draws = gain[rng.integers(0, len(gain), (2000, len(gain)))].mean(axis=1)
        low, high = np.percentile(draws, [2.5, 97.5])
        against = "" if kind == "text" else f"{gain.mean():+.3f} ({low:+.3f} to {high:+.3f})"
        rows.append(
            f"| {name}, n={len(base)} | {kind} | {mean(scores[kind]):.3f} | {against}"
            f" | {median(first[kind]):.0f} | {median(speed[kind]):.0f} |"
        )
    return rows


def facts(number: int) -> list[Question]:
    rng = random.Random(7)
    pairs = [(who, what) for who in PEOPLE for what in THINGS]
    records, asked = [], []
    for i, (who, what) in enumerate(pairs):
        value = rng.choice(THINGS[what])
        aside = rng.choice(ASIDES)
        at = f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 28):02}T10:00:00"
        text = f"{who} told me that the {what} is {value}. {aside}"
        records.append(Record(text=text, at=at, recorded=at, ref=str(i)))
        asked.append((f"What is {who}'s {what}?", value))
    asked = [rng.choice(asked) for _ in range(number)]
    return with_memories([("me", records, asked)])


def locomo(data: Path, number: int) -> list[Question]:
    gold = {row["qid"]: row for row in rows(data / "locomo" / "gold.jsonl")}
    records: dict[str, list[Record]] = {}
    for row in rows(data / "locomo" / "memories.jsonl"):
        records.setdefault(row["user"], []).append(from_dict(row))
    asked: dict[str, list[tuple[str, str]]] = {}
    questions = [
        row for row in rows(data / "locomo" / "queries.jsonl")
        if gold[row["qid"]]["cat"] != "adversarial" and gold[row["qid"]]["gold"]
    ]  # fmt: skip
    for row in random.Random(7).sample(questions, min(number, len(questions))):
        asked.setdefault(row["user"], []).append((row["query"], str(gold[row["qid"]]["answer"])))
    return with_memories([(user, records[user], pairs) for user, pairs in asked.items()])


def with_memories(
    users: list[tuple[str, list[Record], list[tuple[str, str]]]],
) -> list[Question]:
    """Questions with the passages that `ltm ask` would read for them."""
    db = in_memory()
    found = []
    for user, records, asked in users:
        with transaction(db):
            owner = memories.ensure_user(db, user)
            for record in records:
                record.recorded = record.recorded or record.at
            memories.add(db, owner, records, 0)
        for text, answer in asked:
            hits = recall(db, user, text, limit=NOTES, now=settings.now())
            weights = evidence.term_weights(db, owner, text)
            passages = evidence.passages(
                hits, weights, each=4 * reader.EACH, size=lambda part: len(part)
            )
            found.append(Question(text, answer, passages))
    return found


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"\b(a|an|the)\b", " ", text.lower()))


def contains(said: str, answer: str) -> float:
    return float(answer.lower() in said.lower())


def f1(said: str, answer: str) -> float:
    a, b = Counter(words(said)), Counter(words(answer))
    common = sum((a & b).values())
    return 2 * common / (a.total() + b.total()) if common else 0.0


if __name__ == "__main__":
    main()
