"""How something went: "got the geometry proof wrong again", 几何证明题又错了.

`find` gives (topic, whether it went right) for each. A question, a supposition or a denial says
nothing.
"""

from __future__ import annotations

import re

from ltm_cli.nlp import sentences

_GATE = re.compile(
    r"\b(?:wrong|right|fail(?:ed)?|flunked|messed up|botched|struggled|mistakes?|solved?|aced|passed"
    r"|nailed|correctly)\b|[错对]了|没做[出对]|不及格|没考好|不会做|做出来|满分|及格|错题|全对",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"[?？]|\b(?:if|might|maybe|would|wouldn|should|never|not|did(?:n['’]t)|will)\b"
    r"|如果|要是|也许|可能|吗|没有?错|不会错|会不会|怕",
    re.IGNORECASE,
)
_TOPIC = r"(?:the |my |a |an |another |this |that |some |those |these |one |two |\d+ )*(?P<topic>[\w'’ -]{2,50}?)"
_AFTER = r"(?= again\b| today\b| twice\b| yesterday\b| this\b| for\b|[.,;!]|$| and\b| but\b)"
_EN = [
    (re.compile(pattern, re.IGNORECASE), right)
    for pattern, right in (
        (rf"\bgot {_TOPIC} (?:all |completely |totally )?wrong\b", False),
        (rf"\b(?:failed|flunked|messed up|botched|struggled with|stumbled over) {_TOPIC}{_AFTER}", False),
        (rf"\bmade (?:\w+ ){{0,8}}mistakes? (?:in|on|with) {_TOPIC}{_AFTER}", False),
        (rf"\bcould(?:n['’]t| not) solve {_TOPIC}{_AFTER}", False),
        (rf"\bgot {_TOPIC} (?:all |finally |completely )?right\b", True),
        (rf"\b(?:solved|aced|passed|nailed) {_TOPIC}{_AFTER}", True),
        (rf"\banswered {_TOPIC} correctly\b", True),
    )
]  # fmt: skip
_SUBJECT = r"(?P<topic>[\u4e00-\u9fffA-Za-z0-9]{2,14}?)"
_HOW = r"(?:又|还是|再次|再|总是?|老是?|全|都|这次|终于|今天|全部|也){0,6}"
_ZH = [
    (re.compile(pattern), right)
    for pattern, right in (
        (rf"{_SUBJECT}{_HOW}(?:做|答|写|算|考|拼|读)?错了?(?=[，,。！!；\s]|$)", False),
        (rf"{_SUBJECT}{_HOW}(?:没做出来|没做对|没考好|不及格|不会做|没答对)", False),
        (rf"(?:做|答|写|算|拼)错了(?:一道|两道|几道|那道|这道|[一二三四五\d]个)?{_SUBJECT}(?=[，,。！!；\s]|$)", False),
        (rf"错题[:：]\s*{_SUBJECT}(?=[，,。！!；\s]|$)", False),
        (rf"{_SUBJECT}{_HOW}(?:做|答|写|算|拼)对了?(?=[，,。！!；\s]|$)", True),
        (rf"{_SUBJECT}{_HOW}(?:做出来了|考了满分|得了满分|及格了|全对)", True),
        (rf"(?:做|答|写|算)对了(?:一道|两道|几道|那道|这道)?{_SUBJECT}(?=[，,。！!；\s]|$)", True),
    )
]  # fmt: skip
_HAN = re.compile("[\u4e00-\u9fff]")
_LEAD = re.compile(
    r"^(?:我|今天|昨天|前天|刚才|上午|下午|晚上|这次|上次|考试|作业里?|里?的|把|这道|那道|一道|几道|又|做|那个|这个|周[一二三四五六日])+"
)
_TAIL = re.compile(r"(?:又|还是|再次|都|全|总|老|也|的时候|我)+$")
_VAGUE = re.compile(
    r"(?:it|that|this|them|everything|things?|all|me|him|her|you|something|all of it)"
)


def find(text: str) -> list[tuple[str, bool]]:
    """(topic, whether it went right), each once."""
    if not _GATE.search(text[:20_000]):
        return []
    found: dict[tuple[str, bool], None] = {}
    for sentence in sentences.split(text[:20_000]):
        if not _GATE.search(sentence):
            continue
        plain = re.sub(r"\bcould(?:n['’]t| not) solve", "could solve", sentence)
        if _UNSURE.search(plain):
            continue
        for pattern, right in _ZH if _HAN.search(sentence) else _EN:
            for match in pattern.finditer(sentence):
                if topic := _cleaned(match["topic"]):
                    found[topic, right] = None
    topics = {topic for topic, _ in found}
    return [one for one in found if not any(one[0] != t and t.endswith(one[0]) for t in topics)]


def _cleaned(topic: str) -> str:
    if _HAN.search(topic):
        topic = _TAIL.sub("", _LEAD.sub("", topic))
        return "" if len(topic) < 2 or re.match(r"[你您他她它谁]|没|不|说", topic) else topic
    topic = topic.strip(" -'’").lower()
    return "" if _VAGUE.fullmatch(topic) or len(topic.split()) > 6 else topic
