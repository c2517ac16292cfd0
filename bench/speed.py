"""How fast the command line is: whole processes, as ratios of one run.

    python bench/speed.py [DATA]

Starting `python -c "import typer"` is the unit: no Typer program can be faster. The commands take
turns, so that a slow moment of the machine hits all of them; medians are shown. With DATA (a folder
with locomo/memories.jsonl) the import of its 5,882 turns is timed too, otherwise one of as many
synthetic turns. Writes the table to bench/results/speed.md.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

ROUNDS = 11
MEMORIES = 100_000
TURNS = 5_882
LTM = [sys.executable, "-m", "ltm_cli"]
RESULTS = Path(__file__).parent / "results" / "speed.md"
ENGLISH = (
    "garden river letter yellow market window bicycle doctor winter coffee sister train holiday"
    " bridge music painting dinner office phone weather mountain story bread lamp school forest"
).split()
CHINESE = "天气 上海 北京 医生 音乐 晚饭 电影 朋友 猫粮 火车 作业 会议 花园 信件 周末 咖啡".split()


def main(data: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"LTM_HOME": folder, "PYTHONPATH": ""}

        def run(*command: str, stdin: bytes = b"") -> float:
            began = perf_counter()
            subprocess.run(command, input=stdin, env=environment, capture_output=True)
            return 1000 * (perf_counter() - began)

        imported = run(*LTM, "import", "-", "--user", "import", stdin=turns(data, TURNS))
        run(*LTM, "import", "-", stdin=turns(None, MEMORIES))
        run(*LTM, "remember", "The needle is in the haystack: 大海捞针")
        run(*LTM, "import", str(Path(__file__).parent.parent / "demo/diary.jsonl"), "--user", "d")
        commands: dict[str, Callable[[], float]] = {
            "unit": lambda: run(sys.executable, "-c", "import typer"),
            "version": lambda: run(*LTM, "--version"),
            "keyword": lambda: run(*LTM, "recall", "--keyword", "haystack"),
            "关键词": lambda: run(*LTM, "recall", "--keyword", "捞针"),
            "recall": lambda: run(*LTM, "recall", "Where did I put the needle?"),
            "remember": lambda: run(*LTM, "remember", "one more 记忆"),
            "ask": lambda: first_word(environment),
        }
        for command in commands.values():
            command()  # warm the page cache
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(command())
    ms = {name: statistics.median(all_of) for name, all_of in times.items()}
    unit = ms["unit"]
    rows = [
        ('python -c "import typer" (the unit)', unit, "", ""),
        ("ltm --version", ms["version"], f"{ms['version'] / unit:.2f}×", "≤ 1.3×"),
        (f"ltm recall --keyword haystack, {MEMORIES:,} memories", ms["keyword"],
         f"unit {ms['keyword'] - unit:+.0f} ms", "≤ unit + 60 ms"),
        (f"ltm recall --keyword 捞针, {MEMORIES:,} memories", ms["关键词"],
         f"unit {ms['关键词'] - unit:+.0f} ms", "≤ unit + 60 ms"),
        (f"ltm recall QUESTION, {MEMORIES:,} memories", ms["recall"],
         f"unit {ms['recall'] - unit:+.0f} ms", "≤ unit + 250 ms"),
        ("ltm remember, synced to disk", ms["remember"],
         f"unit {ms['remember'] - unit:+.0f} ms", "≤ unit + 100 ms"),
        (f"ltm import of {TURNS:,} turns" + (" (LoCoMo)" if data else " (synthetic)"), imported,
         f"{TURNS / imported * 1000:,.0f} memories/s", "≤ 5000 ms"),
        ("ltm ask, first word, model load included", ms["ask"], "", "≤ 4000 ms"),
    ]  # fmt: skip
    lines = ["| whole process | median ms | against the unit | aim |", "|---|---:|---|---|"]
    lines += [f"| {name} | {time:.0f} | {ratio} | {aim} |" for name, time, ratio, aim in rows]
    table = "\n".join(lines)
    print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(table + "\n", "utf-8")


def first_word(environment: dict[str, str]) -> float:
    """Milliseconds from the start of `ltm ask` to the first byte of its answer."""
    began = perf_counter()
    with subprocess.Popen(
        [*LTM, "ask", "--new", "--no-remember", "--user", "d", "Where is Tom moving to?"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.read(1)
        return 1000 * (perf_counter() - began)


def turns(data: Path | None, number: int) -> bytes:
    if data is not None:
        return (data / "locomo" / "memories.jsonl").read_bytes()
    rng = random.Random(1)
    lines = []
    for i in range(number):
        words = (
            rng.choices(ENGLISH, k=12) + rng.choices(CHINESE, k=4) + [f"w{rng.randrange(20000)}"]
        )
        at = f"20{rng.randrange(10, 24)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 28):02}"
        lines.append(json.dumps({"ref": f"s{i}", "at": at, "text": " ".join(words)}))
    return "\n".join(lines).encode()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
