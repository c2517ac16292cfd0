#!/usr/bin/env python3
"""Train the weights of dense recall on top of the shipped ones, and measure what they gain.

    python bench/train_dense.py DATA MODEL

DATA is a folder of public sets (see bench/README.md), MODEL an embedding GGUF; LoCoMo alone is
used. What a conversation is ranked by, with and without dense recall, never saw it. Adds the
weights to ltm_cli/data/sidenet.json, whose others stay as they are, since most run without an
embedding model; writes bench/results/dense.md. Run it after train_sidenet.py.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from train_sidenet import ROOT, Case, cases, examples

from ltm_cli.retrieval.features import CHAT, DENSE
from ltm_cli.retrieval.reranker import SideNet, load_shipped, serialise
from ltm_cli.retrieval.training import Example, fit


def on_top(of: list[Case], weights: np.ndarray) -> list[Case]:
    """The same questions, with what the words tell as base and DENSE as features."""
    words = len(CHAT)
    return [
        replace(
            case,
            features=case.features[:, words:],
            base=case.base + case.features[:, :words] @ weights,
        )
        for case in of
    ]


def fit_all(of: list[Case]) -> np.ndarray:
    """Weights from all candidates: those found by meaning alone stand last by their base."""
    return fit([Example(c.features, c.base, c.gold) for c in of if c.gold.any()])


def main(data: Path, model: Path) -> None:
    lexical = cases(data)
    both = cases(data, (*CHAT, *DENSE), model)
    rows = []  # (category, recalls by words, recalls with dense)
    for user in sorted({case.question.user for case in lexical}):
        weights = fit(examples([case for case in lexical if case.question.user != user]))
        upper = on_top(both, weights)
        dense = fit_all([case for case in upper if case.question.user != user])
        rows += [
            (without.question.category, without.recalls(weights), case.recalls(dense))
            for without, case in zip(lexical, upper, strict=True)
            if case.question.user == user
        ]
    table = [
        f"| LoCoMo | questions | SideNet R@5/10/25 | with {model.stem} |",
        "|---|---|---|---|",
    ]
    shown: dict[str, list[str]] = {}
    for category in [*sorted({row[0] for row in rows}), "all"]:
        chosen = [row for row in rows if category in (row[0], "all")]
        means = [100 * np.mean([row[i] for row in chosen], axis=0) for i in (1, 2)]
        shown[category] = [" / ".join(f"{value:.1f}" for value in values) for values in means]
        table.append(f"| {category} | {len(chosen)} | {' | '.join(shown[category])} |")
    text = "\n".join(table)
    print(text)
    (ROOT / "bench" / "results" / "dense.md").write_text(text + "\n", "utf-8")
    old = load_shipped()
    weights = fit_all(on_top(both, np.array([old.weights.get(name, 0.0) for name in CHAT])))
    about = {
        "model": model.stem,
        "leave-one-conversation-out R@5/10/25": shown["all"][1],
        "multi-hop R@5/10/25": shown["multi-hop"][1],
    }
    net = SideNet(
        {**old.weights, **dict(zip(DENSE, weights.tolist(), strict=True))},
        {**old.about, "dense": about},
    )
    (ROOT / "ltm_cli" / "data" / "sidenet.json").write_text(serialise(net), "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
