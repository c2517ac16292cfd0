"""TAB in real shells: what is remembered is offered as it is, and never obeyed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Ltm
from tests.terminal import PROMPT, SHELLS, Terminal

BREAKS = " \t\n\"'@><=;|&(:"  # COMP_WORDBREAKS
EVIL = "evil$(touch hit)`touch hit`;touch hit #!hit~*'\"\\ é"
BEGIN = {
    "bash": "bind 'set bell-style none'; source <(ltm completion bash)\n",
    "zsh": f"PROMPT='{PROMPT}'; autoload -Uz compinit; compinit -D -u;"
    " source <(ltm completion zsh)\n",
    "fish": f"ltm completion fish | source; function fish_prompt; echo -n '{PROMPT}'; end\n",
}


@pytest.fixture
def written(ltm: Ltm) -> Ltm:
    ltm("remember", "Spaces between", "--tag", "my tag", "--session", "trip to 上海")
    ltm("remember", "Angles and colons", "--tag", "topic:geometry")
    ltm("remember", "喂了猫 🐈", "--tag", "猫 粮🐈")
    ltm("remember", "Wicked", "--tag", EVIL)
    ltm("remember", "Cracked \x1b[31m", "--tag", "bad\x1b[31m", "--tag", "line\nbreak")
    ltm("remember", "Her own", "--tag", "annas", "--user", "anna")
    ltm("remember", "The pin is 4711", "--tag", "secret")
    ltm("task", "add", "Send the report", "--due", "2024-06-14")
    return ltm


def offered(ltm: Ltm, *words: str) -> list[list[str]]:
    """What is offered for the last word: values, each with what it is."""
    shown = ltm(*words, _LTM_COMPLETE="complete_zsh").stdout
    return [line.split("\t") for line in shown.splitlines()]


def values(ltm: Ltm, *words: str) -> list[str]:
    return [line[0] for line in offered(ltm, *words)]


def test_what_is_offered(written: Ltm) -> None:
    assert values(written, "rec") == ["recall", "recommend"]
    assert offered(written, "he") == [["help", "Show the help of a command or topic."]]
    assert values(written, "list", "--ta") == ["--tag"]
    assert values(written, "task", "do") == ["done"]
    assert values(written, "list", "--tag", "") == [
        EVIL, "my tag", "secret", "topic:geometry", "猫 粮🐈",
    ]  # fmt: skip
    assert values(written, "list", "--tag=my") == ["--tag=my tag"]
    assert values(written, "ask", "--session", "") == ["trip to 上海"]
    assert values(written, "list", "--kind", "f") == ["fact"]
    assert values(written, "today", "--lang", "") == ["zh", "en"]
    assert ["threads", "number of CPU threads"] in offered(written, "config", "set", "")
    assert values(written, "feedback", "1", "") == ["good", "bad"]
    assert "exit-codes" in values(written, "help", "")
    assert "bundled" in values(written, "model", "use", "")
    assert "qwen2.5-0.5b" in values(written, "model", "pull", "qwen2.5-0")
    assert offered(written, "task", "done", "") == [["8", "Send the report, 2024-06-14"]]
    assert values(written, "task", "reopen", "") == []


def test_ids_come_with_the_beginning_of_their_text(written: Ltm) -> None:
    shown = {line[0]: line[1:] for line in offered(written, "show", "")}
    assert shown["1"] == ["Spaces between"]
    assert shown["3"] == ["喂了猫 🐈"]
    assert shown["5"] == ["Cracked �[31m"]
    assert shown["7"] == []  # a secret


def test_each_user_has_their_own(written: Ltm) -> None:
    assert values(written, "list", "--user", "") == ["me", "anna"]
    assert values(written, "list", "--user", "anna", "--tag", "") == ["annas"]
    assert values(written, "show", "--user", "anna", "") == ["6"]
    assert values(written, "list", "--user", "nobody", "--tag", "") == []
    assert "6" not in values(written, "show", "")


def test_facts_and_documents(ltm: Ltm, tmp_path: Path) -> None:
    ltm("facts", "set", "cabin", "wifi password", "heron-42")
    (tmp_path / "红楼梦 1.md").write_text("# 第一回\n\n甄士隐梦幻识通灵。\n", "utf-8")
    ltm("read", str(tmp_path / "红楼梦 1.md"))
    assert offered(ltm, "facts", "why", "") == [["1", "cabin · wifi password = heron-42"]]
    assert values(ltm, "facts", "list", "c") == ["cabin"]
    assert values(ltm, "ask", "--in", "红") == ["红楼梦 1"]
    assert values(ltm, "ask", "--session", "红") == []
    ltm("forget", "--in", "红楼梦 1", "--yes", "--now")
    assert values(ltm, "ask", "--in", "红") == []


def test_bash_gets_what_follows_its_word_breaks(written: Ltm) -> None:
    def replies(line: str) -> list[str]:
        done = written(line, BREAKS, _LTM_COMPLETE="complete_bash")
        return done.stdout.splitlines()

    assert replies("ltm list --tag topic:ge") == ["geometry"]
    assert replies("ltm list --tag top") == ["topic:geometry"]
    assert replies("ltm list --tag=top") == ["topic:geometry"]
    assert replies("ltm list --tag my\\ t") == ["my\\ tag"]
    assert replies("ltm list --tag 'my t") == ["my tag"]
    assert replies('ltm list --tag "topic:g') == ["topic:geometry"]
    assert replies('ltm list --tag "evil') == []  # no way to write its ! there


def test_nothing_breaks_the_line(ltm: Ltm) -> None:
    assert offered(ltm, "show", "") == []
    assert not ltm.home.exists()
    ltm.home.mkdir()
    (ltm.home / "memory.db").write_text("no database")
    assert offered(ltm, "show", "") == []
    (ltm.home / "config.toml").write_text("= broken")
    assert offered(ltm, "list", "--user", "") == []
    assert offered(ltm, "no", "such", "") == []
    assert ltm(_LTM_COMPLETE="complete_bash").stdout == ""
    assert ltm("ask", "what?", _LTM_COMPLETE="complete_zsh").stdout == ""
    assert ltm("suggest", "x", _LTM_COMPLETE="complete_zsh").stdout == ""


def test_nothing_heavy_is_imported(written: Ltm) -> None:
    for words in (["show", ""], ["list", "--tag", ""], [""]):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "ltm_cli", *words],
            env=written.environment | {"_LTM_COMPLETE": "complete_fish"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout
        names = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}
        slow = "rich numpy sqlite_utils dateparser llama_cpp"
        assert not names & {
            *slow.split(),
            "ltm_cli.storage.sqlite.memories",
            "ltm_cli.indexing.tokenizer",
        }


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_tab_in_a_real_shell(written: Ltm, shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    (tmp_path / "diary of mine.jsonl").write_text('{"text": "From a file"}\n')
    environment = written.environment | {"HOME": str(tmp_path), "COLUMNS": "80"}
    with Terminal(shell, environment, tmp_path) as terminal:
        if shell != "fish":
            terminal.until(PROMPT)
        terminal.type(BEGIN[shell])
        terminal.type("echo beg''un\n")
        terminal.until("begun\r\n")
        for typed, found in (
            ("list --tag my\t", "Spaces between"),
            ("list --tag 'my\t", "Spaces between"),
            ('list --tag "my t\t', "Spaces between"),
            ("list --tag my\\ \t", "Spaces between"),
            ("list --tag topic:g\t", "Angles"),
            ("list --tag=top\t", "Angles"),
            ("list --tag 猫\t", "喂了猫"),
            ("list --tag ev\t", "Wicked"),
            ("list --user an\t", "Her own"),
            ("list --session tr\t", "Spaces between"),
            ("import dia\t", "Imported 1"),
        ):
            terminal.type(f"ltm {typed}")
            terminal.quiet()
            terminal.type("\n")
            terminal.until(found)
        terminal.type("complete -C 'ltm show '\n" if shell == "fish" else "ltm show \t\t")
        terminal.until("8  " if shell == "bash" else "Send the report")
    assert not (tmp_path / "hit").exists()
