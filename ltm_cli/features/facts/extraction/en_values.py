"""English values: where one ends, which of a list count, and what is too vague to be one."""

from __future__ import annotations

import re

from ltm_cli.features.facts.extraction.words import LANGUAGES_EN, OCCUPATIONS_EN
from ltm_cli.nlp.patterns import lazy

_NO_PLACE = lazy(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Januar|Februar|March$|April|May$|June|July|August"
    r"|Septem|Octo|Novem|Decem|Christmas|Easter|God|Bed"
)

# Where a value ends: what follows says when, why, or something else.
_STOP = lazy(
    r"[;:–—(!\u2190-\u2bff\U0001f000-\U0001faff\[]|\.(?=\s|$)|\s-+\s|,\s*(?:which|but|so)\b"
)
_TAIL = lazy(
    r"(?:,|\s(?:but|because|since|when|while|whenever|which|who|that|so|though|although|after|before"
    r"|until|as|now|nowadays|today|too|lately|sometimes|together|right|is|are|was|were|has|than"
    r"|these days|at the moment|very much|a lot|so much|every \w+|each \w+|last \w+|again|already"
    r"|everyday|however|anymore|please|from now on|this (?:year|month|week|spring|summer|autumn|fall"
    r"|winter)|in (?:the (?:mornings?|evenings?|summer|winter|afternoons?)|(?:19|20)\d\d)|on the weekends?"
    r"|(?:and|or) (?:i|my|we|it|he|she|they|so|then|our|am|have|would|can|do|will|want|expires))\b).*$",
    re.IGNORECASE,
)
_ARTICLE = lazy(r"(?:also )?(?:(?:the|a|an|some|all|any|a little|a bit of) (?=\S))?", re.IGNORECASE)
# No value begins with these: they point at something else, or say how and where.
_VAGUE = lazy(
    r"(?:how|what|when|where|why|who|being|everything|anything|nothing|something|someone|everyone"
    r"|there|here|both|each|one|hard|fun|free|home|living|hours|fine|good|great|sure|sorry|so|too"
    r"|very|well|out|in|at|on|up|off|back|away|about|for|with|of|way|idea|fact|rest|same|whole|lots?"
    r"|more|most|less|much|many|no|not|nope|yes|definitely|still|always|never|to|is|are|was|were)\b",
    re.IGNORECASE,
)
POINTS = lazy(
    r"\b(?:it|this|that|these|those|you|yours?|him|his|hers?|them|theirs?|me|my|mine|myself|us|ours?"
    r"|its|i|we|they|he|she|they['’]re)\b",
    re.IGNORECASE,
)
_NARROWED = lazy(r"\b(?:that|who|whose|which)\b")  # "stories that scare me": not all stories
_GENERIC_THE = lazy(r"the [a-z]")
_COMMON_VERB = lazy(
    r"(?:be|help|do|have|get|see|know|think|say|hear|go|make|share|keep|try|come)\b"
)

_OCCUPATION = lazy(rf"(?:[\w-]+ ){{0,2}}(?:{'|'.join(OCCUPATIONS_EN)})\b", re.IGNORECASE)
_LANGUAGE = lazy(rf"\b(?:{'|'.join(LANGUAGES_EN)})\b")
_DRUG = lazy(
    r"\b(?:\w+(?:formin|statin|pril|olol|sartan|zepam|azole|cillin|mycin|oxetine|traline|prazole"
    r"|dipine|thyroxine|profen|setron|triptan)|insulin|aspirin|paracetamol|lithium|warfarin"
    r"|prednisone|ritalin|vitamin [A-Z]\d*)\b",
    re.IGNORECASE,
)


def stripped(value: str) -> str:
    """A value without what follows it."""
    return _TAIL.sub("", _STOP.split(value)[0]).strip(" .\"'’")


def one(value: str) -> list[str]:
    said = stripped(value)
    said = bare(said)
    return [said] if said and len(said.split()) <= 6 and not vague(said) else []


def vague(said: str) -> bool:
    return _VAGUE.match(said) is not None or POINTS.search(said) is not None


def bare(said: str) -> str:
    """Without its article, unless that is part of a name: "the Beatles"."""
    if said.startswith("the ") and said[4:5].isupper():
        return said
    match = _ARTICLE.match(said)
    return said[match.end() :] if match else said


def likings(value: str) -> list[str]:
    """The items of "tea, jazz and old maps"; only the first where the others are no short ones."""
    if value.startswith("to ") and not _COMMON_VERB.match(value, 3):
        value = value[3:]
    items: list[str] = []
    for part in re.split(r",\s+(?:and |or )?| and | or | & ", _STOP.split(value)[0]):
        said = bare(stripped(part))
        words = len(said.split())
        if _NARROWED.search(part):
            break
        if not said[:1].isalnum() or _GENERIC_THE.match(part) or vague(said) or words > 5:
            break
        if items and (words > 3 or len(items[0].split()) > 3):
            break
        items.append(said)
        if said != bare(part.strip(" .\"'’")):
            break  # what follows belongs to another clause
    return items


def place(value: str) -> list[str]:
    return [] if _NO_PLACE.match(value) else [value]


def employer(value: str) -> list[str]:
    return one(re.split(r" as (?:an?|the) ", value)[0])


def drugs(value: str) -> list[str]:
    return _DRUG.findall(value)


def languages(value: str) -> list[str]:
    return _LANGUAGE.findall(value)


def job(value: str) -> list[str]:
    said = stripped(value)
    match = _OCCUPATION.match(said)
    return [match.group()] if match and match.end() == len(said) else []


def any_job(value: str) -> list[str]:
    said = stripped(re.split(r" (?:at|for|in|with|of) ", value)[0])
    return [said] if 0 < len(said.split()) <= 3 and said.islower() else []
