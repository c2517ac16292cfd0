"""How large a passage should be, and how many of them: the likelihood of the right answer.

    python bench/passages.py DATA [--questions N] [--neighbours N…] [--threads N] [--raw FILE]

The mixture of `fused` on five conversations of LoCoMo on which no reader is measured: a turn by
itself, with one neighbour on each side, or with two; the best 1 to 5 of them.
Writes bench/results/passages.md.
"""

from __future__ import annotations

import argparse
import pickle
from itertools import islice
from pathlib import Path

import numpy as np
from train_gate import Case, collect

from ltm_cli.answering import evidence
from ltm_cli.retrieval.features import GATE
from ltm_cli.retrieval.reranker import load_shipped

SIZES = {0: 128, 1: 192, 2: 320}  # by neighbours on each side: tokens of a passage
SAMPLE = 160  # questions drawn, those that the gate is trained on; the first of them are used


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--neighbours", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--threads", type=int)
    parser.add_argument("--raw", type=Path, help="keep what the model said here, or read it there")
    chosen = parser.parse_args()
    weights = np.array([load_shipped().weights.get(name, 0.0) for name in GATE])
    table = [
        "| neighbours | tokens of 5 | evidence in 5 | 1 passage | 2 | 3 | 4 | 5 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    kept: dict[int, list[Case]] = {}
    if chosen.raw is not None and chosen.raw.exists():
        kept = pickle.loads(chosen.raw.read_bytes())
    for reach in chosen.neighbours:
        evidence.REACH, evidence.WINDOW = reach, SIZES[reach]
        if reach not in kept:
            asked = collect(chosen.data, SAMPLE, 0, chosen.threads)
            kept[reach] = list(islice(asked, chosen.questions))
            if chosen.raw is not None:
                chosen.raw.write_bytes(pickle.dumps(kept))
        cases = kept[reach][: chosen.questions]
        values = [
            np.mean([case.first(n).likelihood(weights) for case in cases]) for n in range(1, 6)
        ]
        tokens = np.mean([case.tokens for case in cases])
        found = np.mean([not case.gold[-1] for case in cases])
        shown = " | ".join(f"{value:.2f}" for value in values)
        table.append(f"| {reach} | {tokens:.0f} | {found:.0%} | {shown} |")
    print("\n".join(table))
    path = Path(__file__).parent / "results" / "passages.md"
    path.write_text("\n".join(table) + "\n", "utf-8")


if __name__ == "__main__":
    main()
