"""The real command line, run by tests on a home of their own.

`Ltm` runs it in this process, `Process` in one of its own. Both take the same arguments and give
the same result; a process costs a third of a second more. It is for what only a process has:
signals, locks between processes, what is imported, an address space that may be killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import IO, Any

import ltm_cli
from ltm_cli import cli
from ltm_cli.storage.sqlite import driver, key_provider

NOW = "2024-06-10T20:00:00"

Done = subprocess.CompletedProcess  # of bytes as it was run, of text as tests see it


class Ltm:
    """Runs `ltm ARGUMENTS` on one home and returns what came of it, its output as text."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "LTM_HOME": str(home),
            "LTM_NOW": NOW,
            "PYTHONWARNINGS": "error,ignore::ResourceWarning",  # llama_cpp leaves /dev/null open
            "LANG": "C.UTF-8",
        }

    def __call__(
        self, *arguments: str, stdin: str | bytes | None = None, status: int = 0, **environment: str
    ) -> Done[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = self.run(arguments, data, self.environment | environment)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        return Done(done.args, done.returncode, out, err)

    def json(self, *arguments: str, **options: Any) -> Any:
        return json.loads(self(*arguments, "--json", **options).stdout)

    def run(
        self, arguments: Sequence[str], stdin: bytes | None, environment: Mapping[str, str]
    ) -> Done[bytes]:
        """One command; `stdin` None is /dev/null."""
        return run_here(arguments, stdin, environment)

    def on_a_terminal(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """The exit status, and what is shown by a command whose three streams are a terminal."""
        return run_on_a_terminal(arguments, self.environment | environment)


class Process(Ltm):
    """The same, each command in a process of its own."""

    def run(
        self, arguments: Sequence[str], stdin: bytes | None, environment: Mapping[str, str]
    ) -> Done[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "ltm_cli", *arguments],
            env=environment,
            capture_output=True,
            **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
        )


def run_here(
    arguments: Sequence[str], stdin: bytes | None, environment: Mapping[str, str]
) -> Done[bytes]:
    """Run a command line by its entry point, as nearly like a process as this one can be."""
    with (
        tempfile.TemporaryFile() if stdin is not None else Path(os.devnull).open("rb") as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        if stdin is not None:
            given.write(stdin)
            given.seek(0)
        with _standing_in(arguments, environment, given, out, err):
            status = _status()
            if localized := sys.modules.get("ltm_cli.cli.localize"):
                localized.restore()  # a process takes its Chinese help with it
        written = []
        for file in (out, err):
            file.seek(0)
            written.append(file.read())
    return Done(["ltm", *arguments], status, *written)


def run_on_a_terminal(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit status, and what a terminal shows of a command that is run in this process.

    Whatever it asks is answered by Ctrl-D.
    """
    leader, follower = pty.openpty()
    shown = bytearray()

    def look() -> None:
        with contextlib.suppress(OSError):  # how Linux says that the other side is closed
            while part := os.read(leader, 65536):
                shown.extend(part)
                if shown.endswith((b"> ", b": ")):  # it asks, or waits for a line
                    os.write(leader, b"\x04")

    watching = threading.Thread(target=look)
    watching.start()
    with (
        os.fdopen(follower, "rb", buffering=0) as given,
        os.fdopen(os.dup(follower), "wb") as out,
        os.fdopen(os.dup(follower), "wb") as err,
        _standing_in(arguments, environment, given, out, err),
    ):
        status = _status()
    watching.join()
    os.close(leader)
    return status, shown.decode()


def _status() -> int:
    """The exit status of the command line in sys.argv."""
    try:
        cli.main()
    except SystemExit as left:
        return int(left.code or 0)
    except Exception:  # as Python does at the top of a process
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def _standing_in(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    stdin: IO[bytes],
    stdout: IO[bytes],
    stderr: IO[bytes],
) -> Iterator[None]:
    """Meanwhile this process has the arguments, variables and streams of another, and its age."""
    before = dict(os.environ)
    kept = {name: getattr(sys, name) for name in ("argv", "excepthook", *_STREAMS)}
    started = ltm_cli.STARTED
    streams = [
        io.TextIOWrapper(stdin, "utf-8", "surrogateescape"),
        io.TextIOWrapper(stdout, "utf-8", "surrogateescape", line_buffering=stdout.isatty()),
        io.TextIOWrapper(stderr, "utf-8", "backslashreplace", line_buffering=True),
    ]
    _forget_keys()
    _replace_environment(environment)
    try:
        sys.argv = ["ltm", *arguments]
        for name, stream in zip(_STREAMS, streams * 2, strict=True):
            setattr(sys, name, stream)
        ltm_cli.STARTED = perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ResourceWarning)
            warnings.filterwarnings("ignore", "This process .* is multi-threaded")  # see pyproject
            yield
    finally:
        for stream in streams:
            with contextlib.suppress(ValueError, OSError):  # closed by the command, or a full disk
                stream.flush()
                stream.detach()
        for name, value in kept.items():
            setattr(sys, name, value)
        ltm_cli.STARTED = started
        _replace_environment(before)


_STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")


def _replace_environment(environment: Mapping[str, str]) -> None:
    zone = os.environ.get("TZ")
    os.environ.clear()
    os.environ.update(environment)
    if zone != environment.get("TZ"):
        time.tzset()


def _forget_keys() -> None:
    """What a process has learned of encrypted stores, a new one has to find out."""
    driver._encrypted.clear()
    key_provider._known.clear()
