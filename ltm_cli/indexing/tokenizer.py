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

# Bump when terms() changes for any text, or what text/dates, text/tasks or text/events find in one
# does: a store makes all that is derived again when it sees another number.
VERSION = 4

# A longer run of letters and digits is no word: it is indexed by its head and by one marker term.
LONGEST_WORD = 48
LONG_WORD = "\ufffc"

_DENSE = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Tibetan, Myanmar, Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"  # iteration marks, Hangzhou numerals
    "\u3041-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_SYMBOLS = "\u00b0\u2190-\u2bff\U0001f000-\U0001faff"  # arrows, dingbats, emoji

_WORD = rf"[^\W{_DENSE}{_SYMBOLS}]+"
_RUNS = re.compile(rf"[{_DENSE}]+|[{_SYMBOLS}]|{_WORD}")
_DENSE_CHARACTER = re.compile(rf"[{_DENSE}]")

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
    for match in _RUNS.finditer(folded):
        if _DENSE_CHARACTER.match(match.group()):
            for i, character in enumerate(match.group(), match.start()):
                yield Piece(i, i + 1, character)
        else:
            yield Piece(match.start(), match.end(), match.group())


def is_dense(piece: str) -> bool:
    """Whether a piece is one character of a script written without spaces."""
    return len(piece) == 1 and _DENSE_CHARACTER.match(piece) is not None


def dense(text: str) -> int:
    """How many characters of a text are of scripts written without spaces."""
    return len(_DENSE_CHARACTER.findall(text))


def terms(text: str) -> list[str]:
    """The index terms of a text in order, repeated as often as they occur."""
    return _terms(_RUNS.findall(fold(text)))


def query_terms(text: str) -> list[str]:
    """The distinct terms worth ranking by: without stop words, unless nothing else is left."""
    runs = _RUNS.findall(fold(text))
    content = _terms([run for run in runs if run not in STOP_WORDS])
    kept = [term for term in dict.fromkeys(content) if not _is_stop(term)]
    return kept or list(dict.fromkeys(_terms(runs)))


def terms_and_words(text: str) -> tuple[list[str], set[str]]:
    """The index terms of a text, and its distinct unstemmed words for the vocabulary."""
    runs = _RUNS.findall(fold(text))
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
        elif _DENSE_CHARACTER.match(run):
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
