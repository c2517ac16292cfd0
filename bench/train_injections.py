#!/usr/bin/env python3
"""Train what tells orders to a machine from what people write: ltm_cli/data/injection_weights.json.

    python bench/train_injections.py [DATA]

Logistic regression over the features of ltm_cli/nlp/injection_features.py, on
bench/data/injections.jsonl: orders and harmless look-alikes, each of a family of wordings, and the
two stories of bench/data as ordinary text. Printed first is how texts are judged by weights that
were trained without them: without their whole family, which is a kind of order that nobody thought
of, or without a fifth of all texts, which is a new wording of a known kind; then, with DATA (a
folder of public sets), how much of LoCoMo and MemDaily is taken for orders. Nothing was trained on
these; L2 and MARGIN were chosen by the held out families and with a look at every other turn of
LoCoMo. Writes the weights and bench/results/train_injections.md.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ltm_cli.core.sanitize import legible
from ltm_cli.nlp import injection_features, sentences
from ltm_cli.nlp.prompt_injection import is_injection, matches_pattern
from ltm_cli.nlp.stemmer import fold

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bench" / "data"
WEIGHTS = ROOT / "ltm_cli" / "data" / "injection_weights.json"
RESULTS = ROOT / "bench" / "results" / "train_injections.md"
STORIES = ("alice.txt", "nahan.txt")
EACH = 300  # sentences of each story
L2, STEPS, RATE = 0.6, 600, 0.05
FALSE_ALARM = 2.0  # what taking a harmless text for an order costs, against missing one
MARGIN = 1.3  # taken off the bias: found by holding out families
FIFTHS = 5
LEAST = 0.02  # a smaller weight is left out

# Family, language, whether it gives orders, its features by stretches, whether a pattern knows it.
Row = tuple[str, str, bool, list[set[str]], bool]


def main() -> None:
    rows = corpus()
    table = ["| held out | language | texts | taken for orders |", "|---|---|---:|---:|"]
    families = sorted({row[0] for row in rows})
    parts = {
        "its family": [[row[0] == family for row in rows] for family in families],
        "a fifth of all": [
            [i % FIFTHS == part for i in range(len(rows))] for part in range(FIFTHS)
        ],
    }
    for how, without in parts.items():
        told_apart: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for held in without:
            weights = trained([row for row, out in zip(rows, held, strict=True) if not out])
            for row in (row for row, out in zip(rows, held, strict=True) if out):
                kind = "orders" if row[2] else "stories" if row[0] in STORIES else "look-alikes"
                told_apart[kind, row[1]].append(row[4] or value(weights, row[3]) > 0)
        for (kind, language), said in sorted(told_apart.items()):
            table.append(f"| {kind}, by {how} | {language} | {len(said)} | {share(said)} |")
    weights = trained(rows)
    kept = {name: round(one, 3) for name, one in sorted(weights.items()) if abs(one) >= LEAST}
    WEIGHTS.write_text(json.dumps(kept, indent=0) + "\n")
    injection_features.load_weights.cache_clear()
    for name in ("locomo", "memdaily"):
        if len(sys.argv) > 1:
            file = Path(sys.argv[1]) / name / "memories.jsonl"
            texts = [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
            table.append(
                f"| {name}, trained on none of it | | {len(texts)}"
                f" | {share(map(is_injection, texts))} |"
            )
    text = "\n".join(table) + "\n"
    print(text)
    if len(sys.argv) > 1:
        RESULTS.write_text(text)


def share(said: Iterable[bool]) -> str:
    given = list(said)
    return f"{sum(given)} ({100 * sum(given) / len(given):.1f} %)"


def corpus() -> list[Row]:
    rows = []
    for line in (DATA / "injections.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        rows.append((one["family"], one["language"], one["orders"], *told(one["text"])))
    for story in STORIES:
        parts = sentences.split((DATA / story).read_text("utf-8"))
        for part in parts[:: len(parts) // EACH]:
            rows.append((story, "zh" if story == "nahan.txt" else "en", False, *told(part)))
    return rows


def told(text: str) -> tuple[list[set[str]], bool]:
    """The features of a short text, and whether a pattern knows it."""
    return injection_features.find_features(text, fold(legible(text))), matches_pattern(
        fold(legible(text))
    )


def value(weights: dict[str, float], seen: list[set[str]]) -> float:
    """What the worst of its stretches is worth."""
    return weights["bias"] + max(
        sum(weights.get(one, 0.0) for one in injection_features.with_pairs(told)) for told in seen
    )


def trained(rows: list[Row]) -> dict[str, float]:
    """The weights, by Adam; pairs are held twice as near to zero as single features."""
    names = sorted(
        {one for row in rows for one in injection_features.with_pairs(set().union(*row[3]))}
    )
    place = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(rows), len(names) + 1))
    x[:, -1] = 1.0
    for i, row in enumerate(rows):
        x[i, [place[one] for one in injection_features.with_pairs(set().union(*row[3]))]] = 1.0
    y = np.array([row[2] for row in rows], dtype=float)
    cost = np.where(y > 0, 1.0, FALSE_ALARM)
    pull = np.array([L2 * (2.0 if " & " in name else 1.0) for name in names] + [0.0]) / len(rows)
    w = np.zeros(len(names) + 1)
    mean, square = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, STEPS + 1):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (cost * (p - y)) / len(rows) + pull * w
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        w -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return {**dict(zip(names, map(float, w), strict=False)), "bias": float(w[-1]) - MARGIN}


if __name__ == "__main__":
    main()
