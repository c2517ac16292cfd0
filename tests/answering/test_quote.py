"""Quoting: the memory's own sentences, each with its day, in one line."""

from __future__ import annotations

import pytest

from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.quote import MOST, day, quote
from ltm_cli.core.record import DOCUMENT, Record

AT = "2024-05-01T10:00:00"


def passage(text: str, **values: object) -> Passage:
    record = Record(**{"text": text, "at": AT, **values})  # type: ignore[arg-type]
    return Passage(record, text, 1.0)


def said(one: Passage, **weights: float) -> str:
    text, _ = quote([one], weights)
    return text.partition(": ")[2]


@pytest.mark.parametrize(
    ("at", "told"),
    [("2024-05-01T00:00:00", "2024-05-01"), ("2024-05-01T09:30:15", "2024-05-01 09:30")],
)
def test_a_memory_is_named_by_its_day(at: str, told: str) -> None:
    assert day(Record(text="x", at=at)) == told
    assert day(Record(text="x", at=at, tags=[DOCUMENT], ref="harbour#2")) == "harbour#2"


def test_the_best_come_first_and_not_all() -> None:
    found = [passage(f"memory {i} 记忆") for i in range(MOST + 2)]
    text, quoted = quote(found, {})
    assert quoted == found[:MOST]
    assert text.splitlines() == [f"2024-05-01 10:00: memory {i} 记忆" for i in range(MOST)]
    assert quote([], {}) == ("", [])


def test_the_sentence_that_fits_is_quoted_with_what_stands_beside_it() -> None:
    filler = "The weather was fine that day and nothing of note happened at all. " * 6
    one = passage(f"{filler}The safe is behind the painting. {filler}")
    found = said(one, safe=1.0)
    assert found.startswith("… ")
    assert "The safe is behind the painting." in found
    assert len(found) <= 302
    assert said(passage("Short. All of it."), all=1.0) == "Short. All of it."


def test_sentences_stand_side_by_side_as_their_language_has_it() -> None:
    assert said(passage("今天下雨。带了伞。")) == "今天下雨。带了伞。"
    assert said(passage("It rained.\nI had an umbrella.")) == "It rained. I had an umbrella."


def test_a_sentence_too_long_is_cut() -> None:
    found = said(passage("天" * 1000))
    assert found == "天" * 300 + "…"


def test_of_an_exchange_the_answer_is_quoted() -> None:
    record = Record(question="天气？", answer="小雨，带伞。", at=AT)
    assert said(Passage(record, record.content, 1.0)) == "小雨，带伞。"


def test_who_said_it_stands_before() -> None:
    assert said(passage("I moved.", speaker="Ana")) == "Ana: I moved."


def test_what_asks_is_answered_by_the_next_turn() -> None:
    asks, answers = Record(text="Which colour?", at=AT), Record(text="We painted it teal.", at=AT)
    text, [source] = quote([Passage(asks, "Which colour?", 2.0, (), (answers,))], {})
    assert text == "2024-05-01 10:00: We painted it teal."
    assert (source.record, source.score) == (answers, 2.0)
    text, [source] = quote([Passage(asks, "Which colour?", 2.0)], {})  # nobody answers
    assert source.record is asks


def test_a_quotation_is_one_line() -> None:
    text, _ = quote([passage("one\n\x1b[31mtwo\u202e三")], {})
    assert "\n" not in text
    assert "\x1b" not in text
