"""Recommendations on TimelineQA: of each series the last fifth is hidden; what came next counts.

    python bench/recommend.py DATA

DATA is a folder with timelineqa/memories.jsonl. Of each kind of event (meals, hobbies, places, …)
the things named are the candidates. Before each hidden event (150 of each kind at most, evenly
chosen) everything earlier is remembered, and it is a hit when the thing named, one chosen by chance
where there are several, is among the five recommended. Beside it: the five most popular so far,
and the five most recent. Kinds with five candidates or fewer are left out: there every list is
right. Writes bench/results/recommend.md.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from pathlib import Path

from sets import lines

from ltm_cli.core.record import Record
from ltm_cli.features.profile.recommend import Candidate, rank

RESULTS = Path(__file__).parent / "results" / "recommend.md"
MOST = 150
TOP = 5
# What is named in the texts of each kind (tag): patterns of a list, or of one thing.
KINDS = {
    "lunch": r"I ate ([\w -]+?)(?:\.| for )|I had (?!lunch)([\w -]+?) for",
    "dinner": r"I ate ([\w -]+?)(?:\.| for )|I had (?!dinner)([\w -]+?) for",
    "breakfast": r"I ate ([\w -]+?)(?:\.| for )|I had (?!breakfast)([\w -]+?) for",
    "exercise": r"I did ([a-z ]+) on",
    "hobbies": r"(?:enjoyed|some time|spent time) ([a-z ]+?) on",
    "watch tv": r"watch(?:ed|ing) (?:an? )?([a-z ]+?) (?:for|on)",
    "bake": r"(?:baking|bake) (.+?)(?: on \d|$)",
    "cook": r"(?:cooking|cook) (.+?)(?: on \d|$)",
    "grocery": r"bought some (.+?)(?: from|$)",
    "places_visited": r"visited (.+?) on",
    "chat": r"(?:talked to|talking to) (.+?) (?:for|on)",
    "dining": r"at ([\w' &]+?) with",
}


def main(data: Path) -> None:
    rows = list(lines(data / "timelineqa" / "memories.jsonl"))
    table = [
        f"| TimelineQA, hit-rate@{TOP} | candidates | events | ltm recommend | most popular"
        " | most recent |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    total: Counter[str] = Counter()
    for kind, pattern in KINDS.items():
        series = _series([row for row in rows if row["tags"] == [kind]], pattern)
        names = sorted({name for _, named in series for name in named})
        if len(names) <= TOP:
            continue
        hits = evaluate(series, names)
        total.update(hits)
        table.append(_row(kind, str(len(names)), hits))
    table.append(_row("all", "", total))
    text = "\n".join(table) + "\n"
    print(text, end="")
    RESULTS.write_text(text, "utf-8")


def evaluate(series: list[tuple[Record, list[str]]], names: list[str]) -> Counter[str]:
    candidates = [Candidate(name, name) for name in names]
    start = len(series) * 4 // 5
    step = max(1, (len(series) - start) // MOST)
    rng = random.Random(1)
    hits: Counter[str] = Counter()
    for place in range(start, len(series), step):
        wanted = rng.choice(series[place][1])
        records = [record for record, _ in series[:place]]
        before = [name for _, named in series[:place] for name in named]
        popular = [name for name, _ in Counter(before).most_common(TOP)]
        recent = list(dict.fromkeys(reversed(before)))[:TOP]
        ours = [one.candidate.id for one in rank(candidates, records, [], [], TOP)]
        hits.update(
            events=1, ours=wanted in ours, popular=wanted in popular, recent=wanted in recent
        )
    return hits


def _series(rows: list[dict], pattern: str) -> list[tuple[Record, list[str]]]:
    """Each memory with the things it names, in order of time."""
    found = []
    for row in sorted(rows, key=lambda row: row["at"]):
        parts = [part for match in re.findall(pattern, row["text"]) for part in
                 (match if isinstance(match, tuple) else (match,)) if part]  # fmt: skip
        split = [name for part in parts for name in re.split(r", and |, | and ", part)]
        names = [name.strip() for name in split if name.strip()]
        if names:
            found.append((Record(text=row["text"], at=f"{row['at']}T00:00:00"), names))
    return found


def _row(kind: str, candidates: str, hits: Counter[str]) -> str:
    share = [f"{100 * hits[key] / hits['events']:.1f} %" for key in ("ours", "popular", "recent")]
    return f"| {kind} | {candidates} | {hits['events']} | {' | '.join(share)} |"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
