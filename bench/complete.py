"""How long a press of TAB takes: whole processes, against starting typer, in turn.

    python bench/complete.py

The store holds 100,000 synthetic memories, every tenth with a tag and in a conversation. Writes
bench/results/complete.md.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from speed import MEMORIES, turns

ROUNDS = 15
RESULTS = Path(__file__).parent / "results" / "complete.md"
WORDS = {
    "ltm show TAB": ["show", ""],
    "ltm list --tag TAB": ["list", "--tag", ""],
    "ltm list --session TAB": ["list", "--session", ""],
    "ltm list --user TAB": ["list", "--user", ""],
    "ltm model pull TAB": ["model", "pull", ""],
    "ltm TAB, with what each command does (zsh, fish)": [""],
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"LTM_HOME": folder, "PYTHONPATH": str(RESULTS.parents[2])}
        ltm = [sys.executable, "-m", "ltm_cli"]
        subprocess.run([*ltm, "import", "-"], input=tagged(), env=environment, check=True)

        def ms(command: list[str]) -> float:
            began = perf_counter()
            subprocess.run(command, env=environment, capture_output=True, check=True)
            return 1000 * (perf_counter() - began)

        commands = {'python -c "import typer" (the unit)': [sys.executable, "-c", "import typer"]}
        commands |= {name: [*ltm, *words] for name, words in WORDS.items()}
        environment["_LTM_COMPLETE"] = "complete_zsh"
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS + 1):
            for name, command in commands.items():
                times[name].append(ms(command))
    middle = {name: statistics.median(found[1:]) for name, found in times.items()}
    unit = next(iter(middle.values()))
    table = f"| whole process, {MEMORIES:,} memories | median ms | aim |\n|---|---:|---|\n"
    for name, found in middle.items():
        against = f" = unit {found - unit:+.0f}" if found != unit else ""
        aim = "≤ unit + 60" if found != unit else ""
        table += f"| {name} | {found:.0f}{against} | {aim} |\n"
    RESULTS.write_text(table, "utf-8")
    print(table)


def tagged() -> bytes:
    lines = turns(None, MEMORIES).splitlines()
    for i in range(0, len(lines), 10):
        more = {"tags": [f"topic:{i % 70}"], "session": f"talk {i % 2000}"}
        lines[i] = json.dumps(json.loads(lines[i]) | more).encode()
    return b"\n".join(lines)


if __name__ == "__main__":
    main()
