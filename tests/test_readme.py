"""The README is true: its transcript, tables and help are what the program prints.

`python -m tests.test_readme` writes them into it again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ltm_cli.cli.app import COMMANDS
from tests.conftest import NOW

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SUBCOMMANDS = {
    "model": ("list", "pull", "use", "info", "remove"),
    "bank": ("status", "warm", "clear"),
    "facts": ("list", "set", "find", "drop", "history", "why"),
    "style": ("learn", "show", "avoid"),
    "serve": ("", "status", "stop"),
    "config": ("list", "get", "set", "unset"),
    "task": ("add", "list", "done", "drop", "reopen", "snooze"),
}


def ltm(arguments: str, home: str) -> str:
    """What a person sees of a command typed in a shell: stdout and stderr together."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LTM_HOME": home,
        "LTM_NOW": NOW, "COLUMNS": "80", "LANG": "C.UTF-8", "TZ": "UTC",
    }  # fmt: skip
    return subprocess.run(
        ["bash", "-c", arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    ).stdout  # fmt: skip


def transcript(block: str) -> str:
    """The commands of a ```console block with what they print now, in one fresh home."""
    with tempfile.TemporaryDirectory() as home:
        typed = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
        return "".join(f"$ {command}\n{ltm(command, home)}" for command in typed)


def helps() -> str:
    """The help of every command, as the README shows it."""
    with tempfile.TemporaryDirectory() as home:
        sections = []
        for command in COMMANDS:
            names = [f"{command} {sub}".strip() for sub in SUBCOMMANDS.get(command, ())] or [
                command
            ]
            for name in names:
                sections.append(
                    f"### ltm {name}\n\n```text\n{ltm(f'ltm {name} --help', home)}```\n"
                )
        return "\n".join(sections)


def topic(name: str) -> str:
    """A topic of `ltm help` as a table."""
    with tempfile.TemporaryDirectory() as home:
        rows = json.loads(ltm(f"ltm help {name} --json", home))["rows"]
    names = {"exit-codes": "status", "environment": "variable"}
    head = f"| {names[name]} | meaning |\n|---|---|\n"
    return head + "".join(f"| {_code(key)} | {meaning} |\n" for key, meaning in rows.items())


def _code(key: str) -> str:
    return key if key.isdecimal() else ", ".join(f"`{one}`" for one in key.split(", "))


def section(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {re.escape(name)} -->\n).*?(?=<!-- end -->)", re.DOTALL)


CONSOLE = re.compile(r"(?<=```console\n).*?(?=```\n)", re.DOTALL)


def refreshed(text: str) -> str:
    """The README with everything that programs print brought up to date."""
    text = CONSOLE.sub(lambda match: transcript(match.group()), text)
    for results in sorted((ROOT / "bench" / "results").glob("*.md")):
        table = results.read_text("utf-8")
        pattern = section(f"bench/results/{results.name}")
        text = pattern.sub(lambda _, table=table: f"\n{table}\n", text, count=1)
    for name in ("exit-codes", "environment"):
        text = section(f"help {name}").sub(lambda _, name=name: f"\n{topic(name)}\n", text, count=1)
    return section("help").sub(lambda _: f"\n{helps()}\n", text, count=1)


@pytest.fixture(scope="module")
def text() -> str:
    return README.read_text("utf-8")


def test_the_transcript_is_what_the_commands_print(text: str) -> None:
    shown = CONSOLE.findall(text)
    assert shown
    for block in shown:
        assert transcript(block) == block


def test_the_help_of_each_command_is_shown(text: str) -> None:
    found = section("help").search(text)
    assert found is not None
    assert found.group().strip() == helps().strip()


@pytest.mark.parametrize("name", ["exit-codes", "environment"])
def test_topics_are_those_of_the_help(text: str, name: str) -> None:
    found = section(f"help {name}").search(text)
    assert found is not None
    assert found.group().strip() == topic(name).strip()


def test_examples_come_first_in_every_help(text: str) -> None:
    for part in helps().split("### ")[1:]:
        assert "Examples:" in part
        assert part.index("Examples:") < part.index("Options:")
        for option in ("--json", "--user"):
            assert option in part


def test_tables_are_the_printed_ones(text: str) -> None:
    for results in (ROOT / "bench" / "results").glob("*.md"):
        assert results.read_text("utf-8").strip() in text


def test_every_promise_names_a_test_that_is_there() -> None:
    promises = (ROOT / "SECURITY.md").read_text("utf-8")
    named = 0
    file = ""
    for path, test in re.findall(r"(tests/\w+\.py)|\b(test_\w+)\b(?!\.py)", promises):
        file = path or file
        if test:
            named += 1
            assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file}::{test}"
    assert named > 60


def test_commands_are_shown_within_the_first_forty_lines(text: str) -> None:
    assert sum(line.startswith("$ ltm") for line in text.splitlines()[:40]) >= 5


if __name__ == "__main__":
    README.write_text(refreshed(README.read_text("utf-8")), "utf-8")
