"""Words of Chinese and Latin text: one segmentation for the index, for queries and for keywords.

Text is first *folded* (Unicode NFKC, then case folding), then cut by character class alone, so
that the pieces of a substring are the pieces of the whole text except at its two edges. That
locality is what lets a keyword ("contains this string") be looked up in an index of words.

    fold   "Ｃafé 天气 18℃"  ->  "café 天气 18°c"
    pieces "café 天气 18°c"  ->  café · 天 · 气 · 18 · ° · c
    terms                    ->  café 天 气 天气 18 ° c      (Latin words are stemmed)

Scripts written without spaces (Han, kana, Hangul, Thai, …) give one piece per character; ranking
adds their bigrams, which measured better than words from a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ltm_cli.nlp.stemmer import MOST_STEMS
from ltm_cli.nlp.stemmer import fold as fold
from ltm_cli.nlp.stemmer import stem as stem

# A longer run of letters and digits is no word: it is indexed by its head and by one marker term.
LONGEST_WORD = 48
LONG_WORD = "\ufffc"

# Ranges of code points, first and last. A character class of these would take 20 ms to compile,
# and every command imports this.
_DENSE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x109F),  # Tibetan, Myanmar
    (0x1100, 0x11FF),  # Hangul
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C),  # Hangzhou numerals
    (0x3041, 0x30FF), (0x31F0, 0x31FF),  # kana
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF),  # Han
    (0xA960, 0xA97F), (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF), (0x20000, 0x3FFFF),  # Han
)  # fmt: skip
_SYMBOLS = ((0xB0, 0xB0), (0x2190, 0x2BFF), (0x1F000, 0x1FAFF))  # arrows, dingbats, emoji


class _Kinds(dict[int, str]):
    """The kind of each character, for str.translate: found out once, then looked up.

    d dense, s symbol, w letter, digit or underscore of other scripts, and a space for all else.
    """

    def __missing__(self, code: int) -> str:
        kind = " "
        if any(first <= code <= last for first, last in _DENSE):
            kind = "d"
        elif any(first <= code <= last for first, last in _SYMBOLS):
            kind = "s"
        elif chr(code).isalnum() or code == 0x5F:
            kind = "w"
        self[code] = kind
        return kind


_kinds = _Kinds()
_RUN = re.compile("d+|s|w+")
_SPAN = re.Match.span
_ASCII_WORD = re.compile(r"\w+", re.ASCII)


def _runs(folded: str) -> list[str]:
    """Words, symbols, and stretches of dense characters, in order."""
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return [folded[start:end] for start, end in map(_SPAN, _RUN.finditer(folded.translate(_kinds)))]


# Words that carry a question but not its subject. Only ranking leaves them out; keywords do not.
STOP_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being both but by can
    could did do does doing don down each few for from further had has have having he her here hers
    herself him himself his how i if in into is it its itself just let ll me more most my myself no
    nor not now of off on once only or other our ours ourselves out over own please re s same say
    she should so some such t tell than that the their theirs them themselves then there these they
    this those through to too up us ve very was we were what when where which while who whom whose
    why will with would you your yours yourself yourselves""".split()
)
_STOP_DENSE = frozenset(
    "的了吗呢吧啊呀嘛么是在我你他她它们有和与或就都也还被把给让请将着过很哪什怎这那几多"
)


# The words met so far, as the index holds them: looked up once per word of every text, so a plain
# dict. It is filled by _terms alone, for what stands in it is told to be a word by that.
_known: dict[str, str] = {}


class Piece(NamedTuple):
    """A word or a dense character, and its place in the folded text."""

    start: int
    end: int
    text: str


def pieces(folded: str) -> Iterator[Piece]:
    """The words and single dense characters of folded text, with their places."""
    for match in _RUN.finditer(folded.translate(_kinds)):
        start, end = match.span()
        if match[0][0] == "d":
            for i in range(start, end):
                yield Piece(i, i + 1, folded[i])
        else:
            yield Piece(start, end, folded[start:end])


def is_dense(piece: str) -> bool:
    """Whether a piece is one character of a script written without spaces."""
    return len(piece) == 1 and _kinds[ord(piece)] == "d"


def dense(text: str) -> int:
    """How many characters of a text are of scripts written without spaces."""
    return text.translate(_kinds).count("d")


def terms(text: str) -> list[str]:
    """The index terms of a text in order, repeated as often as they occur."""
    return _terms(_runs(fold(text)))


def query_terms(text: str) -> list[str]:
    """The distinct terms worth ranking by: without stop words, unless nothing else is left."""
    runs = _runs(fold(text))
    content = _terms([run for run in runs if run not in STOP_WORDS])
    kept = [term for term in dict.fromkeys(content) if not _is_stop(term)]
    return kept or list(dict.fromkeys(_terms(runs)))


def terms_and_words(text: str) -> tuple[list[str], set[str]]:
    """The index terms of a text, and its distinct unstemmed words for the vocabulary."""
    runs = _runs(fold(text))
    terms = _terms(runs)
    return terms, {run for run in runs if run in _known}


def _terms(runs: list[str]) -> list[str]:
    if len(_known) > MOST_STEMS:
        _known.clear()
    result: list[str] = []
    for run in runs:
        known = _known.get(run)
        if known is not None:
            result.append(known)
        elif _kinds[ord(run[0])] == "d":
            result += run
            result += map("".join, pairwise(run))
        elif len(run) > LONGEST_WORD:
            result += (run[:LONGEST_WORD], LONG_WORD)
        else:
            _known[run] = stem(run)
            result.append(_known[run])
    return result


def is_stop(term: str) -> bool:
    """Whether a term is a stop word, or a bigram that a stop character is part of."""
    return term in STOP_WORDS or not _STOP_DENSE.isdisjoint(term)


def _is_stop(term: str) -> bool:
    return term in _STOP_DENSE or (len(term) == 2 and set(term) <= _STOP_DENSE)
