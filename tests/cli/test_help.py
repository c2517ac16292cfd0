"""`ltm help`: the man page is valid and whole, and what the topics say is so."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ltm_cli.cli.topics import SHAPES
from ltm_cli.core.errors import MEANING, Exit, LtmError
from ltm_cli.core.settings import KEYS, VARIABLES
from tests.commands import leaves
from tests.conftest import Ltm

PACKAGE = Path(__file__).parents[2] / "ltm_cli"
# Not for the person to set: what shells ask with, and what is told to others.
INTERNAL = {
    "_LTM_COMPLETE",
    "COLUMNS",
    "HF_HUB_DISABLE_TELEMETRY",
    "GGML_NO_BACKTRACE",
    "ANDROID_DATA",
}


def test_help_of_commands(ltm: Ltm) -> None:
    assert ltm("help").stdout == ltm("--help").stdout
    for words in (["remember"], ["task", "add"], ["facts"], ["help"]):
        assert ltm("help", *words).stdout == ltm(*words, "--help").stdout
    assert ltm.json("help", "recall")["text"] in ltm("recall", "--help").stdout
    for words in (["nonsense"], ["task", "nonsense"], ["recall", "x"], ["recall", "--man"]):
        assert "Traceback" not in ltm("help", *words, status=2).stderr
    assert not ltm.home.exists()


def test_every_exit_status_is_explained(ltm: Ltm) -> None:
    assert list(MEANING) == list(Exit)
    told = ltm.json("help", "exit-codes")["rows"]
    for error in LtmError.__subclasses__():
        assert str(int(error.exit)) in told
    assert ltm("help", "exit-codes").stdout.startswith("0\tdone\n1\tnothing found")


def test_every_variable_that_is_read_is_explained(ltm: Ltm) -> None:
    told = {
        name.strip()
        for names in (*VARIABLES, *(key.variable for key in KEYS.values()))
        for name in names.split(",")
    }
    read = set(re.findall(r"\bLTM_[A-Z_]+\b", " ".join(sources())))
    for text in sources():
        read |= set(re.findall(r"""environ(?:\.get\(|\[)["']([A-Z_]+)["']""", text))
        read |= set(re.findall(r"""["']([A-Z_]+)["'] (?:not )?in os\.environ""", text))
    assert read - INTERNAL - {"LTM_COMPLETE"} <= told
    for name in told - {""}:
        assert any(re.search(rf"\b{name}\b", text) for text in sources()), f"{name} is not read"
    shown = ltm("help", "environment").stdout
    assert all(name in shown for name in told)


def sources() -> list[str]:
    return [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]


def keys(shape: str) -> set[str]:
    return set(re.findall(r'"(\w+)"', shape))


def test_json_is_of_the_shape_that_is_told(ltm: Ltm) -> None:
    record = keys(SHAPES["record"])
    assert set(ltm.json("remember", "Took Mochi to the vet 🐈", "--at", "2023-06-10")) == record
    for month in range(1, 6):
        ltm("remember", "买了猫粮", "--at", f"2024-0{month}-12")
    ltm("task", "add", "Send the report", "--due", "2024-06-12")
    ltm("facts", "set", "me", "home", "Lisbon")
    for words in (["show", "1"], ["edit", "1", "Took Mochi to the vet 🐈🐈"]):
        assert set(ltm.json(*words)) == record
    for words in (["list"], ["export"]):
        assert set(ltm.json(*words)[0]) == record
    assert set(ltm.json("recall", "vet")[0]) == record | keys(SHAPES["recall"])
    batch = ltm("recall", "--batch", "-", stdin='{"qid": 1, "query": "vet"}').stdout
    assert set(json.loads(batch)) == keys(SHAPES["recall --batch"].partition("writes")[2])
    asked = ltm.json("ask", "Where did I take Mochi?", "--no-llm")
    assert set(asked) == keys(SHAPES["ask"])
    assert set(asked["sources"][0]) == keys(SHAPES["ask: sources"])
    assert set(asked["timings"]) == keys(SHAPES["ask: timings"])
    today = ltm.json("today")
    assert set(today) == keys(SHAPES["today"])
    assert set(today["due"][0]) >= keys(SHAPES["today: due"])
    assert set(today["predicted"][0]) >= keys(SHAPES["today: predicted"])
    for command in ("task list", "habits", "facts"):
        assert set(ltm.json(*command.split())[0]) >= keys(SHAPES[command])
    ranked = ltm.json("recommend", stdin="皇家猫粮 大包装\nopera tickets")
    assert set(ranked[0]) == keys(SHAPES["recommend"])


def test_the_man_page_has_every_command(ltm: Ltm) -> None:
    page = ltm("help", "--man").stdout
    assert page.startswith('.TH LTM 1 "" "ltm ')
    for name in (*leaves(), "facts", "serve"):
        assert re.search(rf"^\.SS ltm {name}( |$)", page, re.MULTILINE), name
    for line in page.splitlines():  # nothing of a help is taken for a macro
        assert line[:1] != "'"
        assert line[:1] != "." or re.match(r"\.(TH|SH|SS|PP|TP|nf|fi|B|BR)\b", line), line


def test_the_man_page_is_valid(ltm: Ltm, tmp_path: Path) -> None:
    page = tmp_path / "ltm.1"
    page.write_text(ltm("help", "--man").stdout, "utf-8")
    checkers = (
        ["groff", "-man", "-Tutf8", "-K", "utf8", "-ww", "-z", str(page)],
        ["mandoc", "-T", "lint", "-W", "error", str(page)],
        ["man", "--warnings", "-l", str(page)],
    )
    installed = [checker for checker in checkers if shutil.which(checker[0])]
    if not installed:
        pytest.skip("no groff, mandoc or man here")
    for checker in installed:
        done = subprocess.run(checker, capture_output=True, text=True, check=True)
        assert done.stderr == "", done.stderr
    if installed[-1][0] == "man":
        assert "天气" in done.stdout
        assert "ltm task add" in done.stdout


def test_no_command_takes_a_user_and_ignores_it() -> None:
    users = set()
    for name, command in leaves().items():
        if any(one.name == "user" for one in command.params):
            users.add(name)
            body = ast.parse(inspect.getsource(inspect.unwrap(command.callback))).body[0]
            assert isinstance(body, ast.FunctionDef)
            used = {
                one.id for part in body.body for one in ast.walk(part) if isinstance(one, ast.Name)
            }
            assert "user" in used, name
    assert {"remember", "facts list", "task done", "bank warm", "mcp"} <= users
    assert not {"path", "backup", "config get", "model list", "serve stop", "help"} & users
