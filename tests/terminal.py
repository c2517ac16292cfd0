"""A real shell on a terminal of its own, typed into as a person would."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import monotonic

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # with the `ltm` of these tests
ROOT = Path(__file__).parent.parent
PROMPT = "ready> "


class Terminal:
    """A shell that waits for keys; `with` ends it."""

    def __init__(
        self, shell: str, environment: Mapping[str, str], folder: Path | None = None
    ) -> None:
        self._leader, follower = pty.openpty()
        self._process = subprocess.Popen(
            SHELLS[shell],
            cwd=folder,
            env={
                **environment, "PATH": PATH, "PYTHONPATH": str(ROOT), "TERM": "dumb", "PS1": PROMPT
            },
            stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
            preexec_fn=partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0),  # fish wants to control it
        )  # fmt: skip
        os.close(follower)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(10)
        os.close(self._leader)

    def type(self, keys: str) -> None:
        os.write(self._leader, keys.encode())

    def until(self, text: str, seconds: float = 30) -> str:
        """What the terminal shows, up to some text; raises AssertionError if that never comes."""
        seen, end = b"", monotonic() + seconds
        while text.encode() not in seen:
            ready = select.select([self._leader], [], [], max(0.0, end - monotonic()))[0]
            assert ready, f"no {text!r} in {seen.decode('utf-8', 'replace')!r}"
            seen += os.read(self._leader, 65536)
        return seen.decode("utf-8", "replace")

    def quiet(self, seconds: float = 0.7) -> str:
        """What the terminal shows until it has shown nothing new for a while."""
        seen = b""
        while not seen.strip() or select.select([self._leader], [], [], seconds)[0]:
            seen += os.read(self._leader, 65536)
        return seen.decode("utf-8", "replace")
