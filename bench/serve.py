"""The first word of `ltm ask` in a process of its own, against that of `ltm serve`.

    python bench/serve.py

Two homes hold the same diary and the same warm bank; one of them is served. The same questions are
asked of both in turn, so that a slow moment of the machine hits both; medians are shown. Writes
bench/results/serve.md.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from time import perf_counter

ROUNDS = 7
LTM = [sys.executable, "-m", "ltm_cli"]
RESULTS = Path(__file__).parent / "results" / "serve.md"
DIARY = Path(__file__).parent.parent / "demo" / "diary.jsonl"
QUESTIONS = (
    "Where is Tom moving to?",
    "What is the wifi password of the cabin?",
    "How much does Mochi weigh?",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        homes = {name: os.environ | {"LTM_HOME": f"{folder}/{name}"} for name in ("cold", "warm")}
        for home in homes.values():
            subprocess.run([*LTM, "import", str(DIARY)], env=home, capture_output=True, check=True)
            for question in QUESTIONS:
                first_word(home, question)  # fills the bank
        server = subprocess.Popen(
            [*LTM, "serve"], env=homes["warm"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not Path(folder, "warm", "serve.sock").exists():
                time.sleep(0.05)
            for question in QUESTIONS:
                first_word(homes["warm"], question)
            times: dict[str, list[float]] = {name: [] for name in homes}
            for _ in range(ROUNDS):
                for question in QUESTIONS:
                    for name, home in homes.items():
                        times[name].append(first_word(home, question))
        finally:
            server.terminate()
            server.wait()
    cold, warm = (statistics.median(times[name]) for name in ("cold", "warm"))
    lines = [
        "| first word of `ltm ask` | median ms | against its own process | aim |",
        "|---|---:|---:|---|",
        f"| a process of its own, the bank warm | {cold:.0f} | | |",
        f"| with `ltm serve` | {warm:.0f} | {warm / cold:.2f}× | ≤ 0.25× |",
    ]
    print("\n".join(lines))
    RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


def first_word(environment: dict[str, str], question: str) -> float:
    """Milliseconds from the start of `ltm ask` to the first byte of its answer."""
    began = perf_counter()
    with subprocess.Popen(
        [*LTM, "ask", "--new", "--no-remember", "--reader", "fused", question],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.read(1)
        return 1000 * (perf_counter() - began)


if __name__ == "__main__":
    main()
