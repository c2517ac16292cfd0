"""One `ltm` command in a forked child of this process, which has imported everything already.

The child is a process like any other, with the program, SQLite and files as they are; a fork costs
a few milliseconds where a start of Python costs two hundred. It is killed with SIGKILL, either
some time after it began, or just before its n-th system call that changes a file or a lock, counted
by ptrace: no moment is too short to be hit.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import platform
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

NOW = "2024-06-10T20:00:00"
# write, pwrite64, writev, fsync, fdatasync, ftruncate, rename*, unlink*, mkdir*, fcntl, flock,
# fchmod*, chmod: by architecture.
_CHANGING = {
    "x86_64": {1, 18, 20, 74, 75, 77, 82, 264, 316, 87, 263, 83, 258, 72, 73, 90, 91, 268},
    "aarch64": {64, 68, 66, 82, 83, 46, 38, 276, 35, 34, 25, 32, 52, 53},
}.get(platform.machine(), set())
_TRACEME, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_TELL_SYSCALLS, _DIE_WITH_US = 0x1, 0x100000
_ENTRY = 1


@dataclass(frozen=True)
class Kill:
    """When: after so many seconds, or before the n-th call that changes something."""

    after: float | None = None
    call: int | None = None


NEVER = Kill(call=0)  # but count the calls


@dataclass(frozen=True)
class Ran:
    """A command that has ended. `status` is None when it was killed."""

    status: int | None
    out: bytes
    err: bytes
    seconds: float
    calls: int = 0  # that change something, where they were counted


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """The environment of the commands: a clock that stands still, a small model with a bank."""
    from tests import tiny

    kept = dict(os.environ)
    for name in kept:
        if name.startswith("LTM_"):
            del os.environ[name]
    _preload()
    with tempfile.TemporaryDirectory() as folder:
        model = tiny.write(Path(folder) / "model.gguf", "llama")
        os.environ |= {"LTM_MODEL": str(model), "LTM_NOW": NOW}
        yield
    os.environ.clear()
    os.environ |= kept


def _preload() -> None:
    """Import what any command could import, so that a child has nothing left to load."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads must not fork
    from ltm_cli.cli.commands import COMMANDS

    for module in dict.fromkeys(COMMANDS.values()):
        importlib.import_module(f"ltm_cli.cli.{module}")
    for path in sorted(Path(importlib.import_module("ltm_cli").__path__[0]).rglob("*.py")):
        if path.stem not in ("__main__", "library") and path.parent.name != "ltm_cli":
            name = ".".join(path.parts[path.parts.index("ltm_cli") :]).removesuffix(".py")
            importlib.import_module(name.removesuffix(".__init__"))
    for name in ("numpy", "tomlkit", "sqlite_utils", "llama_cpp", "ltm_cli.llm.backend"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def run(
    home: Path,
    arguments: list[str],
    *,
    stdin: bytes = b"",
    kill: Kill | None = None,
    first: Callable[[], None] = lambda: None,
) -> Ran:
    """Run `ltm ARGUMENTS` on a home; `first` is called in the child before the command."""
    sys.stdout.flush()
    sys.stderr.flush()
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        given.write(stdin)
        given.seek(0)
        traced = kill is not None and kill.call is not None
        began = time.perf_counter()
        child = os.fork()
        if child == 0:
            _command(home, arguments, (given, out, err), first, traced)
        if kill is not None and kill.call is not None:
            status, calls = _killed_at(child, kill.call)
        else:
            status, calls = _waited(child, kill), 0
        seconds = time.perf_counter() - began
        out.seek(0)
        err.seek(0)
        ended = os.waitstatus_to_exitcode(status)
        if ended < 0 and ended != -signal.SIGKILL:
            raise AssertionError(f"{arguments} died of signal {-ended}")
        return Ran(ended if ended >= 0 else None, out.read(), err.read(), seconds, calls)


def can_trace() -> bool:
    """Whether system calls can be counted here: Linux, of an architecture whose numbers we know."""
    if sys.platform != "linux" or not _CHANGING:
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if _ptrace(_TRACEME) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _command(
    home: Path,
    arguments: list[str],
    streams: tuple[IO[bytes], IO[bytes], IO[bytes]],
    first: Callable[[], None],
    traced: bool,
) -> None:
    """The whole life of the child; never returns."""
    status: object = 70
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream.fileno(), number)
        sys.argv = ["ltm", *arguments]
        os.environ["LTM_HOME"] = str(home)
        if home.exists():
            os.chdir(home)
        first()
        if traced:
            _ptrace(_TRACEME)
            os.kill(os.getpid(), signal.SIGSTOP)
        from ltm_cli.cli import main

        try:
            main()
            status = 0
        except SystemExit as exit:
            status = exit.code
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status if isinstance(status, int) else 70)


def _waited(child: int, kill: Kill | None) -> int:
    if kill is not None and kill.after is not None:
        time.sleep(kill.after)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _killed_at(child: int, call: int) -> tuple[int, int]:
    """(status, changing calls) of a child that is killed before the n-th of them."""
    _, status = os.waitpid(child, 0)
    _ptrace(_SETOPTIONS, child, 0, _TELL_SYSCALLS | _DIE_WITH_US)
    about = (ctypes.c_uint64 * 16)()
    deliver = calls = 0
    while not os.WIFEXITED(status) and not os.WIFSIGNALED(status):
        _ptrace(_SYSCALL, child, 0, deliver)
        _, status = os.waitpid(child, 0)
        if not os.WIFSTOPPED(status):
            break
        stopped = os.WSTOPSIG(status)
        deliver = 0 if stopped == signal.SIGTRAP | 0x80 else stopped
        if deliver:
            continue
        _ptrace(_GET_SYSCALL_INFO, child, ctypes.sizeof(about), ctypes.addressof(about))
        # {u8 op, …; u64 instruction, u64 stack; u64 number of the call, …}
        if about[0] & 0xFF == _ENTRY and about[3] in _CHANGING:
            calls += 1
            if calls == call:
                os.kill(child, signal.SIGKILL)
                _, status = os.waitpid(child, 0)
    return status, calls


def _ptrace(request: int, child: int = 0, address: int = 0, data: int = 0) -> int:
    ptrace = ctypes.CDLL(None, use_errno=True).ptrace
    ptrace.restype = ctypes.c_long
    ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    return int(ptrace(request, child, address, data))
