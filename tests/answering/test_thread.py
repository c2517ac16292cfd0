"""Threads: which exchanges a question continues, and whether it cannot do without them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ltm_cli.answering import thread
from ltm_cli.answering.result import Options
from ltm_cli.answering.thread import ABSTAINED, PAUSE, TURNS, Thread
from ltm_cli.core.record import ASKED, SECRET, Record, iso
from ltm_cli.indexing import writer
from ltm_cli.storage.sqlite.store import SqliteStore

NOW = datetime(2024, 6, 10, 20)
FRESH = "ask-20240610-200000"


def exchange(
    store: SqliteStore, question: str, minutes: float, session: str | None = "s", *tags: str
) -> Record:
    """A question that was asked so many minutes ago."""
    at = iso(NOW - timedelta(minutes=minutes))
    record = Record(question=question, answer="An answer.", at=at, session=session)
    record.tags = [ASKED, *tags]
    return writer.remember(store, record)


def found(store: SqliteStore, **options: object) -> Thread:
    return thread.of_question(store, Options(NOW, **options))  # type: ignore[arg-type]


def test_the_last_exchanges_of_the_last_conversation_go_on(store: SqliteStore) -> None:
    exchange(store, "another conversation", 25, "t")
    asked = [exchange(store, f"问题 {i}?", 20 - i) for i in range(4)]
    continued = found(store)
    assert continued.session == "s"
    assert continued.turns == asked[-TURNS:]


def test_after_a_pause_a_new_conversation_begins(store: SqliteStore) -> None:
    exchange(store, "long ago?", PAUSE / timedelta(minutes=1) + 1)
    assert found(store) == Thread(FRESH)
    exchange(store, "just now?", PAUSE / timedelta(minutes=1) - 1)
    assert found(store).session == "s"
    assert found(store, new=True) == Thread(FRESH)


def test_a_conversation_by_name_has_no_pause(store: SqliteStore) -> None:
    old = exchange(store, "long ago?", 10_000, "cats 猫")
    exchange(store, "just now?", 1)
    assert found(store, session="cats 猫") == Thread("cats 猫", [old])
    assert found(store, session="nobody's") == Thread("nobody's")
    assert found(store, session="cats 猫", new=True) == Thread("cats 猫")


def test_what_comes_later_is_not_known_yet(store: SqliteStore) -> None:
    exchange(store, "an hour ahead?", -60)
    assert found(store).turns == []


def test_a_secret_is_continued_only_where_secrets_are_read(store: SqliteStore) -> None:
    kept = exchange(store, "What is the PIN?", 1, "s", SECRET)
    assert found(store).turns == []
    assert found(store, secrets=True).turns == [kept]


def test_a_new_conversation_has_a_name_of_its_own(store: SqliteStore) -> None:
    writer.remember(store, Record(text="taken", session=FRESH))
    assert found(store).session == f"{FRESH}-2"


def test_the_last_question_is_of_whatever_time(store: SqliteStore) -> None:
    assert thread.last_question(store) is None
    exchange(store, "first?", 10_000)
    exchange(store, "second 第二个?", 5_000)
    writer.remember(store, Record(question="told by a program?", answer="no ask of ours"))
    assert thread.last_question(store) == "second 第二个?"


@pytest.mark.parametrize(
    "question",
    ["What else did its author write?", "And her dog?", "Why?", "In which city?", "它的作者是谁？",
     "那杭州呢？", "还有呢", "How about the other one?"],
)  # fmt: skip
def test_what_leans(question: str) -> None:
    assert thread.leans(question)


@pytest.mark.parametrize(
    "question",
    ["Which book did Lena recommend?", "Who is the vet of Mochi?", "李娜推荐了哪本书？",
     "上周三我在杭州见了谁？"],
)  # fmt: skip
def test_what_stands_alone(question: str) -> None:
    assert not thread.leans(question)


def test_the_words_of_the_turns_before_are_given_to_what_leans() -> None:
    turns = [
        Record(question="Which book?", answer="2024-05-01: The red one."),
        Record(question="谁写的？", answer="I have no memory of that.", tags=[ASKED, ABSTAINED]),
    ]
    before = Thread("s", turns)
    words = thread.context("And its author?", before)
    assert words.split() == ["Which", "book?", "The", "red", "one.", "谁写的？"]
    assert thread.context("Which book did Lena recommend?", before) == ""
    assert thread.context("And its author?", Thread("s")) == ""


@pytest.mark.parametrize(
    ("question", "more"),
    [("What else did she write?", True), ("还有什么？", True), ("除了茶呢？", True),
     ("What did she write?", False), ("她写了什么？", False)],
)  # fmt: skip
def test_what_asks_for_more(question: str, more: bool) -> None:
    assert thread.asks_for_more(question) is more
