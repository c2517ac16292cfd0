"""Nothing leaves the machine, and nobody else reads what is kept: every command, in real processes.

All commands run with the umask that hides nothing, and with a Python that refuses every socket.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import leaves
from tests.conftest import NOW

pytestmark = pytest.mark.xdist_group("every command")  # which are run once

# What may open a connection.
NETWORK = {"model pull"}
# Each command as it is run here: a new one has to be added, or listed above.
RUN: dict[str, list[str]] = {
    "remember": ["The wifi password of the cabin is heron-42. 小屋 🍰"],
    "recall": ["cabin wifi"],
    "ask": ["What is the wifi password of the cabin?"],
    "chat": ["--no-llm"],
    "task add": ["send the report", "--due", "2024-06-12"],
    "today": [],
    "task list": [],
    "task snooze": ["ID", "--until", "3d"],
    "task done": ["ID"],
    "task reopen": ["ID"],
    "task drop": ["ID"],
    "habits": [],
    "list": [],
    "show": ["1"],
    "edit": ["1", "The wifi password of the cabin is crane-17. 小屋 🍰"],
    "forget": ["ID", "--now", "--yes"],
    "undo": [],
    "facts list": [],
    "facts set": ["cabin", "colour", "red"],
    "facts find": [],
    "facts history": ["cabin"],
    "facts why": ["FACT"],
    "import": ["LINES"],
    "profile": [],
    "recommend": [],
    "facts drop": ["FACT"],
    "style learn": ["FILE"],
    "style show": [],
    "style avoid": ["synergy"],
    "write": ["say that I am late"],
    "suggest": ["The wifi"],
    "feedback": ["1", "good", "--question", "cabin?"],
    "learn": [],
    "read": ["FILE"],
    "export": [],
    "bank status": [],
    "bank warm": ["--limit", "1"],
    "bank clear": [],
    "model list": [],
    "model use": ["bundled"],
    "model info": [],
    "doctor": [],
    "path": [],
    "config list": [],
    "config get": ["threads"],
    "config set": ["threads", "2"],
    "config unset": ["threads"],
    "completion": ["bash"],
    "help": ["--man"],
    "timeline": [],
    "model remove": ["nothing.gguf"],
    "serve status": [],
    "serve stop": [],
    "mcp": [],
    "backup": ["BACKUP"],
    "restore": ["BACKUP", "--yes"],
    "encrypt": ["--key-file", "KEY"],
    "decrypt": ["--yes"],
}
# What ends with another status than 0, for there is nothing to show or to do.
NOTHING = {"habits", "config get", "model remove", "serve status", "serve stop", "facts find"}
_REFUSING = """
import os, sys
def refuse(event, arguments):
    if event in ("socket.gethostname", "socket.__new__") or not event.startswith("socket."):
        return
    if getattr(arguments[0], "family", None) != 1:  # AF_UNIX is no network
        with open(os.environ["TRIED"], "a") as file:
            file.write(f"{event} {arguments}\\n")
        raise OSError("no network here")
sys.addaudithook(refuse)
"""


class Private:
    """A home on which every command was run, and what came of it."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.home, self.tried = folder / "home", folder / "tried"
        site = folder / "site"
        site.mkdir()
        (site / "sitecustomize.py").write_text(_REFUSING)
        self.environment = {
            "PATH": os.environ["PATH"], "LTM_HOME": str(self.home), "LTM_NOW": NOW,
            "LANG": "C.UTF-8", "TRIED": str(self.tried), "LTM_MODEL": str(model),
            "PYTHONPATH": f"{site}{os.pathsep}{Path(__file__).parents[2]}",
        }  # fmt: skip
        self.before: list[str] = []
        unshare = shutil.which("unshare")
        alone = [unshare, "--map-root-user", "--net"] if unshare else []
        works = alone and subprocess.run([*alone, "true"], capture_output=True).returncode == 0
        self.before = [str(part) for part in alone] if works else []

    def __call__(self, *arguments: str, umask: int = 0) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*self.before, sys.executable, "-m", "ltm_cli", *arguments],
            env=self.environment, input=b"Where is the cabin?\n", capture_output=True, umask=umask,
        )  # fmt: skip


def open_to_others(home: Path) -> list[str]:
    """What others than the owner may read, write or enter."""
    return [
        f"{stat.filemode(path.stat().st_mode)} {path}"
        for path in (home, *home.rglob("*"))
        if path.stat().st_mode & 0o077
    ]


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory, tiny_gguf: Path) -> Private:
    """Every command, run once and to its end."""
    folder = tmp_path_factory.mktemp("private")
    run = Private(folder, tiny_gguf)
    text, lines = folder / "own.txt", folder / "lines.jsonl"
    text.write_text("Dear Ana,\n\nthe cabin is red. 小屋。\n\nBest, Tom\n", "utf-8")
    lines.write_text('{"text": "I love hiking 我喜欢爬山"}\n', "utf-8")
    first = run("remember", RUN["remember"][0], "--json")
    assert first.returncode == 0, first.stderr
    for name, arguments in RUN.items():
        given = {"FILE": str(text), "LINES": str(lines)}
        given |= {"BACKUP": str(folder / "saved.db"), "KEY": str(folder / "key")}
        if "ID" in arguments:
            made = run("task", "add", f"send what {name} needs", "--json")
            given["ID"] = str(json.loads(made.stdout)["id"])
        if "FACT" in arguments:
            [fact, *_] = json.loads(run("facts", "list", "--json").stdout)
            given["FACT"] = str(fact["id"])
        done = run(*name.split(), *(given.get(one, one) for one in arguments))
        assert done.returncode == (name in NOTHING), (name, done.stderr)
        assert b"Traceback" not in done.stderr, (name, done.stderr)
        assert open_to_others(run.home) == [], name
    return run


def test_every_command_is_run() -> None:
    assert RUN.keys() == leaves().keys() - NETWORK


def test_no_command_opens_a_connection(private: Private) -> None:
    assert not private.tried.exists(), private.tried.read_text()
    refused = [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9))"]
    assert subprocess.run(refused, env=private.environment, capture_output=True).returncode
    assert "socket." in private.tried.read_text()  # the guard sees what it is there for
    private.tried.unlink()


def test_everything_is_readable_by_its_owner_alone(private: Private) -> None:
    private("remember", "Lena recommended the book Pattern Recognition by Bishop.")
    private("ask", "--new", "Which book did Lena recommend?", "--reader", "fused")
    private("config", "set", "threads", "2")
    names = {path.name for path in private.home.rglob("*")}
    assert {"memory.db", "config.toml", "bank", "used.json", "models.json"} <= names
    assert open_to_others(private.home) == []


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_home_is_private_while_it_is_written(
    umask: int, tmp_path: Path, tiny_gguf: Path
) -> None:
    run = Private(tmp_path, tiny_gguf)
    assert run("remember", "one", umask=umask).returncode == 0
    (run.home / "memory.db").chmod(0o644)  # as a careless copy leaves it
    command = [sys.executable, "-m", "ltm_cli", "chat", "--no-llm"]
    with subprocess.Popen(
        command, env=run.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, umask=umask
    ) as chat:
        assert chat.stdin is not None
        assert run("remember", "two", umask=umask).returncode == 0  # the log is there meanwhile
        found = open_to_others(run.home)
        chat.stdin.close()
    assert found == []
    assert stat.S_IMODE((run.home / "memory.db").stat().st_mode) == 0o600
