"""Some of what `make torture` does at length; each part in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", ["kills", "full", "writers"])
def test_nothing_is_lost(part: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", "--size", "middle", part],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("| 0 |") == len(done.stdout.splitlines()) - 2
