"""The words of the Chinese grammar: numerals, units, relative days, parts of the day."""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.atoms import Part
from ltm_cli.nlp.dates.calendar import Amount
from ltm_cli.nlp.dates.span import Unit

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "元": 1}
TENS = {"十": 10, "百": 100}
NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百]{1,6})"
_NUMERAL = "\\d零〇一二两三四五六七八九十百千万亿"


def parse_number(text: str) -> int:
    """25, 二十五, 两百, 一百零三; digit by digit without a unit: 二〇二四."""
    if text.isdigit():
        return int(text)
    if not any(c in TENS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in TENS:
            total, digit = total + (digit or 1) * TENS[c], 0
        else:
            digit = DIGITS[c]
    return total + digit


DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
YEARS = {"大前": -3, "前": -2, "去": -1, "今": 0, "本": 0, "明": 1, "来": 1, "后": 2, "大后": 3}
WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6}
WEEKDAYS |= {str(i + 1): i for i in range(6)}
PIECES = {"初": "start", "中": "mid", "底": "end", "末": "end",
          "上旬": "first", "中旬": "second", "下旬": "third"}  # fmt: skip
QUARTERS = {c: i for i, c in enumerate("一二三四")} | {str(i + 1): i for i in range(4)}

PARTS = {
    "凌晨": Part(0, 5, "am"), "清晨": Part(5, 8, "am"), "清早": Part(5, 8, "am"),
    "大清早": Part(5, 8, "am"), "一大早": Part(5, 8, "am"), "早晨": Part(6, 10, "am"),
    "早上": Part(6, 10, "am"), "早": Part(6, 10, "am"), "晨": Part(6, 10, "am"),
    "上午": Part(7, 12, "am"), "中午": Part(12, 14, "noon"), "下午": Part(13, 18, "pm"),
    "午后": Part(13, 18, "pm"), "傍晚": Part(17, 19, "pm"), "晚上": Part(18, 24, "evening"),
    "晚间": Part(18, 24, "evening"), "晚": Part(18, 24, "evening"), "夜": Part(18, 24, "evening"),
    "夜里": Part(20, 24, "evening"), "夜晚": Part(18, 24, "evening"),
    "深夜": Part(23, 24, "evening"), "半夜": Part(23, 24, "evening"),
}  # fmt: skip

UNITS: dict[str, Unit] = {
    "秒": "second", "秒钟": "second", "分钟": "minute", "小时": "hour", "钟头": "hour", "天": "day",
    "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "季度": "quarter",
    "年": "year",
}  # fmt: skip
HALVES: dict[Unit, Amount] = {
    "hour": ((30, "minute"),), "day": ((12, "hour"),), "month": ((15, "day"),),
    "year": ((6, "month"),), "minute": ((30, "second"),),
}  # fmt: skip

_UNIT = (
    r"秒钟?|分钟|小时|钟头|天(?![使空气才生堂下王然花性赋真])|周(?![年期岁末围边转])|星期|礼拜|季度"
    r"|年(?![级代纪龄初底末度轻会终薪])|日(?=[之以]?内)"
)
# 三天, 两个星期, 半个月, 一个半小时, 1.5小时, 一年半; 月 only with 个: 三月 is March.
AMOUNT = (
    rf"(?P<n>{NUMBER}|半)(?:(?P<dot>\.5)?个?(?P<u>{_UNIT})|(?P<mid>个半)(?P<u2>月|小时|钟头|星期)"
    r"|个(?P<u3>月))(?P<tail>半(?![夜天]))?"
)


def parse_amount(match: re.Match[str]) -> Amount | None:
    """The amount that AMOUNT matched; None where it is no amount (2000年, 半天, 两三天)."""
    unit = UNITS[match["u"] or match["u2"] or match["u3"]]
    half = HALVES.get(unit)
    if match["n"] == "半":
        return half if unit != "day" else None
    vague = len(match["n"]) > 1 and not match["n"].isdigit() and not set(match["n"]) & set(TENS)
    count = parse_number(match["n"])
    if vague or (unit == "year" and count >= 1000):  # 两三天; 2000年
        return None
    if not (match["dot"] or match["mid"] or match["tail"]):
        return ((count, unit),)
    if half is None or (match["dot"] and unit in ("month", "year")):
        return None
    return ((count, unit), *half) if count else half


# No amount starts inside a numeral, after an ordinal or a vague word, or after 每, 前, 后, 近...
NOT_AFTER = rf"(?<![{_NUMERAL}几数多第余每好前后头隔\.])"

# After these a distance is counted from an event and not from now: 毕业三年后.
EVENTS = re.compile(
    r"(?:结婚|毕业|出院|离婚|入职|离职|手术|怀孕|生产|产|去世|开始|结束|完成|收到|到货|发货|付款|签约|购买"
    r"|交付|上市|成立|服药|吃药|[饭餐课会赛婚术]|完|了|过|下单|出生|出发|[饭餐课会赛婚术节][前后]|起|之)$"
)
