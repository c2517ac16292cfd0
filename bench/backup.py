#!/usr/bin/env python3
"""Measure backup, restore and doctor on a large store: whole processes, as a person runs them.

    python bench/backup.py [--memories N] [--home DIR]      default: 1,000,000 memories

Writes that many memories of generated text (scale.py) to a home in a temporary folder, or uses the
one in DIR, and makes it if it is not there. The disk's own copy of the same file, synced, stands
beside. Each is run three times, taking turns; the median is shown. Prints a table and writes it to
bench/results/backup.md, with the aims beside. Exit status 1 when a backup does not hold what was
stored.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scale import BATCH, Texts
from stores import keep, opened

ROUNDS = 3
LEAST_RATE = 100  # MB/s of a backup
MOST_SECONDS = 60  # of doctor
RESULTS = Path(__file__).parent / "results" / "backup.md"


def build(home: Path, number: int) -> None:
    """A store of so many memories."""
    with opened(home) as store:
        source = Texts(seed=number).records(number)
        while batch := list(itertools.islice(source, BATCH)):
            keep(store, batch)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def copied(source: Path, target: Path) -> None:
    """What the disk can do: the bytes, and that they are on it."""
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """(seconds, seconds of CPU, of the processes it started too)"""
    began, before = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - began, _cpu() - before


def _cpu() -> float:
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def measure(home: Path, folder: Path, number: int) -> bool:
    store, saved = home / "memory.db", folder / "saved.db"

    def ltm(*arguments: str, home: Path = home) -> dict[str, object]:
        command = [sys.executable, "-m", "ltm_cli", "--home", str(home), *arguments, "--json"]
        done = subprocess.run(command, check=True, capture_output=True)
        found = json.loads(done.stdout)
        return found if isinstance(found, dict) else {"findings": found}

    held = set()
    works: dict[str, Callable[[], object]] = {
        "the disk's own copy, synced": lambda: copied(store, folder / "copy.db"),
        "ltm backup": lambda: held.add(ltm("backup", str(saved), "--force")["memories"]),
        "ltm restore": lambda: held.add(
            ltm("restore", str(saved), "--yes", home=folder / "home")["memories"]
        ),
        "ltm doctor": lambda: ltm("doctor"),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for name, work in [*works.items()] * ROUNDS:
        taken[name].append(timed(work))
        print(f"{name}: {taken[name][-1][0]:.1f} s", file=sys.stderr)
    size = store.stat().st_size / 1e6
    seconds = {name: statistics.median(wall for wall, _ in times) for name, times in taken.items()}
    cpu = {name: statistics.median(own for _, own in times) for name, times in taken.items()}
    aims = {"ltm backup": f"≥ {LEAST_RATE} MB/s", "ltm doctor": f"≤ {MOST_SECONDS} s"}
    rows = [
        f"| {number:,} memories, {size:.0f} MB | seconds | of CPU | MB/s | aim |",
        "|---|---:|---:|---:|---|",
    ]
    for name in works:
        rate = "" if name == "ltm doctor" else f"{size / seconds[name]:.0f}"
        rows.append(
            f"| {name} | {seconds[name]:.1f} | {cpu[name]:.1f} | {rate} | {aims.get(name, '')} |"
        )
    table = "\n".join(rows)
    print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(table + "\n", "utf-8")
    return held == {number}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--home", type=Path, metavar="DIR")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
        home = given.home or Path(scratch) / "big"
        if not (home / "memory.db").exists():
            build(home, given.memories)
        with opened(home, write=False) as store:
            number = store.memories.count()
        return 0 if measure(home, Path(scratch), number) else 1


if __name__ == "__main__":
    sys.exit(main())
