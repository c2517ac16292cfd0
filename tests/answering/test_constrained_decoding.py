"""Constrained decoding: only what is allowed is written, whatever the model would rather say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltm_cli.answering.constrained_decoding import Names, Pieces, Writer
from ltm_cli.llm.llama import Llama


def anything(value: str) -> bool:
    return True


def test_names_grow_to_one_of_them() -> None:
    names = Names(["home", "home town", "生日"])
    for said in (b"", b"h", b"home", b"home t", "生".encode(), "生".encode()[:2]):
        assert names.grows(said)
    for said in (b"x", b"homes", b"home town ", "日".encode()):
        assert not names.grows(said)
    assert [said for said in (b"home", b"home t", b"home town", b"") if names.whole(said)] == [
        b"home", b"home town",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("our flat", True), ("flat in Leeds", True), ("Leeds", True), ("🪟 now", True),
        ("lat", False), ("fla", False), ("Leeds,", False), (" flat", False), ("now!", False),
        ("", False), ("Porto", False),
    ],
)  # fmt: skip
def test_a_piece_is_of_whole_words(said: str, whole: bool) -> None:
    pieces = Pieces("our flat in Leeds, 🪟 now!", anything)
    assert pieces.whole(said.encode()) is whole


@pytest.mark.parametrize(
    ("said", "whole"), [("李娜", True), ("住在", True), ("杭州", True), ("州。", False)]
)
def test_a_piece_of_chinese_begins_and_ends_anywhere(said: str, whole: bool) -> None:
    assert Pieces("李娜住在杭州。", anything).whole(said.encode()) is whole


def test_a_piece_has_to_fit_and_stays_on_its_line() -> None:
    pieces = Pieces("blue\nred", lambda value: value != "blue")
    assert pieces.grows(b"blue")
    assert not pieces.whole(b"blue")
    assert pieces.whole(b"red")
    assert not pieces.grows(b"blue\nred")


@given(st.text(max_size=30), st.integers(0, 30), st.integers(1, 10))
def test_what_is_whole_has_grown_and_is_a_piece(text: str, begin: int, size: int) -> None:
    pieces, said = Pieces(text, anything), text[begin : begin + size].encode()
    if pieces.whole(said):
        assert all(pieces.grows(said[:end]) for end in range(len(said) + 1))
        assert said == said.strip()


@pytest.fixture
def model(tiny_gguf: Path) -> Iterator[Llama]:
    with Llama(tiny_gguf, context=1024) as opened:
        yield opened


def writer(model: Llama, before: str) -> Writer:
    model.clear(1)
    one = Writer(model, 1)
    one.read(model.tokenize(before))
    return one


def test_a_model_can_write_any_of_the_names_and_nothing_else(model: Llama) -> None:
    names = ["home", "home town", "生日", "🐈"]
    for name in names:
        assert writer(model, "x").write(Names([name]), b"|") == name
    assert {writer(model, before).write(Names(names), b"|") for before in "abcdefgh"} <= set(names)
    assert writer(model, "x").write(Names([]), b"|") is None


def test_it_goes_on_where_it_ended(model: Llama) -> None:
    one = writer(model, "x")
    assert one.write(Names(["job"]), b"|") == "job"
    assert model.lengths[1] > len(model.tokenize("x"))
    one.read(model.tokenize(" |"))
    assert one.write(Names(["a cook 厨师"]), b"\n") == "a cook 厨师"
