"""The one form in which words are compared: folded text, and the stems of English words.

Apart from tokenizer.py because `ltm suggest` needs no more, and has milliseconds.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

TYPE_CHECKING = False  # as typing has it; importing that takes as long as all of this
if TYPE_CHECKING:
    from typing import Any

# Irregular verbs and plurals, which no stemmer knows: went -> go.
_BASE_FORMS = dict(
    pair.split(":")
    for pair in """\
    went:go gone:go ate:eat eaten:eat bought:buy saw:see seen:see took:take taken:take came:come
    gave:give given:give got:get gotten:get made:make met:meet said:say told:tell knew:know
    known:know thought:think found:find felt:feel kept:keep began:begin begun:begin ran:run
    wrote:write written:write spoke:speak spoken:speak drove:drive driven:drive rode:ride
    ridden:ride flew:fly flown:fly swam:swim swum:swim sang:sing sung:sing drank:drink
    drunk:drink slept:sleep woke:wake woken:wake wore:wear worn:wear won:win lost:lose sold:sell
    sent:send spent:spend built:build brought:bring taught:teach caught:catch fought:fight
    held:hold heard:hear paid:pay sat:sit stood:stand understood:understand chose:choose
    chosen:choose broke:break broken:break fell:fall fallen:fall grew:grow grown:grow
    threw:throw thrown:throw drew:draw drawn:draw hid:hide hidden:hide forgot:forget
    forgotten:forget led:lead left:leave lent:lend meant:mean became:become shot:shoot
    stole:steal stolen:steal struck:strike swore:swear tore:tear torn:tear dealt:deal
    dreamt:dream learnt:learn hung:hang shook:shake shaken:shake bit:bite bitten:bite
    froze:freeze frozen:freeze children:child men:man women:woman feet:foot teeth:tooth
    mice:mouse wives:wife lives:life better:good best:good worse:bad worst:bad""".split()
)

MOST_STEMS = 65536  # that are kept


@lru_cache(maxsize=MOST_STEMS)
def stem(word: str) -> str:
    """The Snowball English stem of a folded word; other scripts come back unchanged."""
    if not word.isascii() or word.isdigit():
        return word
    return str(_stemmer().stemWord(_BASE_FORMS.get(word, word)))


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, then case folding."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english", 0)  # stem() does the caching
