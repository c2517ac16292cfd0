"""`make torture`: what was tried, how often, and what came of it, as a table.

    python -m tests.torture [--size SIZE] [--seed N] [PART…]

The parts are kills, full and writers; none means all of them. A size is short (seconds of each
part), middle (a minute) or whole; the table of all, whole, is written to bench/results/torture.md.
Exit status 1 when anything was lost or is inconsistent.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.torture import full, kills, process, writers

RESULTS = Path(__file__).parent.parent.parent / "bench" / "results" / "torture.md"
_HEAD = ("| what was done | how often | what came of it | lost or wrong |", "|---|---|---|---:|")


class Size(NamedTuple):
    """How often each is tried: kills, pages between two sizes of a disk, (writers, each, more)."""

    kills: int
    step: int
    writers: tuple[int, int, int]


SIZES = {
    "short": Size(12, 50, (4, 15, 300)),
    "middle": Size(90, 10, (8, 150, 600)),
    "whole": Size(600, 1, (16, 1_000, 2_000)),
}

Row = tuple[str, str, str, list[str]]  # what was done, how often, what came of it, what is wrong


def killed(number: int, seed: int) -> list[Row]:
    """kills.torture: one row an operation, and their sum."""
    with process.prepared():
        found = kills.torture(number, random.Random(seed))
    rows = [
        (f"kill -9 during `ltm {name}`", f"{one.kills} kills ({one.calls} at a system call)",
         f"{one.acknowledged} after it said done, {one.stored} stored before it could", one.wrong)
        for name, one in found.items()
    ]  # fmt: skip
    total = sum(one.kills for one in found.values())
    whole = sum(one.whole for one in found.values())
    return [*rows, ("all of them", f"{total} kills", f"{whole} of whole processes", [])]


def filled(step: int, seed: int) -> list[Row]:
    """full.torture, as one row."""
    found = full.torture(step, seed)
    refused = f"{found.refused} refused with status 3, {found.tries - found.refused} done"
    return [(f"disk full ({found.disk})", f"{found.tries} commands", refused, found.wrong)]


def written(number: int, count: int, imported: int) -> list[Row]:
    """writers.torture, as one row."""
    found = writers.torture(number, count, imported)
    speed = found.memories / found.seconds
    return [
        (f"{number} processes × {count:,} remembers, one imports {imported:,}, two recall",
         f"{found.memories:,} memories, {found.recalls:,} recalls",
         f"{speed:.0f} memories/s, the slowest remember {found.worst:.1f} s", found.wrong)
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=SIZES, default="whole")
    chosen = parser.parse_args()
    size = SIZES[chosen.size]
    parts: dict[str, Callable[[], list[Row]]] = {
        "kills": lambda: killed(size.kills, chosen.seed),
        "full": lambda: filled(size.step, chosen.seed),
        "writers": lambda: written(*size.writers),
    }
    began, lines, number = time.monotonic(), list(_HEAD), 0
    print("\n".join(lines), flush=True)
    for name in chosen.parts or parts:
        for what, often, came, wrong in parts[name]():
            lines.append(f"| {what} | {often} | {came} | {len(wrong)} |")
            print(lines[-1], flush=True)
            for one in wrong:
                print(f"{what}: {one}", file=sys.stderr)
            number += len(wrong)
    minutes = (time.monotonic() - began) / 60
    lines.append(f"| all of it | | {minutes:.1f} minutes on {os.cpu_count()} cores | {number} |")
    print(lines[-1])
    if not chosen.parts and size is SIZES["whole"]:
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")
    sys.exit(number > 0)


if __name__ == "__main__":
    main()
