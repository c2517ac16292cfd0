"""A keyword is found exactly when Python's `in` says so."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from ltm_cli.core.record import Record
from ltm_cli.features.registry import INDEXER
from ltm_cli.indexing import writer
from ltm_cli.retrieval.recall import recall
from ltm_cli.storage.sqlite.connection import in_memory
from ltm_cli.storage.sqlite.store import SqliteStore

WORDS = st.sampled_from(
    """天气 明天上海天气如何 weather Weather's don't 18-22℃ a 🍰 👨‍👩‍👧 e\u0301té É ß SS straße
    ﬁx (x) " ' * AND OR NEAR ^ % _ \\ 3.14 3,14 hello-world C++ 日本語 한국어 ไทย ； ，
    x.y.z""".split()
)
TEXTS = st.lists(WORDS | st.text(max_size=6), min_size=1, max_size=6).map(" ".join)


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def storable(text: str) -> bool:
    return bool(text.strip()) and "\0" not in text


@given(st.lists(TEXTS.filter(storable), min_size=1, max_size=8), st.data())
@settings(max_examples=60, deadline=None)
def test_every_substring_is_found_and_nothing_else(texts: list[str], data: st.DataObject) -> None:
    with in_memory(INDEXER, "me") as store:
        stored = [writer.remember(store, Record(text=text)) for text in texts]
        for _ in range(5):
            text = data.draw(st.sampled_from(texts))
            begin = data.draw(st.integers(0, len(text) - 1))
            end = data.draw(st.integers(begin + 1, len(text)))
            keyword = data.draw(st.just(text[begin:end]) | WORDS)
            expected = [r.id for r in stored if fold(keyword) in fold(r.text or "")]
            found = [hit.record.id for hit in recall(store, keywords=[keyword])]
            assert found == expected


def test_keyword_inside_a_word_a_number_and_across_punctuation(store: SqliteStore) -> None:
    writer.remember(store, Record(text="明天上海阴转小雨，气温18-22℃，建议带伞。Weather: fine"))
    for keyword in ("天", "上海", "小雨，气", "8-2", "℃", "°c", "eath", "WEATHER", "r: f", "。"):
        assert recall(store, keywords=[keyword]), keyword
    for keyword in ("海上", "8 22", "weathers", "🍰"):
        assert not recall(store, keywords=[keyword]), keyword


def test_all_keywords_must_be_contained(store: SqliteStore) -> None:
    writer.remember(store, Record(text="cat food"))
    writer.remember(store, Record(text="dog food"))
    assert len(recall(store, keywords=["food"])) == 2
    assert len(recall(store, keywords=["food", "cat"])) == 1


def test_a_word_longer_than_any_word_is_found_from_inside(store: SqliteStore) -> None:
    digest = "0123456789abcdef" * 4
    writer.remember(store, Record(text=f"sha {digest}"))
    assert recall(store, keywords=[digest[20:30]])
    assert recall(store, keywords=[digest])
