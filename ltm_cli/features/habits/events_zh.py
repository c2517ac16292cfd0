"""What Chinese clauses say was done (see events.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NO = re.compile(
    r"[？?吗]|没|不(?!错)|未|(?<![重主需])要(?!了)|想|打算|计划|准备|记得|别忘|提醒|应该|需要|必须|会(?!员|议)|将|待办"
    r"|还得|如果|要是|差点|建议|适合|推荐|怎么"
)
_SAME = {
    **dict.fromkeys("购买 网购 订购 采购 下单了 下单 入手 囤 补 买".split(), "买"),
    **dict.fromkeys("缴 付 支付 交".split(), "交"),
    "更换": "换", "清扫": "打扫", "逛": "去", "理": "剪", "清洗": "洗",
    **{verb: verb for verb in "换 打扫 去 剪 看 洗 浇 喂 修 跑 游 打 加 充 还 取 遛 做".split()},
    **{verb: verb for verb in "清理 体检 复诊".split()},
}  # fmt: skip
_UNIT = (
    "[个袋包箱盒瓶斤克份次件条只双块张桶罐套台支根趟遍下升里米]"
    "|公斤|千克|公里|公克|分钟|小时|kg|g|km"
)
_COUNT = rf"(?:[一两二三四五六七八九十几半\d]+(?:\.\d+)?\s*(?:{_UNIT})?)"
_VERB = re.compile(
    rf"(?P<verb>{'|'.join(sorted(_SAME, key=len, reverse=True))})"
    rf"(?:[了过完好到掉]|回来?)*了?\s*{_COUNT}?的?\s*"
    r"(?P<object>[\u4e00-\u9fffA-Za-z ]{0,14})"
)
_FRONT = re.compile(
    rf"^(?:今天|昨天|刚|又|终于|\d[点分日月号:]*|\s){{0,40}}(?P<object>[\u4e00-\u9fff]{{2,6}}?)(?:又|刚|都|也|终于){{0,4}}"
    rf"(?P<verb>买|订|囤|交|缴|付|换|洗|浇|修)(?:了|好了|完了|回来了){_COUNT}?$"
)
_AND = re.compile(r"和(?!平)|、|以及|还有|跟")
_END = re.compile(
    r"，|给|花了|用了|去|来|了|在|准备|回|的时候|因为|很|真|好|,|[买剪看吃做洗打修取换]"
)
_ALONE = frozenset("跑 游 体检 复诊 打扫".split())
_LEAD = re.compile(rf"^(?:{_COUNT}|了|的|新的?|点儿?|些|一?[点些]|把|给|又|再)+")
_SUBJECT = re.compile(r"(?:^|[\s，,])(?:他|她|它|他们|她们|妈妈|爸爸|老板|同事|朋友)(?!的)")


def keys(clause: str) -> Iterator[str]:
    """The keys of a clause: action and object."""
    if _NO.search(clause) or _SUBJECT.search(clause):
        return
    if match := _FRONT.match(clause):
        yield _SAME.get(match["verb"], match["verb"]) + match["object"][-4:]
        return
    place = 0
    while match := _VERB.search(clause, place):
        action = _SAME[match["verb"]]
        place = match.start("object")
        for said in _AND.split(match["object"]):
            if end := _END.search(said := _LEAD.sub("", said.strip())):
                said = said[: end.start()]
            object = "".join(said.rpartition("的")[2].split())
            if object or action in _ALONE:
                yield action + object[-4:]
            if end:
                break
