"""What a text states as a fact: subject, attribute, value, by patterns of English and Chinese.

Nothing is inferred: a value is a piece of the text, and what asks, denies, supposes, quotes,
reports or mocks states nothing. Whom "he" means is never guessed. The flow:

1. gate        is there a word at all that could state something?
2. sentences   without their quotations; those that only ask, suppose or report are passed over
3. rules       of the sentence's language, each anchored at the beginning of a clause (en, zh)

`find("My sister's birthday is 5 May.")` gives `[Stated("my sister", "birthday", "5 May", 0.95)]`.
"""

from __future__ import annotations

import re

from ltm_cli.features.facts.extraction.words import (
    ATTRIBUTES,
    ME,
    Stated,
    is_single,
    may_state,
    same,
)
from ltm_cli.nlp import sentences
from ltm_cli.nlp.patterns import lazy

__all__ = ["ATTRIBUTES", "ME", "Stated", "attributes", "find", "is_single", "same"]

MOST = 32  # facts of one text
LONGEST = 20_000  # characters of a text that are read: a long document is not about its reader

_QUOTED = lazy(r"“[^”]*”?|「[^」]*」?|『[^』]*』?|(?<![\w\"])\"[^\"]*\"|《[^》]*》")
_GREETING = lazy(r"(?:hi|hello|hey)\b[\w ]{0,20}[!.]", re.IGNORECASE)
_HAN = lazy("[\u4e00-\u9fff]")


def find(text: str, first: str = ME) -> list[Stated]:
    """The facts that a text states; `first` is the name of who speaks ("I", 我)."""
    text = text[:LONGEST]
    if not may_state(text):
        return []
    found: dict[tuple[str, str, str], Stated] = {}
    for sentence in _sentences(text):
        if not may_state(sentence):
            continue
        plain = _QUOTED.sub(lambda match: "\ue000" * len(match.group()), sentence)
        for one in _rules(plain):
            if (
                "\ue000" in one.subject + one.value
                or one.value not in text
                or one.subject == one.value
            ):
                continue
            if one.subject == ME and first != ME:
                one = one._replace(subject=first)
            found.setdefault((one.subject, one.attribute, one.value), one)
            if len(found) == MOST:
                return list(found.values())
    return list(found.values())


def attributes() -> list[str]:
    """The names of all attributes that the patterns know."""
    from ltm_cli.features.facts.extraction import en, zh

    return sorted({*ATTRIBUTES.values(), *(one[0] for one in (*en.TABLE, *zh.PREDICATES))})


def _sentences(text: str) -> list[str]:
    """Sentences, a greeting as part of the one that follows it."""
    found: list[str] = []
    for sentence in sentences.split(text):
        if found and _GREETING.fullmatch(found[-1]):
            sentence = f"{found.pop()} {sentence}"
        found.append(sentence)
    return found


def _rules(sentence: str) -> list[Stated]:
    from ltm_cli.features.facts.extraction import en, zh

    return zh.stated(sentence) if _HAN.search(sentence) else en.stated(sentence)
