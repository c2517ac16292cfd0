"""Every text that people see is in the catalogue, in both languages, with the same fields."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltm_cli.core import messages

PACKAGE = Path(messages.__file__).parent.parent
CHINESE: dict[str, str] = json.loads(Path(messages.CATALOGUE).read_text("utf-8"))
CALLS = {"text": 0, "text_in": 1}  # where the English stands among the arguments
MARKED = {"N_", "DateError", "Impossible"}  # translated later: constants, errors of nlp/dates


def said() -> Iterator[tuple[str, set[str], str]]:
    """(English text, names of the values that it is given, where it stands)"""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).removeprefix("messages.")
            where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            if name in CALLS and len(node.args) > CALLS[name]:
                english = node.args[CALLS[name]]
                if isinstance(english, ast.Constant) and isinstance(english.value, str):
                    yield english.value, {one.arg or "" for one in node.keywords}, where
            elif name in MARKED and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value, {one.arg or "" for one in node.keywords}, where


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


TEXTS = list(said())


@pytest.mark.parametrize(("english", "given", "where"), TEXTS, ids=[one[2] for one in TEXTS])
def test_each_text_has_its_chinese_and_its_values(
    english: str, given: set[str], where: str
) -> None:
    assert english in CHINESE, f"{where}: no Chinese for {english!r}"
    assert fields(english) == fields(CHINESE[english])
    assert not given or given == fields(english)


def test_nothing_in_the_catalogue_is_said_nowhere() -> None:
    known = {english for english, _, _ in TEXTS}
    assert not [one for one in CHINESE if one not in known and not one.startswith("help:")]


def test_the_locale_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    english = next(one for one in CHINESE if not fields(one))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert messages.text(english) == CHINESE[english]
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert messages.text(english) == english
