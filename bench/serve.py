"""`ltm ask` in a process of its own against `ltm serve`: its first token, and its first word.

    python bench/serve.py

The first token is when the model has chosen it, from the start of the command (`cold_first_token`
of `ask --json`); the first word when somebody sees it, which is after the first sentence, for each
is checked before it is shown. Two homes hold the same diary and the same warm bank; one of them is
served. The same questions are asked of both in turn, so that a slow moment of the machine hits
both; medians are shown. Writes bench/results/serve.md.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

ROUNDS = 7
LTM = [sys.executable, "-m", "ltm_cli"]
ASK = [*LTM, "ask", "--new", "--no-remember", "--reader", "fused"]
RESULTS = Path(__file__).parent / "results" / "serve.md"
DIARY = Path(__file__).parent.parent / "demo" / "diary.jsonl"
QUESTIONS = (
    "Where is Tom moving to?",
    "What is the wifi password of the cabin?",
    "How much does Mochi weigh?",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        threads = str(os.cpu_count() or 1)  # what is free now would differ from one to the next
        homes = {
            name: os.environ | {"LTM_HOME": f"{folder}/{name}", "LTM_THREADS": threads}
            for name in ("cold", "warm")
        }
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
            times: dict[tuple[str, str], list[float]] = {
                (what, name): [] for what in MEASURED for name in homes
            }
            for _ in range(ROUNDS):
                for question in QUESTIONS:
                    for what, name in times:
                        times[what, name].append(MEASURED[what](homes[name], question))
        finally:
            server.terminate()
            server.wait()
    lines = [
        "| `ltm ask`, the bank warm | its own process, ms | with `ltm serve`, ms | ratio | aim |",
        "|---|---:|---:|---:|---|",
    ]
    for what in MEASURED:
        cold, warm = (statistics.median(times[what, name]) for name in ("cold", "warm"))
        aim = "≤ 0.25×" if what == "first token" else ""
        lines.append(f"| {what} | {cold:.0f} | {warm:.0f} | {warm / cold:.2f}× | {aim} |")
    print("\n".join(lines))
    RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


def first_token(environment: dict[str, str], question: str) -> float:
    """Milliseconds from the start of `ltm ask` until the model has chosen a token."""
    done = subprocess.run(
        [*ASK, "--json", question],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    return float(json.loads(done.stdout)["timings"]["cold_first_token"])


def first_word(environment: dict[str, str], question: str) -> float:
    """Milliseconds from the start of `ltm ask` to the first byte of its answer."""
    began = perf_counter()
    with subprocess.Popen(
        [*ASK, question],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.read(1)
        return 1000 * (perf_counter() - began)


MEASURED: dict[str, Callable[[dict[str, str], str], float]] = {
    "first token": first_token,
    "first word": first_word,
}

if __name__ == "__main__":
    main()
