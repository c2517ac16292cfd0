"""A disk that is full: a command is done whole, or says so and leaves everything as it was.

`python -m tests.torture.full` runs where it may mount a small tmpfs of its own (`unshare -rm` gives
any user such a place); elsewhere no file may grow beyond a limit, which SQLite meets in the same
calls. Each command is tried with every page more of free space until it succeeds, then again with
space enough on what the failures have left.
"""

from __future__ import annotations

import contextlib
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.torture import homes
from tests.torture.operations import OPERATIONS, Operation, furnish
from tests.torture.process import Ran, prepared, run

PAGE = 4096
SIZE = 8 << 20  # bytes of the disk
IN_NAMESPACE = ("unshare", "--map-root-user", "--mount")


@dataclass
class Full:
    """What came of it. `refused` tries ended with status 3, the others succeeded."""

    disk: str = ""
    tries: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def torture(step: int, seed: int) -> Full:
    """Try all operations with 1, 1 + `step`, 1 + 2 `step`, … pages of free space, in a process."""
    arguments = [sys.executable, "-m", "tests.torture.full", str(step), str(seed)]
    mounts = shutil.which(IN_NAMESPACE[0]) is not None and (
        subprocess.run([*IN_NAMESPACE, "true"], capture_output=True).returncode == 0
    )
    done = subprocess.run(
        [*IN_NAMESPACE, *arguments, "mount"] if mounts else arguments,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    return Full(**json.loads(done.stdout))


def _tried(step: int, rng: random.Random, disk: Path, mounted: bool) -> Full:
    found = Full("a tmpfs" if mounted else "files of limited size")
    home = disk / "home"
    with tempfile.TemporaryDirectory() as folder:
        furnished = Path(folder) / "home"
        before = furnish(furnished)
        for operation in OPERATIONS:
            arguments = [*operation.arguments(rng, before), "--json"]
            with homes.copied(furnished) as copy:
                enough = run(copy, arguments, stdin=operation.stdin)
                after, _ = homes.look(copy)
            assert enough.status == 0, enough
            pages, ran = 1, None  # with none the limit would hold for what is printed, too
            while ran is None or ran.status:
                shutil.rmtree(home, ignore_errors=True)
                shutil.copytree(furnished, home)
                with _left(disk, pages * PAGE) if mounted else _limited(pages * PAGE) as first:
                    ran = run(home, arguments, stdin=operation.stdin, first=first)
                found.tries += 1
                found.refused += ran.status == 3
                place = f"{arguments} with {pages} pages free"
                judged = _judged(home, operation, ran, before, after)
                found.wrong += [f"{place}: {one}" for one in judged]
                again = run(home, arguments, stdin=operation.stdin)
                if again.status not in (0, 1):
                    found.wrong.append(f"{place}, then enough: {again.err.decode()}")
                pages += step
    return found


def _judged(
    home: Path, operation: Operation, ran: Ran, before: homes.State, after: homes.State
) -> Iterator[str]:
    """What is wrong after a command that ran on a disk with little space."""
    state, wrong = homes.look(home)
    yield from wrong
    if left := homes.temporaries(home):
        yield f"{left} are left"
    if ran.status == 0:
        if state != after:
            yield "said done, and is not"
        return
    message = ran.err.decode()
    if ran.status != 3 or len(message.splitlines()) != 2 or not message.startswith("ltm: "):
        yield f"status {ran.status}: {message[-500:]}"
    if state != before and not (operation.steps and state.lies_between(before, after)):
        yield f"said {message!r}, and something is changed"


@contextlib.contextmanager
def _left(disk: Path, space: int) -> Iterator[Callable[[], None]]:
    """So many bytes are free on the disk."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        free = shutil.disk_usage(disk).free
        file.write(bytes(max(0, free - space)))
    yield lambda: None
    ballast.unlink()


@contextlib.contextmanager
def _limited(space: int) -> Iterator[Callable[[], None]]:
    """No file grows beyond so many bytes."""
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (space, space))


def main() -> None:
    mounted = sys.argv[3:] == ["mount"]
    with prepared(), tempfile.TemporaryDirectory() as disk:
        if mounted:
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", disk], check=True
            )
        found = _tried(int(sys.argv[1]), random.Random(sys.argv[2]), Path(disk), mounted)
        if mounted:
            subprocess.run(["umount", disk], check=True)
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
