"""Secrets: told when they are written, and kept out of whatever is made of memories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ltm_cli.nlp import secrets
from tests.conftest import Ltm

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "bench" / "data" / "secrets.jsonl")
    .read_text("utf-8")
    .splitlines()
]
KEPT = (
    "The wifi password of the cabin is heron-42 🏡",
    "门锁密码 4715，别忘了",
)
ORDINARY = "The cabin has a green door 绿色的门"


@pytest.mark.parametrize("one", LABELLED, ids=lambda one: one["text"][:30])
def test_what_looks_like_a_secret(one: dict[str, object]) -> None:
    assert (secrets.find(str(one["text"])) is not None) == one["secret"]


@pytest.mark.parametrize(
    "text",
    [
        "Punch in 8215 at the side entrance", "anna@mail.example - tr0mbone", "Gym lock 18-36-4",
        "The house wifi: network Otter, passphrase seven-blue-hats", "侧门按8215", "门锁现在是4499",
        "他手机用112233解锁", "平板新PIN：8150",
    ],
)  # fmt: skip
def test_a_secret_is_told_however_it_is_worded(text: str) -> None:
    assert secrets.find(text) == "password"


@pytest.mark.parametrize(
    "text",
    [
        "The safe weighs 8000 kilos", "Locker room opens at 0700", "Log in to portal2 tomorrow",
        "The code compiles with gcc12", "The gate was built in 1888", "The door is 2100 mm high",
        "门锁2019年换的", "密码锁有4个转轮", "保险柜重8000公斤", "锁屏2000张图片轮换",
        "密码在第204页",
    ],
)  # fmt: skip
def test_a_number_beside_a_lock_is_not_always_a_secret(text: str) -> None:
    assert secrets.find(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Visa 4111 1111 1111 1111", "card number"), ("Visa 4111 1111 1111 1112", None),
        ("证件 11010519491231002X", "identity number"), ("证件 110105194912310021", None),
        ("证件 110105195011314781", None),  # the 31st of November
    ],
)  # fmt: skip
def test_a_number_is_told_by_its_check_digit(text: str, found: str | None) -> None:
    assert secrets.find(text) == found


@pytest.mark.parametrize("text", KEPT)
def test_a_warning_offers_to_keep_it_secret(ltm: Ltm, text: str) -> None:
    done = ltm("remember", text)
    assert "looks like a secret (password)" in done.stderr
    assert "ltm edit 1 --secret" in done.stderr
    assert text in done.stdout  # kept and shown like any other
    assert "looks like" not in ltm("remember", f"{text}!", "--no-secret").stderr
    assert "looks like" not in ltm("remember", f"{text}?!", "--secret").stderr
    assert "looks like" not in ltm("remember", ORDINARY).stderr
    assert text in ltm("recall", "-k", text).stdout
    assert "looks like" in ltm("chat", "--no-llm", stdin=f"+ {text} again\n").stderr


def test_an_import_counts_them(ltm: Ltm) -> None:
    lines = "".join(json.dumps({"text": text}) + "\n" for text in (*KEPT, ORDINARY))
    assert "Memories that look like secrets: 1, 2." in ltm("import", "-", stdin=lines).stderr


@pytest.fixture
def keeping(ltm: Ltm) -> Ltm:
    """A store of two secrets, a text of one's own that is one, and a memory that is none."""
    for text in KEPT:
        ltm("remember", text, "--secret", "--at", "2024-06-07")
    ltm("remember", "I live at heron-42 street and have to send heron-42 by Friday", "--secret")
    ltm("remember", "Dear heron-42, best wishes 4715", "--kind", "style", "--tag", "secret")
    ltm("remember", "heron-42 4715 a year ago", "--secret", "--at", "2023-06-10")
    ltm("remember", ORDINARY)
    return ltm


SHOWING = [
    ["list"], ["recall", "cabin wifi password"], ["recall", "-k", "heron"], ["recall", "门锁密码"],
    ["recall", "cabin", "--explain"], ["show", "1"], ["show", "2"], ["today"], ["task", "list"],
    ["facts", "--history"], ["profile"], ["habits"], ["suggest", "The wifi password of"],
    ["suggest", "Dear her"], ["suggest", "门锁密"], ["style", "show"],
    ["write", "say hi", "--no-llm"], ["export"],
    ["ask", "What is the wifi password of the cabin?", "--no-llm", "--new"],
    ["ask", "门锁密码是多少？", "--no-llm", "--new"], ["edit", "1", "--speaker", "Tom"],
    ["forget", "2"], ["undo"], ["doctor"],
]  # fmt: skip


@pytest.mark.parametrize("json_", [[], ["--json"]], ids=["text", "json"])
def test_nothing_of_a_secret_is_shown_unasked(keeping: Ltm, json_: list[str]) -> None:
    for command in SHOWING:
        yes = ["--yes"] if command[0] == "forget" else []
        done = run(keeping, *command, *yes, *json_)
        said = done.replace("wifi password of the cabin?", "").replace("门锁密码是多少", "")
        assert "heron-42" not in said, command
        assert "4715" not in said, command
    assert "heron-42" not in run(keeping, "recall", "--batch", "-", stdin='{"query": "cabin"}')


def run(ltm: Ltm, *arguments: str, stdin: str | None = None) -> str:
    """All that a command says, whether it finds something or nothing."""
    done = ltm.run(arguments, None if stdin is None else stdin.encode(), ltm.environment)
    assert done.returncode in (0, 1), (arguments, done)
    return (done.stdout + done.stderr).decode()


def test_secrets_are_there_when_they_are_asked_for(keeping: Ltm) -> None:
    assert KEPT[0] in keeping("recall", "cabin wifi", "--secrets").stdout
    assert KEPT[1] in keeping("list", "--secrets").stdout
    assert "heron-42" in keeping("show", "1", "--secrets").stdout
    hint = keeping("ask", "What is the wifi password of the cabin?", "--no-llm", "--new", status=1)
    assert "--secrets uses them" in hint.stderr
    asked = keeping("ask", "What is the wifi password of the cabin?", "--no-llm", "--secrets")
    assert "heron-42" in asked.stdout
    # The exchange with the answer is a secret itself.
    [told] = [one for one in keeping.json("list", "--tag", "asked", "--secrets")
              if "heron-42" in one["answer"]]  # fmt: skip
    assert "secret" in told["tags"]
    again = run(keeping, "ask", "And what is the wifi password of the cabin?", "--no-llm")
    assert "heron-42" not in again
    lines = keeping("export", "--secrets").stdout
    assert "heron-42" in lines
    assert "left out" in keeping("export").stderr
    elsewhere = {"LTM_HOME": str(keeping.home) + "2"}
    keeping("import", "-", stdin=lines, **elsewhere)
    assert "heron-42" not in keeping("list", **elsewhere).stdout
    same = keeping("export", "--secrets", **elsewhere).stdout
    assert same.count('"secret"') == lines.count('"secret"') > 3


def test_a_memory_becomes_a_secret_and_is_none_any_more(ltm: Ltm) -> None:
    ltm("remember", "I live in Leeds, the door code is 5531", "--tag", "home")
    assert "Leeds" in ltm("facts").stdout
    ltm("edit", "1", "--secret")
    assert "Leeds" not in run(ltm, "facts")
    ltm("edit", "1", "--tag", "house")  # other tags leave it one
    assert ltm.json("show", "1")["tags"] == ["house", "secret"]
    assert "5531" not in ltm("list").stdout
    ltm("edit", "1", "--no-secret")
    assert ltm.json("show", "1")["tags"] == ["house"]
    assert "5531" in ltm("list").stdout
    assert "Leeds" in ltm("facts").stdout
    ltm("undo")
    assert "5531" not in ltm("list").stdout
    ltm("doctor")


def test_secrets_are_not_in_the_bank(ltm: Ltm, tiny_gguf: Path) -> None:
    ltm.environment["LTM_MODEL"] = str(tiny_gguf)
    ltm("remember", "The wifi password of the cabin is heron-42", "--secret", "--session", "cabin")
    ltm("remember", "The cabin has a red roof", "--session", "cabin")
    ltm("bank", "warm")
    ltm("ask", "What is the wifi password of the cabin?", "--secrets", "--reader", "fused")
    entries = list((ltm.home / "bank").rglob("*"))
    assert entries
    assert ltm.json("bank", "status")["memories"] == 1
