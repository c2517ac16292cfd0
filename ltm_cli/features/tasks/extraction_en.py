"""How English says that something is to be done (see tasks.py). Texts are in small letters.

In a sentence without its times \\ue000 stands for a deadline, \\ue001 for another time and \\ue002
for a deadline that says "due" or "deadline" itself.
"""

from __future__ import annotations

import re

_VERBS = (
    "answer apply arrange ask assemble attend back bake book bring buy call cancel change charge"
    " check clean clear collect complete confirm contact cook copy cut decide deliver deposit draft"
    " drop email exchange feed fetch file fill finalize finish fix follow forward get give go hand"
    " install invite iron learn let mail make meet message mow move notify order organise organize"
    " pack paint pay pick plan post practise practice prepare present print publish put read"
    " register renew rent repair replace reply report reschedule reserve resubmit return review"
    " revise ring save schedule see sell send service set settle ship sign sort start stop study"
    " submit switch take talk tell text tidy top transfer translate turn update upload vacuum visit"
    " walk wash water wrap write"
).split()
_VERB = rf"(?:{'|'.join(_VERBS)})"
_PERSON = r"(?:i|we)"
_MUST = (
    r"(?:(?:'ve|have)? ?got to|gotta|have to|need to|must|ought to|should|had better|'d better"
    r"|am supposed to|are supposed to)"
)
_WILL = r"(?:'ll|will|want to|wanna|plan to|intend to|hope to|'m going to|am going to|are going to)"
_MARK = "[\ue000\ue001]"

VETO = re.compile(
    r"\?\s*$"
    r"|^(?:when|what|who|where|why|how|which|did|do|does|is|are|was|were|has|have) "
    r"(?:i|you|we|he|she|they|it|the|my|there)\b"
    r"|\b(?:don't|doesn't|didn't|do not|does not|did not|won't|no longer) (?:have|need|want) to\b"
    r"|\b(?:needn't|mustn't|no need to|used to|should(?:n't)? have|would(?:n't)? have|could have"
    r"|if i had|cancelled|canceled|already|was due|were due|had to|was supposed|were supposed"
    r"|due to|but forgot|called off|i remember(?:ed)?\b(?! to\b))"
    r"|\b(?:baby|flight|train|bus|plane|ferry|she|he|they|her|his)\b[^,.]{0,20}"
    r"\b(?:is|are|'s) due\b"
    r"|^(?:he|she|they|it)\b"
)
_OBLIGES_STRONG = re.compile(
    rf"\b{_PERSON} ?(?:really |also |still |just )?{_MUST} (?!be (?:home|there|here)\b)\w"
    rf"|^(?:please |to-?do:? |{_MARK}[, ]*)*(?:gotta|must|have to|need to) \w"
    rf"|\b(?:don't forget|remember|remind me|reminder|remind us)\b[:,]? (?:{_MARK} )?to {_VERB}\b"
    rf"|^(?:todo|to-?do|task|reminder)\b"
    rf"|^(?:please |pls |kindly )+{_VERB}\b"
    rf"|\b(?:can|could|would) you (?:please )?{_VERB}\b"
    rf"|\b(?:wants?|asked|told|needs?|expects?|reminded) (?:me|us) to {_VERB}\b"
    r"|\bdue\b|\ue002|\bdeadline\b"
)
_OBLIGES = re.compile(
    rf"\b{_PERSON} ?{_WILL} \w"
    rf"|(?:must|ha(?:s|ve) to|needs? to|should|ought to) be \w"
    rf"|^(?:{_MARK}[:, ]*)?(?:and |then |also |so )?{_VERB}\b(?! (?:was|were|is|had))"
)
# Open without a time: marked as such, or said to be unfinished.
OPEN = re.compile(
    rf"^(?:todo|to-?do)\b"
    rf"|^(?:please )?(?:don't forget|remember|remind me|remind us) to"
    rf" (?!take (?:care|it|breaks?)\b){_VERB}\b"
    rf"|\b{_PERSON}(?: still|'ve still)? (?:have not|haven't|has not) (?:yet )?"
    r"(?:finished|done|completed|started|sent|paid|submitted|written|returned|filed|handed)\b"
    rf"|^{_PERSON} (?:still |really |also )?(?:have to|need to|must|ought to)"
    rf" (?!go\b(?: now)?(?:[.,!]|$)|talk to you){_VERB}\b"
)

# What a title leaves out, at either end.
LEAD = re.compile(
    r"^(?:please|pls|also|so|and|todo:?|to-?do:?|reminder:?|task:?) "
    r"|^(?:i|we) ?(?:really |still |also )?(?:'ve got to|have got to|got to|gotta|have to|need to"
    r"|must|ought to|should|'d better|had better|will|'ll|want to|plan to|am going to|'m going to) "
    r"|^(?:gotta|(?:don't forget|remember|remind me|remind us) to) "
    r"|^(?:i|we)(?: still|'ve still)? (?:have not|haven't) (?:yet )?\w+ (?:the |my |our )?"
    r"|^.{1,30}? (?:wants?|asked|told|needs?|expects?|reminded) (?:me|us) to "
    r"|^(?:the )?deadline for (?:the |my |our )?|\s+(?:is|are)$",
    re.IGNORECASE,
)


def obliges(bare: str, *, strong: bool) -> bool:
    """Whether a sentence obliges; `strong` asks for more than an intention or an instruction."""
    if _OBLIGES_STRONG.search(bare):
        return True
    return not strong and _OBLIGES.search(bare) is not None
