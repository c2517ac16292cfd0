"""The patterns of Chinese: subject, adverbs, predicate and value within one clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ltm_cli.features.facts.extraction.words import (
    ATTRIBUTES,
    ME,
    NAMED_EN,
    NAMED_ZH,
    OCCUPATIONS_ZH,
    PLACES_ZH,
    RELATIONS_ZH,
    SURNAMES_ZH,
    Stated,
    fits,
    shaped,
)
from ltm_cli.nlp.patterns import lazy

# A sentence that holds one of these supposes, asks, reports or mocks.
_UNSURE = lazy(
    r"[?？]|[吗呢]$|吗[，,]|多少|哪[里儿个天年位些种]|什么|怎么|谁|几[岁号点个]|如果|要是|假如|假设|倘若|万一|也许|可能|大概|或许"
    r"|说不定|希望|打算|就好了|的话|应该|差点|本来|曾经|以前|听说|据说|[他她们]说|有人说|说[:：]|问道|写道|歌词|台词|书里|剧里|电影里"
    r"|呵呵|可真|才怪|想(?:要)?(?:搬|去|在|当|住|叫|换|养|买|学)|梦见|梦到|假装|以为|好像|似乎|是不是|有没有|能不能"
)
_CLAUSE = lazy(r"[，,；;。！!~\s]+(?=[^\x00-\x7f])|[，,；;。！!]+\s*")
_LEAD = lazy(
    r"(?:(?:大家好|你好|您好|对了|其实|另外|还有|顺便说一下|顺便|记住|记一下|记得|话说|最近|现在|今年|去年|上个?月|从今天起|今天起"
    r"|因为|所以|但是?|不过|而且|而)[，,：:]?)+"
)
_RELATION = "|".join(sorted(RELATIONS_ZH, key=len, reverse=True))
_NAME = rf"(?:[{SURNAMES_ZH}][\u4e00-\u9fff]{{1,2}}?|[小老阿][{SURNAMES_ZH}]|[A-Z][a-z]+)"
_ANIMAL = "猫|狗|兔子|仓鼠|鹦鹉|乌龟|金鱼|马|小猫|小狗"
_WHO = rf"(?P<who>我们家的?(?:{_ANIMAL})|我家的?(?:{_ANIMAL})|我的?(?:{_RELATION})|我们家|我家|我们|我|俺|{_NAME})"
_ADVERB = (
    r"(?:现在|目前|一直|就|也|最近|去年|今年|前年|上个?月|上周|昨天|今天|已经|刚刚?|才|特别|非常|很|真的?|最|超级?|其实|都|还|每天|平时"
    r"|从小|比较|十分|尤其|挺|又|终于|确实|主要|严重|家|一般)*"
)
_REST = r"(?P<value>.+)"
_TAIL = lazy(
    r"(?:[，,；;。！!、（(\s].*|这[个种些].*|(?:了|啦|呀|啊|哦|呢|的|好几?年|[一二两三四五六七八九十\d]+年)+)$"
    r"|[\u2190-\u2bff\U0001f000-\U0001faff].*$"
)
_VAGUE = lazy(
    r"[你您他她它我这那其某啥]|[上下][班学次面车]|自己|别人|大家|一个人|一下|过|着|得|不|没|别|有点|一点|说|问|看你|把|被|跟|给|让|到|起来"
)
_OCCUPATION = "|".join(sorted(OCCUPATIONS_ZH, key=len, reverse=True))
_ILLNESS = r"(?P<value>[\u4e00-\u9fff]{0,6}(?:症|炎|病|哮喘|高血压|高血脂|癌|感冒|骨折|结石|失眠|贫血|湿疹|偏头痛|痛风))"
_DRUG = (
    r"(?P<value>[\u4e00-\u9fff]{0,6}(?:双胍|他汀|洛尔|地平|普利|沙坦|西林|霉素|拉唑|胰岛素|布洛芬|阿司匹林|降压药|避孕药|安眠药"
    r"|维生素[A-Z]?|钙片))"
)


def _one(value: str) -> list[str]:
    """A value without what follows it; nothing if it is vague or a sentence of its own."""
    said = value
    while (shorter := _TAIL.sub("", said)) != said:
        said = shorter
    said = said.strip(" ：:")
    return [said] if 0 < len(said) <= 16 and not _VAGUE.match(said) and "的" not in said[2:] else []


def _list(value: str) -> list[str]:
    items: list[str] = []
    head = re.split(r"[，,；;。！!（(]", value)[0]
    for part in re.split(r"、|和|以及|还有|与", head):
        said = _one(part)
        if not said:
            return items
        items += said
    return items


def _place(value: str) -> list[str]:
    return [said for said in _one(value) if "的" not in said and len(said) <= 10 and _is_word(said)]


def _is_word(said: str) -> bool:
    return not re.match(r"[一二三四五六七八九十\d]+[楼层号天年月个次]", said)


def _employer(value: str) -> list[str]:
    return [said for said in _one(value) if said not in _NOWHERE and not _CITY.fullmatch(said)]


def _workplace(value: str) -> list[str]:
    return [said for said in _one(value) if _CITY.fullmatch(said)]


_NOWHERE = ("家", "外面", "外地", "这里", "这边")
_CITY = lazy(rf"(?:{'|'.join(PLACES_ZH)})+[市省]?(?:[\u4e00-\u9fff]{{1,3}}[市区县])?")


def _name(value: str) -> list[str]:
    match = re.match(
        r"(?![我你他她它了着过做车醒救人外不什这那上下来起喊起])(?:[\u4e00-\u9fff·]{1,5}|[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)"
        r"(?=[，,。！!\s\u2190-\u2bff\U0001f000-\U0001faff]|$)",
        value,
    )
    return [match.group()] if match else []


# (attribute, one of these stands in it, what follows subject and adverbs, its values, confidence)
PREDICATES: list[tuple[str, str, str, Callable[[str], list[str]], float]] = [
    ("home", "住 搬 定居 移居 迁", rf"(?:住在|住到|住|搬到|搬去|搬来|搬家到|定居在?|移居到?|迁到){_REST}", _place, 0.9),
    ("birthplace", "出生 生于 生在", rf"(?:出生在|出生于|生于|生在)(?!\d){_REST}", _place, 0.9),
    ("birthday", "出生于 生于", r"(?:出生于|生于)(?P<value>\d{4}年\d+月\d+[日号])", _one, 0.9),
    ("hometown", "人", rf"是(?P<value>(?:{'|'.join(PLACES_ZH)})[\u4e00-\u9fff]{{0,3}}?)人", _one, 0.9),
    ("hometown", "来自 老家", rf"(?:来自|老家在|的老家在){_REST}", _place, 0.85),
    ("name", "叫 名", rf"(?:的?名字)?(?:名叫|叫做|叫|名字是){_REST}", _name, 0.9),
    ("allergy", "对", r"对(?P<value>[^，,。不没]{1,10}?)(?:严重|轻微|有点|都|会)?过敏", _list, 0.95),
    ("allergy", "过敏", r"(?P<value>(?!不|没|严重|有点|很|又|就|也)[^，,。对不没]{1,6}?)(?:严重)?过敏(?=[，,。！!]|$)", _one, 0.85),
    ("likes", "上", rf"(?:喜欢上|爱上|迷上)了?{_REST}", _list, 0.85),
    ("likes", "欢 爱", rf"(?:喜欢|热爱|酷爱|喜爱|钟爱|爱(?=[吃喝看听玩读打跑])){_REST}", _list, 0.85),
    ("dislikes", "讨厌 欢 不了 恶 反感 烦 不爱", rf"(?:讨厌|不(?:太|怎么)?喜欢|受不了|厌恶|反感|最?烦(?!恼)|不爱(?=[吃喝看听玩])){_REST}", _list, 0.85),
    ("employer", "在", r"在(?P<value>[^，,。]{1,16}?)(?:上班|工作|任职|就职|当\S+|做\S+)", _employer, 0.85),
    ("workplace", "在", r"在(?P<value>[^，,。]{1,16}?)(?:上班|工作|任职|就职|当\S+|做\S+)", _workplace, 0.85),
    ("relation", "是", rf"是我的?(?P<value>{_RELATION})(?=[，,。！!]|$)", _one, 0.9),
    ("job", "名 位", r"是一?[名位](?P<value>[\u4e00-\u9fff]{2,8})", _one, 0.85),
    ("job", "是 当 做 从事", rf"(?:是个?|当|做|从事)(?:一个)?(?P<value>(?:{_OCCUPATION}))(?=了|[，,。！!]|$)", _one, 0.85),
    ("school", "在", r"在(?P<value>[^，,。]{1,12}?(?:大学|学院|中学|小学|高中|初中))(?:读|念|学|上学)", _one, 0.85),
    ("studies", "在", r"(?:在[^，,。]{1,14}?(?:大学|学院))(?:读|念|学习?)(?P<value>(?!书|[大研]|[一二三四])[\u4e00-\u9fff]{2,8})", _one, 0.85),
    ("age", "岁", r"(?:快|满|才|刚满)?(?P<value>\d{1,3})周?岁了?(?=[，,。！!]|$)", _one, 0.9),
    ("height", "身高", r"的?身高(?:是|只?有|才)?(?P<value>\d[\d.]*(?:厘米|米|cm|CM)\d*)", _one, 0.9),
    ("weight", "体重", r"的?体重(?:是|只?有|才)?(?P<value>\d[\d.]*(?:公斤|斤|kg|KG|千克))", _one, 0.9),
    ("illness", "诊 得 患", rf"(?:确诊了?|得了|患有|患上了?|被诊断为|被诊断出|被诊断患有){_ILLNESS}", _one, 0.9),
    ("medication", "吃 服 打", rf"(?:早上|晚上|长期|在)?(?:吃|服用|打){_DRUG}", _one, 0.85),
    ("pet", "养 有", rf"(?:养了|养着|有)[一两]?[只条个匹](?:{_ANIMAL})[，,]?(?:它)?(?:名字)?(?:取名叫?|名叫|叫){_REST}", _name, 0.9),
    ("car", "开", r"开的?(?:是|着)?一?[辆台](?:新|旧|二手)?(?P<value>[^，,。]+)", _one, 0.85),
    ("speaks", "会", r"会[说讲](?P<value>[^，,。]+)", lambda v: [i for i in _list(v) if i[-1] in "语话文"], 0.9),
]  # fmt: skip
_PATTERNS = [
    (attribute, tuple(words.split()), lazy(predicate), values, confidence)
    for attribute, words, predicate, values, confidence in PREDICATES
]
_SUBJECT = lazy(_WHO + _ADVERB)
_BARE = lazy(_ADVERB)

_OWNER = r"(?P<who>(?![他她它你您谁这那某其]|有人|别人|人家)(?:(?![有是在了把说去和的])[\u4e00-\u9fffA-Za-z]){1,8}?)(?:他们|她们)?"
_VALUE = (
    r"(?:现在|已经)?(?:换成了?|改成了?|变成了?|就?是在?|为|：|:|=|叫做?|在)?了?[:： ]*(?P<value>.+)"
)
_FAVOURITE = r"最(?:喜欢|爱)的(?P<what>[\u4e00-\u9fffA-Za-z ]{1,6}?)(?:是|：|:)(?P<value>.+)"
_HAS = rf"(?:新的?)?(?P<what>{NAMED_ZH}|(?:门禁|门锁|大门|单元门|保险箱|保险柜|开机|解锁|支付|银行卡|取款|登录|行李箱|手机|电脑)密码)"
_FIRST = r"(?:我们家|我们|我家|我)(?:的|家)?"
_POSSESSIONS = [
    (lazy(pattern), prefix, confidence)
    for pattern, prefix, confidence in (
        (rf"(?P<who>我的?(?:{_RELATION})|{_NAME})?我?{_FAVOURITE}", "favourite ", 0.95),
        (rf"(?P<who>我的?(?:{_RELATION}))的?{_HAS}{_VALUE}", "", 0.95),
        (rf"{_FIRST}{_HAS}{_VALUE}", "", 0.95),
        (
            rf"我的 ?(?P<what>favou?rite [a-z]+|{NAMED_EN}) ?(?:是|：|:|is) ?(?P<value>.+)",
            "",
            0.9,
        ),
        (rf"{_OWNER}(?:的 ?)?{_HAS}{_VALUE}", "", 0.9),
        (rf"{_OWNER}(?:的 ?)(?P<what>{NAMED_EN}) ?(?:是|：|:) ?(?P<value>.+)", "", 0.9),
    )
]


def stated(sentence: str) -> list[Stated]:
    """The facts of one sentence, its quotations masked."""
    if _UNSURE.search(sentence):
        return []
    found: list[Stated] = []
    carried: str | None = None  # 我叫李雷，住在杭州: the second clause is about the same
    for start in (0, *(match.end() for match in _CLAUSE.finditer(sentence))):
        lead = _LEAD.match(sentence, start)
        clause = sentence[lead.end() if lead else start :]
        if clause.startswith("其") and not clause.startswith(("其他", "其它", "其实", "其中")):
            clause = f"{carried or '其'}{clause[1:]}"  # 李雷是我的同事，其生日是…
        here = list(_possessions(clause)) or list(_predicates(clause, carried))
        found += here
        carried = here[-1].subject if here and here[-1].attribute != "pet" else None
    return found


def _predicates(clause: str, carried: str | None) -> Iterator[Stated]:
    match = _SUBJECT.match(clause)
    # A name may be one or two characters long after its family name: try both.
    for who, rest in _splits(clause, match) if match else [(carried, clause)]:
        if who is None:
            return
        said = list(_said_of(who, rest))
        if said:
            yield from said
            return
    if match is not None and carried is not None:
        yield from _said_of(carried, clause)


def _splits(clause: str, match: re.Match[str]) -> Iterator[tuple[str, str]]:
    who = match["who"]
    for length in (len(who), len(who) + 1) if who[0] in SURNAMES_ZH else (len(who),):
        subject = clause[:length]
        yield (ME if subject in _FIRST_PERSON else subject), clause[length:]


_FIRST_PERSON = ("我", "我们", "我家", "我们家", "俺")


def _said_of(who: str, rest: str) -> Iterator[Stated]:
    adverbs = _BARE.match(rest)
    after = rest[adverbs.end() if adverbs else 0 :]
    for attribute, words, pattern, values, confidence in _PATTERNS:
        if any(word in after for word in words) and (match := pattern.match(after)):
            for value in values(match["value"]):
                yield Stated(who, attribute, value, confidence)


def _possessions(clause: str) -> Iterator[Stated]:
    for pattern, prefix, confidence in _POSSESSIONS:
        match = pattern.match(clause)
        if match is None:
            continue
        what = match["what"].strip()
        attribute = prefix + ATTRIBUTES.get(
            what.lower(), what.lower().replace("favorite", "favourite")
        )
        said = match["value"]
        values = shaped(attribute, said) or (_name if attribute == "name" else _one)(said)
        for value in values:
            if fits(attribute, value):
                who = match.groupdict().get("who")
                yield Stated(
                    ME if who in (None, *_FIRST_PERSON) else who, attribute, value, confidence
                )
        if values:
            return
