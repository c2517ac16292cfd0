"""Suggestions: from the user's own words, any script, without anything slow."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Ltm
from tests.terminal import PROMPT, Terminal

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "writing.md"


@pytest.fixture
def written(ltm: Ltm) -> Ltm:
    lines = [
        '{"text": "Took Mochi to the vet", "at": "2024-05-01"}',
        '{"text": "Took Mochi to the park with Ana", "at": "2024-05-02"}',
        '{"text": "Took Mochi to the park with Tom", "at": "2024-05-03"}',
        '{"text": "明天上海阴转小雨，建议带伞 ☔", "at": "2024-05-04"}',
        '{"question": "明天上海天气如何？", "answer": "secret answer", "at": "2024-05-05"}',
        '{"text": "Mochi weighs 2.1 kg \\u001b[31m", "at": "2024-05-06"}',
    ]
    ltm("import", "-", stdin="\n".join(lines))
    return ltm


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Took Mo", "Took Mochi to the park with"),
        ("took mochi to the ", "took mochi to the park with"),
        ("then to the v", "then to the vet"),
        ("明天上海天", "明天上海天气如何"),
        ("建议带", "建议带伞"),
        ("Mochi weigh", "Mochi weighs 2"),
    ],
)
def test_lines_are_completed_from_history(written: Ltm, typed: str, first: str) -> None:
    assert written("suggest", typed).stdout.splitlines()[0] == first
    assert written("suggest", "-n", "1", "--", typed).stdout.splitlines() == [first]
    assert written.json("suggest", typed)[0] == first


def test_what_follows_most_often_comes_first(written: Ltm) -> None:
    assert written.json("suggest", "Took Mochi to the ") == [
        "Took Mochi to the park with", "Took Mochi to the vet",
    ]  # fmt: skip


def test_there_may_be_nothing_to_suggest(written: Ltm) -> None:
    for typed in ("zzz", "???", "Took Mochi to the vet. ", "secret", "NEAR", '"', "*"):
        assert written("suggest", typed, status=1).stdout == ""
    assert written.json("suggest", "") != []
    written("suggest", status=2)
    written("suggest", "x", "-n", "0", status=2)
    written("suggest", "Took", "--user", "somebody", status=1)


def test_a_store_that_is_missing_or_broken(ltm: Ltm) -> None:
    ltm("suggest", "x", status=1)
    assert not ltm.home.exists()
    ltm.home.mkdir()
    (ltm.home / "memory.db").write_text("no database")
    ltm("suggest", "x", status=3)


def test_forgotten_words_are_not_suggested(written: Ltm) -> None:
    written("forget", "4", "--yes")
    written("suggest", "建议带", status=1)


def test_nothing_slow_is_imported(written: Ltm) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ltm_cli", "suggest", "Took Mo"],
        env=written.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    slow = "typer rich dataclasses inspect json pathlib"
    assert not imported & {
        *slow.split(),
        "ltm_cli.core.settings",
        "ltm_cli.indexing.tokenizer",
        "ltm_cli.storage.sqlite.memories",
        "ltm_cli.storage.sqlite.connection",
    }


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_key_binding_of_the_guide(written: Ltm, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    found = re.search(rf"```{shell}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    with Terminal(shell, written.environment) as terminal:
        terminal.until(PROMPT)
        terminal.type(found[1] + "echo bo''und\n")
        terminal.until("bound\r\n")
        terminal.type('echo "Took Moch\x07')
        terminal.until("with")
        terminal.type('"\n')
        terminal.until("Took Mochi to the park with\r\n")


def test_the_fish_snippet_is_fish(tmp_path: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("no fish here")
    found = re.search(r"```fish\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    (tmp_path / "snippet.fish").write_text(found[1])
    subprocess.run(["fish", "--no-execute", str(tmp_path / "snippet.fish")], check=True)
