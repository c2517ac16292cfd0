"""The Chinese grammar of the time of day: [早上|上午|下午|晚上…] H点 [半|一刻|M分|整|钟].

H点 is also a score or an item of a list, so by itself it needs more: 半, 分, 钟 (三点半), a figure
with a verb after it (8点开会), or 前. Without a part of the day it is taken as written.
"""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.atoms import Atom, Clock, Reading, Rule, rule, text_before
from ltm_cli.nlp.dates.zh_words import PARTS, parse_number


def _clock(match: re.Match[str], reading: Reading) -> Atom | None:
    hour, rest = parse_number(match["h"]), match["rest"]
    if not reading.explicit and hour > 24:
        return None
    minute: int | None = None
    if rest == "半":
        minute = 30
    elif match["quarter"]:
        minute = 15 * parse_number(match["quarter"])
    elif match["mi"]:
        minute = parse_number(match["mi"])
    elif rest == "整":
        minute = 0
    strong = bool(rest and (not match["mi"] or match["fen"]))
    if not strong and match["h"].isdigit() and match["point"] == "点":
        strong = bool(_CLOCK_CUE.match(reading.plain, match.end()))
        strong = strong and not text_before(_SCORE, match, reading)
    near = _NEAR.match(reading.plain, match.end())
    sure = hour > 12 or hour == 0
    return Atom(clock=Clock(hour, minute, None, sure), weak="" if strong or near else "clock")


_CLOCK_CUE = re.compile(r"开|见|到|出发|起床|睡|上课|下课|上班|下班|集合|吃|去|$|[，。,.!?！？\s]")
_NEAR = re.compile(r"之前|以前|前(?![后面途])")
_SCORE = re.compile(r"(?:[涨跌高低升降第有了差得扣加减数占过]|因为|这|那)$")


def _part(match: re.Match[str], reading: Reading) -> Atom:
    return Atom(part=PARTS[match[0]], weak="part")


_DIGIT = "一二三四五六七八九"
_HOUR = rf"(?P<h>\d{{1,2}}|二十[一二三四]?|十[{_DIGIT}]?|[零两{_DIGIT}])"
_MINUTE = rf"(?P<mi>\d\d|\d(?=分)|[零〇][{_DIGIT}]|[二三四五]?十[{_DIGIT}]?|[{_DIGIT}](?=分))"
_LONG_PARTS = sorted((part for part in PARTS if len(part) > 1), key=len, reverse=True)

RULES: list[Rule] = [
    rule(_clock, rf"(?<![\d第.:十两{_DIGIT}]){_HOUR}(?P<point>[点时])",
                 r"(?![候间代刻段期机常尚差装节光区长效速薪许而不有事儿子心评赞击燃缀滴名播火头])",
                 r"(?!\d(?!\d))",
                 r"(?P<rest>半(?![点天])|整|钟(?!头)|过?(?P<quarter>[一三])刻钟?",
                 rf"|过?{_MINUTE}(?P<fen>分(?!钟|之))?)?", needs=("点", "时")),
    rule(_part, f"(?:{'|'.join(_LONG_PARTS)})", "(?![好茶安])", needs=tuple(_LONG_PARTS)),
]  # fmt: skip
