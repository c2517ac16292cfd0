"""What somebody says to have done: 买了猫粮, "bought a bag of cat food" -> one key for each thing.

A key is an action and its object in a form that other words for the same share: "buy cat food",
买猫粮. Verbs of one meaning are one action (ordered, picked up; 下单, 囤); of an object the last
two words (the last four characters) count, without amounts. Plans, wishes, questions and denials
are no events. From the keys features/habits/habits.py finds what is repeated. The patterns of
each language are in events_en.py and events_zh.py.
"""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.prefilters import alternatives, lower

MOST = 8  # keys of one text

_IRREGULAR = (
    "bought got paid went saw cut ran swam read ate had took fed gave sent did met wrote made swept"
    " drove rode flew spent"
).split()
_GATES = (re.compile(r"ed\b"), re.compile(rf"\b(?:{alternatives(_IRREGULAR)})\b"))
_GATE_ZH = re.compile(
    "[买购订囤交缴付去逛看换洗剪理浇喂扫修跑游打加充还取遛做]|体检|复诊|下单|入手"
)
_ASKED = re.compile("[?？]")
_CLAUSE = re.compile(
    r"[.!?;:。！？；：\n]+|(?<=\d)\s*\)|[()（）]|，|, (?=(?:and |then |but )?(?:i|we) )", re.I
)


def keys(text: str) -> list[str]:
    """The keys of what a text says was done, in order; usually none."""
    if not _gate(lower(text)):
        return []
    from ltm_cli.features.habits import events_en, events_zh

    found: dict[str, None] = {}
    start = 0
    for stop in _CLAUSE.finditer(text + "\n"):
        clause, start = text[start : stop.start()], stop.end()
        said = clause.strip().lower().replace("’", "'")
        if said and not _ASKED.search(stop.group()):
            found.update(dict.fromkeys(events_en.keys(said)))
            if not said.isascii():
                found.update(dict.fromkeys(events_zh.keys(said)))
    return list(found)[:MOST]


def _gate(low: str) -> bool:
    if not low.isascii() and _GATE_ZH.search(low):
        return True
    return any(gate.search(low) for gate in _GATES)


def action_of(verb: str) -> str:
    """The action that an English verb names in a key: buy of "ordered"."""
    from ltm_cli.features.habits import events_en

    return events_en.action(verb)
