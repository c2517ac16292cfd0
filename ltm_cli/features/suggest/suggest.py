"""What the user is about to type, from what they have written before.

1. context     the last words before the end of what is typed, and the word that is being typed
2. candidates  the newest memories that hold them, by the index
3. count       what followed the last four words there, the last three, … the last one; each
               weighs less, and of equals the newer more
4. phrases     of what begins with the same word, as much as most of them share

Imports little, for it runs at each press of a key: the whole process takes some milliseconds more
than starting Python and SQLite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ltm_cli.features.suggest import table as phrases_table
from ltm_cli.nlp.stemmer import fold, stem

if TYPE_CHECKING:
    from ltm_cli.storage.store import Readable

LIMIT = 5
CONTEXT = 4  # words looked at, at most
NEWEST = 400  # memories read for each part of the context
COMPLETED = 12  # words tried for one that is being typed
LONGEST = 6  # words of a suggestion
STEP = 4.0  # how much more a longer context by one word weighs

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PHRASE_END = re.compile(r"[.!?;:,…\n\t，。！？；：、()（）\"“”「」\[\]]")


def suggest(store: Readable, prefix: str, limit: int = LIMIT) -> list[str]:
    """Lines that begin with `prefix`, the likeliest first; none when nothing such was written."""
    typed = prefix.lower()
    tokens = _tokens(typed)[-CONTEXT:]
    if len(typed) != len(prefix) or (typed.strip() and not tokens):
        return []  # a letter that has no lower case of the same length; nothing but punctuation
    if tokens and typed[tokens[-1][1] :].strip():
        return []  # a phrase has just ended: nothing is known of how the next begins
    read: dict[int, None] = {}
    for ids in _candidates(store, typed, tokens):
        read.update(dict.fromkeys(ids))
    texts = [
        (text, text.lower()) for text in phrases_table.texts(store, sorted(read, reverse=True))
    ]
    scores: dict[str, float] = {}
    followed: dict[str, list[str]] = {}
    for size in range(len(tokens), 0, -1):
        _count(texts, typed[tokens[-size][0] :], STEP**size, scores, followed)
    if not tokens:
        _count(texts, "", 1.0, scores, followed)
    best = sorted(scores, key=lambda key: -scores[key])[:limit]
    return [prefix + _shared(followed[key]) for key in best]


def _tokens(typed: str) -> list[tuple[int, int]]:
    """Where words, and single characters of scripts without spaces, begin and end."""
    found: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(typed):
        start = match.start()
        for place in range(match.start(), match.end()):
            if _is_dense(typed[place]):
                if start < place:
                    found.append((start, place))
                found.append((place, place + 1))
                start = place + 1
        if start < match.end():
            found.append((start, match.end()))
    return found


def _is_dense(character: str) -> bool:
    return character >= "\u2e80" or "\u0e00" <= character <= "\u0eff"


def _candidates(
    store: Readable, typed: str, tokens: Sequence[tuple[int, int]]
) -> Iterator[list[int]]:
    """Ids of memories that hold the last words, ever fewer of them."""
    if not tokens:
        yield phrases_table.newest(store, NEWEST)
        return
    groups: list[list[str]] = []
    for start, end in tokens:
        word = fold(typed[start:end])
        if _is_dense(word[:1]):
            before = groups[-1][0] if groups else ""
            groups.append([before[-1] + word if before and _is_dense(before[-1]) else word])
        elif end == len(typed) and len(word) < 20:  # it may go on
            groups.append([stem(one) for one in phrases_table.beginning(store, word, COMPLETED)])
        else:  # apostrophe and hyphen part words in the index
            groups += [[stem(part)] for part in re.split("['’-]", word)]
    if not groups[-1]:
        return
    for size in range(min(3, len(groups)), 0, -1):
        if all(groups[-size:]):
            yield phrases_table.holding(store, groups[-size:], NEWEST)


def _count(
    texts: Sequence[tuple[str, str]],
    needle: str,
    weight: float,
    scores: dict[str, float],
    followed: dict[str, list[str]],
) -> None:
    """Add what follows `needle` in texts, newest first, to the scores of its first words.

    Each text comes with its lower case.
    """
    counts: dict[str, float] = {}
    rests: dict[str, list[str]] = {}
    for age, (text, folded) in enumerate(texts):
        if len(folded) != len(text):  # then places would not agree
            continue
        for end in _ends(folded, needle):
            rest = _PHRASE_END.split(text[end : end + 80], maxsplit=1)[0].rstrip()
            if rest.strip():
                key = _first(rest.lower())
                counts[key] = counts.get(key, 0.0) + 1 + 20 / (20 + age)
                rests.setdefault(key, []).append(rest)
    total = sum(counts.values())
    certain = bool(scores)  # then what followed once, after less than is typed, is no habit
    for key, count in counts.items():
        if certain and len(rests[key]) < 2 and key not in scores:
            continue
        scores[key] = scores.get(key, 0.0) + weight * count / (total + 1)
        followed.setdefault(key, rests[key])  # those after the longest context come first


def _ends(folded: str, needle: str) -> Iterator[int]:
    """Where the occurrences of needle end that begin with a word."""
    if not needle:
        yield 0
        return
    place = folded.find(needle)
    while place >= 0:
        if place == 0 or not folded[place - 1].isalnum() or _is_dense(needle[0]):
            yield place + len(needle)
        place = folded.find(needle, place + 1)


def _first(rest: str) -> str:
    """The rest of a word that is being typed with nothing after it, or the first word."""
    for place, character in enumerate(rest):
        if _is_dense(character):
            return rest[: place + 1]
        if character.isspace() and rest[:place].strip():
            return rest[:place]
    return rest


def _shared(rests: list[str]) -> str:
    """As much of continuations with the same first word as most of them share."""
    need = len(rests) // 2 + 1
    best = rests[0]
    most = LONGEST * (3 if _is_dense(best[0]) else 1)
    ends = [0, *(end for _, end in _tokens(best))][: 1 + most]
    for end in reversed(ends[2:]):
        head = best[:end].lower()
        if sum(rest.lower().startswith(head) for rest in rests) >= need:
            return best[:end]
    return best[: ends[min(2, len(ends) - 1)]] if len(ends) > 1 else best  # two words at least
