"""Texts that give orders to a machine that reads them: "ignore your instructions", 忽略之前的指令。

A small model cannot tell what it is told from what it is to do, so what is recognised here is not
given to it to read (answering/evidence.py), and states no fact. Told by patterns of what such texts
say: they write a chat's own signs, set aside what was said before, give the reader a part to play,
prescribe the answer, or ask for the instructions; and by how many of their features come together
(injection_features.py), which knows wordings that no pattern foresaw, though far from all. A text
that plainly states something false is no order at all.
"""

from __future__ import annotations

import re

from ltm_cli.core.sanitize import legible
from ltm_cli.nlp.injection_features import score
from ltm_cli.nlp.stemmer import fold

LONGEST = 20_000  # characters that are looked at
# Cyrillic and Greek letters that look like Latin ones, for texts that mix them.
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһкмтвнοαενρτυι", "aeopcyxijsdhkmtbhoaevptui")
_CYRILLIC = re.compile("[а-яіјѕԁһ]")
_ROLE = r"(?:system|assistant|user|human|ai|系统|系统提示|助手|助理|用户|人类)"
_TURN = r"(?:answer|question|notes|问题|回答|答案|笔记)"
_SAY = r"(?:answer|reply|respond|output|print)"
_NO_MAIL = (
    r"(?! (?:an?|the|my|our|mails?|calls?|from|to)\b)"  # always answer mails: somebody's habit
)
_SAY_ZH = r"(?:回答|回复|答复|输出|打印)(?![了过完])"
_EARLIER = (
    r"(?:(?:previous|prior|earlier|above|preceding|existing|original|system|other|your) (?:\w+ )?)?"
    r"(?:instructions?|prompts?|guidelines?|directions|notes|context)"
    r"|everything (?:above|before|you know|you were told)|(?:what|all) (?:was said )?(?:above|before)"
)
_INJECTIONS = re.compile(
    "|".join(
        (
            # A chat's own signs.
            r"<\|[^|>\s]{1,40}\|>|<｜[^｜>\s]{1,40}｜>|<\|[^|>\s]{1,40}\|>|\[/?inst\]|<</?sys>>",
            r"<(?:start|end)_of_turn>|</?tool_call>|</s>|#{2,} ?(?:instruction|response|system)\b",
            rf"(?:^|\n)\W{{0,8}}{_ROLE}\W{{0,3}}[:：]|【{_ROLE}】",
            rf"(?:^|\n)\W{{0,8}}{_TURN}\W?[:：](?s:.){{0,400}}?\n\W{{0,8}}{_TURN}\W?[:：]",
            # Setting aside what was said before.
            r"\b(?:ignore|disregard|forget|override|bypass|discard|overlook)\b(?: (?:all|any|every|the|of"
            rf"|these|those|about|your|previous|prior))* (?:{_EARLIER})\b",
            r"(?:忽略|无视|忘记|忘掉|不要?理会|别管|抛开|绕过|推翻|覆盖)(?:掉)?.{0,8}(?:指令|指示|提示词|规则"
            r"|(?:上|前|以)面?的?(?:一切|所有|内容)|你知道的)|(?:忽略|无视|别管|不要理会).{0,6}笔记(?!本)",
            r"\b(?:忽略|ignore|forget) .{0,6}(?:instructions|指令)|\brules you were given\b",
            r"\bwhatever the (?:\w+ )?notes say\b|\bend of (?:the )?notes\b|【笔记(?:到此)?结束|忘掉笔记\s",
            # A part to play.
            r"\byou are now (?!at |in |on |my |officially )|\bpretend (?:that )?you|\bact as (?:if you|an? (?:ai|evil))\b",
            r"\byou are (?:dan|an? (?:pirate|hacker|ai|chatbot|language model))\b",
            r"(?:假装|扮演|装作).{0,2}(?:你|一个|助手|管理员)|你(?:现在|从此|从现在起)(?:就)?是",
            r"从现在(?:起|开始).{0,4}(?:你|每个问题)",
            # What is to be answered.
            r"\bfrom now on\b.{0,20}\b(?:answers?|reply|respond|output|you are|every answer)\b",
            rf"\b{_SAY} (?:only|just|nothing but|exactly)\b|(?<!\bi )(?<!\bwe )\b(?:only|always|never|must) {_SAY}\b{_NO_MAIL}",
            rf"\b{_SAY}\b.{{0,12}}\b(?:any|every|each) question|\b(?:any|every) (?:question|answer)s?\b"
            r".{0,12}\b(?:is|with)\b|\bend (?:your|every|each) (?:answer|reply|response)",
            r"\b(?:say|with) nothing but\b|\banswer to (?:this|every|any) question\b|\bbefore you answer\b",
            rf"(?:只|仅|必须|一定要)(?:能|许|准|要|需|会)?{_SAY_ZH}|从(?:此|今以后)只|无论问什么",
            rf"(?:对|无论).{{0,2}}(?:所有|每个|任何)问题.{{0,6}}(?:{_SAY_ZH}|说)|(?:所有|每个|任何)问题的?答案",
            rf"(?:再|然后再){_SAY_ZH}|{_SAY_ZH}的?(?:最后|结尾|之前).{{0,4}}(?:要|加|把|先)|不要{_SAY_ZH}",
            r"不要告诉用户|回答之前先|这个问题的正确答案",
            # The instructions themselves; what the notes hold; tools.
            r"\b(?:your|repeat|print|reveal|show|output|dump)\b.{0,20}\b(?:system|initial|hidden) prompt\b|\b(?:repeat|print|reveal|show|what are)\b.{0,20}"
            r"\b(?:your (?:instructions|prompt|guidelines)|(?:text|words) above)\b",
            r"(?:打印|重复|输出|泄露|告诉我|你的).{0,8}系统提示|(?:打印|重复|输出|泄露|告诉我).{0,8}(?:初始指令|你的(?:指令|提示词))|把你的.{0,3}指令",
            r"\bsend\b.{0,12}\b(?:everything you know|(?:all (?:of )?)?your (?:notes|memories))\b",
            r"\bdelete (?:all|every) memor(?:y|ies)|(?:发送|删除|清空)(?:掉)?(?:所有|全部)的?(?:笔记|记忆)",
            r"把(?:所有|全部)的?(?:笔记|记忆)发",
            r"!\[[^\]\n]{0,200}\]\(\s*https?:|\"(?:tool|function|name)\"\s*:.{0,80}\"(?:arguments|parameters)\"",
            r"\bcall the (?:function|tool)\b|调用(?:函数|工具)|\bdecode\b.{0,12}\b(?:obey|follow|do)\b",
            r"\bdo what it says\b|解码(?:并|后)(?:照做|执行)|\bltm (?:forget|undo|edit) .*(?:--now|--yes)",
        )
    )
)


def is_injection(text: str) -> bool:
    """Whether a text gives orders to a machine that reads it."""
    text = text[:LONGEST]
    said = fold(legible(text))
    if not said.isascii() and _CYRILLIC.search(said) and re.search("[a-z]", said):
        said = said.translate(_LOOKALIKES)
    return matches_pattern(said) or score(text, said) > 0


def matches_pattern(folded: str) -> bool:
    """Whether a pattern knows a text, as it is compared (stemmer.fold), for giving orders."""
    return _INJECTIONS.search(folded) is not None
