"""In a Chinese locale the help of every command is Chinese, whole, and fits the terminal."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from ltm_cli.cli import localize, topics
from ltm_cli.cli.app import app
from ltm_cli.core import console, messages
from ltm_cli.core.errors import MEANING
from ltm_cli.core.settings import KEYS, VARIABLES
from tests.conftest import Ltm


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    localize.restore()


CHINESE: dict[str, str] = json.loads(Path(messages.CATALOGUE).read_text("utf-8"))
ZH = {"LANG": "zh_CN.UTF-8"}


def commands(command: Any, context: Any) -> Iterator[tuple[Any, Any]]:
    yield command, context
    if hasattr(command, "list_commands"):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            yield from commands(inner, type(context)(inner, info_name=name, parent=context))


def walked() -> list[tuple[Any, Any]]:
    root: Any = typer.main.get_command(app)
    localize.prepare(root)
    context = root.context_class(root, info_name="ltm", **root.context_settings)
    return list(commands(root, context))


def helps() -> Iterator[str]:
    """All English that a help or a topic shows."""
    for command, context in walked():
        for one in (command, *command.get_params(context)):
            assert one.help, (context.command_path, one.name)
            yield inspect.cleandoc(one.help)
    yield from (*localize.WORDS, *localize.NOTES, *localize.ERRORS)
    yield from (*MEANING.values(), *VARIABLES.values(), *(key.about for key in KEYS.values()))


def words(text: str) -> set[str]:
    """The options and commands that a text names."""
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*|ltm [a-z]+|ltm-cli\[\w+\]|\{\w+\}", text))


@pytest.mark.parametrize("english", sorted(set(helps())))
def test_each_help_has_its_chinese_that_names_the_same(english: str) -> None:
    chinese = CHINESE[f"help:{english}"]
    assert words(chinese) == words(english)
    assert english.count("\n  ltm ") == chinese.count("\n  ltm ")


def test_no_chinese_is_of_a_help_that_is_gone() -> None:
    known = {*helps(), *(key.default for key in KEYS.values()), *topics.SHAPES.values()}
    kept = {one.removeprefix("help:") for one in CHINESE if one.startswith("help:")}
    assert kept <= known


def test_every_help_is_chinese_and_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    english = {context.command_path: context.get_help() for _, context in walked()}
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for _, context in walked():
        text = context.get_help()
        assert text.startswith("用法：ltm")
        assert "默认：" in text or "default" not in text
        for line in text.splitlines():
            assert not re.search(r"^ *(Options|Arguments|Examples)|[a-z] [a-z]+ [a-z]+\.$", line), (
                line
            )
            assert console.width(line) <= 80 or line.startswith("    "), line  # a long example
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert {context.command_path: context.get_help() for _, context in walked()} == english


def test_the_locale_decides(ltm: Ltm) -> None:
    assert ltm("task", "add", "-h", **ZH).stdout.startswith("用法：ltm task add [选项]")
    assert ltm("help", "task", "add", **ZH).stdout == ltm("task", "add", "-h", **ZH).stdout
    assert ltm("help", "exit-codes", **ZH).stdout.startswith("0\t成功\n")
    assert "\n.SH 选项\n" in ltm("help", "--man", **ZH).stdout
    offered = ltm("he", _LTM_COMPLETE="complete_zsh", **ZH).stdout
    assert offered == "help\t显示命令或主题的帮助。\n"
    offered = ltm("list", "--limi", _LTM_COMPLETE="complete_zsh", **ZH).stdout
    assert offered == "--limit\t结果的最大数量。\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nope", "没有命令 'nope'。"),
        ("recal", "没有命令 'recal'。"),
        ("list --nope", "没有选项 --nope（可能的选项：--in, --on, --since）"),
        ("list --limit 0", "'--limit' / '-n' 的值无效：0 不在 x>=1 的范围内。"),
        ("show x", "'ID' 的值无效：'x' 不是整数。"),
        ("show", "缺少参数 'ID'。"),
        ("show 1 2", "多余的参数（2）"),
        ("list --on", "选项 '--on' 需要一个值。"),
        ("task", ""),
        ("feedback 1 nice", "'verdict' 的值无效：只能是 'good', 'bad' 之一，不能是 'nice'。"),
        ("list --on nonsense --since 2024", "--on 不能与 --since 或 --until 一起使用"),
    ],
)
def test_wrong_usage_is_told_in_chinese(ltm: Ltm, line: str, said: str) -> None:
    done = ltm(*line.split(), status=2 if said else 0, **ZH)
    assert done.stderr.partition("\n")[0] == (f"ltm: {said}" if said else "")


def test_lines_are_broken_by_columns() -> None:
    assert list(localize.wrap("记忆，编号 12。", 10)) == ["记忆，编号", "12。"]
    assert list(localize.wrap("一二三四，五", 8)) == ["一二三", "四，五"]
    assert list(localize.wrap("", 8)) == [""]
