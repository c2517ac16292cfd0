"""Every rule that reads a text copes with any, and loses or invents nothing of it."""

from __future__ import annotations

import json
import math
from datetime import datetime

from fuzz import dated, seeds
from ltm_cli.core import sanitize
from ltm_cli.features.documents import passages
from ltm_cli.features.facts import extraction as fact_extraction
from ltm_cli.features.habits import events
from ltm_cli.features.profile import exercise_results, phrases
from ltm_cli.features.style import measure
from ltm_cli.indexing import tokenizer
from ltm_cli.nlp import language, sentences
from ltm_cli.retrieval import query, synonyms

SEEDS = seeds("""
I bought a bag of cat food and paid the rent. My sister's birthday is 5 May; she lives in Lisbon.
Hi, I'm Petra, 34. I'm allergic to nuts, work as a nurse at St. Mary's and can't stand olives!
Dr. A. B. Smith e.g. said "no." Got the geometry proof wrong again... Best regards, Tom
我叫李雷，住在杭州，对花生过敏。我妈妈的生日是5月5日。昨天又买了两袋猫粮和牛奶，交了房租。
几何证明题又做错了！你好，王小姐：请查收……此致敬礼。我的WiFi密码是heron-42，身高175厘米。
anyway, what I wanted to know is: 上周三我在哪里买的猫粮？ What of ﬁsh, Ｃafé & 18-22℃ 🍰?
""")
_BARE = "\x1b\x9b\x07\x00\u202e\u2066\u200f\r"


def one(data: bytes) -> None:
    check(*dated(data))


def check(now: datetime, text: str) -> None:
    _words(text)
    _sentences(text)
    assert len(events.keys(text)) <= events.MOST
    for fact in fact_extraction.find(text):
        assert fact.value
        assert fact.value in text, fact
    exercise_results.find(text)
    phrases.frequent([text] * 3)
    language.language(text)
    _style(text)
    asked = query.parse_query(text, now)
    assert all(0 < worth <= 1 for worth in asked.lookup.values())
    _clean(text)


def _words(text: str) -> None:
    folded = tokenizer.fold(text)
    whole = list(tokenizer.pieces(folded))
    assert all(folded[piece.start : piece.end] == piece.text for piece in whole)
    middle = len(folded) // 2
    # What makes a keyword findable: a part is cut as the whole is, but for its edges.
    head = [piece for piece in tokenizer.pieces(folded[:middle]) if piece.end < middle]
    assert head == [piece for piece in whole if piece.end < middle]
    terms, words = tokenizer.terms_and_words(text)
    assert terms == tokenizer.terms(text)
    assert set(tokenizer.query_terms(text)) <= set(terms)
    assert all(synonyms.find_synonyms(term) is not None for term in terms)
    assert all(words)


def _sentences(text: str) -> None:
    def bare(parts: list[str]) -> str:
        return "".join("".join(part.split()) for part in parts)

    assert bare(sentences.split(text)) == bare([text])
    assert 0 <= sentences.end_of_first(text) < max(1, len(text))
    chunks = sentences.chunks(text, 20, passages.size)
    assert bare(chunks) == bare([text])
    assert all(passages.size(chunk) <= 20 or len(chunk) == 1 for chunk in chunks)


def _style(text: str) -> None:
    found = measure.measure([text, text])
    assert 0 <= found.formality <= 1
    assert not math.isnan(measure.distance(text, found))
    for part in measure.same_length(text, text[::2]):
        assert part in (text[: len(part)], text[::2][: len(part)])
    measure.body(text)


def _clean(text: str) -> None:
    shown = sanitize.visible(text + _BARE)
    assert not set(_BARE) & set(shown)
    assert sanitize.visible(shown) == shown
    assert "\n" not in sanitize.one_line(text)
    document = json.dumps([text, _BARE], ensure_ascii=False)
    assert json.loads(sanitize.safe_json(document)) == [text, _BARE]
    assert not set(_BARE) & set(sanitize.safe_json(document))
