"""How fast the command line is: whole processes, as ratios of one run.

    python bench/speed.py [DATA]

Starting `python -c "import typer"` is the unit: no Typer program can be faster. The commands take
turns, so that a slow moment of the machine hits all of them; medians are shown. With DATA (a folder
with locomo/memories.jsonl) the import of its 5,882 turns is timed too, otherwise one of as many
synthetic turns.

`ltm suggest` is given neither LTM_HOME nor --home, as by most people: what finds the platform's
folder costs time too. Beside recall and remember stand those of the leanest peer on the same
memories, agentrecall-db (the extra `bench`): SQLite, BM25 over English stems, nothing but Python's
own library, no Chinese words, no undo. Writes the table to bench/results/speed.md.
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
from importlib import metadata
from pathlib import Path
from time import perf_counter

ROUNDS = 11
MEMORIES = 100_000
TURNS = 5_882
LTM = [sys.executable, "-m", "ltm_cli"]
PEER = "agentrecall-db"
QUESTION = "Where did I put the needle?"
RESULTS = Path(__file__).parent / "results" / "speed.md"
ENGLISH = (
    "garden river letter yellow market window bicycle doctor winter coffee sister train holiday"
    " bridge music painting dinner office phone weather mountain story bread lamp school forest"
).split()
CHINESE = "天气 上海 北京 医生 音乐 晚饭 电影 朋友 猫粮 火车 作业 会议 花园 信件 周末 咖啡".split()


def main(data: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The same home, as the platform's own and as one that is given.
        nowhere = {name: value for name, value in os.environ.items() if not name.startswith("LTM_")}
        nowhere |= {"HOME": folder, "XDG_DATA_HOME": f"{folder}/data", "PYTHONPATH": ""}
        found = subprocess.run(
            [*LTM, "path", "--json"], env=nowhere, capture_output=True, check=True
        )
        environment = nowhere | {"LTM_HOME": json.loads(found.stdout)["home"]}
        store = f"{folder}/peer.db"
        peer = [sys.executable, "-m", "agentrecall.cli", "--db", store, "--embeddings", "false"]

        def run(*command: str, stdin: bytes = b"", given: dict[str, str] = environment) -> float:
            began = perf_counter()
            done = subprocess.run(command, input=stdin, env=given, capture_output=True)
            spent = 1000 * (perf_counter() - began)
            assert done.returncode == 0, (command, done.stderr)
            return spent

        imported = run(*LTM, "import", "-", "--user", "import", stdin=turns(data, TURNS))
        run(*LTM, "import", "-", stdin=turns(None, MEMORIES))
        run(*LTM, "remember", "The needle is in the haystack: 大海捞针")
        run(*LTM, "import", str(Path(__file__).parent.parent / "demo/diary.jsonl"), "--user", "d")
        commands: dict[str, Callable[[], float]] = {
            "unit": lambda: run(sys.executable, "-c", "import typer"),
            "version": lambda: run(*LTM, "--version"),
            "help": lambda: run(*LTM, "--help"),
            "keyword": lambda: run(*LTM, "recall", "--keyword", "haystack"),
            "关键词": lambda: run(*LTM, "recall", "--keyword", "捞针"),
            "recall": lambda: run(*LTM, "recall", QUESTION),
            "remember": lambda: run(*LTM, "remember", "one more 记忆"),
            "suggest": lambda: run(*LTM, "suggest", "gar", given=nowhere),
            "ask": lambda: first_word(environment),
        }
        if version := installed(PEER):
            lines = turns(None, MEMORIES).splitlines()
            texts = "\n".join(json.dumps({"content": json.loads(line)["text"]}) for line in lines)
            run(*peer, "import", "-", stdin=texts.encode())
            run(*peer, "add", "The needle is in the haystack: 大海捞针")
            commands["peer recall"] = lambda: run(*peer, "search", QUESTION)
            commands["peer remember"] = lambda: run(*peer, "add", "one more 记忆")
        for command in commands.values():
            command()  # warm the page cache
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(command())
    ms = {name: statistics.median(all_of) for name, all_of in times.items()}
    unit = ms["unit"]

    def against(name: str) -> str:
        return f"{ms[name] / unit:.2f}× = unit {ms[name] - unit:+.0f} ms"

    rows = [
        ('python -c "import typer" (the unit)', unit, "", ""),
        ("ltm --version", ms["version"], against("version"), "≤ 1.15×"),
        ("ltm --help", ms["help"], against("help"), "≤ 2×"),
        (f"ltm recall --keyword haystack, {MEMORIES:,} memories", ms["keyword"],
         against("keyword"), "≤ 1.4×"),
        (f"ltm recall --keyword 捞针, {MEMORIES:,} memories", ms["关键词"],
         against("关键词"), "≤ 1.4×"),
        (f"ltm recall QUESTION, {MEMORIES:,} memories", ms["recall"], against("recall"), "≤ 1.8×"),
        ("ltm remember, synced to disk", ms["remember"], against("remember"), "≤ unit + 100 ms"),
        (f"ltm suggest gar, {MEMORIES:,} memories, in the platform's own folder", ms["suggest"],
         against("suggest"), "≤ 0.6×"),
        (f"ltm import of {TURNS:,} turns" + (" (LoCoMo)" if data else " (synthetic)"), imported,
         f"{TURNS / imported * 1000:,.0f} memories/s", "≤ 5000 ms"),
        ("ltm ask, first word, model load included", ms["ask"], "", "≤ 4000 ms"),
    ]  # fmt: skip
    lines = ["| whole process | median ms | against the unit | aim |", "|---|---:|---|---|"]
    lines += [f"| {name} | {time:.0f} | {ratio} | {aim} |" for name, time, ratio, aim in rows]
    if version:
        shares = [f"{ms[f'peer {name}'] / ms[name]:.2f}× of ltm {name}"
                  for name in ("recall", "remember")]  # fmt: skip
        lines.append(
            f"| the leanest peer, {PEER} {version}: search QUESTION / add, {MEMORIES:,} memories |"
            f" {ms['peer recall']:.0f} / {ms['peer remember']:.0f} | {', '.join(shares)} | |"
        )
    else:
        lines.append(f"| the leanest peer, {PEER} | not installed | | |")
    table = "\n".join(lines)
    print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(table + "\n", "utf-8")


def installed(name: str) -> str | None:
    """The version of a distribution; None if it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


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
