"""The Chinese grammar: days, weeks, months and years, and what only looks like a time.

day      昨天 前天 大前天 今天 明天 后天 大后天 · 今早 昨晚 明晚
week     [上下这本]…(个)周|星期|礼拜 [一..六日天 | 末], with one 上 or 下 per week; bare 周五
month    [年] M月 [D日|D号 | 初|中|底 | 上旬|中旬|下旬] · 上个月 这个月 下下个月 · 月初 月底
year     2024年 二〇二四年 24年5月 今年 去年 前年 [底 | 上半年 下半年 | 第三季度 | Q3] · 上季度
`zh_clock` has the time of day, `zh_amounts` distances, durations, windows and
recurrences; `compose` puts a day, a part and a clock together, `prepositions` reads 之前.
上周三 is the Wednesday of the last week (Monday to Sunday), 下周五 the Friday of the next one, and
这周一 the Monday of this one even if it is over. Holidays are not known, nor the lunar calendar.
"""

from __future__ import annotations

import re

from ltm_cli.nlp.dates.atoms import Atom, Cycle, Reading, Rule, fixed, rule, void
from ltm_cli.nlp.dates.calendar import (
    Period,
    add,
    make_day,
    make_month,
    part_of_period,
    period_around,
)
from ltm_cli.nlp.dates.numeric import RULES as NUMERIC
from ltm_cli.nlp.dates.span import Impossible
from ltm_cli.nlp.dates.zh_amounts import RULES as AMOUNTS
from ltm_cli.nlp.dates.zh_clock import RULES as CLOCKS
from ltm_cli.nlp.dates.zh_words import (
    DAYS,
    NOT_AFTER,
    PARTS,
    PIECES,
    QUARTERS,
    WEEKDAYS,
    YEARS,
    parse_number,
)


def _relative(word: str) -> int:
    """上上 is -2, 下 is 1, 这 and 本 are 0."""
    return word.count("下") - word.count("上")


def _day(match: re.Match[str], reading: Reading) -> Atom:
    said = [group for group in match.groups() if group]
    part = PARTS[said[1]] if len(said) > 1 else None
    return fixed(period_around(reading.now, "day", DAYS[said[0]]), part=part)


def _weekday(match: re.Match[str], reading: Reading) -> Atom:
    now, wd = reading.now, match["wd"]
    if not match["rel"]:
        if wd == "末":
            return Atom(lambda step: period_around(now, "weekend", step), "week")
        monday = period_around(now, "week").start

        def day(step: int) -> Period:
            return period_around(add(monday, 7 * step + WEEKDAYS[wd], "day"), "day")

        return Atom(day, "week", weekday=WEEKDAYS[wd])
    week = period_around(now, "week", _relative(match["rel"]))
    if not wd:
        return fixed(week)
    if wd == "末":
        return fixed(period_around(week.start, "weekend"))
    return fixed(period_around(add(week.start, WEEKDAYS[wd], "day"), "day"))


def _year(match: re.Match[str], reading: Reading) -> int | None:
    said, now = match.groupdict(), reading.now.year
    if said.get("y"):
        return parse_number(said["y"])
    if said.get("y2"):  # 24年5月: of the last eighty years or the next twenty
        year = now - now % 100 + int(said["y2"])
        return year - 100 if year > now + 20 else year
    word = said.get("yr") or said.get("yb")
    return now + YEARS[word] if word else None


def _date(match: re.Match[str], reading: Reading) -> Atom:
    year, month = _year(match, reading), parse_number(match["m"])
    day = parse_number(match["d"]) if match["d"] else None
    if day == 0 or not 1 <= month <= 12 or (day or 1) > 31:
        raise Impossible("there is no day {day}", day=match[0])

    def of(year: int) -> Period:
        if day:
            return make_day(year, month, day)
        whole = make_month(year, month)
        return part_of_period(whole, PIECES[match["piece"]]) if match["piece"] else whole

    if year is not None:
        return fixed(of(year))
    return Atom(lambda step: of(reading.now.year + step), "year")


def _days(match: re.Match[str], reading: Reading) -> Atom:
    """5月1日至3日: from one day of the month to another."""
    first = _date(match, reading)
    year, month, last = _year(match, reading), parse_number(match["m"]), parse_number(match["last"])

    def of(year: int) -> Period:
        start, end = first.date and first.date(year - reading.now.year), make_day(year, month, last)
        if not start or start.start >= end.start:
            raise Impossible("{words} ends before it begins", words=match[0])
        return Period(start.start, end.end, "day")

    if year is not None:
        period = of(year)
        return fixed(period, whole=True)
    return Atom(lambda step: of(reading.now.year + step), "year", whole=True)


def _of_month(match: re.Match[str], reading: Reading) -> Atom:
    """上个月, 下个月5号, 本月底."""
    whole = period_around(reading.now, "month", _relative(match["rel"]))
    if match["d"]:
        return fixed(make_day(whole.start.year, whole.start.month, parse_number(match["d"])))
    return fixed(part_of_period(whole, PIECES[match["piece"]]) if match["piece"] else whole)


def _monthday(match: re.Match[str], reading: Reading) -> Atom | None:
    """A bare 15号 is a day only beside a time of day or the words that follow a date."""
    day = parse_number(match["d"])
    if not 1 <= day <= 31:
        return None

    def of(step: int) -> Period:
        month = period_around(reading.now, "month", step).start
        return make_day(month.year, month.month, day)

    return Atom(of, "month", weak="" if _DAY_CUE.match(reading.plain, match.end()) else "monthday")


_DAY_CUE = re.compile(r"之?前|以前|截止|到期|为止|开始|[上中下]午|[早晚]上|凌晨|傍晚")


def _year_piece(match: re.Match[str], reading: Reading) -> Atom | None:
    """A year and a part of it; without the year, of this year."""
    year, now = _year(match, reading), reading.now
    quarter = match["q"] or match["q2"]

    def of(step: int) -> Period:
        whole = period_around(add(make_month(year or now.year, 1).start, step, "year"), "year")
        if match["half"]:
            return period_around(
                add(whole.start, 6 if match["half"] == "下" else 0, "month"), "half"
            )
        if quarter:
            return period_around(add(whole.start, 3 * QUARTERS[quarter], "month"), "quarter")
        return part_of_period(whole, PIECES[match["piece"]]) if match["piece"] else whole

    cycle: Cycle = "" if year is not None or match["piece"] else "year"
    return Atom(of, cycle)


def _piece_of_month(match: re.Match[str], reading: Reading) -> Atom:
    return fixed(part_of_period(period_around(reading.now, "month"), PIECES[match["piece"]]))


def _quarter(match: re.Match[str], reading: Reading) -> Atom:
    return fixed(period_around(reading.now, "quarter", _relative(match["rel"])))


WEEK = r"(?:周|星期|礼拜)"
_RELATIVE = r"(?P<rel>上{1,9}|下{1,9}|这|本)"
# 周一起去 is 周 + 一起, 每周三次 is 三次: a weekday is not the numeral of a measure word.
_WEEKDAY = (
    r"(?:一(?!起(?!床)|定|直(?!播|达)|共(?!享|同)|般|些|切|样(?!品|本)|旦|鸣|围|良)|[二三四五六1-6]"
    r"|日(?![志报])|天)(?!次(?!日)|趟|遍|顿|篇|个|小时|天(?![气空黑亮晴冷热阴])|点)"
)
_DIGIT = "一二三四五六七八九十"
_MONTH = r"(?P<m>\d{1,2}|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_STOP = r"$|[，。,.;；!?\s]"
_PIECE = rf"(?P<piece>[上中下]旬|初(?![{_DIGIT}])|中(?={_STOP}|[的之以前])|[底末])"
_YEAR = (
    r"(?:(?:(?P<y>(?<!\d)[12]\d{3}|[一二][零〇一二三四五六七八九]{3})"
    r"|(?P<y2>(?<!\d)\d\d(?=年\d{1,2}月)))年"
    r"|(?<!年)(?P<yr>今|去|大?前(?!年[轻级]|前年)|明|大?后(?!年[轻级])|来)年|(?P<yb>本)年度?)"
)
# 以前天天, 目前天气, 先天和后天: no day in them.
_NOT_FORMER = r"(?<![以之目年月天周日最])"
_NOT_LATTER = r"(?<![以之然今最随此])"

_HOLDS_WEEK = ("周", "星期", "礼拜")  # what WEEK matches

RULES: list[Rule] = [
    *NUMERIC,
    rule(_day, r"(?P<d>昨|今|明)(?:天|儿个?(?![子童女])",
               r"|日(?!头条|说法|资本|影评|方舟|之后|之星|香|黄花))",
               rf"|{_NOT_FORMER}(?P<d2>大?前)天(?![气天空性真赋使才花])",
               rf"|{_NOT_LATTER}(?<!先天)(?<!先天[和与])(?P<d3>大?后)天(?![气天空性])",
         needs=("昨", "今", "明", "前天", "后天")),
    rule(_day, r"(?P<d>[昨今明])(?P<p>[早晚]上|早晨|夜里|[早晚晨夜])(?![报会年])",
               rf"|(?P<d2>{_NOT_FORMER}前|{_NOT_LATTER}后)(?P<p2>晚)(?![报会年饭上])",
         needs=("昨", "今", "明", "前晚", "后晚")),
    rule(_weekday, rf"{_RELATIVE}(?:一|个|一个)?{WEEK}(?![期年围边岁转折游])",
                   rf"的?(?P<wd>{_WEEKDAY}|末)?", needs=_HOLDS_WEEK),
    rule(_weekday, rf"(?P<rel>)(?:{NOT_AFTER}(?<![半整])|(?<=周[一二三四五六]))",
                   rf"(?!周天){WEEK}(?P<wd>{_WEEKDAY}|末)", needs=_HOLDS_WEEK),
    rule(_date, rf"(?:{_YEAR}的?)?{NOT_AFTER}{_MONTH}月份?(?:(?P<d>{_DAY})",
                rf"(?:[日号]|(?<=\d)(?={_STOP}|之前|以前|[上中下]午|[早晚]上))|{_PIECE})?",
                r"(?![球饼色]|[一两二三四几]次)", needs=("月",)),
    rule(_days, rf"(?:{_YEAR}的?)?{NOT_AFTER}{_MONTH}月(?P<d>{_DAY})[日号]?\s*[到至~-]\s*",
                rf"(?P<last>{_DAY})[日号](?P<piece>)", needs=("月",)),
    rule(_of_month, rf"{_RELATIVE}个?月(?![球亮色光饼台牙薪])份?的?",
                    rf"(?:(?P<d>{_DAY})[日号]|{_PIECE})?", needs=("月",)),
    rule(_monthday, rf"(?<![\da-z\-第路街楼栋座])(?<![{_DIGIT}百])(?P<d>{_DAY})号",
                    r"(?![楼线房门馆机台座车店院井球员桌选种令厅口岛坑仓位文公])", needs=("号",)),
    rule(_year_piece, rf"{_YEAR}(?:年?(?P<piece>[初底末]|中(?={_STOP}|[的之以前]))",
                      r"|的?(?P<half>[上下])半年",
                      r"|的?(?:第?(?P<q>[一二三四1-4])季度|q(?P<q2>[1-4])))?",
                      r"(?![级龄代])", needs=("年",)),
    rule(_year_piece, rf"(?<![{_DIGIT}两\d百多半新往])年(?P<piece>[底末](?!端)|初(?![{_DIGIT}]))",
                      rf"|(?<![\d{_DIGIT}])(?P<half>[上下])半年",
                      r"|第(?P<q>[一二三四1-4])季度(?P<q2>)", needs=("年", "季度")),
    rule(_piece_of_month, rf"(?<![\d{_DIGIT}个岁明满圆赏残新蜜累数弯年日几每某])",
                          rf"月(?P<piece>[初底末]|中(?={_STOP}))", needs=("月",)),
    rule(_quarter, rf"{_RELATIVE}一?个?季度", needs=("季度",)),
    *CLOCKS,
    *AMOUNTS,
    # What only looks like a time; ordinals; the lunar calendar (八月十五, but not 八月十五日).
    void(r"[有那某]一天|一天到晚|三天两头|天天|一时半会儿?|改天|半天|今日头条|明日方舟|日用"
         r"|好多年前|周六日|年轻|年级|周天"),
    void(rf"(?:第[{_DIGIT}\d]+个?|最后一?个?|头一?个)(?:[天年月点]|{WEEK}[{_DIGIT[:6]}日天末]?)"),
    void(rf"(?:[正腊冬]|十?[{_DIGIT}])月[初廿{_DIGIT}]{{1,3}}(?![{_DIGIT}日号到至~-])",
         rf"|(?:农历|阴历|旧历)(?:[正腊{_DIGIT}\d]+月)?[初{_DIGIT}\d日号]*"),
]  # fmt: skip
