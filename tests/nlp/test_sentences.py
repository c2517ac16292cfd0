"""Sentences of both languages, and long texts cut at their ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltm_cli.nlp import sentences
from ltm_cli.nlp.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Cho came at 3.15 p.m. today. Good.", ["Dr. Cho came at 3.15 p.m. today.", "Good."]),
        ("今天很好。真的吗？“是的。”他说！", ["今天很好。", "真的吗？", "“是的。”", "他说！"]),
        ("版本3.10发布了。See v2.0.1 now", ["版本3.10发布了。", "See v2.0.1 now"]),
        ("a line\nanother line", ["a line", "another line"]),
        ("", []),
    ],
)  # fmt: skip
def test_split(text: str, expected: list[str]) -> None:
    assert sentences.split(text) == expected


@given(st.text("ab。.!? \n天气"), st.integers(5, 40))
def test_chunks_fit_and_lose_nothing(text: str, most: int) -> None:
    found = sentences.chunks(text, most, len)
    assert all(len(chunk) <= most for chunk in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_the_first_sentence_is_complete_only_when_more_follows() -> None:
    assert sentences.end_of_first("It costs 3.") == 0
    assert sentences.end_of_first("It costs 3. And") == len("It costs 3.")
    assert sentences.end_of_first("Ask Dr. Alvarez") == 0
    assert sentences.end_of_first("好的。再") == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What did I do?", "en"),
        ("上周三我做了什么？", "zh"),
        ("What does 天气 mean in English?", "en"),
        ("我的 MacBook Pro 在哪？", "zh"),
        ("今日は寒い", "ja"),
        ("오늘 날씨", "ko"),
        ("", "en"),
        ("🍰", "en"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected
