"""What tests share: a home of their own, and the real `ltm` in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from ltm_cli.core.settings import Settings
from ltm_cli.session import Session
from ltm_cli.storage.sqlite.store import SqliteStore

settings.register_profile("long", max_examples=5000)

NOW = "2024-06-10T20:00:00"

# A job in the background of a shell ignores Ctrl-C, and so would everything that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[SqliteStore]:
    """The memory of `me` under the home, empty, opened to be written."""
    with Session(Settings(home), "me", write=True) as session:
        yield session.store


class Ltm:
    """Runs `ltm ARGUMENTS` on one home and returns the finished process, its output as text."""

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
    ) -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, "-m", "ltm_cli", *arguments],
            env=self.environment | environment,
            capture_output=True,
            **({"stdin": subprocess.DEVNULL} if data is None else {"input": data}),
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def json(self, *arguments: str, **options: Any) -> Any:
        return json.loads(self(*arguments, "--json", **options).stdout)


@pytest.fixture
def ltm(home: Path) -> Ltm:
    return Ltm(home)


@pytest.fixture
def weather(ltm: Ltm) -> Ltm:
    """The two exchanges of user456."""
    for question, answer, at in EXCHANGES:
        ltm("remember", "-Q", question, "-A", answer, "--at", at, "--user", "user456")
    return ltm


EXCHANGES = (
    ("明天上海天气如何？", "明天上海阴转小雨，气温18-22℃，建议带伞。", "2024-05-10 09:30"),
    ("那适合穿什么衣服？", "建议穿薄外套+长袖T恤，避免淋雨着凉。", "2024-05-10 09:32"),
)

Run = Callable[..., subprocess.CompletedProcess[str]]
