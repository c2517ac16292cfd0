"""How Chinese says that something is to be done (see tasks.py and extraction_en.py)."""

from __future__ import annotations

import re

_VERB = (
    r"(?:提?交|上交|递交|缴|完成|做|写|改|修改?|还(?!在|没|有|是|要|得|记)|归还|寄|发|回复?|答复"
    r"|买|订|预[订约定]|办|续|打(?![一二三四五六七八九]?折)|付|支付|报名|报销|取|拿|领|退|准备|审|看|读|review|换|洗|打扫|收拾|清[理洗]|联系|通知"
    r"|申请|填|签|考|交付|上线|发布|搬|整理|复习|背|安排|给|把|去|接|送|约|帮|带|浇|喂|遛|剪|擦|倒"
    r"|充|存|转|汇|登记|注册|更新|检查|确认|核对|提供|总结|测试|部署|合并|备份|处理|解决|跟进|开|借|捐|种|装|安装|修理|保养|年检"
    r"|体检)"
)
_SELF = r"(?:我们?|咱们?|俺)"
_MUST = (
    r"(?:(?<![重主需纪摘概首扼不])要(?![不是求点闻素])|(?<![觉获取值认懂记使舍显])得(?![到了很不])"
    r"|必须|须(?!知)|需要?(?![求])|应该|务必)"
)
_REMIND = r"(?:(?<!还)(?<!都)记得(?:要)?|别忘了?|不要忘了?|提醒我(?:们)?|勿忘)"

VETO = re.compile(
    r"[？?吗呢][”」]?\s*$|什么时候|何时|要不要|是否|是不是|有没有|怎么"
    r"|不用|不必|无需|不需要|没必要|不要(?!忘)|取消|错过|没赶上|已经|曾经|(?<!不)会(?![议员计])"
    r"|本来|原本"
    rf"|^(?:{_SELF}?(?:还|都|也)记得)|记得(?:那|小时|当时|以前|上次)"
    r"|^(?:他|她|它|他们|她们)(?!让|叫|要求)"
    r"|要[^，,。把]{1,12}了(?:[！!。，,]|$)|快要[^。]*了"
)
_DONE = re.compile(  # something happened: a verb with 了 that nothing obliges to
    rf"{_VERB}[^，,。！!]{{0,2}}了|[到完好掉卖睡搬]了|过了"
)
_OBLIGES_STRONG = re.compile(
    rf"{_MUST}[^，,。]{{0,12}}?{_VERB}"
    rf"|{_REMIND}[^，,。]{{0,8}}?{_VERB}"
    rf"|(?:让|叫|要求|要|请|催)(?:我们?|咱们?)[^，,。]{{0,8}}?{_VERB}"
    r"|^(?:todo|待办)|\ue002"
)
# An instruction: the deadline, then the verb; between them nobody else. Or what, and when:
# 方案修改，周五前.
_OBLIGES = re.compile(
    rf"(?:^|[，,：:]|^{_SELF}|^[^，,。我你他她\ue000]{{1,10}})\s*\ue000"
    rf"\s*(?:(?:{_SELF}(?:一定|尽量|先|再|就)?|一定|尽量|先|再|就)\s*)?{_VERB}"
    rf"|{_SELF}(?:打算|计划|准备|想)?\s*\ue000[^，,。]{{0,6}}?{_VERB}"
    r"|^[^，,。我你他她它在了是有会到去来说想\ue000]{2,10}[，,：: ]\s*\ue000[。！!]?$"
)
OPEN = re.compile(
    rf"^(?:todo|待办)|^{_SELF}?{_REMIND}{_VERB}"
    r"|还(?:没有?|未)(?:做|写|改|交|弄|完成|处理|付|还|办|看|读|买|修|寄|发|回)"
    r"(?:完|好|掉|成|了)?|(?:没|未)(?:做|写|改|弄)?完成?$"
)

# What a title leaves out, at either end.
LEAD = re.compile(
    rf"^(?:todo|待办)\s*[:：]?\s*|^{_SELF}?{_REMIND}"
    rf"|^[^，,。\ue000]{{1,6}}?(?:让|叫|要求|催)(?:我们?|咱们?)|^{_SELF}?(?:还|一定)?{_MUST}|^{_SELF}(?=\ue000)"
    rf"|[，,：: ]*\ue000{_MUST}?(?:提?交|完成|[做改写]完|搞定)$"
    rf"|还(?:没有?|未)(?:做|写|改|弄|完成|处理)(?:完|好|成)?$|的?(?:截止日期|期限)是?$"
)


def obliges(bare: str, *, strong: bool) -> bool:
    """Whether a sentence obliges; `strong` asks for more than an instruction."""
    if _OBLIGES_STRONG.search(bare):
        return True
    return not strong and not _DONE.search(bare) and _OBLIGES.search(bare) is not None
