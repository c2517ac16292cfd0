"""The Chinese grammar of amounts of time: distances, deadlines, windows, durations, recurrences.

distance    三天后 两周前 半个月前 3个小时后: from now; years give the year, others the day or
            minute. After an event (毕业三年后) nothing is inferred.
within      三天内: a deadline, from now to the end of the last day
window      过去三天 最近一周 未来两周: to or from now
duration    三天 两个小时; one day, week or year only after 花了, 请假 and the like
recurrence  每天 每周一 每两周 每月1号 每年5月1日 每晚 隔天 两周一次 每半年 每个工作日
            每隔一天 is every second day; 每隔三天 is taken as every three days.
"""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.amounts import (
    distance,
    duration,
    every,
    every_monthday,
    every_weekday,
    window,
    within,
)
from ltm_cli.nlp.dates.atoms import VOID, Atom, Reading, Rule, rule, text_before, void
from ltm_cli.nlp.dates.calendar import make_datetime, make_month, part_of_period, period_around
from ltm_cli.nlp.dates.span import Recurrence
from ltm_cli.nlp.dates.zh_words import (
    AMOUNT,
    EVENTS,
    NOT_AFTER,
    PARTS,
    PIECES,
    UNITS,
    WEEKDAYS,
    parse_amount,
    parse_number,
)


def _distance(match: re.Match[str], reading: Reading) -> Atom | None:
    size = parse_amount(match)
    if size is None or text_before(EVENTS, match, reading):
        return VOID
    if match["in"]:
        return within(reading, size)
    return distance(reading, size, -1 if match["ago"] else 1)


def _window(match: re.Match[str], reading: Reading) -> Atom | None:
    size = parse_amount(match)
    return VOID if size is None else window(reading, size, -1 if match["past"] else 1)


def _duration(match: re.Match[str], reading: Reading) -> Atom | None:
    size = parse_amount(match)
    if size is None or (size[0][0] > 49 and re.fullmatch(r"\d\d年", match[0])):  # 98年 is a year
        return VOID
    certain = match[0] != "四周" and size not in (((1, "day"),), ((1, "week"),), ((1, "year"),))
    return duration(reading, size, certain or text_before(_COST, match, reading) is not None)


_COST = re.compile(
    r"(?:花|用|耗时|历时|为期|持续|长达|整整|休息|等|住|待|呆|玩|学|请假|出差|需要?"
    r"|干|忙|做|走|开|大约|约)了?$"
)


def _every_amount(match: re.Match[str], reading: Reading) -> Atom | None:
    size = parse_amount(match)
    if size is None or len(size) > 1:
        return VOID
    count, unit = size[0]
    if match["gap"] and count == 1 and unit in ("day", "week", "month", "year"):
        count = 2
    return every(reading, count, unit)


def _every_unit(match: re.Match[str], reading: Reading) -> Atom | None:
    unit = match["unit"] or match["unit2"]
    if unit in ("晚", "早", "天晚上", "天早上"):
        return every(reading, 1, "day", PARTS[unit.removeprefix("天")])
    if unit in ("周末", "星期末"):
        return every(reading, 1, "weekend")
    if unit == "工作日":
        return every(reading, 1, "workday")
    return every(reading, 2 if match["unit2"] else 1, UNITS[unit])


def _every_month(match: re.Match[str], reading: Reading) -> Atom:
    if match["d"]:
        return every_monthday(reading, parse_number(match["d"]))
    now, which = reading.now, PIECES[match["piece"]]
    return Atom(lambda step: part_of_period(period_around(now, "month", step), which), "month",
                every=Recurrence("month"), sense="recurrence")  # fmt: skip


def _every_year(match: re.Match[str], reading: Reading) -> Atom:
    month = parse_number(match["m"])
    if match["d"]:
        return every_monthday(reading, parse_number(match["d"]), month)
    make_datetime(2024, month)
    now, rule = reading.now, Recurrence("year", 1, month=month)
    return Atom(
        lambda step: make_month(now.year + step, month), "year", every=rule, sense="recurrence"
    )


def _every_weekday(match: re.Match[str], reading: Reading) -> Atom:
    return every_weekday(reading, WEEKDAYS[match["wd"]])


def _times(match: re.Match[str], reading: Reading) -> Atom:
    return every(reading, 1, UNITS[match["unit"].removeprefix("个")])


_DAY = r"(?P<d>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
_WEEK = r"(?:周|星期|礼拜)"

RULES: list[Rule] = [
    rule(_distance, rf"{NOT_AFTER}{AMOUNT}(?:(?P<ago>[之以]?前(?![后夕沿提期台端所未面排]))",
                    r"|[之以过]?后(?![面续期居悔台端备果排半])",
                    r"|(?P<in>[之以]?内(?![容部心存科外地])))", needs=("前", "后", "内")),
    rule(_window, r"(?:(?P<past>过去的?这?|最近的?这?|近)|未来的?|接下来的?|今后的?|往后)",
                  rf"{AMOUNT}(?:[之以]?内|里(?!面))?",
         needs=("过去", "近", "未来", "接下来", "今后", "往后")),
    rule(_duration, rf"{NOT_AFTER}(?<![每这那头末]){AMOUNT}(?!一?次|[前后内多])"),
    rule(_every_amount, rf"每(?P<gap>隔)?{AMOUNT}(?:一次)?", needs=("每",)),
    rule(_every_amount, rf"{NOT_AFTER}(?P<gap>){AMOUNT}一次", needs=("一次",)),
    rule(_times, rf"{NOT_AFTER}一(?P<unit>天|周|个?月|年|个?星期|个?礼拜)",
                 r"[一两二三四五六七八九十\d]次", needs=("次",)),
    rule(_every_unit, r"每一?个?(?P<unit>天(?:[早晚]上)?|日|周末?|星期末?|礼拜|月|季度|年",
                      r"|小时|分钟|晚|早|工作日)(?![度级限])|(?<![间相时悬每])隔(?P<unit2>天|日|周|月|年)",
         needs=("每", "隔")),
    rule(_every_weekday, rf"(?:每一?个?|每?逢){_WEEK}(?P<wd>[一二三四五六日天1-6])",
                         r"(?!次(?!日)|[遍趟篇个])", needs=("每", "逢")),
    void(rf"每一?个?{_WEEK}[一二三四五六日]{{2,}}",
         needs=("每",)),  # 每周一三五 is more than one span can say
    rule(_every_month, rf"每一?个?月的?(?:{_DAY}|(?P<piece>[初中底末]))", needs=("每",)),
    rule(_every_year, r"每一?年的?(?P<m>\d{1,2}|十[一二]?|[一二三四五六七八九])月份?",
                      rf"(?:{_DAY})?", needs=("每",)),
]  # fmt: skip
