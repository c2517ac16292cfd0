#!/usr/bin/env python3
"""Measure recall on the public sets and print the table of the README.

    python bench/recall.py DATA [SET...]

DATA is a folder of public sets (see bench/README.md). LoCoMo is ranked with weights that never saw
its conversation (bench/train_sidenet.py prints that row by category); the other sets, on none of
which the weights were trained, with the weights that ship. Beside them stands `grep -i`: the
memories sorted by how many words of the question they contain. Prints every category, and writes
the totals to bench/results/recall.md.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from sets import lines, load, questions

from ltm_cli.core.filter import EVERYTHING
from ltm_cli.indexing import tokenizer
from ltm_cli.retrieval import query, reranker
from ltm_cli.retrieval.rank import rank
from ltm_cli.retrieval.reranker import SideNet

ROOT = Path(__file__).resolve().parent.parent
KS = {
    "locomo": (5, 10, 25),
    "memdaily": (1, 3, 5),
    "memdaily_noisy": (1, 3, 5, 10),
    "timelineqa": (1, 5, 10),
}

# Set, ranking, at which k, and the figures as published; "-" where none were.
PUBLISHED = (
    ("locomo", "DRAGON (Maharana et al. 2024, table 3)", "R@5/10/25", "56.7 / 66.2 / 76.7"),
    ("locomo multi-hop", "DRAGON (the same)", "R@5/10", "35.4 / 46.6"),
    ("memdaily", "embedding (Zhang et al. 2024, by type)", "R@5", "48–85"),
)


def measure(folder: Path, nets: dict[str, SideNet]) -> list[tuple[str, str, str, str]]:
    """Rows of the table for one set, each ranked by each of `nets`."""
    ks = KS[folder.name]
    recalls: dict[str, dict[str, list[list[float]]]] = {name: defaultdict(list) for name in nets}
    with tempfile.TemporaryDirectory() as scratch, load(folder, Path(scratch)) as store:
        began = time.perf_counter()
        asked = questions(folder)
        for question in asked:
            read = query.parse_query(question.text, question.now)
            ranking = rank(store.of(question.user), read, EVERYTHING, max(ks), SideNet())
            refs = [candidate.record.ref for candidate in ranking.found.candidates]
            for name, net in nets.items():
                scores = [
                    base + net.residual(row)
                    for base, row in zip(ranking.base, ranking.rows, strict=True)
                ]
                order = sorted(ranking.order, key=lambda i: -scores[i])
                found = [
                    len(question.gold.intersection(refs[i] for i in order[:k])) / len(question.gold)
                    for k in ks
                ]
                recalls[name][question.category].append(found)
                recalls[name]["all"].append(found)
        spent = 1000 * (time.perf_counter() - began) / len(asked)
    at = "R@" + "/".join(map(str, ks))
    rows = []
    for name, by in recalls.items():
        for category in ["all", *sorted(set(by) - {"all"})]:
            means = [100 * sum(column) / len(column) for column in zip(*by[category], strict=True)]
            shown = " / ".join(f"{mean:.1f}" for mean in means)
            label = folder.name if category == "all" else f"{folder.name}: {category}"
            rows.append((label, f"{name}, n={len(by[category])}", at, shown))
    print(f"{folder.name}: {spent:.1f} ms a question", file=sys.stderr)
    return rows


def grep(folder: Path) -> list[tuple[str, str, str, str]]:
    """The same of `grep -i`: memories by how many content words of the question they contain.

    Of equals the first in the file. Chinese, written without spaces, goes by pairs of characters.
    """
    ks = KS[folder.name]
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in lines(folder / "memories.jsonl"):
        said = row.get("text") or f"{row['question']} {row['answer']}"
        texts[row["user"]][row["ref"]] = f"{row.get('speaker', '')}: {said}".lower()
    noise = folder / "noise.json"
    if noise.exists():
        for row in json.loads(noise.read_text("utf-8")):
            for user in texts.values():
                user[row["ref"]] = row["text"].lower()
    found: dict[str, list[list[float]]] = defaultdict(list)
    for question in questions(folder):
        wanted = words(question.text)
        held = texts[question.user]
        counts = {ref: sum(word in text for word in wanted) for ref, text in held.items()}
        order = sorted(counts, key=lambda ref: -counts[ref])
        recalls = [len(question.gold.intersection(order[:k])) / len(question.gold) for k in ks]
        for category in {"all", question.category} & {"all", "multi-hop"}:
            found[category].append(recalls)
    at = "R@" + "/".join(map(str, ks))
    return [
        (
            folder.name if category == "all" else f"{folder.name} {category}",
            "grep -i, most words",
            at,
            " / ".join(f"{100 * sum(k) / len(k):.1f}" for k in zip(*found[category], strict=True)),
        )
        for category in sorted(found)
    ]


def words(question: str) -> set[str]:
    """The content words of a question, as one would type them."""
    spaced = re.findall(r"[^\W\u3400-\u9fff]+", question.lower())
    dense = re.findall(r"(?=([\u3400-\u9fff]{2}))", question)
    return {word for word in (*spaced, *dense) if not tokenizer.is_stop(word)}


def main(data: Path, wanted: list[str]) -> None:
    nets = {"ltm": reranker.load_shipped(), "ltm, base only": SideNet()}
    about = reranker.load_shipped().about
    apart = "ltm, leave one conversation out"
    rows = [
        ("locomo", "ltm, base only", "R@5/10/25", str(about["base R@5/10/25"])),
        ("locomo", apart, "R@5/10/25", str(about["leave-one-conversation-out R@5/10/25"])),
        ("locomo multi-hop", apart, "R@5/10/25", str(about["multi-hop R@5/10/25"])),
    ]
    if dense := about.get("dense"):
        apart = f"ltm with {dense['model']}, leave one conversation out"
        rows += [
            ("locomo", apart, "R@5/10/25", dense["leave-one-conversation-out R@5/10/25"]),
            ("locomo multi-hop", apart, "R@5/10/25", dense["multi-hop R@5/10/25"]),
        ]
    details = []
    for name in wanted or KS:
        rows += grep(data / name)
        for row in measure(data / name, nets) if name != "locomo" else ():
            (details if ":" in row[0] else rows).append(row)
    text = _table([*PUBLISHED, *rows])
    print(_table(details) + "\n\n" + text)
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "recall.md").write_text(text + "\n", "utf-8")


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    head = ["| set | ranking | | recall |", "|---|---|---|---|"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
