"""One session behind four doors: the command line, Python, MCP and `ltm serve` agree.

What is asked of each is the same question of the same home; what they give is compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ltm_cli import LongTermMemory
from ltm_cli.core import settings
from ltm_cli.core.record import MASK, Record
from ltm_cli.retrieval import query
from ltm_cli.session import Session
from tests.conftest import NOW, Ltm
from tests.server.test_serve import serving
from tests.test_mcp import call, talk

QUESTION = "cat food brand"
TEXTS = (
    "Bought cat food of the brand Felina for Mochi, who likes it a lot and asked for more of it",
    "cat food brand: Whisker",
    "The neighbour's cat food brand is unknown to me",
    "Which cat food brand did the vet name? I forgot to write it down on that long afternoon",
)
SECRET = "The PIN of the cat food shop card is 4711"

Door = Callable[[Ltm], list[int]]


def by_command_line(ltm: Ltm) -> list[int]:
    return [hit["id"] for hit in ltm.json("recall", QUESTION)]


def by_python(ltm: Ltm) -> list[int]:
    return [hit.record.id for hit in LongTermMemory(ltm.home).recall("me", QUESTION)]


def by_mcp(ltm: Ltm) -> list[int]:
    found: list[int] = []

    async def scene(client: Any) -> None:
        found.extend(hit["id"] for hit in await call(client, "recall", query=QUESTION))

    talk(ltm, scene)
    return found


def asked(ltm: Ltm) -> list[int]:
    answer = ltm.json("ask", QUESTION, "--no-llm", "--new", "--no-remember")
    return [source["id"] for source in answer["sources"]]


def by_serve(ltm: Ltm) -> list[int]:
    """The sources of an answer that was served, which are the first that recall gives."""
    process = serving(ltm)
    try:
        return asked(ltm)
    finally:
        process.terminate()
        process.communicate(timeout=30)


DOORS: dict[str, Door] = {
    "command line": by_command_line, "python": by_python, "mcp": by_mcp, "serve": by_serve,
}  # fmt: skip


@pytest.fixture
def told(ltm: Ltm) -> Ltm:
    for text in TEXTS:
        ltm("remember", text)
    return ltm


def train(home: Path, weights: dict[str, float]) -> None:
    """Weights as `ltm learn` writes them for the user of number 1."""
    file = settings.load(home).sidenet(1)
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"format": 1, "about": {}, "weights": weights}))


@pytest.mark.parametrize("door", DOORS)
def test_every_door_ranks_with_what_the_user_has_trained(door: str, told: Ltm) -> None:
    reach = DOORS[door]
    before = reach(told)
    train(told.home, {"bm25": -9.0, "cover": -9.0})  # what fits best comes last
    after = reach(told)
    assert before != after
    expected = by_command_line(told) if door != "serve" else asked(told)
    assert after == expected


@pytest.mark.parametrize("door", ["command line", "python", "mcp"])
def test_every_door_masks_secrets(door: str, told: Ltm) -> None:
    told("remember", SECRET, "--secret")
    texts: list[str] = []
    if door == "command line":
        texts = [hit["text"] for hit in told.json("recall", "cat food shop card PIN")]
    elif door == "python":
        memory = LongTermMemory(told.home)
        texts = [hit.record.text or "" for hit in memory.recall("me", "cat food shop card PIN")]
        [first, *_] = memory.recall("me", "cat food shop card PIN", secrets=True)
        assert first.record.text == SECRET
    else:

        async def scene(client: Any) -> None:
            hits = await call(client, "recall", query="cat food shop card PIN")
            texts.extend(hit["text"] for hit in hits)

        talk(told, scene)
    assert MASK in texts
    assert not any("4711" in text for text in texts)


def test_serve_reads_no_secret(told: Ltm) -> None:
    told("remember", SECRET, "--secret")
    process = serving(told)
    try:
        answer = told.json("ask", "What is the PIN of the cat food shop card?", "--no-llm",
                           "--new", "--no-remember", status=1)  # fmt: skip
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert "4711" not in json.dumps(answer)


def test_every_door_remembers_alike(ltm: Ltm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTM_NOW", NOW)
    at = "2024-06-09T08:00:00"
    ltm("remember", "I have to call the dentist by Friday", "--at", at)
    LongTermMemory(ltm.home).remember("me", "I have to call the plumber by Friday", at=at)

    async def scene(client: Any) -> None:
        await call(client, "remember", text="I have to call the vet by Friday", at=at)

    talk(ltm, scene)
    tasks = ltm.json("task", "list")
    assert [one["text"] for one in tasks] == [
        "call the dentist",
        "call the plumber",
        "call the vet",
    ]
    assert {one["due"] for one in tasks} == {"2024-06-14"}


def test_a_question_is_read_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its query is parsed, and its user looked up, once for one question."""
    parsed: list[str] = []
    read = query.parse_query

    def counted(text: str, now: Any) -> query.Query:
        parsed.append(text)
        return read(text, now)

    for module in ("ltm_cli.retrieval.query", "ltm_cli.answering.question"):
        monkeypatch.setattr(f"{module}.parse_query", counted)
    with Session(settings.Settings(home), "me", write=True) as session:
        for text in TEXTS:
            session.remember(Record(text))
        looked: list[str] = []
        session.store.db.set_trace_callback(
            lambda sql: looked.append(sql) if "FROM users WHERE name" in sql else None
        )
        session.ask(QUESTION, session.options(use_model=False, remember=False))
    assert parsed == [QUESTION]
    assert len(looked) == 1
