#!/usr/bin/env python3
"""Measure how recall and import grow with the number of memories of one user.

    python bench/scale.py [NUMBER...]          default: 10000 100000 1000000

Writes that many memories of generated text (words by Zipf's law, a quarter of them Chinese, half of
them turns of sessions) to a store in a temporary folder, then asks 200 questions made of words
of random memories, common and rare. Prints a table and writes it to bench/results/scale.md.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from stores import keep, opened

from ltm_cli.core.filter import EVERYTHING
from ltm_cli.core.record import Record, iso
from ltm_cli.retrieval.query import parse_query
from ltm_cli.retrieval.rank import rank

ROOT = Path(__file__).resolve().parent.parent
WORDS = 50_000
HAN = 3_000
QUESTIONS = 200
BATCH = 5_000  # memories written in one transaction


class Texts:
    """Generated sentences: the n-th most common word comes 1/n as often as the first."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        syllables = [a + b for a in "bdfghklmnprstvz" for b in "aeiou"]
        names = ("".join(parts) for parts in itertools.product(syllables, repeat=3))
        self.words = list(itertools.islice(names, WORDS))
        self.chance.shuffle(self.words)
        self.weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(WORDS)))
        self.han = [chr(0x4E00 + i) for i in range(HAN)]
        self.han_weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(HAN)))

    def sentence(self) -> str:
        if self.chance.random() < 0.25:
            size = self.chance.randint(12, 40)
            return "".join(self.chance.choices(self.han, cum_weights=self.han_weights, k=size))
        size = self.chance.randint(8, 30)
        return " ".join(self.chance.choices(self.words, cum_weights=self.weights, k=size))

    def question(self, text: str) -> str:
        """A few words of a text, as someone would remember it."""
        if text[0] in self.han:
            begin = self.chance.randrange(max(1, len(text) - 8))
            return text[begin : begin + 8] + "？"
        return " ".join(self.chance.sample(text.split(), 6)) + "?"

    def records(self, number: int) -> Iterator[Record]:
        start = datetime(2014, 1, 1)
        for i in range(number):
            at = iso(start + timedelta(seconds=i * 10 * 365 * 86400 // number))
            session = f"s{i // 40}" if i // 400 % 2 else None
            speaker = ("Ann", "Bo")[i % 2] if session else None
            yield Record(self.sentence(), at=at, recorded=at, session=session, speaker=speaker)


def measure(number: int) -> list[str]:
    """One row: import rate, size, time of a question, and how often its memory was found."""
    texts = Texts(seed=number)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
        store = opened(Path(scratch))
        stored, size, asked = 0.0, 0, []
        source = texts.records(number)
        while batch := list(itertools.islice(source, BATCH)):
            began = time.process_time()
            keep(store, batch)
            stored += time.process_time() - began
            size += sum(len(record.content.encode()) for record in batch)
            asked += texts.chance.sample(batch, max(1, QUESTIONS * BATCH // number + 1))
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        ratio = (Path(scratch) / "memory.db").stat().st_size / size
        texts.chance.shuffle(asked)
        spent, worked, found = [], [], 0
        for record in asked[:QUESTIONS]:
            question = texts.question(record.content)
            began, busy = time.perf_counter(), time.process_time()
            ranking = rank(store, parse_query(question, datetime(2024, 1, 1)), EVERYTHING, 10)
            spent.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - busy))
            best = [ranking.found.candidates[i].record.id for i in ranking.order[:10]]
            found += record.id in best
        store.close()
    times = [
        f"{statistics.median(taken):.0f} / {statistics.quantiles(taken, n=20)[-1]:.0f}"
        for taken in (spent, worked)
    ]
    print(f"{number}: {times[0]} ms", file=sys.stderr)
    rate = f"{number / stored:,.0f}"
    return [f"{number:,}", rate, f"{ratio:.1f}", *times, f"{100 * found / len(spent):.0f} %"]


def main(numbers: list[int]) -> None:
    head = (
        "memories",
        "import per CPU second",
        "size / text",
        "p50 / p95 ms",
        "of CPU time",
        "found at 10",
    )
    table = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    table += [f"| {' | '.join(measure(number))} |" for number in numbers]
    text = "\n".join(table)
    print(text)
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "scale.md").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or [10_000, 100_000, 1_000_000])
