"""The class for Python programs, which behaves as the reference class of the request."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ltm_cli import LongTermMemory
from ltm_cli.core.errors import InputError, LtmError
from tests.conftest import EXCHANGES


@pytest.fixture
def memory(home: Path) -> LongTermMemory:
    memory = LongTermMemory(home)
    for question, answer, at in EXCHANGES:
        memory.store_memory("user456", question, answer, at)
    return memory


def test_the_reference_methods(memory: LongTermMemory) -> None:
    both = [{"time": at, "question": q, "answer": a} for q, a, at in EXCHANGES]
    assert memory.retrieve_memory("user456") == both
    assert memory.retrieve_memory("user456", keyword="天气") == both[:1]
    assert memory.retrieve_memory("user456", "没有这个词") == []
    assert memory.retrieve_memory("nobody") == []


def test_times_are_iso_or_datetime(memory: LongTermMemory) -> None:
    memory.store_memory("a", "q?", "a.", datetime(2024, 5, 10, 9, 30, 5))
    assert memory.retrieve_memory("a")[0]["time"] == "2024-05-10 09:30:05"
    with pytest.raises(InputError):
        memory.store_memory("a", "q?", "a.", "half past nine")
    with pytest.raises(LtmError):
        memory.store_memory("a", "", "a.", "2024-05-10")


def test_remember_recall_and_ask(memory: LongTermMemory) -> None:
    stored = memory.remember("user456", "The cat is called Mochi 🐈", tags=["cat"])
    assert memory.recall("user456", "What is the cat called?")[0].record.id == stored.id
    assert memory.recall("user456", keywords=["🐈"])[0].record.tags == ["cat"]
    answer = memory.ask("user456", "What is the cat called?", use_model=False)
    assert "Mochi" in answer.answer
    assert answer.sources[0].id == stored.id
