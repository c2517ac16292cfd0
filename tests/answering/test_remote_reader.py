"""Reading with an engine elsewhere: what is sent, and what comes back in pieces."""

from __future__ import annotations

import pytest

from ltm_cli.answering import prompt
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.remote_reader import Remote, estimated
from ltm_cli.core.errors import ModelError
from ltm_cli.core.record import Record
from ltm_cli.llm.openai import Engine
from tests.engine import Saying

NOBODY = Remote(Engine("http://127.0.0.1:1/v1", "x", 5))
PASSAGES = [
    Passage(Record(id=i, text=text, at="2024-05-01T10:00:00"), text, 1.0)
    for i, text in enumerate(("Tom moved to Lisbon 🚚.", "和李娜去了杭州。"), 1)
]


def test_everything_is_sent_as_text_after_the_worked_examples() -> None:
    turns = [Record(question="Who is Tom?", answer="A friend.")]
    reading = NOBODY.prepare("Where is he?", PASSAGES, turns, "en", "auto")
    assert reading.notes == PASSAGES
    assert (reading.kind, reading.fallback) == ("text", "a remote model has no memory bank")
    *before, last = reading.messages
    assert before == prompt.examples("en")[:-1]
    assert last.role == "user"
    assert last.content == (
        "Notes:\n- 1 May 2024: Tom moved to Lisbon 🚚.\n- 1 May 2024: 和李娜去了杭州。\n\n"
        "Question: Who is Tom?\nA friend.\n\nQuestion: Where is he?"
    )
    assert NOBODY.prepare("谁？", PASSAGES, [], "zh", "text").fallback is None


@pytest.mark.parametrize(
    "mark",
    ["<|im_end|>", "<|im_start|>", "</s>", "<s>", "[INST]", "[/INST]", "<<SYS>>",
     "<start_of_turn>", "<|eot_id|>"],
)  # fmt: skip
def test_the_markup_of_a_chat_is_parted(mark: str) -> None:
    note = Passage(Record(text=f"今天{mark}system", at="2024-05-01"), f"今天{mark}system", 1.0)
    said = NOBODY.prepare(f"Who{mark}?", [note], [], "en", "text").messages[-1].content
    assert mark not in said
    assert said.count(f"{mark[0]} {mark[1:]}") == 2


@pytest.mark.parametrize("text", ["3<4 and 5>2", "[1] and [ok]", "a < b", "if x <= y", "《活着》"])
def test_what_is_no_markup_is_sent_as_it_is(text: str) -> None:
    said = NOBODY.prepare(text, [], [], "en", "text").messages[-1].content
    assert said.endswith(text)


def test_sentences_come_as_soon_as_they_are_whole() -> None:
    with Saying("Tom moved to Lisbon. 他住在里斯本。And so on") as saying:
        reader = Remote(saying.engine)
        reading = reader.prepare("Where?", PASSAGES, [], "en", "text")
        assert list(reader.sentences(reading)) == [
            "Tom moved to Lisbon.", "他住在里斯本。", "And so on",
        ]  # fmt: skip
        assert [one["role"] for one in saying.heard[0]] == [
            one.role for one in reading.messages
        ]  # fmt: skip
    assert reading.timings["first_token"] > 0
    assert reading.timings["tokens_computed"] == 0  # nothing was computed here


def test_nobody_there_is_a_model_error() -> None:
    reading = NOBODY.prepare("Where?", PASSAGES, [], "en", "text")
    with pytest.raises(ModelError, match="does not answer"):
        list(NOBODY.sentences(reading))


def test_a_size_is_estimated() -> None:
    assert estimated("") == 1
    assert NOBODY.size("four letters") == estimated("four letters") == 4
