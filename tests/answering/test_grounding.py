"""What a sentence of the model may say, and what is withheld."""

from __future__ import annotations

from datetime import datetime

import pytest

from ltm_cli.answering import grounding
from ltm_cli.core.record import Record

NOW = datetime(2024, 6, 10, 20)
MEMORIES = [
    Record(text="Took Mochi to the vet, Dr. Alvarez. She weighs 2.1 kg.", at="2024-05-08T10:00:00"),
    Record(text="Yesterday we bought three lamps for 1,250 euros.", at="2024-05-08T18:00:00"),
    Record(text="The wifi password is heron-42.", at="2024-04-20T00:00:00"),
    Record(text="在杭州买了《活着》，花了35元。", at="2024-03-09T00:00:00", speaker="张伟"),
]


def withheld(sentence: str, question: str = "What happened?") -> grounding.Unsupported | None:
    return grounding.unsupported(sentence, grounding.evidence(MEMORIES, [question], NOW), NOW)


@pytest.mark.parametrize(
    "sentence",
    [
        "Mochi weighs 2.1 kg.",
        "The vet is Dr. Alvarez.",
        "You bought 3 lamps on 7 May 2024.",
        "You bought the lamps in May 2024.",
        "The lamps were 1250 euros.",
        "The password is heron-42.",
        "您在2024年3月9日买了《活着》。",
        "《活着》花了35元。",
        "张伟在杭州买了书。",
    ],
)
def test_what_the_memories_say_may_be_said(sentence: str) -> None:
    assert withheld(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "kind", "said"),
    [
        ("Mochi weighs 3.1 kg.", "number", ("3.1",)),
        ("The password is 42.", "number", ("42",)),
        ("The password is heron-43.", "name", ("heron-43",)),
        ("The vet is Dr. Miller.", "name", ("Miller",)),
        ("You bought the lamps on 6 May 2024.", "date", ("on 6 May 2024",)),
        ("You bought three lamps in Paris.", "name", ("Paris",)),
        ('The vet said "rest for a week" to Mochi.', "quotation", ("rest for a week",)),
        ("You are allergic to peanuts.", "words", ("allergic", "peanuts")),
        ("The vet did not weigh Mochi.", "denial", ("not",)),
        ("您买了《红楼梦》。", "quotation", ("红楼梦",)),
        ("《活着》花了53元。", "number", ("53",)),
        ("您在2024年3月8日买了《活着》。", "date", ("2024年3月8日",)),
        ("妹妹拉大提琴。", "words", ("妹妹拉大提琴",)),
    ],
)
def test_what_they_do_not_say_is_withheld(sentence: str, kind: str, said: tuple[str, ...]) -> None:
    found = withheld(sentence)
    assert found is not None
    assert (found.kind, found.said) == (kind, said)
    assert f'"{said[0]}"' in found.say("en")
    assert f"“{said[0]}”" in found.say("zh")


def test_a_date_belongs_to_the_memory_that_tells_of_the_same_thing() -> None:
    question = "When did we buy the lamps?"
    assert withheld("On 7 May 2024.", question) is None
    found = withheld("On 20 April 2024.", question)
    assert found is not None
    assert "20 April 2024" in found.said[0]


def test_what_the_question_says_may_be_repeated() -> None:
    assert withheld("The vet saw Mochi for Lena.", "What did the vet tell Lena?") is None


@pytest.mark.parametrize(
    ("question", "sentence", "evades"),
    [
        ("How many lamps did we buy?", "You bought lamps.", True),
        ("How many lamps did we buy?", "You bought three lamps.", False),
        ("When did we buy them?", "On 7 May.", False),
        ("And when was that?", "At the vet.", True),
        ("花了多少钱？", "很贵。", True),
        ("花了多少钱？", "35元。", False),
        ("Who is the vet?", "Dr. Alvarez.", False),
    ],
)
def test_a_question_for_a_number_wants_one(question: str, sentence: str, evades: bool) -> None:
    assert grounding.evades(question, sentence) is evades
