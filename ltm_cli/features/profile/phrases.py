"""Words and phrases that come back in many texts, in scripts with and without spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ltm_cli.indexing import tokenizer
from ltm_cli.indexing.tokenizer import STOP_WORDS

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z][a-z'’-]{2,}(?: [a-z][a-z'’-]{2,})*", re.IGNORECASE)
# Words of any text, whatever it is about.
_PLAIN = STOP_WORDS.union(
    """one two get got make made go went going come came take took see saw know think really
    much many good great nice new old time day days today yesterday tomorrow week weeks
    month months year years morning evening night last next first still even like thing
    things something lot way back around well said says told ask asked let want wanted need
    needed feel felt look looked put use used try tried start started finally again always
    never maybe yes okay thanks thank sure little big bit minutes hours minute hour i'm it's
    don't i've that's can't didn't i'll you're we're let's""".split()
)
_PLAIN_ZH = frozenset(
    "的了吗呢吧啊呀嘛么是在我你他她它们有和与或就都也还被把给让请将着过很去来到说要会能好看做上下"
    "个不没这那一今昨明天年月日点跟得为对从最又错"
)
_LONGEST = 6  # characters of a phrase without spaces
MOST = 5_000  # texts looked at


def frequent(texts: Sequence[str], least: int = 3) -> list[tuple[str, list[int]]]:
    """(phrase, places of the texts that hold it) in at least so many texts, most frequent first."""
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts[-MOST:], max(0, len(texts) - MOST)):
        for phrase in _phrases(tokenizer.fold(text[:2000])):
            places.setdefault(phrase, []).append(place)
    common = {phrase: found for phrase, found in places.items() if len(found) >= least}
    ordered = sorted(common, key=lambda phrase: (-len(phrase), phrase))
    kept: list[str] = []
    for (
        phrase
    ) in ordered:  # a part of a longer phrase counts for itself only if it is more frequent
        whole = [long for long in kept if phrase in long]
        if not any(len(common[long]) * 3 > len(common[phrase]) * 2 for long in whole):
            kept.append(phrase)
    return [(p, common[p]) for p in sorted(kept, key=lambda p: (-len(common[p]), p))]


def _phrases(folded: str) -> set[str]:
    found: set[str] = set()
    for run in _RUN.findall(folded):
        if run[0] >= "\u3400":
            for size in range(2, _LONGEST + 1):
                for start in range(len(run) - size + 1):
                    phrase = run[start : start + size]
                    if phrase[0] not in _PLAIN_ZH and phrase[-1] not in _PLAIN_ZH:
                        found.add(phrase)
            continue
        words = run.split()
        for place, word in enumerate(words):
            if word in _PLAIN:
                continue
            found.add(word)
            if place + 1 < len(words) and words[place + 1] not in _PLAIN:
                found.add(f"{word} {words[place + 1]}")
    return found
