"""How fast memories come in, and how much memory that takes: one format after the other.

    python bench/importers.py [MESSAGES]

Each format is written by tests/exports.py (10,000 messages if not given: of chats, what user and
assistant said; of notes, sections; of diaries, entries) and imported by `ltm import` as a whole
process into a fresh home. The formats take turns, three rounds; the medians are shown, and the
ratio to JSONL (exchanges of the same texts as the chats) in the same run. Seconds are those of the
processor (user and system, start-up included): the import is one thread, and a machine with other
work would tell of that instead. Then ChatGPT's format once more with five times as many, zipped:
the peak tells that it is read as a stream. Writes the table to bench/results/importers.md.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests import exports

ROUNDS = 3
TURNS = 10  # in a conversation
RESULTS = Path(__file__).parent / "results" / "importers.md"


# Where each export is written, by what, and the messages in one of what that is told the number of.
WRITERS: dict[str, tuple[str, Callable[[Path, int], int], int]] = {
    "jsonl": ("chat.jsonl", exports.jsonl, 2),
    "chatgpt": ("conversations.json", exports.chatgpt, 2 * TURNS),
    "claude": ("claude.json", exports.claude, 2 * TURNS),
    "llm": ("logs.db", exports.llm, 2 * TURNS),
    "jrnl": ("journal.json", exports.jrnl, 1),
    "markdown": ("vault", exports.vault, 3),
    "text": ("diary.txt", exports.diary, 1),
}


def written(key: str, path: Path, messages: int) -> int:
    """How many messages an export holds, which is written by another process.

    What this one has ever held counts as the peak of those that it starts.
    """
    _, write, each = WRITERS[key]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(write, (path, messages // each))


def run(path: Path, folder: Path) -> tuple[float, float]:
    """(seconds of processor, peak resident MB) of importing a file into a fresh home."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        command = [sys.executable, "-m", "ltm_cli", "--home", home, "import", str(path)]
        quiet = os.open(os.devnull, os.O_WRONLY)
        actions = [(os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)]
        process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
        os.close(quiet)
        _, status, used = os.wait4(process, 0)
        if status:
            raise SystemExit(f"{' '.join(command)}: status {os.waitstatus_to_exitcode(status)}")
        return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(messages: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = {key: folder / file for key, (file, _, _) in WRITERS.items()}
        counts = {key: written(key, path, messages) for key, path in paths.items()}
        measured: dict[str, list[tuple[float, float]]] = {key: [] for key in WRITERS}
        for _ in range(ROUNDS):
            for key, path in paths.items():
                measured[key].append(run(path, folder))
        rates = {
            key: counts[key] / statistics.median(seconds for seconds, _ in found)
            for key, found in measured.items()
        }
        lines = [
            "| format | messages | messages/s | against JSONL | peak MB | aim |",
            "|---|---:|---:|---:|---:|---|",
        ]
        for key in WRITERS:
            peak = max(one[1] for one in measured[key])
            lines.append(
                f"| {key} | {counts[key]:,} | {rates[key]:,.0f} |"
                f" {rates[key] / rates['jsonl']:.2f}× | {peak:.0f} | ≥ 5,000 |"
            )
        large = folder / "large.json"
        number = written("chatgpt", large, 5 * messages)
        archive = folder / "large.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.write(large, "conversations.json")
        size = large.stat().st_size / 1e6
        large.unlink()
        time, peak = run(archive, folder)
        lines.append(
            f"| chatgpt, {size:.0f} MB zipped | {number:,} | {number / time:,.0f} |"
            f" {number / time / rates['jsonl']:.2f}× | {peak:.0f} | ≥ 5,000 |"
        )
    table = "\n".join(lines)
    print(table)
    RESULTS.write_text(table + "\n", "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
