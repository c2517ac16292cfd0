"""Deadlines in sentences: precision and recall of what becomes a task.

    python bench/deadlines.py

The sentences are in tests/data; half of them are traps (a deadline that was met, somebody else's, a
question). All were written before the rules, by the same hand: those of deadlines.tsv were looked
at while the rules were made, those of deadlines_unseen.tsv were measured when they were done, and
nothing was changed for them. A task counts as right only with the right date. Writes
bench/results/deadlines.md.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from ltm_cli.features.tasks import extraction as task_extraction
from ltm_cli.nlp import dates

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "deadlines.md"
SAID = datetime(2024, 5, 15, 14, 30)  # a Wednesday
SETS = {"seen": "deadlines.tsv", "unseen": "deadlines_unseen.tsv"}


def main() -> None:
    lines = [
        "| sentences | language | tasks / traps | precision | recall |",
        "|---|---|---|---:|---:|",
    ]
    for name, file in SETS.items():
        cases = read(ROOT / "tests" / "data" / file)
        for language, chosen in (
            ("Chinese", [case for case in cases if re.search("[\u4e00-\u9fff]", case[1])]),
            ("English", [case for case in cases if not re.search("[\u4e00-\u9fff]", case[1])]),
        ):
            precision, recall = score(chosen)
            due = sum(case[0] != "-" for case in chosen)
            lines.append(
                f"| {name} | {language} | {due} / {len(chosen) - due}"
                f" | {precision:.2f} | {recall:.2f} |"
            )
    lines.append("| aim | | | ≥ 0.95 | ≥ 0.90 |")
    table = "\n".join(lines)
    print(table)
    RESULTS.write_text(table + "\n", "utf-8")


def read(path: Path) -> list[tuple[str, str]]:
    """(due, sentence): a date, "open" for a task without one, "-" for no task."""
    lines = path.read_text("utf-8").splitlines()[1:]
    return [tuple(line.split("\t", 1)) for line in lines]  # type: ignore[misc]


def understood(sentence: str) -> str:
    found = task_extraction.find(sentence, dates.find(sentence, SAID), SAID)
    return (found[0].due or "open") if found else "-"


def score(cases: list[tuple[str, str]]) -> tuple[float, float]:
    """(precision, recall)"""
    said = [(due, understood(sentence)) for due, sentence in cases]
    right = sum(due == got != "-" for due, got in said)
    return (
        right / max(1, sum(got != "-" for _, got in said)),
        right / max(1, sum(due != "-" for due, _ in said)),
    )


if __name__ == "__main__":
    main()
