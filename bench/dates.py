"""Time expressions: how many of the tables in tests/data are read right, and how fast.

    python bench/dates.py

A sentence is timed as `find` reads it, after everything is imported: the expressions of the tables,
each in a sentence, and sentences without any time. Agreement with jionlp is counted if it is
installed (pip install '.[oracle]'): on the expressions that both know, but for the differences that
tests/nlp/test_dates.py lists and gives the reasons of. Writes bench/results/dates.md.
"""

from __future__ import annotations

import logging
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from ltm_cli.nlp.dates import find, parse  # noqa: E402
from tests.nlp.test_dates import CHINESE, ENGLISH, NONE, Case, W, compared  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "dates.md"
FRAMES = {
    "zh": "我跟王芳说好了，{}我们一起去看看。",
    "en": "Anna and I have agreed to go there {} at last.",
}
ROUNDS = 5


def main() -> None:
    rows = []
    for name, cases, frame, aim in (
        ("Chinese", CHINESE, FRAMES["zh"], 1),
        ("English", ENGLISH, FRAMES["en"], 3),
    ):
        right = sum(is_right(case) for case in cases)
        alone = [case for case in cases if case.sentence == case.expression]
        framed = [(frame.format(case.expression), case) for case in alone]
        said = [(case.sentence, case) for case in cases if case.sentence != case.expression]
        mean, slowest = timed([(text, case.now) for text, case in framed + said])
        rows.append(f"| {name} | {right} of {len(cases)} | {mean:.2f} | {slowest:.2f} | ≤ {aim} |")
    mean, slowest = timed([(text, W) for text in NONE])
    none = sum(find(text, W) == [] for text in NONE)
    rows.append(f"| no time in it | {none} of {len(NONE)} | {mean:.2f} | {slowest:.2f} | |")
    lines = [
        "| expressions | right | ms per sentence | 95th percentile | aim, ms |",
        "|---|---|---:|---:|---|",
        *rows,
    ]
    oracle = agreement()
    agreed = f"{oracle[0]} of {oracle[1]}" if oracle else "not installed"
    lines.append(f"| agreement with jionlp | {agreed} | | | |")
    table = "\n".join(lines)
    print(table)
    RESULTS.write_text(table + "\n", "utf-8")


def is_right(case: Case) -> bool:
    found = find(case.sentence, case.now) if case.running else [parse(case.expression, case.now)]
    return len(found) == 1 and (
        found[0].start, found[0].end, found[0].grain, found[0].sense, found[0].every
    ) == (case.start, case.end, case.grain, case.sense, case.every)  # fmt: skip


def timed(sentences: Sequence[tuple[str, object]]) -> tuple[float, float]:
    """Mean and 95th percentile of the milliseconds for a sentence, each the best of ROUNDS."""
    took = []
    for text, now in sentences:
        best = float("inf")
        for _ in range(ROUNDS):
            began = perf_counter()
            find(text, now)  # type: ignore[arg-type]
            best = min(best, perf_counter() - began)
        took.append(1000 * best)
    return statistics.mean(took), statistics.quantiles(took, n=20)[-1]


def agreement() -> tuple[int, int] | None:
    """(agreed, known to both), or None without jionlp."""
    try:
        import jionlp
    except ImportError:
        return None
    logging.disable()  # it logs what it cannot read
    right, wrong = compared(jionlp)
    return len(right), len(right) + len(wrong)


if __name__ == "__main__":
    main()
