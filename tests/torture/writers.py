"""Many processes remembering at once, while others recall and one imports.

`python -m tests.torture.writers HOME NAME COUNT` is one of the writers: a process of its own that
stores so many memories through the Python API and prints how long the slowest took.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.homes import copied

PAUSE = 0.05  # seconds between two recalls of one reader
COMMANDS = 5  # memories that one more writer stores with the real command, one process each
READERS = 2


@dataclass
class Written:
    """What came of it; `wrong` is empty when every memory is there once and nobody saw an error."""

    memories: int = 0
    seconds: float = 0.0
    worst: float = 0.0  # seconds of the slowest remember
    recalls: int = 0
    wrong: list[str] = field(default_factory=list)


def torture(writers: int, count: int, imported: int) -> Written:
    """Start all writers on a home that does not exist yet; wait for them; look at what is there."""
    found = Written()
    with tempfile.TemporaryDirectory() as folder:
        home, stop = Path(folder) / "home", Path(folder) / "stop"
        lines = Path(folder) / "lines.jsonl"
        texts = [f"imported {i} 导入的记忆" for i in range(imported)]
        lines.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
        began = time.perf_counter()
        ours = [_started("write", home, f"w{i}", str(count)) for i in range(writers)]
        ours += [_started("command", home, "c", str(COMMANDS)), _started("import", home, lines)]
        reading = [_started("recall", home, stop) for _ in range(READERS)]
        for process in ours:
            found.worst = max(found.worst, _result(process, found).get("worst", 0.0))
        found.seconds = time.perf_counter() - began
        stop.touch()
        found.recalls = sum(_result(process, found).get("recalls", 0) for process in reading)
        wanted = Counter(texts)
        wanted.update(_text(f"w{i}", j) for i in range(writers) for j in range(count))
        wanted.update(_text("c", j) for j in range(COMMANDS))
        found.memories = wanted.total()
        found.wrong += _compared(home, wanted)
    return found


def _compared(home: Path, wanted: Counter[str]) -> Iterator[str]:
    """What is missing, doubled, or not in the index."""
    from ltm_cli.features.registry import INDEXER
    from ltm_cli.storage.sqlite.connection import open_reading
    from tests.soundness import faults

    with copied(home) as copy, open_reading(copy / "memory.db", INDEXER) as store:
        there = Counter(record.text for record in store.of("me").memories.select())
        if missing := wanted - there:
            yield f"{missing.total()} memories are missing"
        if more := there - wanted:
            yield f"{more.total()} memories are doubled"
        yield from faults(store)


def _started(*arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.torture.writers", *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def _result(process: subprocess.Popen[bytes], found: Written) -> dict[str, float]:
    """What a process printed; anything on stderr, and any status but 0, is wrong."""
    out, err = process.communicate()
    if process.returncode or err:
        found.wrong.append(f"status {process.returncode}: {err.decode()[-400:]}")
    return json.loads(out) if out else {}


def _text(name: str, number: int) -> str:
    return f"{name} remembers number {number}: 记忆 🐈"


def _write(home: str, name: str, count: str) -> dict[str, float]:
    from ltm_cli import LongTermMemory

    memory, worst = LongTermMemory(home), 0.0
    for number in range(int(count)):
        began = time.perf_counter()
        memory.remember("me", _text(name, number))
        worst = max(worst, time.perf_counter() - began)
    return {"worst": worst}


def _command(home: str, name: str, count: str) -> dict[str, float]:
    for number in range(int(count)):
        _ltm(home, "remember", _text(name, number))
    return {}


def _import(home: str, lines: str) -> dict[str, float]:
    _ltm(home, "import", lines)
    return {}


def _recall(home: str, stop: str) -> dict[str, float]:
    from ltm_cli import LongTermMemory

    memory, recalls = LongTermMemory(home), 0
    while not Path(stop).exists():
        memory.recall("me", f"number {recalls} 记忆", limit=5)
        recalls += 1
        time.sleep(PAUSE)
    return {"recalls": recalls}


def _ltm(home: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ltm_cli", "--home", home, *arguments, "--json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.returncode)  # its error is on our stderr


if __name__ == "__main__":
    roles = {"write": _write, "command": _command, "import": _import, "recall": _recall}
    print(json.dumps(roles[sys.argv[1]](*sys.argv[2:])))
