"""kill -9 while memories are written: what was acknowledged is there, and nothing is half there.

Each command is run to its end on a copy of the home, which tells what the home holds before and
after it. Then it is run on the home itself and killed: what is found then must be exactly the one
or the other, and the other where the command had printed its result. The home is never mended
between: the next command finds it as the kill left it.
"""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ltm_cli.features.importers import transfer
from tests.torture import homes
from tests.torture.homes import State
from tests.torture.operations import OPERATIONS, Operation, furnish
from tests.torture.process import NEVER, Kill, Ran, can_trace, run

LIFE = 40  # kills in one home
HOUR = 3600.0


@dataclass
class Killed:
    """What came of the kills of one operation."""

    kills: int = 0
    calls: int = 0  # of them at a system call
    whole: int = 0  # of them of a process of its own, Python's start included
    acknowledged: int = 0
    stored: int = 0  # not acknowledged, but there
    wrong: list[str] = field(default_factory=list)


def torture(kills: int, rng: random.Random) -> dict[str, Killed]:
    """Kill each operation in turn, `kills` times in all."""
    transfer.BATCH = 10  # so that an import takes several transactions
    found = {operation.name: Killed() for operation in OPERATIONS}
    turns = _turns(found)
    calls: dict[str, int] = {}  # of each operation, when it is not killed
    traced = can_trace()
    done = 0
    while done < kills:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            before = furnish(home)
            for _ in range(LIFE):
                operation = next(turns)
                result = found[operation.name]
                before, did = _once(home, operation, before, result, traced, calls, rng)
                done += did
                if len(before.ids) < 4 or done >= kills:
                    break
            for path in homes.temporaries(home):  # an hour later the next writer sweeps them
                os.utime(path, (time.time() - 2 * HOUR,) * 2)
            run(home, ["config", "set", "threads", "2", "--json"])
            run(home, ["bank", "warm", "--limit", "5", "--json"])
            run(home, ["learn", "--json"])
            result.wrong += [f"{path} stays" for path in homes.temporaries(home)]
            result.wrong += homes.look(home, finished=True)[1]
    return found


def _once(
    home: Path,
    operation: Operation,
    before: State,
    result: Killed,
    traced: bool,
    calls: dict[str, int],
    rng: random.Random,
) -> tuple[State, bool]:
    """Run an operation and kill it; returns the state after, and whether it was killed."""
    arguments = [*operation.arguments(rng, before), "--json"]
    with homes.copied(home) as copy:
        counted = traced and operation.name not in calls
        whole = run(copy, arguments, stdin=operation.stdin, kill=NEVER if counted else None)
        after, wrong = homes.look(copy, finished=True)
    result.wrong += [f"{arguments}, not killed: {one}" for one in wrong]
    if whole.status not in (0, 1):
        result.wrong.append(f"{arguments}: {whole.status} {whole.err.decode()}")
    if counted:
        calls[operation.name] = whole.calls
    kind = rng.choices(["call", "moment", "whole"], [6 if traced else 0, 3, 1])[0]
    if kind == "whole":
        ran = _whole_process(home, arguments, operation.stdin, rng)
    else:
        last = calls.get(operation.name, 0)  # what commits is in the last third
        call = rng.randint(rng.choice([1, 2 * last // 3]), last) if kind == "call" else None
        kill = Kill(call=call, after=rng.uniform(0, whole.seconds))
        ran = run(home, arguments, stdin=operation.stdin, kill=kill)
    now, wrong = homes.look(home)
    place = f"{arguments} killed ({kind})"
    result.wrong += [f"{place}: {one}" for one in wrong]
    acknowledged = _is_document(ran.out)
    between = operation.steps and not acknowledged and now.lies_between(before, after)
    between |= operation.beside and not acknowledged and now.rows == after.rows
    if now != after and (acknowledged or now != before) and not between:
        result.wrong.append(f"{place}: neither before nor after")
    if ran.status is not None:
        return now, False
    result.kills += 1
    result.calls += kind == "call"
    result.whole += kind == "whole"
    result.acknowledged += acknowledged
    result.stored += now != before and not acknowledged
    return now, True


def _whole_process(home: Path, arguments: list[str], stdin: bytes, rng: random.Random) -> Ran:
    """The real command, from the start of Python on."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
        given.write(stdin)
        given.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-m", "ltm_cli", *arguments],
            stdin=given, stdout=out, stderr=subprocess.DEVNULL, cwd=home,
            env=os.environ | {"LTM_HOME": str(home)},
        )  # fmt: skip
        delay = rng.uniform(0, 1.5 * _started())
        time.sleep(delay)
        child.kill()
        status = child.wait()
        out.seek(0)
        return Ran(None if status == -signal.SIGKILL else status, out.read(), b"", delay)


@functools.cache
def _started() -> float:
    """Seconds that the real command takes."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "ltm_cli", "--home", folder, "remember", "x"],
            check=True, capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    return time.perf_counter() - began


def _is_document(out: bytes) -> bool:
    try:
        json.loads(out)
    except ValueError:
        return False
    return True


def _turns(found: dict[str, Killed]) -> Iterator[Operation]:
    """Always the operation that was killed least."""
    while True:
        yield min(OPERATIONS, key=lambda operation: found[operation.name].kills)
