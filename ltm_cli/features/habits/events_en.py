"""What English clauses say was done (see events.py). Clauses are in small letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ltm_cli.indexing.tokenizer import stem

_NO = re.compile(
    r"\b(?:will|won't|going to|gonna|wants?|wanted to|wanna|needs? to|have to|must|should|hope"
    r"|plan(?:ned)?|didn't|did not|haven't|hasn't|hadn't|never|not|would|could|might|if|todo"
    r"|to-do|don't|doesn't|let's|remember(?: to)?|forgot|supposed|almost|nearly|instead of)\b|'ll\b"
)
_SAME = {
    form: action
    for action, forms in {
        "buy": "bought purchased ordered got restocked reordered grabbed",
        "pay": "paid", "go": "went visited", "see": "saw", "cut": "cut trimmed",
        "run": "ran jogged", "swim": "swam", "read": "read", "eat": "ate", "have": "had",
        "take": "took", "feed": "fed", "give": "gave", "send": "sent", "do": "did", "meet": "met",
        "write": "wrote", "make": "made", "change": "changed replaced swapped",
        "clean": "cleaned swept", "spend": "spent", "drive": "drove", "ride": "rode",
        "fly": "flew", "call": "called phoned rang",
    }.items()
    for form in forms.split()
}  # fmt: skip
_VERB = re.compile(
    rf"(?:^|\b(?:i|we|and|then|just|also|finally|again|i've|we've)\s)\s*"
    rf"(?:(?:just|also|finally|again|then|really|have|has|had)\s)*"
    rf"(?P<verb>picked up|stocked up on|topped up|backed up|{'|'.join(_SAME)}|[a-z]{{2,}}ed)\b"
    r"(?!\s*,)"
)
_PASSIVE = re.compile(
    r"^(?:the |my |our )?(?P<object>[a-z' -]{3,30}?) (?:was |were |got |has been )?(?:just )?"
    r"(?P<verb>bought|ordered|reordered|restocked|paid|cleaned|washed|replaced|changed|watered|renewed"
    r"|serviced|refilled)(?: (?:again|today|yesterday|online))?$"
)
_STOP = re.compile(
    r"\b(?:from|at|for|with|on|in|into|by|after|before|because|which|that|while|when|again|today|as"
    r"|yesterday|this|last|online|and then|together|during|about|over|who|where|so|but|until|since"
    r"|around|every|he|she|it|they|costs?|tomorrow|tonight|ago|per|via|off|up|out|back|down|\d+(?:\.\d+)?"
    r"(?: ?(?:euros?|dollars?|yuan|minutes?|hours?|usd|rmb))|[$€¥]\d+)\b|[-–—€$¥]\s"
)
# went for a swim; spent 18 minutes on a book; spent some time baking
_ON = re.compile(
    r"^(?:(?:some|a lot of|lots of) time |\d+ (?:minutes?|hours?) |an hour |half an hour )?"
    r"(?:for|on|reading|watching|to)?\s*(?=[a-z])"
)
_FOR = re.compile(r"^for (?:the |my |our |his |her )?([a-z]+)")
_LIST = re.compile(r",\s*(?!(?:he|she|it|they|which|we|i)\b)(?:and\s)?|\s+and\s+|\s*&\s*|\s*/\s*")
_AMOUNTS = frozenset(
    "a an the some any my our his her their its more another new fresh few several couple lot lots"
    " bag bags box boxes pack packs bottle bottles can cans piece pieces kg g l ml lb lbs pound"
    " pounds kilo kilos of to big small large two three four five six ten one dozen pair usual same"
    " first second next really very much many all both also just again".split()
)


def keys(clause: str) -> Iterator[str]:
    """The keys of a clause: action and object, as stems."""
    if _NO.search(clause):
        return
    for match in _VERB.finditer(clause):
        done = action(match["verb"])
        rest = clause[match.end() :].strip()
        rest = _ON.sub("", rest) if done in ("go", "spend", "take") else rest
        stop = _STOP.search(rest)
        owner = _FOR.match(rest[stop.start() :]) if stop else None
        objects = _LIST.split(rest[: stop.start()] if stop else rest)
        for place, said in enumerate(objects):
            if place and _VERB.match(said):
                break
            words = _words(said)
            if not words and place:
                continue
            if owner and len(words) == 1:
                words = [stem(owner[1]), *words]
            yield " ".join([done, *words])
        return
    passive = _PASSIVE.match(clause)
    if passive and (words := _words(passive["object"])):
        yield " ".join([action(passive["verb"]), *words])


def action(verb: str) -> str:
    """What a verb in the past says was done: the same word for verbs of one meaning."""
    first = verb.split()[0]
    if " " in verb and first in ("picked", "stocked"):
        return "buy"
    return _SAME.get(first) or stem(first)


def _words(said: str) -> list[str]:
    """The stems that name an object: its last two words without amounts."""
    words = [w.removesuffix("'s") for w in re.findall(r"[a-z][a-z'-]*|[^\W\d_a-z]+", said)]
    return [stem(word) for word in words if word not in _AMOUNTS][-2:]
