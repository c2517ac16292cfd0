"""The patterns of English: `subject verb value` and `possessor's attribute is value`.

Each begins where a clause begins. The verb is looked up, and it has to agree with its subject:
"Lena loves tea" states something of Lena, "Unconditional love is rare" nothing of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ltm_cli.features.facts.extraction.en_values import (
    POINTS,
    any_job,
    drugs,
    employer,
    job,
    languages,
    likings,
    one,
    place,
)
from ltm_cli.features.facts.extraction.words import (
    ATTRIBUTES,
    ILLNESSES_EN,
    ME,
    NAMED_EN,
    RELATIONS_EN,
    Stated,
    fits,
    shaped,
    words_of,
)
from ltm_cli.nlp.patterns import lazy

_ATTRIBUTES = frozenset(
    """name birth birthday phone number mobile telephone email mail address password passcode pin code
    plate favourite favorite job employer occupation profession blood shoe height weight age hometown
    town nationality wechat id""".split()
)
# A sentence that holds one of these supposes, asks, denies, reports or mocks.
_UNSURE = lazy(
    r"[?？]|\b(?:if|wish|might|maybe|perhaps|possibly|probably|would|could|should|suppose|imagine"
    r"|pretend\w*|unless|dream\w*|hop(?:e|es|ing) to|want(?:s|ed)? to|used to|almost|nearly"
    r"|supposedly|planning to|going to|said|says|saying|told|tells|claims?|claimed|asked|asks|wrote"
    r"|writes|reads?|thinks?|thought|believes?|guess|apparently|allegedly|reportedly|heard|rumou?r\w*"
    r"|oh great|just love|any ?more than|yeah,? right|not|never|no longer|\w+n['’]t|cannot|i['’]d)\b",
    re.IGNORECASE,
)
# … but with these of them a pattern knows what to do.
_DENIED = lazy(
    r"\b(?:can['’]?t|cannot) (?:stand|bear)\b|\b(?:do|does)n['’]t (?=(?:really )?(?:like|enjoy)\b)"
    r"|\b(?:do|does) not (?=(?:really )?(?:like|enjoy)\b)|\bdon['’]t forget\b",
    re.IGNORECASE,
)
_ASKS = lazy(
    r"(?:what|when|where|who|whose|which|why|how|do|does|did|is|are|was|were|can|am|has|have)\b",
    re.IGNORECASE,
)
_CLAUSE = lazy(
    r"[,;–—!.]\s+(?:(?:and|but|so|because|also)\s+)?"
    r"|\s(?:and|but|so|because)\s(?=(?:i|my|our|we|i['’]m|i['’]ve)\b)",
    re.IGNORECASE,
)
_LEAD = lazy(
    r"(?:(?:well|so|now|also|and|but|btw|by the way|anyway|actually|honestly|oh|ok|okay|yes|yeah"
    r"|remember|note|fyi|hi|hello|hey)[,:]?(?: (?:all|everyone|there|folks))?[,!:]? )+",
    re.IGNORECASE,
)
_HELLO = lazy(r"(?:hi|hello|hey)\b", re.IGNORECASE)

_RELATION = "|".join(sorted(RELATIONS_EN, key=len, reverse=True))
_NO_NAME = (
    r"(?!(?:I|He|She|They|We|You|It|This|That|These|Those|The|A|An|My|Our|His|Her|Their|Your|Its"
    r"|There|Here|Everyone|Everybody|Someone|Somebody|Nobody|Anyone|People|What|Who|Which|When"
    r"|Where|Why|How|If|And|But|So|Also|Today|Tomorrow|Yesterday|Monday|Tuesday|Wednesday|Thursday"
    r"|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October"
    r"|November|December|One|Both|All|Some|Most|Then|Now|Yes|No|Not|Nothing|Just|Please|Dear)\b)"
)
_NAME = rf"{_NO_NAME}[A-ZÀ-Þ][\w-]+(?: (?!(?:Is|Has)\b)[A-ZÀ-Þ][\w-]+)?"
_MY = (
    rf"(?:[Mm]y|[Oo]ur) (?:(?:older|younger|big|little|elder|best|eldest|youngest|late|new|old) )?"
    rf"(?:{_RELATION})(?: {_NAME})?"
)
_WHO = lazy(rf"(?P<who>I|[Ww]e|{_MY}|{_NAME})(?=[ '’])")
_ADVERB = (
    r"(?: (?:now|currently|just|really|still|also|actually|recently|always|absolutely|definitely|both"
    r"|truly|totally|simply|finally|do|so|mostly|quite|completely|very|happily|officially"
    r"|(?:have|has)(?= (?:just |recently |now |finally |always )*(?:moved|been|relocated|loved)))\b)*"
)
_VERB = lazy(
    rf"(?:['’]ve(?= \w))?{_ADVERB}(?:(?P<be>['’](?:m|s|re))| (?P<verb>[a-z]+(?:['’]t)?))\b"
)

_PLACE = (
    r"(?P<value>(?:the )?[A-ZÀ-Þ][\w'’-]+"
    r"(?:(?: (?:upon|de|la|le|der|am|of|the|and))* [A-ZÀ-Þ][\w'’-]+)*(?:, [A-ZÀ-Þ]\w+)?)"
)
_ILLNESS = rf"(?:(?:from|an?) )?(?P<value>(?:(?:type [12]|chronic|high|low) )?(?:{'|'.join(ILLNESSES_EN)}))\b"
_ANIMAL = (
    r"(?:cat|dog|kitten|puppy|hamster|rabbit|parrot|horse|goldfish|turtle|tortoise|guinea pig)"
)


class _Rule(NamedTuple):
    attribute: str
    after: re.Pattern[str]  # what follows the verb
    values: Callable[[str], list[str]]
    confidence: float


_REST = r"(?P<value>.+)"
# (attribute, its verbs, what follows them, the values in that, confidence)
TABLE: list[tuple[str, str, str, Callable[[str], list[str]], float]] = [
    ("home", "live reside", rf" in {_PLACE}", place, 0.9),
    ("home", "be", rf" (?:living|based) in {_PLACE}", place, 0.9),
    ("home", "moved relocated", rf"(?: from [\w ]+?)?(?: here| back)? to {_PLACE}", place, 0.9),
    ("birthplace", "was", rf" born (?:and raised )?in {_PLACE}", place, 0.95),
    ("birthday", "was", r" born on (?P<value>[\w ,]*\d[\w ,]*)", lambda v: [v.strip(" ,")], 0.9),
    ("hometown", "grew", r" up in (?P<value>(?:a |the )?[\w' -]+)", one, 0.85),
    ("hometown", "come be", rf"(?: originally)? from {_PLACE}", place, 0.8),
    ("name", "be", rf" (?:called|named) (?P<value>{_NAME})", one, 0.9),
    ("allergy", "be", rf"{_ADVERB}(?: \w+ly)? allergic to {_REST}", likings, 0.95),
    ("allergy", "have", r"(?: got)? (?:an? )?(?:severe |bad )?(?P<value>[\w-]+(?: [\w-]+)?) allerg(?:y|ies)\b", one, 0.95),
    ("likes", "love like enjoy adore prefer", rf" {_REST}", likings, 0.85),
    ("likes", "be", rf"(?: \w+)? (?:an? (?:big |huge |great )?(?:fan of|lover of)|fond of|crazy about|into) {_REST}", likings, 0.85),
    ("dislikes", "hate dislike detest loathe despise", rf" {_REST}", likings, 0.85),
    ("dislikes", "can't can’t cannot", rf" (?:stand|bear) {_REST}", likings, 0.9),
    ("dislikes", "don't don’t doesn't doesn’t", rf" (?:really )?(?:like|enjoy) {_REST}", likings, 0.8),
    ("employer", "work worked", rf" (?:at|for) {_REST}", employer, 0.85),
    ("employer", "be", rf" working (?:at|for) {_REST}", employer, 0.85),
    ("job", "work", rf"(?: (?:at|for) [\w' ]+?)? as (?:an?|the) {_REST}", any_job, 0.9),
    ("job", "be", rf" (?:an?|the) {_REST}", job, 0.85),
    ("studies", "study", r" (?!at\b|in\b|for\b|hard\b|with\b)(?P<value>[\w ]+?)(?= (?:at|in|with) |$|[,.;!])", likings, 0.85),
    ("studies", "major", r" in (?P<value>[\w ]+?)(?= (?:at|with) |$|[,.;!])", likings, 0.85),
    ("studies", "be", r" studying (?!at\b|in\b|for\b|hard\b|with\b)(?P<value>[\w ]+?)(?= (?:at|in|with) |$|[,.;!])", likings, 0.85),
    ("school", "study", rf"(?: [\w ]+?)? at {_PLACE}", place, 0.85),
    ("school", "be", rf" studying(?: [\w ]+?)? at {_PLACE}", place, 0.85),
    ("age", "be", r" (?P<value>\d{1,3})(?: years old| y/?o)?(?= now\b|[ .!,]*$)", one, 0.9),
    ("age", "turned", r" (?P<value>\d{1,3})(?= (?:today|yesterday|last|this|in)\b|[ .!,]*$)", one, 0.85),
    ("height", "be", r" (?P<value>[\d.,]+ ?(?:cm|m|ft|feet)(?: \d+)?) tall", one, 0.9),
    ("weight", "weigh", r" (?P<value>[\d.,]+ ?(?:kg|kilos|pounds|lbs?|g|stone))\b", one, 0.85),
    ("illness", "was", rf" diagnosed with {_REST}", one, 0.9),
    ("illness", "been", rf" diagnosed with {_REST}", one, 0.9),
    ("illness", "have suffer", rf"(?: got)? {_ILLNESS}", one, 0.85),
    ("medication", "take", r" (?P<value>[^.;!]+)", drugs, 0.85),
    ("pet", "have adopted got", rf"(?: got)? (?:an?|the) (?:[\w-]+ )?{_ANIMAL}[, ]+(?:called|named|whose name is) (?P<value>{_NAME})", one, 0.9),
    ("car", "drive", rf" an? (?:new |old |used |[a-z]+ )?{_PLACE}", place, 0.85),
    ("owns", "own", r" (?P<value>an? [\w' -]+)", one, 0.8),
    ("spouse", "be", rf" married to (?P<value>{_NAME})", one, 0.9),
    ("speaks", "speak", r" (?P<value>[^.;!]+)", languages, 0.9),
]  # fmt: skip
# The forms of verbs with "I" and "we", and with anybody else; any other: love, loves.
_FORMS = {
    "be": ("'m ’m am 're ’re are", "'s ’s is are"),
    "have": ("have", "has"),
    "study": ("study", "studies"),
    "was": ("was were", "was were"),
    "don't": ("don't", ""), "don’t": ("don’t", ""), "doesn't": ("", "doesn't"),
    "doesn’t": ("", "doesn’t"), "can't": ("can't", "can't"), "can’t": ("can’t", "can’t"),
    "cannot": ("cannot", "cannot"),
}  # fmt: skip
_PAST = frozenset("moved relocated grew worked turned adopted got been".split())


def _forms(verb: str) -> tuple[str, str]:
    return (verb, verb) if verb in _PAST else _FORMS.get(verb, (verb, f"{verb}s"))


def _by_verb() -> tuple[dict[str, list[_Rule]], dict[str, list[_Rule]]]:
    """The rules that a verb may begin: with the first person, and with the third."""
    found: tuple[dict[str, list[_Rule]], dict[str, list[_Rule]]] = ({}, {})
    for attribute, verbs, after, values, confidence in TABLE:
        rule = _Rule(attribute, lazy(after), values, confidence)
        for verb in verbs.split():
            for person, forms in enumerate(_forms(verb)):
                for form in forms.split():
                    found[person].setdefault(form, []).append(rule)
    return found


_FIRST, _THIRD = _by_verb()

_VALUE = (
    r"(?: now)?(?: is| are|['’]s| was changed to| changed to| has changed to|:| =)(?: now)?(?: on| at)?"
    r":? (?P<value>.+)"
)
_FAVOURITE = r"(?P<what>favou?rite [a-z]+(?: [a-z]+)?)"
_HAS = (
    rf"(?:(?:new|current|home|work|private) )?(?P<what>{NAMED_EN}|[a-z]+ (?:code|number|password))"
    r"(?: number)?"
)
_POSSESSIONS = [
    (lazy(pattern), confidence)
    for pattern, confidence in (
        (rf"(?:[Mm]y|[Oo]ur) {_HAS}{_VALUE}", 0.95),
        (rf"(?:[Mm]y|[Oo]ur) {_FAVOURITE}{_VALUE}", 0.95),
        (rf"(?P<who>{_MY}|{_NAME})['’]s? {_HAS}{_VALUE}", 0.95),
        (rf"(?P<who>{_MY}|{_NAME})['’]s? {_FAVOURITE}{_VALUE}", 0.95),
        (
            rf"[Tt]he {_HAS} (?:of|at|in|for|to) (?:[Tt]he |[Mm]y |[Oo]ur )?"
            rf"(?P<who>[\w'’-]+(?: [\w'’-]+)?){_VALUE}",
            0.95,
        ),
        (rf"(?:[Tt]he )?(?P<who>[\w-]+) {_HAS}{_VALUE}", 0.85),
    )
]


def stated(sentence: str) -> list[Stated]:
    """The facts of one sentence, its quotations masked."""
    named = not _ATTRIBUTES.isdisjoint(words_of(sentence))
    found: list[Stated] = []
    for start in (0, *(match.end() for match in _CLAUSE.finditer(sentence))):
        lead = _LEAD.match(sentence, start)
        clause = sentence[lead.end() if lead else start :]
        found += _predicates(clause)
        if named:
            found += _possessions(clause)
    found += _introduced(sentence)
    sure = found and not _ASKS.match(sentence) and not _UNSURE.search(_DENIED.sub("", sentence))
    return found if sure else []


def _predicates(clause: str) -> Iterator[Stated]:
    subject = _WHO.match(clause)
    verb = _VERB.match(clause, subject.end()) if subject else None
    if subject is None or verb is None:
        return
    who = subject["who"]
    first = who in ("I", "we", "We")
    for rule in (_FIRST if first else _THIRD).get(verb["be"] or verb["verb"], ()):
        if match := rule.after.match(clause, verb.end()):
            for value in rule.values(match["value"]):
                yield Stated(ME if first else _of(who), rule.attribute, value, rule.confidence)


def _possessions(clause: str) -> Iterator[Stated]:
    for pattern, confidence in _POSSESSIONS:
        match = pattern.match(clause)
        if match is None:
            continue
        what = match["what"].lower()
        attribute = ATTRIBUTES.get(what, what.replace("favorite", "favourite"))
        who = match.groupdict().get("who")
        for value in shaped(attribute, match["value"]) or one(match["value"]):
            if fits(attribute, value) and not (who and POINTS.fullmatch(who)):
                yield Stated(_of(who) if who else ME, attribute, value, confidence)
        return


def _introduced(sentence: str) -> Iterator[Stated]:
    """ "Hi! I'm Petra": a name only where somebody greets."""
    if _HELLO.match(sentence) and (match := _I_AM.search(sentence)):
        yield Stated(ME, "name", match["value"], 0.8)


_I_AM = lazy(rf"\bI(?:['’]m| am) (?P<value>{_NAME})(?=[,.!]|$| and | from )")


def _of(who: str) -> str:
    return who[0].lower() + who[1:] if who.startswith(("My ", "Our ")) else who
