"""Suggestions: how fast, and how often what came next is among the first three.

    python bench/suggest.py [DATA]

The time is that of whole processes at 100,000 memories, taking turns with `python -c "import
sqlite3"`. With DATA (a folder with locomo/memories.jsonl): each speaker of LoCoMo is a user whose
turns of the first half of the conversation are remembered. Each of their later turns is cut at one
place, chosen by chance; the next word, and the next two words, are counted as found when one of
the first three suggestions begins with them. Beside it, the three most frequent followers of the
last word typed, and the three most frequent words. Writes bench/results/suggest.md.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from time import perf_counter

from sets import lines
from speed import LTM, MEMORIES, turns
from stores import keep, opened

from ltm_cli.core.record import from_dict
from ltm_cli.features.suggest.suggest import suggest

ROUNDS = 15
RESULTS = Path(__file__).parent / "results" / "suggest.md"
TYPED = {"ltm suggest gar": "gar", "ltm suggest 'winter coffee s'": "winter coffee s",
         "ltm suggest 天气": "天气"}  # fmt: skip


def main(data: Path | None) -> None:
    rows = speed()
    if data is not None:
        rows += ["", *quality(data)]
    table = "\n".join(rows) + "\n"
    print(table, end="")
    RESULTS.write_text(table, "utf-8")


def speed() -> list[str]:
    ltm = str(Path(sys.executable).parent / "ltm")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"LTM_HOME": folder}
        subprocess.run(
            [*LTM, "import", "-"], input=turns(None, MEMORIES), env=environment, check=True
        )

        def run(*command: str) -> float:
            began = perf_counter()
            subprocess.run(command, env=environment, capture_output=True)
            return 1000 * (perf_counter() - began)

        commands = {name: (ltm, "suggest", typed) for name, typed in TYPED.items()}
        unit = (sys.executable, "-c", "import sqlite3")
        times: dict[str, list[float]] = defaultdict(list)
        for round in range(ROUNDS + 1):
            for name, command in {"unit": unit, **commands}.items():
                taken = run(*command)
                if round:  # the first warms the page cache
                    times[name].append(taken)
    ms = {name: statistics.median(taken) for name, taken in times.items()}
    return [
        f"| whole process, {MEMORIES:,} memories | median ms | aim |",
        "|---|---:|---|",
        f'| python -c "import sqlite3" (the unit) | {ms["unit"]:.0f} | |',
        *(f"| {name} | {ms[name]:.0f} = unit {ms[name] - ms['unit']:+.0f} | ≤ unit + 60 |"
          for name in commands),
    ]  # fmt: skip


def quality(data: Path) -> list[str]:
    speakers: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for row in lines(data / "locomo" / "memories.jsonl"):
        row["text"] = re.sub(r"\s*\[shares? .*", "", row["text"])
        if row["text"].strip():
            speakers[row["user"], row["speaker"]].append(row)
    rng = random.Random(5)
    hits: Counter[str] = Counter()
    number = 0
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), "") as store:
        for (conversation, speaker), said in speakers.items():
            whose = store.of(f"{conversation} {speaker}")
            half = len(said) // 2
            keep(whose, [from_dict({"text": row["text"], "at": row["at"]}) for row in said[:half]])
            followers, words = counts([row["text"] for row in said[:half]])
            for row in said[half:]:
                cut = split(row["text"], rng)
                if cut is None:
                    continue
                before, after = cut
                number += 1
                found = [line[len(before) :] for line in suggest(whose, before, 3)]
                last = _words(before)[-1]
                for size in (1, 2):
                    for which, guesses in {
                        "ltm suggest": found,
                        "most frequent after the last word": top(followers[size][last]),
                        "most frequent": top(words[size]),
                    }.items():
                        wanted = _words(after)[:size]
                        hit = any(_words(guess)[:size] == wanted for guess in guesses)
                        hits[f"{which} {size}"] += hit
    return [
        f"| LoCoMo, hit@3 on {number:,} turns of the second halves | next word | next two |",
        "|---|---:|---:|",
        *(f"| {which} | {100 * hits[f'{which} 1'] / number:.1f} % |"
          f" {100 * hits[f'{which} 2'] / number:.1f} % |"
          for which in ("ltm suggest", "most frequent after the last word", "most frequent")),
    ]  # fmt: skip


def split(text: str, rng: random.Random) -> tuple[str, str] | None:
    """What is typed, and what came next, within one sentence; at least two words each."""
    sentence = rng.choice([part for part in re.split(r"(?<=[.!?])\s+", text) if part] or [""])
    places = [match.start() for match in re.finditer(r"\s+", sentence)][1:]
    places = [place for place in places if len(_words(sentence[place:])) >= 2]
    if not places:
        return None
    place = rng.choice(places)
    return (sentence[: place + 1], sentence[place + 1 :])


def counts(
    texts: list[str],
) -> tuple[dict[int, dict[str, Counter[str]]], dict[int, Counter[str]]]:
    """By size (one word, two words): what follows each word, and what is most frequent."""
    followers: dict[int, dict[str, Counter[str]]] = {n: defaultdict(Counter) for n in (1, 2)}
    words: dict[int, Counter[str]] = {1: Counter(), 2: Counter()}
    for text in texts:
        said = _words(text)
        for size in (1, 2):
            for i in range(len(said) - size):
                followers[size][said[i]][" ".join(said[i + 1 : i + 1 + size])] += 1
                words[size][" ".join(said[i : i + size])] += 1
    return followers, words


def top(counted: Counter[str]) -> list[str]:
    return [phrase for phrase, _ in counted.most_common(3)]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:['’]\w+)?", text.lower())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
