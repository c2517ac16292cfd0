"""Questions with the passages that `ltm ask` would read for them, and scores of what is answered.

LoCoMo's ten conversations are cut in two: whatever is chosen or trained of the reading (the size of
a passage, the gate) is chosen on the first five by name, and measured on the others.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sets import ASKED, lines, load
from stores import keep

from ltm_cli.answering import evidence
from ltm_cli.answering.evidence import Passage
from ltm_cli.core.record import Record
from ltm_cli.features.registry import INDEXER
from ltm_cli.retrieval.recall import recall
from ltm_cli.storage.sqlite.connection import in_memory
from ltm_cli.storage.store import Store

TAUGHT = slice(0, 5)  # conversations to choose and train on
HELD_BACK = slice(5, 10)
PEOPLE = """Ana Ben Carla David Elena Farid Greta Hugo Ines Jonas Karim Lena Marta Nils Olga Paul
Quentin Rosa Stefan Tara Umberto Vera Walter Xenia Yusuf Zoe Anton Bianca Cyril Dora Emil Freya Gero
Hanna Ivan""".split()
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
TOLD = "{who} told me that the {what} is {value}. {aside}"
# Others, to train on.
TAUGHT_PEOPLE = """Amir Beatriz Conrad Daria Esther Fabio Gwen Henrik Ilse Jamal Kirsten Luca Mona
Nadia Oscar Petra Rafael Sonja Tobias Ursula""".split()
TAUGHT_THINGS = {
    "favourite dish": "lasagne ramen paella goulash falafel risotto pierogi moussaka".split(),
    "parking spot": "A-17 B-42 C-09 D-33 E-71 F-28 G-56 H-64".split(),
    "sister's name": "Alma Berta Clio Delia Edda Fiona Greer Hazel".split(),
    "instrument": "cello oboe banjo harp trumpet accordion clarinet tuba".split(),
    "bus line": "14 27 35 48 52 63 76 81".split(),
}
TAUGHT_TOLD = "{aside} I learned that {who} has a new {what}: {value}."


@dataclass(frozen=True)
class Asked:
    """A question with its answer, the refs of its evidence, and what would be read for it."""

    text: str
    answer: str
    gold: frozenset[str]
    passages: list[Passage]


def facts(
    number: int, size: Callable[[str], int], passages: int, *, taught: bool = False
) -> list[Asked]:
    """Synthetic: notes about people, one question each, `number` of them; `taught`: to train on."""
    rng = random.Random(7)
    people, things = (TAUGHT_PEOPLE, TAUGHT_THINGS) if taught else (PEOPLE, THINGS)
    told = TAUGHT_TOLD if taught else TOLD
    records, asked = [], []
    for i, (who, what) in enumerate((who, what) for who in people for what in things):
        value, aside = rng.choice(things[what]), rng.choice(ASIDES)
        at = f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 28):02}T10:00:00"
        text = told.format(who=who, what=what, value=value, aside=aside)
        records.append(Record(text=text, at=at, ref=str(i)))
        asked.append((f"What is {who}'s {what}?", value, frozenset([str(i)])))
    with in_memory(INDEXER, "me") as store:
        keep(store, records)
        return [
            Asked(*one, _passages(store, one[0], ASKED, size, passages))
            for one in rng.sample(asked, number)
        ]


def locomo(
    data: Path, which: slice, number: int, size: Callable[[str], int], passages: int, seed: int = 7
) -> Iterator[Asked]:
    """Questions with evidence, sampled over the conversations of `which`."""
    folder = data / "locomo"
    gold = {row["qid"]: row for row in lines(folder / "gold.jsonl")}
    rows = [
        row for row in lines(folder / "queries.jsonl")
        if gold[row["qid"]]["cat"] != "adversarial" and gold[row["qid"]]["gold"]
    ]  # fmt: skip
    users = sorted({row["user"] for row in rows})[which]
    rows = [row for row in rows if row["user"] in users]
    with tempfile.TemporaryDirectory() as scratch, load(folder, Path(scratch)) as store:
        for row in random.Random(seed).sample(rows, min(number, len(rows))):
            whose = store.of(row["user"])
            found = _passages(whose, row["query"], ASKED, size, passages)
            told = gold[row["qid"]]
            yield Asked(row["query"], str(told["answer"]), frozenset(told["gold"]), found)


def _passages(
    store: Store,
    question: str,
    now: datetime,
    size: Callable[[str], int],
    number: int,
) -> list[Passage]:
    hits = recall(store, question, limit=2 * number, now=now)
    weights = evidence.term_weights(store, question)
    return evidence.passages(store, hits, weights, size)[:number]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"\b(a|an|the)\b", " ", text.lower()))


def contains(said: str, answer: str) -> float:
    """1 if the answer stands in what was said."""
    return float(answer.lower() in said.lower())


def f1(said: str, answer: str) -> float:
    """Token F1, as in SQuAD and LoCoMo."""
    a, b = Counter(words(said)), Counter(words(answer))
    common = sum((a & b).values())
    return 2 * common / (a.total() + b.total()) if common else 0.0


def interval(gains: Sequence[float]) -> tuple[float, float, float]:
    """The mean of paired differences, and its 95 % bootstrap interval."""
    import numpy as np

    gain = np.array(gains)
    draws = gain[np.random.default_rng(1).integers(0, len(gain), (4000, len(gain)))].mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(gain.mean()), float(low), float(high)
