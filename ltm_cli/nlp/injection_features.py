"""What a text has in common with prompt injections, however worded: features and their weights.

A feature is a kind of word, in both languages: to say something, to set something aside, "you",
what was said before, a part that is played, the answer itself. One alone tells nothing, so each
pair within two sentences counts as well. The weights (data/injection_weights.json) are those of a
logistic regression, trained by bench/train_injections.py on bench/data/injections.jsonl.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from itertools import combinations, pairwise

from ltm_cli.nlp import sentences

_SAY = (
    "answer|reply|respond|say|output|print|write|type|tell|repeat|recite|utter|state|display|show"
)
_HEAD = (
    r"(?:^|[.!?:;,(\n>*\]\"—]|\b(?:please|just|now|then|and|only|simply|always|never|must|shall|to"
    r"|should|will|kindly|not|don't)\s)\s*"
)
_SAY_ZH = "回答|回复|答复|作答|输出|打印|显示|重复|复述|念出?|写上?|说|告诉|吐露|透露"
r"|回(?=[一个:：“])"
_DO = (
    "ignore|disregard|forget|drop|stop|use|put|give|keep|start|begin|make|let|treat|consider|assume"
    "|take|add|append|include|pretend|imagine|act|play|follow|obey|trust|believe|execute|run|call"
    "|send|forward|upload|open|delete|erase|reveal|list|read|copy|decode|finish|end|replace"
    r"|insert|do"
)
# Each feature, as what is found of it in a folded sentence.
_PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "say": rf"\b(?:{_SAY}|says|replies|answers|responds|speak|shout|produce|emit)\b|{_SAY_ZH}",
        "say!": rf"{_HEAD}(?:{_SAY})\b"
        rf"|(?:^|[。！？，；：:,.!?\n（(]|请|就|只|都|要|须|改|再|并|然后|直接|一律|别"
        rf"|不要)\s*你?(?:{_SAY_ZH})",
        "do!": rf"(?:^|[.!?:;,(\n]|\b(?:please|just|now|then|and|not)\s)\s*(?:{_DO})\b"
        r"|(?:^|[。！？，；：:,\n])\s*(?:请|先|马上|立即)?(?:别|不要|不用|把|将|忘|停止|使用"
        r"|执行|运行|调用|假装|扮演|当)",
        "you": r"\b(?:you|your|yours|yourself|you're|thou)\b|[你您]",
        "me": r"\b(?:i|me|my|mine|myself|i'm|i'll)\b|我(?!们)",
        "us": r"\b(?:we|us|our|he|she|him|his|her)\b|我们|咱|[他她](?!们)",
        "please": r"\b(?:please|kindly)\b|请|麻烦",
        "machine": r"\b(?:assistant|chatbot|bot|robot|ai|a\.i\.|language model|model|llm|machine"
        r"|computer"
        r"|program|system)\b|助手|助理|机器人?|人工智能|模型|程序|系统",
        "brief": r"\b(?:instructions?|prompts?|guidelines?|directions|directives?|polic(?:y|ies)"
        r"|rules"
        r"|brief|orders|commands?|configuration|guidance|restrictions|limits|task)\b"
        r"|指令|提示词?|规则|规定|准则|设定|指示|命令|要求|任务|限制|约束",
        "notes": r"\b(?:notes?|entr(?:y|ies)|records?|memor(?:y|ies)|archive|database|context|data"
        r"|conversation)\b|笔记|记录|记忆|条目|档案|资料|上下文|对话|数据",
        "answer": r"\b(?:the|your|this|each|every|any|same|only|correct|right|real|true|official"
        r"|final)"
        r" (?:\w+ )?(?:answer|reply|response|output)\b|答案|(?:你的|个|次|有|终|的)(?:回答|回复"
        r"|答复|输出)",
        "question": r"\b(?:questions?|quer(?:y|ies)|asked|asks|wants to know)\b|问题|提问|问起?",
        "all": r"\b(?:every|everything|any|anything|all|whatever|whenever|whichever|no matter"
        r"|each|same"
        r"|always)\b|所有|任何|每[次个条一]|一切|无论|不管|凡是|全部|一律|永远|统统|什么",
        "only": r"\b(?:only|nothing|just|solely|exactly|simply|except|one word|the word|letter"
        r"|phrase"
        r"|and stop|word (?:for|by) word|in full)\b|只|仅|唯一|除了|就行|[一二两三四五]个字"
        r"|这?个词|逐[字条]|原文|完整",
        "henceforth": r"\b(?:from (?:now|here|this \w+)|henceforth|hereafter|going forward"
        r"|until further"
        r"|starting now|now|new)\b|从现在|从此|今后|往后|以后|接下来|现在|新的",
        "aside": r"\b(?:ignore|disregard|forget|void|overrid(?:e|es|den)|bypass|discard|drop"
        r"|scrap|skip"
        r"|cancel(?:led|s)?|supersedes?|replaces?|invalid|outdated|no longer|never mind"
        r"|no attention"
        r"|abandon|instead|stop|do not follow|mistake)\b"
        r"|忽略|无视|忘[掉记]?|作废|取消|抛开|别管|别?理会|不算|推翻|覆盖|失效|无效|不再|取代"
        r"|代替|换成|改[说写成为]|停止"
        r"|放下|丢弃|不用管|过时",
        "before": r"\b(?:previous|prior|earlier|above|before|preceding|so far|told|given"
        r"|received|existing"
        r"|original|old|older|first|written)\b|之前|先前|上面|上文|前面|前文|以上|刚才|原来|原先"
        r"|早先|以前|收到",
        "part": r"\b(?:you are now|act(?:s)? as|pretend|imagine|role|roleplay|persona|character"
        r"|identity"
        r"|become|behave|speak as|no restrictions|unfiltered|without limits|as if you)\b"
        r"|扮演|假装|装作|想象|设想|角色|身份|变成|当成|没有限制|不受约束|你是一|你的名字|像一",
        "must": r"\b(?:must|have to|has to|shall|required|obliged|should|never|do not|don't"
        r"|refuse|unless"
        r"|obey|comply|important)\b|必须|一定|不得|不许|禁止|务必|不要|别|应[当该]|否则|服从"
        r"|遵守|照[做办]|拒绝|需要?",
        "true": r"\b(?:correct|right|real|true|actual|official|verified|authoritative|reliable"
        r"|trust"
        r"|believe)\b|正确|真正|真实|官方|核实|可靠|相信|为准|更正|才对",
        "false": r"\b(?:fake|false|lies?|lying|wrong|mistake|untrue|forged)\b|假|错|骗|伪造",
        "other": r"\b(?:other|others|another|rest|else|remaining)\b|其他|其它|其余|别的|其馀",
        "boss": r"\b(?:admin|administrator|developer|moderator|root|override|system|owner|operator"
        r"|maintenance)\b|管理员|开发者|系统|主人|站长",
        "user": r"\b(?:the user|user's|this user|human|whoever)\b|用户|对方|有人",
        "send": r"\b(?:send|forward|email|upload|post|submit|visit|click|append|include|contain)\b"
        r"|发[到送给]|转发|上传|提交|访问|点击|加上|附上|插入",
        "link": r"https?:|www\.|@[\w-]{1,40}\.|\b[\w-]{1,40}\.(?:com|net|org|io|example)\b|!\[",
        "wipe": r"\b(?:delete|erase|wipe|destroy|drop table|remove all|rm -)|删除|清空|抹掉|清除",
        "hidden": r"\b(?:reveal|leak|hidden|secrets?|initial|expose|disclose|dump|configuration"
        r"|verbatim)\b"
        r"|透露|泄露|隐藏|机密|公开|吐出",
        "decode": r"\b(?:decode|base64|hex|rot13|backwards|reverse|first letters|decrypt|cipher)\b"
        r"|解码|解密|倒[着过]|十六进制|首字|还原|编码",
        "code": r"[a-z0-9+/]{24,}={0,2}|\b\w{1,40}\((?:[^)\n]{0,60})\)|[{]\"[^\"\n]{1,20}\"\s*:"
        r"|\$\(|`[^`\n]+`|&& "
        r"|\| ?sh\b|--\s*$|os\.system|\bsudo\b|\brm -",
        "fence": r"</?[a-z一-鿿_]+[>(]|<!--|\{\{|^\s*[*\-=—#_]{3,}|[*\-=—#]{3,}\s*$"
        r"|\b(?:begin|end) (?:of )?(?:new )?(?:data|prompt|context|notes|file|document|input)\b"
        r"|(?:资料|上下文|笔记|提示|文件|输入)(?:到此)?(?:结束|开始)",
        "to reader": r"\b(?:(?:note|message|attention|notice|word)s? ?(?:to|for)?(?: the)?|dear"
        r"|hey|hello) "
        r"(?:\w+ )?(?:assistant|ai|model|chatbot|bot|reader|system)\b|whoever (?:reads|processes)"
        r"|when you read|读到|看到这|请看|给(?:助手|模型|机器)",
        "turn": r"(?:^|[.!?。！？\s>])(?:assistant|ai|bot|human|user|machine|model|system|response"
        r"|completion|reply|prompt|output|input)\s?[-:：>»]"
        r"|(?:^|[。！？\s])(?:助手|机器人?|用户|模型|系统|输[入出]|回[复答]|提问|ai)\s?[-:：>»]",
        "chain": r"\bq\w?\d?\s?[:：].{0,200}\ba\w?\d?\s?[:：]|(?:question"
        r"|问题?)\s?[:：].{0,200}(?:answer|reply|答|回复)\s?[:：]"
        r"|问[:：].{0,200}答[:：]",
        "quoted": rf"(?:{_SAY}|word|phrase|with|sentence|is)(?: \w+)?:? [\"“'‘「]"
        r"|(?:说|答|复|出|写|词|是|用|念)[:：]?[“「‘\"]",
        "done": r"\b(?:was|were|did|had|been|yesterday|went|asked|told|said|wrote|learned)\b"
        r"|(?:好|完|过|掉)了|了[。！!\s]*$|昨天|今天|已经",
        "long": r"(?s:.){160}",
    }.items()
}
_HEADED = re.compile(r"[^:：\n]{1,80}[:：] *(?=\S)((?s:.)+)")
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b|!!|！！|\*\*\*")


@lru_cache(maxsize=1)
def load_weights() -> dict[str, float]:
    """What each feature and pair of features weighs, and the bias."""
    text = (files("ltm_cli") / "data" / "injection_weights.json").read_text("utf-8")
    read: dict[str, float] = json.loads(text)
    return read


def with_pairs(found: set[str]) -> list[str]:
    """The features of a stretch of text, and each pair of them."""
    names = sorted(found)
    return [*names, *(f"{one} & {other}" for one, other in combinations(names, 2))]


def find_features(text: str, folded: str) -> list[set[str]]:
    """The features of each sentence, of each two that follow each other, and of what a colon heads.

    One that is harmless beside it makes an order no less of one.
    """
    shouted = {"shout"} if _SHOUTED.search(text) else set()
    parts = sentences.split(folded)
    each = [_features_of(part) | shouted for part in parts]
    heads = (_HEADED.match(part) for part in parts)
    tails = [_features_of(head[1]) | shouted for head in heads if head]
    return [*each, *(one | other for one, other in pairwise(each)), *tails]


def _features_of(sentence: str) -> set[str]:
    return {name for name, pattern in _PATTERNS.items() if pattern.search(sentence)}


def score(text: str, folded: str) -> float:
    """How much a text is like an order to a machine: above 0 it is taken for one.

    `folded` is the text as it is compared (stemmer.fold).
    """
    known = load_weights()
    return max(
        (
            known["bias"] + sum(known.get(one, 0.0) for one in with_pairs(told))
            for told in find_features(text, folded)
        ),
        default=known["bias"],
    )
