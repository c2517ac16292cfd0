"""The prompt: notes are one line each, dated, in the language of the question."""

from __future__ import annotations

from datetime import datetime

import pytest

from ltm_cli.answering import prompt
from ltm_cli.answering.evidence import Passage
from ltm_cli.core.record import DOCUMENT, Record

AT = "2024-05-08T10:00:00"  # a Wednesday


def passage(text: str, **values: object) -> Passage:
    record = Record(text=text, at=AT, **values)  # type: ignore[arg-type]
    return Passage(record, text, 1.0)


def test_a_note_says_when_who_and_what() -> None:
    one = passage("The dentist is on Main Street.", speaker="Tom")
    assert prompt.note(one, "en") == "- 8 May 2024, Tom: The dentist is on Main Street.\n"
    assert prompt.note(one, "zh") == "- 2024年5月8日，Tom：The dentist is on Main Street.\n"


def test_a_note_of_a_document_says_which() -> None:
    one = passage("The crane is green.", session="harbour 港口", tags=[DOCUMENT])
    assert prompt.note(one, "en") == "- harbour 港口: The crane is green.\n"


def test_neighbours_are_lines_of_their_own_in_order() -> None:
    middle = passage("On level 3.")
    before, after = Record(text="Where?", at=AT), Record(text="谢谢", at=AT)
    told = prompt.note(Passage(middle.record, middle.text, 1.0, (before,), (after,)), "en")
    assert [line.partition(": ")[2] for line in told.splitlines()] == [
        "Where?", "On level 3.", "谢谢",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("I saw her yesterday.", "en", "I saw her yesterday (7 May 2024)."),
        ("昨天见了她。", "zh", "昨天 (2024年5月7日)见了她。"),
        ("On 3 May it rained.", "en", "On 3 May it rained."),  # it says the day itself
        ("We met last week.", "en", "We met last week."),  # no day
        ("Yesterday, today.", "en", "Yesterday (7 May 2024), today (8 May 2024)."),
    ],
)  # fmt: skip
def test_a_day_is_followed_by_its_date(text: str, language: str, told: str) -> None:
    assert prompt.dated(text, datetime.fromisoformat(AT), language) == told


def test_a_text_stays_on_its_line_whatever_breaks_it_holds() -> None:
    breaks = "one\ntwo\r\nthree\u2028four\x0bfive\x85six\t七"
    assert prompt.note(passage(breaks), "en") == ("- 8 May 2024: one two three four five six 七\n")
    asked = prompt.asking(breaks, [Record(question=breaks, answer=breaks)], "en")
    assert asked.count("\n") == 3  # the question before, its answer, an empty line
    assert asked.startswith(" one two three four five six 七\n")


def test_what_is_asked_goes_on_where_the_lead_ends() -> None:
    turns = [Record(question="Which book?", answer="Gilead.")]
    whole = prompt.lead("en") + prompt.asking("Who wrote it?", turns, "en")
    assert whole == "\nQuestion: Which book?\nGilead.\n\nQuestion: Who wrote it?"
    whole = prompt.lead("zh") + prompt.asking("谁写的？", [], "zh")
    assert whole == "\n问题：谁写的？"


@pytest.mark.parametrize(("language", "spoken"), [("en", "en"), ("zh", "zh"), ("fr", "en")])
def test_the_worked_examples_are_of_the_form_of_what_is_asked(language: str, spoken: str) -> None:
    assert prompt.spoken(language) == spoken
    system, *turns, last = prompt.examples(language)
    assert system.role == "system"
    assert [turn.role for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
    assert len(turns) >= 4
    assert (last.role, last.content) == ("user", "")
    for turn in turns[::2]:
        assert turn.content.startswith(prompt.heading(language))
        assert prompt.lead(language) in turn.content
    assert prompt.examples(language) == prompt.examples(spoken)
