"""How a text is written, measured: rates per word (Latin) or character (Chinese), and habits.

A `Style` holds how often each feature came in how many units, so that styles add up. The distance
of a text to a style is how far its rates lie from the style's, in the standard deviations that
chance alone would give so long a text (as if counts were Poisson), averaged over the features.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ltm_cli.nlp import sentences

_FUNCTION = frozenset(
    """the a an of to and in that it is was he she i you we they not with as for his her had but at on
    be my have by so said this which all were me from or no one if there been would could when than
    them very what who will their your do its more some then up out into about now just really like
    well upon such any must might should only much too also how our can are am got get get's
    don't it's i'm that's i'll you're can't didn't doesn't isn't won't we're i've let's""".split()
)
_FUNCTION_ZH = frozenset(
    "的了是我你他她它们不在也着又便就说这那都去来上里而却但呢吗吧啊呀哦得地把被可还很之与和或其因为所"
    "以若则即虽然已曾将于您请谢好么嘛一个什没有要会能想"
)
_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)?")
_UNIT = re.compile(rf"{_WORD.pattern}[^\w\s]*|[\u3400-\u9fff][^\w\s]*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]")
_MARKS = {
    ",": ",，", ".": ".。", "!": "!！", "?": "?？", ";": ";；", ":": ":：", "—": "—–", "…": "…",
    "(": "(（", '"': "\"“‘「", "、": "、", "~": "~～", "-": "-",
}  # fmt: skip
_MARK_OF = {character: mark for mark, characters in _MARKS.items() for character in characters}
_FORMAL = re.compile(
    r"\b(?:dear|sincerely|regards|please|kindly|would|could|shall|however|therefore|furthermore"
    r"|appreciate|unfortunately|regret|grateful)\b|[您敬谨请]|此致|烦请|劳驾|恳请|感谢",
    re.IGNORECASE,
)
_INFORMAL = re.compile(
    r"\b(?:hey|hi|yeah|yep|nope|gonna|wanna|cool|awesome|thx|cheers|lol|haha|ok|okay|stuff|kinda"
    r"|\w+['’](?:s|m|re|ll|ve|d|t))\b|哈哈|嘿|嗨|哦|啦|呀|咯|嘛|哈",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:[\u4e00-\u9fff]{1,6}[，,](?=[你您]好))?(?P<word>hi there|hi|hello|hey|dear|good (?:morning|afternoon|evening)|亲爱的|尊敬的|你好|您好|嗨|大家好|各位)"
    r"(?P<name>(?:[ ,，]|(?<=[\u4e00-\u9fff]))[\w .'’]{0,24}?|)(?P<end>[,，!！:：.。~]*)",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"(?:(?:kind |best |warm |many )*(?:regards|wishes|thanks)|best|cheers|thanks(?: a lot| so much)?"
    r"|thank you|love|yours(?: \w+)?|sincerely|take care|see you(?: \w+)?|talk soon|xo+|ciao"
    r"|祝好|此致|敬礼|谢谢|多谢|顺颂\w*|祝\w{1,6}|敬上|回见|爱你)[,，!！.。~ ]*(?:[\u2600-\u27bf\U0001f000-\U0001faff])*",
    re.IGNORECASE,
)
_PRIOR = 0.02  # of one feature in each unit, so that what was never seen is possible


@dataclass
class Style:
    """Counts of features in so many units, and the habits of whole texts."""

    units: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    texts: int = 0
    han: int = 0
    emoji: Counter[str] = field(default_factory=Counter)
    greetings: Counter[str] = field(default_factory=Counter)
    sign_offs: Counter[str] = field(default_factory=Counter)
    formal: int = 0
    informal: int = 0

    def __add__(self, other: Style) -> Style:
        return Style(
            self.units + other.units, self.counts + other.counts,
            self.sentences + other.sentences, self.texts + other.texts, self.han + other.han,
            self.emoji + other.emoji, self.greetings + other.greetings,
            self.sign_offs + other.sign_offs, self.formal + other.formal,
            self.informal + other.informal,
        )  # fmt: skip

    @property
    def sentence_length(self) -> float:
        """Units in a sentence."""
        return self.units / (self.sentences or 1)

    @property
    def formality(self) -> float:
        """From 0 (no formal word among those that tell) to 1 (no informal one)."""
        return (self.formal + 1) / (self.formal + self.informal + 2)

    def rate(self, feature: str) -> float:
        """How often a feature comes in 100 units."""
        return 100 * self.counts[feature] / (self.units or 1)

    def has(self, habit: Counter[str]) -> str | None:
        """The most frequent greeting or sign-off, if at least a third of the texts have one."""
        if not habit or 3 * sum(habit.values()) < self.texts:
            return None
        return habit.most_common(1)[0][0]


def measure(texts: Iterable[str]) -> Style:
    """The style of some texts, taken together."""
    total = Style()
    for text in texts:
        total = total + _measured(text)
    return total


def distance(text: str, style: Style) -> float:
    """How far a text is from a style; 0 is the same, 1 what chance alone would give."""
    found = _measured(text)
    if not found.units or not style.units:
        return math.inf
    features = style.counts.keys() | found.counts.keys()
    total = 0.0
    for feature in features:
        rate = style.counts[feature] / style.units
        spread = math.sqrt((rate + _PRIOR / 10) / found.units)
        total += min(abs(found.counts[feature] / found.units - rate) / spread, 10.0)
    longer = math.log((found.sentence_length + 1) / (style.sentence_length + 1))
    return (total + 5 * abs(longer)) / (len(features) + 5)


def same_length(one: str, other: str) -> tuple[str, str]:
    """Both cut to the length of the shorter: only so are their distances comparable."""
    ends = [[match.end() for match in _UNIT.finditer(text)] for text in (one, other)]
    units = min(map(len, ends))
    if not units:
        return one, other
    return one[: ends[0][units - 1]], other[: ends[1][units - 1]]


def greeting(text: str) -> tuple[str, str, str] | None:
    """(word, name, punctuation) of the greeting a text begins with, if it has one."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    match = _GREETING.fullmatch(first)
    return (match["word"], match["name"].strip(" ,，"), match["end"]) if match else None


def sign_off(text: str) -> list[str]:
    """The last lines of a text, if they take leave: the phrase, and perhaps a name."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for count in (1, 2, 3):
        if len(lines) > count and _SIGN_OFF.fullmatch(lines[-count]):
            return lines[-count:]
    return []


def body(text: str) -> str:
    """A text without its greeting and sign-off."""
    lines = text.strip().splitlines()
    if greeting(text):
        lines = lines[1:]
    if closing := sign_off(text):
        while lines and lines[-1].strip() != closing[0]:
            lines.pop()
        lines = lines[:-1]
    return "\n".join(lines).strip()


def _measured(text: str) -> Style:
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    han = _HAN.findall(text)
    found = Style(units=len(words) + len(han), texts=1, han=len(han))
    found.counts.update(f"w {word}" for word in words if word in _FUNCTION)
    found.counts.update(f"w {character}" for character in han if character in _FUNCTION_ZH)
    found.counts.update(f"p {_MARK_OF[c]}" for c in text if c in _MARK_OF)
    found.counts.update(f"l {min(len(word), 9)}" for word in words)
    found.counts["'"] = sum("'" in word for word in words)
    found.counts["han"] = len(han)
    found.emoji.update(_EMOJI.findall(text))
    found.counts["emoji"] = sum(found.emoji.values())
    found.sentences = len(sentences.split(body(text))) or 1
    found.formal, found.informal = len(_FORMAL.findall(text)), len(_INFORMAL.findall(text))
    if opening := greeting(text):
        found.greetings[" ".join(opening[0].split()) + "\n" + opening[2]] += 1
    if closing := sign_off(text):
        found.sign_offs["\n".join(closing)] += 1
    return found
