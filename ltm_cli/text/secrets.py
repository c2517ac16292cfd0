"""Texts that look like they hold a secret: a password, a key, the number of a card or of a person.

What somebody calls a password and what looks like a value has to stand beside it ("the password
policy changed" holds none); keys are told by their formats, numbers by their checksums. Tables of
our own: the well-kept detectors are made for source code (bench/secret_texts.py compares).
"""

from __future__ import annotations

import math
import re
from collections import Counter

from ltm_cli.text.facts.words import lazy
from ltm_cli.text.gates import holds, small

LONGEST = 20_000  # characters that are looked at
# Each rule below needs one of these, or a figure: most texts are done with after them.
_WORDS = ("passw", "passp", "passc", "pwd", "pin", "cvv", "cvc", "key", "token", "combination",
          "code", "phrase", "mnemonic")  # fmt: skip
_WORDS_ZH = ("码", "口令", "钥", "令牌", "助记词")
_MARKS = ("_", "glpat-", "sk-", "AKIA", "ASIA", "xox", "AIza", "ya29.", "SG.", "eyJ", "://",
          "PRIVATE KEY")  # fmt: skip
_FIGURE = re.compile(r"\d")
# Anything that could be one.
_SIGN = re.compile(
    r"pass(?:word|phrase|code|wd)|\bpwd\b|\bpin\b|\bcode|combination|\bkey\b|_key|token|\bcvv|\bcvc"
    r"|phrase\b|mnemonic|密码|口令|码|密钥|私钥|令牌|助记词|-----begin|://[^\s/]*@|[\w+/-]{20}|\d(?:[ -]?\d){12}",
    re.IGNORECASE,
)
_KEYS = lazy(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|npm_|hf_|[sr]k_(?:live|test)_|sk-(?:proj-|ant-)?)[\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bxox[abeprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\b\d{8,10}:AA[\w-]{30,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]+:[^\s:/@]+@"
)
_PLAIN = (  # what a password is without being given
    "wrong|right|correct|incorrect|invalid|expired|weak|strong|safe|secure|unknown|required|lost|gone"
    "|forgotten|fine|ok|okay|changed|reset|secret|hidden|updated|new|old|stored|saved|needed|missing"
    "|protected|different|same|long|short|there|here|back|it|that|mine|yours|ours|set|available"
)
_OF = r"(?: (?:of|for|to|at|in|on|from) [^.!?:=\n]{1,40}?)?"
_IS = (
    r"(?:\s*(?:[:=]|->|→)\s*|\s+(?:is|was|are|now is|is now|changed to|set to|reads)(?: now)?:?\s+)"
)
_NAMES = (
    r"(?:pass(?:word|phrase|code|wd)s?|pwd|pin(?: code| number)?|cvv|cvc|(?:api|access|secret|private"
    r"|license)[ _-]?key|(?:auth |access |bearer |api )?token|safe combination|combination"
    r"|(?:alarm|door|gate|lock|locker|safe|access|entry|recovery|backup|security|unlock|garage) codes?"
    r"|(?<!area )(?<!dress )(?<!error )(?<!zip )(?<!country )(?<!postal )(?<!exit )(?<!source )"
    r"code(?= (?:of|for|to) ))"
)
_VALUE = r"(?P<value>[\"'“‘`]?[^\s,;，。；]+)"
_NAMED = lazy(
    rf"\b(?P<name>{_NAMES}){_OF}{_IS}{_VALUE}(?P<end>[.!\"'”’`]*(?:\s|$|[,;，。；]))", re.IGNORECASE
)
_BESIDE = lazy(
    r"\b(?:pass(?:word|code|wd)|pwd|pin|cvv|cvc|safe combination"
    r"|(?:alarm|door|gate|locker|safe|recovery|unlock|access) code) "
    r"(?P<value>[^\s,;，。；]*\d[^\s,;，。；]*)", re.IGNORECASE
)  # fmt: skip
_PHRASE = lazy(
    r"\b(?:(?:seed|recovery|secret) phrase|passphrase|mnemonic)\b[^.!?:=\n]{0,30}(?:[:=]| is )\s*"
    r"(?:[a-z]+ ){3,}[a-z]+|助记词[^。：:]{0,6}[：:是].{12}",
    re.IGNORECASE,
)
_CHINESE = lazy(
    r"(?:密码|口令|密钥|私钥|令牌|(?:解锁|恢复|安全|支付|pin)码)(?:(?:是|为|改成了?|改为|换成了?|设成了?|设为|变成了?"
    r"|[：:=]|现在|叫|\s)\s*)+(?P<value>[!-~]{4,}(?![年月日位次个岁元块天]))"
    r"|(?:密码|口令)[：:]\s*(?P<turns>[^\s，。！？]{4,20})",
    re.IGNORECASE,
)
_NUMBER = lazy(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_OTHER_NUMBER = lazy(
    r"(?:order|tracking|invoice|parcel|isbn|iban|ref(?:erence)?|订单|单号|编号|流水)\D{0,12}$", re.I
)
_PERSON = lazy(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
_ISSUERS = lazy(r"4|5[1-5]|2[2-7]|3[47]|35|62|6011|65|81")
_TOKEN = lazy(r"(?<![\w+/=.:@-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/-])")


def find(text: str) -> str | None:
    """What of a secret a text seems to hold: password, key, card number, identity number; or None."""
    text = text[:LONGEST]
    if not (_may_hold(text) and _SIGN.search(text)):
        return None
    if _KEYS.search(text):
        return "key"
    if _PHRASE.search(text) or _named(text):
        return "password"
    for match in _NUMBER.finditer(text):
        if not _OTHER_NUMBER.search(text[: match.start()]) and _is_card(match.group()):
            return "card number"
    if any(_is_person(match.group()) for match in _PERSON.finditer(text)):
        return "identity number"
    return "key" if any(map(_is_random, _TOKEN.findall(text))) else None


def _may_hold(text: str) -> bool:
    return (
        holds(small(text), _WORDS)
        or holds(text, _MARKS)
        or _FIGURE.search(text) is not None
        or (not text.isascii() and holds(text, _WORDS_ZH))
    )


def _named(text: str) -> bool:
    """Whether a value stands beside what is called a password."""
    for match in _NAMED.finditer(text):
        value = match["value"].strip("\"'“”‘’`.!?")
        coded = any(map(str.isdigit, value)) or re.search(r"[a-z][A-Z]|[^\W\d_][^\w\s'’.-]", value)
        last = match["name"].lower().startswith(("pass", "pwd")) and (
            not text[match.end() :].strip() or match["end"].strip()
        )
        plain = re.fullmatch(_PLAIN, value, re.IGNORECASE) or not value.isascii() or len(value) < 4
        if (coded and len(value) > 2) or (last and not plain and not value.endswith("ed")):
            return True
    if any(len(match["value"].strip(".!?")) > 3 for match in _BESIDE.finditer(text)):
        return True
    for match in _CHINESE.finditer(text):
        value = match["value"] or match["turns"]
        digits = sum(map(str.isdigit, value))
        if digits > 1 or (match["value"] and re.search(r"[a-z][A-Z]|[A-Za-z][^\w\s]", value)):
            return True
    return False


def _is_card(number: str) -> bool:
    """Whether the checksum (Luhn) and the issuer of a card agree with a number."""
    digits = [int(one) for one in number if one.isdigit()]
    if len(digits) not in (15, 16, 19) or not _ISSUERS.match("".join(map(str, digits))):
        return False
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_person(number: str) -> bool:
    """Whether a number is that of a Chinese identity card (GB 11643): a date and a checksum."""
    if not re.match(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", number):
        return False
    total = sum(int(one) * pow(2, 17 - i, 11) for i, one in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


def _is_random(token: str) -> bool:
    """Whether a word is of letters of both cases and digits, in no order: no hash, no name."""
    kinds = (str.isupper, str.islower, str.isdigit)
    if not all(any(map(kind, token)) for kind in kinds) or re.match(r"(?i)sha\d+-", token):
        return False
    counts = Counter(token)
    return -sum(n / len(token) * math.log2(n / len(token)) for n in counts.values()) >= 4.0
