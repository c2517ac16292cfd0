"""Which language a text is written in, told from its scripts alone."""

from __future__ import annotations

import re

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_LATIN_WORD = re.compile("[A-Za-zÀ-ɏ]+")


def language(text: str) -> str:
    """ISO 639-1: zh, ja or ko by their characters, otherwise en.

    A name or two of the other language does not decide: "What does 天气 mean?" is English.
    """
    if _HANGUL.search(text):
        return "ko"
    if _KANA.search(text):
        return "ja"
    han = len(_HAN.findall(text))
    return "zh" if han and han * 2 >= len(_LATIN_WORD.findall(text)) else "en"
