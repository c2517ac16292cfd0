"""Texts that look like they hold a secret: a password, a key, the number of a card or of a person.

A password or code is told by a score: something is called one, or opens with one, and what looks
like a value is tied to it ("the password policy changed" holds none); keys are told by their
formats, numbers by their checksums. Tables of our own: the well-kept detectors are made for source
code (bench/secret_texts.py compares).
"""

from __future__ import annotations

import math
import re
from collections import Counter

from ltm_cli.nlp.dates.prefilters import contains_any, lower
from ltm_cli.nlp.patterns import lazy

LONGEST = 20_000  # characters that are looked at
# What one of the next two needs: a word, a figure, or a long run of letters and signs. Most texts
# are done with here.
_WORDS = tuple(
    "pass pw pin puk code combination key token cvv cvc phrase mnemonic secret seed ://"
    " -----begin 码 口令 钥 令牌 助记词 暗号".split()
)
_FIGURE = re.compile(r"\d|[\w+/-]{20}", re.ASCII)
# Anything that could be one, and with digits anything that opens.
_SIGN = re.compile(
    r"pass(?:word|phrase|code|wd|\s?[:=]| is )|\bpwd?\b|pin\b|pin码|\bpuk\b|\bcode|combination|_key"
    r"|\bkey\b|token|\bcvv|\bcvc|phrase\b|mnemonic|secret|\bseed|密码|口令|码|密钥|私钥|令牌|助记词|暗号"
    r"|-----begin|://[^\s/]*@|[\w+/-]{20}|\d(?:[ -]?\d){12}",
    re.IGNORECASE | re.ASCII,
)
_DIGITS = re.compile(r"\d[ -]?\d|[a-z]\d|\d[a-z]")
_OPENS = re.compile(
    r"lock|\bsafe\b|alarm|gate\b|log ?in|credential|root|admin|entrance|entry|door|garage|dials?\b|digits"
    r"|wi-?fi|hotspot|voice ?mail|key ?(?:box|safe|pad)|remote|security|recovery|backup|vault|access|@"
    r"|锁|柜|门|车库|箱|盒|报警|登录|无线|答案",
    re.IGNORECASE | re.ASCII,
)
_KEYS = lazy(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|npm_|hf_|[sr]k_(?:live|test)_|sk-(?:proj-|ant-)?)[\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bxox[abeprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\b\d{8,10}:AA[\w-]{30,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]+:[^\s:/@]+@"
)
_PLAIN = lazy(  # what a password is without being given
    r"(?:wrong|right|correct|incorrect|invalid|expired|weak|strong|safe|secure|unknown|required|lost|gone"
    r"|forgotten|fine|ok|okay|changed|reset|secret|hidden|updated|new|old|stored|saved|needed|missing"
    r"|protected|different|same|long|short|there|here|back|it|that|mine|yours|ours|set|available"
    r"|always|never|not|still|too|very|only|also|just|the|my|a|an|one|written|on|in|from|for|\w+ed|\w+ing)",
    re.IGNORECASE,
)
# What names a secret itself, and what only opens with one.
_STRONG = lazy(
    r"(?<![a-z])(?:pass(?:word|phrase|code|wd)s?|pwd?|pin(?:(?: ?code| number)?(?!码))|puk|cvv|cvc|secret word"
    r"|(?<!boarding )pass(?=\s?[:=]| is \S*\d)|(?:api|access|secret|private|license|recovery|wi-?fi|ssh)[ _-]?key"
    r"|client[ _]secret|(?:auth |access |bearer |api )token|(?:safe )?combination(?! of)"
    r"|(?:recovery|backup|security|unlock|alarm|door|gate|lock|locker|safe|access|entry|garage|shed) codes?"
    r"|security answer|secret(?=:? \S*\d)|(?:otp|2fa|totp) (?:seed|secret))(?![a-z])(?! (?:policy|manager|rules?|reset"
    r"|hint|field|link|board|length))"
    r"|(?:密码|口令)(?!学|策略|规则|政策|管理|锁(?![：:是])|重置|红包|本子)|密钥|私钥|令牌(?!桶)|暗号|问题答案"
    r"|(?:解锁|恢复|安全|支付|备用|取件|激活|撤防|pin|门)码|(?:锁屏?|盒|门禁)(?=\s?(?:0\d\d|\d{4,6})(?!\d))",
    re.IGNORECASE | re.ASCII,
)
_WEAK = lazy(  # but not in a path, an address or a longer name
    r"(?<![/\\._-])\b(?:(?:key ?pad|key ?box|lock ?box|key ?safe|(?<!next )door|entrance|remote|pad ?lock|lock(?:er)?|safe|alarm|gate|vault|log ?in|credentials"
    r"|root|admin|unlock|voice ?mail|entry|access|digits|wi-?fi|hotspot|recovery|backup))\b(?![/\\._-]\w)"
    r"|密码锁|门禁|门锁|[院侧大家房车]门|单元门|车库|钥匙盒|[锁柜]|保险箱|报警器|登录|解锁|无线网?|wifi",
    re.IGNORECASE | re.ASCII,
)
_CODE = lazy(
    r"(?<!area )(?<!dress )(?<!error )(?<!zip )(?<!country )(?<!postal )(?<!post )(?<!exit )(?<!source )"
    r"(?<!qr )(?<!promo )(?<!discount )(?<!coupon )(?<!morse )(?<!building )(?<!opening )(?<!status )"
    r"\bcodes?\b", re.IGNORECASE | re.ASCII
)  # fmt: skip
# A hand that enters something, and what there is to be opened.
_ENTERED = lazy(
    r"(?:(?<!don't )(?<!not )\b(?:use|type|enter|dial|punch in|key in|press|dials? (?:to|at)|turn to|set to|disarmed with|opens? with|unlock(?:s|ed)? with)"
    r"|(?<!别)(?:输入|按|拨到?|用))(?: code| number| pin|数字)?\s*(?=[\d#*])", re.IGNORECASE | re.ASCII
)  # fmt: skip
_OPENED = lazy(
    r"\b(?:door|gate|garage|building|entrance|alarm|lock|padlock|safe|keypad|shed|panel|trunk|suitcase|unlock\w*|get in(?:to)?"
    r"|opens?)\b|门|锁|柜|箱|报警|[打能就]开|解除|进", re.IGNORECASE | re.ASCII
)  # fmt: skip
_TIE = lazy(  # what ties a name to its value
    r"(?:[:=：→/–—]|->|\bis|\bare|\bwas|\breads|\bto|\bwith|\bstill|\bnow|\bneeds|\btakes|\bwants|是|为|叫|成了?|按|输入|现在)"
    r"(?: now| still)?\s*[\"'“‘「`(]?$", re.IGNORECASE | re.ASCII
)  # fmt: skip
_SOMETHING_ELSE = lazy(  # a number that is told to be something else
    r"(?:[$€£¥]|\b(?:number|account|contract|user(?:name)?|order|room|seat|page|version|phone|flight|train"
    r"|line|step|in|at|on|since|until|id|call|tel)|账[号户]|用户名?|电话|订单号?|单号|编号|号码)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_UNIT = lazy(
    r"\s?(?:[%€$£年月日位次个元块天秒分岁级集页行层米公折条张人点毫克兆像号层一]|(?:euros?|dollars?|pounds|times|days?|weeks?"
    r"|hours?|minutes?|seconds?|char|characters?|letters?|people|requests?|points?|lines?|years?|months?|km"
    r"|kilos?|kg|pages?|wheels|tries|comments|met(?:er|re)s|[kmgt]b|[kmg]bit|[cm]?m|m?g|miles|steps|feet|square|away|am|pm|to \d+|or)\b)",
    re.IGNORECASE,
)
_WORD = lazy(r"[!-~]{1,64}")
_NO_VALUE = lazy(  # a time, a date, an amount, a version, an address
    r"\d{1,2}:\d\d|(?:19|20)\d\d[-/.]\d\d?(?:[-/.]\d\d?)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|v?\d+(?:\.\d+)+|0x.*"
    r"|\d+(?:st|nd|rd|th|s|k|m|km|kg|h|min|x|%)|https?:.*|www\..*|[^@]+@[\w-]+\.[\w.-]+|\d[\d,]*,\d{3}",
    re.IGNORECASE,
)
_GROUPS = lazy(r"\d{1,6}(?:[-#*]\d{1,6})+[#*]?|[#*]?\d{3,8}[#*]+\d*|\d(?: \d){3,}")
_LOGIN = lazy(
    r"@[\w.-]{1,60}\s{0,2}[-–/,:|]\s{0,2}(?P<value>(?![A-Za-z]+\d+\b)[!-~]{6,64})"
)  # of a mail address
REACH = 56  # characters between a name and its value
ENOUGH = 4.0
_PHRASE = lazy(
    r"\b(?:(?:seed|recovery|secret) phrase|passphrase|mnemonic)\b[^.!?:=\n]{0,30}(?:[:=]| is )\s*"
    r"(?:[a-z]+ ){3,}[a-z]+|passphrase\s*[:=]\s*[a-z]+ [\w ]+|\bseed\b[^.!?:=\n]{0,30}[:=]\s*(?:[a-z]+ ){9,}|助记词[^。：:]{0,6}[：:是].{12}",
    re.IGNORECASE,
)
_TURNS = lazy(r"(?:密码|口令)[：:]\s*(?P<turns>[^\s，。！？]{4,20})")
_NUMBER = lazy(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_OTHER_NUMBER = lazy(
    r"(?:order|tracking|invoice|parcel|isbn|iban|ref(?:erence)?|订单|单号|编号|流水)\D{0,12}$", re.I
)
_PERSON = lazy(r"(?<![\dA-Za-z])\d{6}(?:19|20)\d{9}[\dXx](?![\dA-Za-z])")
_ISSUERS = lazy(r"4|5[1-5]|2[2-7]|3[47]|35|62|6011|65|81")
_TOKEN = lazy(r"(?<![\w+/=.:@-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/-])")


def find(text: str) -> str | None:
    """What of a secret a text seems to hold: password, key, card number, identity number; or None."""
    text = text[:LONGEST]
    if not _may_hold(text):
        return None
    if _KEYS.search(text):
        return "key"
    if _PHRASE.search(text) or _named(text):
        return "password"
    for match in _NUMBER.finditer(text):
        if not _OTHER_NUMBER.search(text[max(0, match.start() - 40) : match.start()]) and _is_card(
            match.group()
        ):
            return "card number"
    if any(_is_person(match.group()) for match in _PERSON.finditer(text)):
        return "identity number"
    return "key" if any(map(_is_random, _TOKEN.findall(text))) else None


def _may_hold(text: str) -> bool:
    if not contains_any(lower(text), _WORDS) and not _FIGURE.search(text):
        return False
    return bool(_SIGN.search(text) or (_DIGITS.search(text) and _OPENS.search(text)))


def _named(text: str) -> bool:
    """Whether what looks like a value stands beside what is called a password, or opens with one.

    Four things add up: what the name is, how like a value the word is, how it is tied to the name,
    and whether it is told to be a number of something else.
    """
    for cues, weight in ((_STRONG, 2.0), (_CODE, 1.5), (_WEAK, 1.0)):
        for cue in cues.finditer(text):
            if weight + _valued(text, cue.end(), strong=cues is _STRONG) >= ENOUGH:
                return True
    if any(_likeness(text, one) >= 3 for one in _LOGIN.finditer(text)):
        return True
    for cue in _ENTERED.finditer(text):
        around = text[max(0, cue.start() - REACH) : cue.end() + REACH]
        word = _WORD.match(text, cue.end())
        if word and _OPENED.search(around) and 2.5 + _likeness(text, word) >= ENOUGH:
            return True
    if re.search(
        r"(?<!\d)(?<!\d )(?:\d ?){4,12}(?:is|was|是) ?(?:the |my |our )?(?:pin|password|passcode|密码)",
        text,
        re.I,
    ):
        return True
    return any(sum(map(str.isdigit, one["turns"])) > 1 for one in _TURNS.finditer(text))


def _valued(text: str, start: int, *, strong: bool) -> float:
    """The best of the words after a name as its value, with how they are tied to it."""
    end = re.compile(r"[!?。！？\n]|\.\s").search(text, start, start + REACH)
    stop = end.start() if end else min(len(text), start + REACH)
    best = 0.0
    if grouped := re.compile(r"\s*(?:[:：]|is|to|at)?\s*\d(?: \d){3,}\b").match(text, start):
        return 3.5 if not _UNIT.match(text, grouped.end()) else 0.0
    for word in _WORD.finditer(text, start, stop + 64):
        if word.start() >= stop:
            break
        between = text[start : word.start()]
        other = _SOMETHING_ELSE.search(between[-16:])
        if other and (not strong or word.group().strip(".,;!").isdigit()):
            continue
        near = between.strip(" \t\"'“‘「`(") in ("", "#")
        tied = _TIE.search(between[-12:])
        if tied and not strong and tied.group().lower().startswith(("to", "with")):
            tied = (
                tied if re.search(r"[A-Za-z]\d+[A-Za-z]", word.group()) else None
            )  # "log in to portal2"
        begun = 0.5 if strong and re.match(r"\s*[:：=]| (?:of|for|to) ", between) else 0.0
        tie = 1.5 if tied else 1.0 if near else begun
        like = _likeness(text, word)
        if not like and strong and tie >= 1:
            called = tied is not None and not tied.group().lower().startswith("with")
            like = _word_likeness(text, word, called, near)
        if like and (strong or tie):
            best = max(best, like + tie)
    return best


def _likeness(text: str, word: re.Match[str]) -> float:
    """How like a value a word is, by what it is made of: 0 to 3."""
    value = word[word.lastindex or 0].strip("\"'`()[]<>.,;:!?=/")
    if _NO_VALUE.fullmatch(value) or _UNIT.match(text, word.end()):
        return 0.0
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if _GROUPS.fullmatch(value):
        return 3.0
    if letters and digits:
        return 3.0 if len(value) >= 6 else 2.0 if len(value) >= 4 else 0.0
    if digits:
        year = re.fullmatch(r"(?:19|20)\d\d", value) is not None
        if value[0] == "0" and digits >= 3:
            return 2.0
        return 0.0 if digits < 3 else 1.5 if digits == 3 or digits > 10 or year else 2.0
    if re.search(r"[a-z][A-Z]|[A-Za-z][^\w\s'’./-]+[A-Za-z]|[a-z]_[a-z]", value):
        return 2.0
    return 0.0


def _word_likeness(text: str, word: re.Match[str], told: bool, near: bool) -> float:
    """How like a password a word of letters is: what is called so, quoted, or ends the clause."""
    raw = word.group()
    value = raw.strip("\"'`()[]<>.,;:!?")
    if (told or near) and re.fullmatch(r"[a-z]+(?:-[a-z]+){2,}", value, re.IGNORECASE):
        return 2.0
    if len(value) < 4 or not value.isalpha() or _PLAIN.fullmatch(value):
        return 0.0
    quoted = raw[0] in "\"'`" or text[word.start() - 1 : word.start()] in ("“", "‘", "「")
    if quoted:
        return 2.0
    after = text[word.end() : word.end() + 8]
    ends = not after.strip() or raw[-1] in ".,;!" or after[0] in "，。；！\n"
    chinese = text[word.start() - 1] > "一"
    return 1.5 if (told and ends) or (chinese and not value.islower()) else 0.0


def _is_card(number: str) -> bool:
    """Whether the checksum (Luhn) and the issuer of a card agree with a number."""
    digits = "".join(str(int(one)) for one in number if one.isdigit())
    if len(digits) not in (15, 16, 19) or not _ISSUERS.match(digits):
        return False
    from stdnum import luhn  # takes as long to import as the rest of a small command

    return luhn.is_valid(digits)


def _is_person(number: str) -> bool:
    """Whether a number is that of a Chinese identity card (GB 11643): a birthday and a checksum."""
    from stdnum.cn import ric
    from stdnum.exceptions import ValidationError

    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    # Not ric.is_valid: it reads all places of birth there ever were, which takes 0.2 s.
    return ric.calc_check_digit(number) == number[-1].upper()


def _is_random(token: str) -> bool:
    """Whether a word is of letters of both cases and digits, in no order: no hash, no name."""
    kinds = (str.isupper, str.islower, str.isdigit)
    if not all(any(map(kind, token)) for kind in kinds) or re.match(r"(?i)sha\d+-", token):
        return False
    counts = Counter(token)
    return -sum(n / len(token) * math.log2(n / len(token)) for n in counts.values()) >= 4.0
