"""What spares a text its patterns never hides what they would find."""

from __future__ import annotations

import random
import re

import pytest

from ltm_cli.nlp import dates, secrets
from ltm_cli.nlp.dates import prefilters, zh

_LETTERS = "aIiİıKkKSsſßŐéΣⅧⒶ- '点"


def test_small_is_what_ignorecase_compares() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        text = "".join(chance.choices(_LETTERS, k=8))
        assert len(prefilters.lower(text)) == len(text)
        for word in ("sk", "kis", "is", "ki", r"\bi\b", r"s\b"):
            found = re.search(word, text, re.IGNORECASE) is not None
            assert (re.search(word, prefilters.lower(text)) is not None) == found, (word, text)


def test_by_initial_matches_the_same_words() -> None:
    words = ["got", "to-do", "i'll", "gotta", "wants?"]
    pattern = re.compile(rf"\b(?:{prefilters.alternatives(words)})\b")
    for word in ("got", "to-do", "i'll", "gotta", "want", "wants"):
        assert pattern.fullmatch(word)
    assert not pattern.search("ottag wantses")


# Characters of which the rules of Chinese times are made, without figures and letters.
_SIGNS = (
    "零〇一二两三四五六七八九十百半几昨今明前后大去来本这上下每隔逢周星期礼拜天日号月年季度点时分秒钟头小"
    "刻整凌清早晨午傍晚夜深里间末初底中旬个的了之以内近过未接往次作工气饭"
)


def test_chinese_times_need_what_is_looked_for() -> None:
    chance = random.Random(2)
    rules = [rule for rule in zh.RULES if rule.build.__name__ != "<lambda>"]
    matched = set()
    for _ in range(20_000):
        text = "".join(chance.choices(_SIGNS, k=12))
        for place, rule in enumerate(rules):
            for match in rule.pattern.finditer(text):
                matched.add(place)
                assert dates._TIMES_ZH.search(match.group()), match
    assert len(matched) > len(rules) * 2 // 3


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PASSWORD: hunter2", "password"),
        ("hf_" + "a" * 20, "key"),
        ("ASIA" + "ABCDEFGH" * 2, "key"),
        ("postgres://anna:geheim@example.org", "key"),
        ("the recovery phrase: apple bread candle door", "password"),
        ("助记词是一二三四五六七八九十一二三四五", "password"),
        ("无线的口令是hunter2", "password"),
        ("无线的口令是hunter22", "password"),
        ("4111 1111 1111 1111", "card number"),
    ],
)
def test_secrets_pass_the_gate(text: str, kind: str | None) -> None:
    assert secrets.find(text) == kind


def test_what_holds_no_secret_is_told_without_patterns() -> None:
    assert not secrets._may_hold("We walked along the river and had coffee.")
    assert not secrets._may_hold("今天天气很好，我们去了公园。")
