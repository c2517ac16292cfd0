"""Waiting for what can be seen, where a signal must not come before it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping

Seen = Callable[[], object]


def until(seen: Seen, seconds: float = 60) -> None:
    """Return as soon as something is so; raises AssertionError if it does not come to that."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "what was waited for did not happen"
        time.sleep(0.002)


def killed_when(seen: Seen, environment: Mapping[str, str], *arguments: str) -> bool:
    """Run `ltm ARGUMENTS` and kill it as soon as something is so; whether it had not ended yet."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", *arguments], env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until(lambda: seen() or process.poll() is not None)
    process.kill()
    return process.wait() < 0
