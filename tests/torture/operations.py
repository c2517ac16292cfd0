"""The commands that write, and a home in which each has something to do. One line adds one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.torture.homes import State, look
from tests.torture.process import run

TEXTS = (
    "Took Mochi to the vet, she weighs 2.1 kg 🐈",
    "昨天和王芳去看了电影《流浪地球》",
    "周五之前要交季度报告，编号 A-17",
    "I have to call Anna tomorrow at 3pm about the 合同",
    "The wifi password of the cabin is heron-42",
    "买了猫粮，花了 128 元",
    "My sister Clara moved to Lisbon in March",
    "我不吃香菜，对花生过敏",
    "The spare key lies under the third flower pot",
    "会议改到下周三上午十点，在 Room 5",
)
QUESTIONS = (
    "What does Mochi weigh?",
    "和王芳看了什么电影？",
    "季度报告什么时候交？",
    "When do I call Anna?",
    "What is the wifi password?",
    "猫粮花了多少钱？",
    "Where does Clara live?",
    "我对什么过敏？",
    "Where is the spare key?",
    "会议改到什么时候？",
)

BACKUP = "saved.db"  # in the home, where commands are run

Arguments = Callable[[random.Random, State], list[str]]


@dataclass(frozen=True)
class Operation:
    """A command line, made for a home of this state. All print JSON when they are done.

    With `steps` it stores in several transactions, and the first of them may be all that is there.
    With `beside` it writes the files beside the store after the rows, and may not come to them.
    """

    name: str
    arguments: Arguments
    stdin: bytes = b""
    steps: bool = False
    beside: bool = False


def _some(rng: random.Random, state: State) -> str:
    return str(rng.choice(state.ids))


def _text(rng: random.Random) -> str:
    return f"{rng.choice(TEXTS)} #{rng.randrange(10**9)}"


_LINES = "".join(
    json.dumps({"ref": f"line-{i}", "at": f"2024-05-{i + 1:02}", "text": f"{TEXTS[i % 10]} {i}"})
    + "\n"
    for i in range(25)
).encode()
_DOCUMENT = "\n\n".join(f"# Part {i}\n\n{text}" for i, text in enumerate(TEXTS)).encode()

OPERATIONS = (
    Operation("remember", lambda rng, state: ["remember", _text(rng)]),
    Operation("edit", lambda rng, state: ["edit", str(rng.choice(state.texts)), _text(rng)]),
    Operation("forget", lambda rng, state: ["forget", _some(rng, state), "--yes"]),
    Operation("forget --now", lambda rng, state: ["forget", _some(rng, state), "--now", "--yes"]),
    Operation("undo", lambda rng, state: ["undo"]),
    Operation("import", lambda rng, state: ["import", "-"], _LINES, steps=True),
    Operation("read", lambda rng, state: ["read", "-", "--title", "notes"], _DOCUMENT),
    Operation("ask", lambda rng, state: ["ask", "--no-llm", rng.choice(QUESTIONS)]),
    Operation("feedback", lambda rng, state: [
        "feedback", _some(rng, state), "good", "--question", rng.choice(QUESTIONS)]),
    Operation("learn", lambda rng, state: ["learn"]),
    Operation("bank warm", lambda rng, state: ["bank", "warm", "--limit", "3"]),
    Operation("backup", lambda rng, state: ["backup", BACKUP, "--force"]),
    Operation("restore", lambda rng, state: ["restore", BACKUP, "--yes"], beside=True),
    Operation("config set", lambda rng, state: [
        "config", "set", "threads", str(rng.randrange(1, 9))]),
)  # fmt: skip


def furnish(home: Path) -> State:
    """A home with memories, judgements and choices, made by the program itself."""
    for text in TEXTS:
        _done(home, ["remember", text])
    for id, question in enumerate(QUESTIONS, 1):
        _done(home, ["feedback", str(id), "good", "--question", question])
    _done(home, ["config", "set", "threads", "1"])
    _done(home, ["bank", "warm", "--limit", "3"])
    _done(home, ["backup", BACKUP])
    state, wrong = look(home, finished=True)
    assert not wrong, wrong
    return state


def _done(home: Path, arguments: list[str]) -> None:
    ran = run(home, [*arguments, "--json"])
    assert ran.status == 0, f"{arguments}: {ran.err.decode()}"
