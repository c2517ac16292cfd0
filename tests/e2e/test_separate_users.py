"""Users are separate: whatever Anna types, in any command, nothing of Bruno is shown or changed.

The commands and their options are read from the program, so a new one is tried too.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commands import leaves
from tests.conftest import NOW
from tests.tiny import write

BENCH = Path(__file__).parents[2] / "bench"
# What only Bruno has said, and the words that Anna may use to look for it.
SECRETS = ("zyxwvut", "quixotry", "narwhal", "摩羯九七", "krummhorn", "gallimaufry", "🦑")
ASKED = (
    "What is the wifi password of the cabin?", "密码是什么？", "cabin", "password", "密码", "the",
    "*", "%", '"', "' OR 1=1 --", "Where did he move to?", "the report", "cat food",
)  # fmt: skip
HANDLES = ("talks", "secret-tag", "title-b", "title-b#1", "ref-b", "hut", "bruno", "episode", "-")
WHEN = ("2024-06-01", "昨天", "last week", "2024")
# These keep running, change what all commands run with, or are about all users.
LEFT = {
    "backup",
    "restore",
    "encrypt",
    "decrypt",
    "model use",
    "config set",
    "config unset",
    "model pull",
    "model remove",
    "serve stop",
    "mcp",
}
LINES = "".join(
    f'{{"{key}": "{value}", "query": "cabin password", "limit": 50}}\n'
    for key, value in (("qid", "1"), ("qid", "密码"))
)


def _runner() -> Callable[..., Any]:
    """`ltm` of bench/inprocess.py."""
    spec = importlib.util.spec_from_file_location("inprocess", BENCH / "inprocess.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["inprocess"] = module  # as dataclasses want it
    spec.loader.exec_module(module)
    found: Callable[..., Any] = module.ltm
    return found


run = _runner()
COMMANDS = {name: command for name, command in leaves().items() if name not in LEFT}


class Two:
    """A home of two users, and everything of the second as it was."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.files = folder / "own.txt", folder / "title-b.md"
        self.model = str(write(folder / "tiny.gguf", "llama"))
        for file in self.files:
            file.write_text("Dear Ana,\n\n# About\n\nThe report on the cabin. 小屋。\n", "utf-8")
        for text, *more in (
            ("The wifi password of the cabin is zyxwvut.", "--session", "talks", "--ref", "ref-b"),
            ("小屋的密码是摩羯九七 🦑", "--tag", "secret-tag"),
            ("I live in Quixotry. I have to send the narwhal report by Friday", "--tag", "t"),
            ("Dear Ana,\n\nthe gallimaufry is on.\n\nBest, Bruno", "--kind", "style"),
        ):
            assert self("remember", text, *more, user="bruno").status == 0
        for day in ("2024-04-01", "2024-04-15", "2024-04-29", "2024-05-13"):
            self("remember", "bought cat food for krummhorn", "--at", day, user="bruno")
        self("facts", "set", "hut", "code", "zyxwvut", user="bruno")
        secret = folder / "secret.md"
        secret.write_text("# Hut\n\nThe code of the hut is quixotry. 摩羯九七。\n", "utf-8")
        self("read", str(secret), "--title", "title-b", user="bruno")
        self("ask", "What is the wifi password of the cabin?", "--no-llm", user="bruno")
        self("feedback", "1", "good", "--question", "zyxwvut?", user="bruno")
        assert self("remember", "Anna likes the cabin, 小屋", user="anna").status == 0
        self.theirs = self.of_bruno()
        assert all(one in self.theirs for one in SECRETS if one != "quixotry")

    def __call__(self, *arguments: str, user: str = "anna", stdin: str = "") -> Any:
        return run(
            self.home, *arguments, "--user", user, stdin=stdin, LTM_NOW=NOW, LTM_MODEL=self.model
        )

    def of_bruno(self) -> str:
        """Everything that commands show of him."""
        shown = (
            ["export"], ["facts", "list", "--json"], ["task", "list", "--json"],
            ["habits", "--json"], ["read", "--list"], ["profile"], ["style", "show", "--json"],
        )  # fmt: skip
        return "".join(self(*arguments, user="bruno").out for arguments in shown)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    return Two(tmp_path_factory.mktemp("two"))


def typed(draw: st.DrawFn, parameter: Any, two: Two) -> str:
    """A value for a parameter: an id of either, a choice, a file, words, a time, a handle."""
    kind = parameter.type.name
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return str(draw(st.sampled_from([getattr(one, "value", one) for one in choices])))
    if kind.startswith(("integer", "float")):
        return str(draw(st.integers(0, 16)))
    if "FILE" in (parameter.metavar or "").upper() or parameter.name in ("file", "batch"):
        gone = two.home.parent / "no folder" / "file"
        return draw(st.sampled_from([*map(str, two.files), "-", str(gone)]))
    if "WHEN" in (parameter.metavar or ""):
        return draw(st.sampled_from(WHEN))
    return draw(st.sampled_from((*ASKED, *HANDLES, *map(str, range(12)))))


@pytest.mark.parametrize("name", sorted(COMMANDS))
@given(data=st.data())
@settings(
    max_examples=12, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_nothing_of_another_user_is_shown_or_changed(
    name: str, two: Two, data: st.DataObject
) -> None:
    arguments = name.split()
    for parameter in COMMANDS[name].params:
        option = parameter.param_type_name == "option"
        if parameter.name in ("user", "help", "home"):
            continue
        if option and not parameter.required and not data.draw(st.booleans()):
            continue
        if option and parameter.is_flag:
            arguments.append(
                data.draw(st.sampled_from([*parameter.opts, *parameter.secondary_opts]))
            )
            continue
        values = data.draw(st.integers(1, 2)) if parameter.nargs == -1 or parameter.multiple else 1
        for _ in range(values):
            value = data.draw(st.composite(typed)(parameter, two))
            arguments += [parameter.opts[-1], value] if option else [value]
    done = two(*arguments, stdin=LINES)
    assert "Traceback" not in done.err, arguments
    assert done.status != 70, (arguments, done.err)
    for secret in SECRETS:
        assert secret not in (done.out + done.err).casefold(), arguments


def test_after_all_of_it_the_other_is_as_before(two: Two) -> None:
    """Runs after the fuzz; on its own it says that there are secrets to find."""
    assert two.of_bruno() == two.theirs
    assert "zyxwvut" in two("recall", "cabin password", user="bruno").out
    two("forget", "--all", "--now", "--yes")
    assert two.of_bruno() == two.theirs
