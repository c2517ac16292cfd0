"""The segmentation: what the index, queries and keywords rely on."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ltm_cli.features.habits import events
from ltm_cli.indexing import tokenizer

TEXT = st.text(st.sampled_from("abAB 12._-'\n天气如何，。🍰é️Ａßşﬁ日本ไท한글") | st.characters())


def test_chinese_gives_characters_and_bigrams() -> None:
    assert tokenizer.terms("天气好，走") == ["天", "气", "好", "天气", "气好", "走"]


def test_latin_words_are_folded_and_stemmed() -> None:
    assert tokenizer.terms("Running WORKSHOPS, café") == ["run", "workshop", "café"]


def test_mixed_text_and_emoji() -> None:
    assert tokenizer.terms("用GPT写诗🍰") == ["用", "gpt", "写", "诗", "写诗", "🍰"]


def test_full_width_is_the_same_as_half_width() -> None:
    assert tokenizer.terms("ＡＢＣ１２３") == tokenizer.terms("abc123")


def test_a_query_loses_its_stop_words_unless_nothing_is_left() -> None:
    assert tokenizer.query_terms("What did I do about the weather?") == ["weather"]
    assert tokenizer.query_terms("who is it?") == ["who", "is", "it"]
    assert "天气" in tokenizer.query_terms("今天的天气怎么样呢？")
    assert "的" not in tokenizer.query_terms("今天的天气怎么样呢？")


def test_a_very_long_word_is_found_by_its_head() -> None:
    long = "x" * 1000
    assert tokenizer.terms(long) == ["x" * tokenizer.LONGEST_WORD, tokenizer.LONG_WORD]


@given(TEXT)
def test_fold_is_nfkc_and_casefold(text: str) -> None:
    assert tokenizer.fold(text) == unicodedata.normalize("NFKC", text).casefold()


@given(TEXT, st.data())
def test_pieces_of_a_substring_are_those_of_the_text_except_at_its_edges(
    text: str, data: st.DataObject
) -> None:
    folded = tokenizer.fold(text)
    begin = data.draw(st.integers(0, len(folded)))
    end = data.draw(st.integers(begin, len(folded)))
    whole = {(piece.start, piece.end) for piece in tokenizer.pieces(folded)}
    for piece in tokenizer.pieces(folded[begin:end]):
        first, last = piece.start + begin, piece.end + begin
        if first > begin and last < end:
            assert (first, last) in whole
        else:
            assert any(a <= first and last <= b for a, b in whole)


@given(TEXT)
def test_terms_hold_nothing_that_the_index_would_split(text: str) -> None:
    assert all(term and not term.isspace() and '"' not in term for term in tokenizer.terms(text))


def test_what_is_no_word_is_never_taken_for_one() -> None:
    """Rules of English events stem whatever follows a verb: Chinese, and a very long word, too."""
    long = "h" * (tokenizer.LONGEST_WORD + 1)
    for text in ("猫粮", long):
        events.keys(f"bought {text} and café. Met {text}")
        tokenizer.stem(text)
    assert tokenizer.terms_and_words("猫粮") == (["猫", "粮", "猫粮"], set())
    assert tokenizer.terms_and_words(long) == ([long[:-1], tokenizer.LONG_WORD], set())
    assert tokenizer.terms_and_words("café") == (["café"], {"café"})
