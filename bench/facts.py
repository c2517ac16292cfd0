"""Facts: precision and recall on sentences that were written before the rules, and update chains.

    python bench/facts.py

`data/facts.jsonl` holds sentences of both languages with the facts they state; a third are traps
(negation, questions, other people, suppositions, quotations, sarcasm) that state none;
`data/facts_unseen.jsonl` holds as many kinds, written later, and no rule was changed for it. A fact
counts as found when subject, attribute and value are the same. `data/fact_chains.jsonl` holds 20
series of sentences that change one attribute; each is remembered, one a day. Writes the table to
bench/results/facts.md.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from sets import lines
from stores import opened

from ltm_cli.core.record import Record
from ltm_cli.features.facts import extraction, facts
from ltm_cli.indexing import writer

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "facts.md"


def main() -> None:
    rows = ["| sentences | n | precision | recall |", "|---|---:|---:|---:|"]
    said = list(lines(HERE / "data" / "facts.jsonl"))
    groups = {
        "English": [row for row in said if row["text"].isascii() or not _han(row["text"])],
        "Chinese and mixed": [row for row in said if _han(row["text"])],
        "all": said,
    }
    for name, group in groups.items():
        precision, recall = score(group, show=name == "all" and "-v" in sys.argv)
        rows.append(f"| {name} | {len(group)} | {precision:.3f} | {recall:.3f} |")
    unseen = list(lines(HERE / "data" / "facts_unseen.jsonl"))
    precision, recall = score(unseen, show="-v" in sys.argv)
    rows.append(
        f"| written after the rules, run once | {len(unseen)} | {precision:.3f} | {recall:.3f} |"
    )
    traps = [row for row in said if "trap" in row]
    fooled = sum(bool(extraction.find(row["text"])) for row in traps)
    rows.append(f"| traps among them | {len(traps)} | {fooled} stated something | |")
    table = "\n".join([*rows, "", *chains()]) + "\n"
    print(table, end="")
    RESULTS.write_text(table, "utf-8")


def score(said: list[dict], *, show: bool) -> tuple[float, float]:
    counts: Counter[str] = Counter()
    for row in said:
        found = {tuple(map(str.casefold, one[:3])) for one in extraction.find(row["text"])}
        gold = {tuple(map(str.casefold, one)) for one in row["facts"]}
        counts.update(right=len(found & gold), found=len(found), gold=len(gold))
        if show and found != gold:
            print(row["text"], "\n   found", found - gold, "\n   missed", gold - found)
    return counts["right"] / (counts["found"] or 1), counts["right"] / counts["gold"]


def chains() -> list[str]:
    """Each chain in a store of its own: whether what holds and the whole history are right."""
    current = whole = 0
    series = list(lines(HERE / "data" / "fact_chains.jsonl"))
    for one in series:
        with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
            for day, text in enumerate(one["said"]):
                at = (datetime(2024, 1, 1, 9) + timedelta(days=day)).isoformat()
                writer.remember(store, Record(text=text, at=at))
            found = facts.history(store, one["subject"], [one["attribute"]])
        values = [fact.value for fact in found]
        holding = [fact.value for fact in found if fact.until is None]
        current += holding == one["history"][-1:]
        whole += values == one["history"]
        if "-v" in sys.argv and values != one["history"]:
            print(one, values)
    return [
        "| update chains | n | current value right | history complete |",
        "|---|---:|---:|---:|",
        f"| both languages | {len(series)} | {current} | {whole} |",
    ]


def _han(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


if __name__ == "__main__":
    main()
