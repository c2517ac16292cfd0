"""A command that tests run in their own process does what it does in one of its own."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.command_line import Ltm, Process

# Commands on one home, in this order: their words, standard input, variables.
STORY: list[tuple[list[str], str | bytes | None, dict[str, str]]] = [
    (["--help"], None, {"COLUMNS": "120"}),
    (["remember", "The wifi password of the cabin is heron-42 🏡", "--at", "昨天"], None, {}),
    (["remember"], "piped 第二行\n", {"LTM_USER": "ana"}),
    (["remember", "-"], b"\xff\xfe not text", {}),
    (["remember", "x\udcff"], None, {}),
    (["remember", "at three", "--at", "2024-05-01T12:00+00:00"], None, {"TZ": "Asia/Tokyo"}),
    (["recall", "cabin wifi", "--explain"], None, {}),
    (["recall", "--nonsense"], None, {}),
    (["today"], None, {"LC_ALL": "zh_CN.UTF-8"}),
    (["suggest", "The wifi"], None, {}),
    (["show", ""], None, {"_LTM_COMPLETE": "complete_zsh"}),
    (["chat", "--no-llm"], "Who sends the report?\n+ 买了猫粮\n", {}),
    (["ask", "x", "--model", "/nowhere.gguf"], None, {}),
    (["config", "list"], None, {"LTM_THREADS": "3"}),
    (["encrypt", "--key-file", "KEY"], None, {}),
    (["list", "--json"], None, {}),
    (["list"], None, {"LTM_KEY_FILE": "/nowhere"}),  # what was learned of the key is forgotten
]


def test_a_command_run_here_does_what_it_does_in_a_process(tmp_path: Path) -> None:
    outcomes = []
    for kind in (Ltm, Process):
        folder = tmp_path / kind.__name__
        folder.mkdir()
        ltm = kind(folder / "home")
        told = []
        for words, stdin, environment in STORY:
            arguments = [str(folder / "key") if word == "KEY" else word for word in words]
            given = stdin.encode() if isinstance(stdin, str) else stdin
            done = ltm.run(arguments, given, ltm.environment | environment)
            out, err = (
                stream.decode().replace(str(folder), "FOLDER")
                for stream in (done.stdout, done.stderr)
            )
            told.append((words, environment, done.returncode, out, err))
        outcomes.append(told)
    for here, there in zip(*outcomes, strict=True):
        assert here == there
    assert {status for _, _, status, _, _ in outcomes[0]} == {0, 1, 2, 3, 4, 5}


def test_nothing_of_a_command_is_left_here(ltm: Ltm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        names = ("argv", "stdin", "stdout", "stderr", "__stdout__", "excepthook")
        before = dict(os.environ), [getattr(sys, name) for name in names], time.tzname
        ltm("remember", "x", TZ="America/New_York")
        ltm("show", "2", status=1)
        ltm("--nonsense", status=2)
        assert (dict(os.environ), [getattr(sys, name) for name in names], time.tzname) == before
    finally:
        monkeypatch.undo()
        time.tzset()
