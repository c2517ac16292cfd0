"""Texts that come in are checked, texts that go to a terminal are made harmless."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NoReturn

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError, UsageError
from ltm_cli.core.messages import N_

# C0 and C1 controls except tab and newline, and two more line ends; then the marks that reorder
# text (bidi).
BREAKS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Characters that nobody can see but a model can read: soft hyphens, joiners, fillers, variation
# selectors; and the tags from U+E0000 on (Unicode 16, Default_Ignorable_Code_Point).
_RANGES = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200D), (0x2060, 0x2065), (0x206A, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
)  # fmt: skip
_TAGS = "\U000e0000"
_UNSEEN = frozenset(chr(code) for first, last in _RANGES for code in range(first, last + 1))
UNSEEN = "".join(_UNSEEN) + "\U000e0000-\U000e0fff"
_CONTROLS = re.compile(f"[{BREAKS}{BIDI}]")
# Where they belong: the joiners of emoji and of Persian and Indian words, the selectors of emoji,
# of Mongolian letters and of Chinese characters, the flags of England, Scotland and Wales.
_SEEN = rf"[^\x00-\x7f\s{BREAKS}{BIDI}{UNSEEN}]"
_KEPT = (
    f"(?:(?<={_SEEN})|(?<=\ufe0f))[\u200c\u200d](?={_SEEN})"
    f"|(?<={_SEEN})[\ufe00-\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    "|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]"
    "|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
    "|(?<=\U0001f3f4)\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067"
    "|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_SOFT = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")  # one of them hides nothing
# json.dumps escapes C0 itself; these are escaped after it, which changes no value.
_UNESCAPED = re.compile(f"[\x7f-\x9f\u2028\u2029{BIDI}]")


# What `checked` is given to check, as far as the package itself names it.
_NAMES = (N_("text"), N_("question"), N_("answer"), N_("session"), N_("speaker"), N_("ref"),
          N_("user"), N_("tag"), N_("title"))  # fmt: skip


def checked(text: str, what: str = "text") -> str:
    """`text` as it will be stored; raises for what cannot be text, or says nothing."""
    if "\0" in text:
        raise InputError(
            messages.text("the {what} contains a NUL byte", what=messages.text(what)),
            messages.text("remove it, for example with tr -d '\\0'"),
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            messages.text(
                "the {what} is not valid UTF-8 (character {number})",
                what=messages.text(what),
                number=error.start + 1,
            ),
            messages.text("convert it first, for example with iconv -t UTF-8"),
        ) from None
    if not text.strip():
        raise UsageError(
            messages.text("the {what} is empty", what=messages.text(what)),
            messages.text("type some text, or pipe it in"),
        )
    return text.strip("\r\n")


def decoded(data: bytes, what: str) -> str:
    """Bytes from a stream as text; raises InputError that names the offending byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            messages.text(
                "{what} is not valid UTF-8 (byte {number})", what=what, number=error.start + 1
            ),
            messages.text("convert it first, for example with iconv -f GB18030 -t UTF-8"),
        ) from None


def visible(text: str) -> str:
    """`text` without anything that a terminal would obey or nobody could see: that becomes �."""
    text = _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))
    return _hidden().sub(_marked, text) if _hides(text) else text


def legible(text: str) -> str:
    """`text` as a model may read it: what people can see of it, and nothing else."""
    if text.isascii() and text.isprintable():
        return text
    text = re.sub(f"[{BREAKS}]", " ", text.replace("\r\n", "\n"))
    return re.sub(f"[{BIDI}{UNSEEN}]", "", text)


def one_line(text: str) -> str:
    """`visible` text with its whitespace, line breaks included, as single spaces."""
    return " ".join(visible(text).split())


def json_value(document: str | bytes) -> Any:
    """The value of a JSON document from outside; raises ValueError that says what is wrong."""
    try:
        import json  # seldom needed where text is shown

        return json.loads(document, parse_constant=_no_number)
    except RecursionError:
        raise ValueError(messages.text("nested too deeply")) from None
    except ValueError as error:  # no JSON, or a number of more digits than Python reads
        raise ValueError(getattr(error, "msg", str(error).partition(";")[0])) from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(messages.text("{name} is not a JSON number", name=name))


def safe_json(document: str) -> str:
    """A JSON document with controls and what nobody could see escaped, the values unchanged."""
    document = _UNESCAPED.sub(_escaped, document)
    return _hidden().sub(_escaped, document) if _hides(document) else document


@cache
def _hidden() -> re.Pattern[str]:
    """What cannot be seen, or belongs where it stands (kept).

    Few texts hold any, and the pattern takes as long to compile as the rest of a small command.
    """
    return re.compile(f"(?P<kept>{_KEPT})|[{UNSEEN}]+")


def _marked(match: re.Match[str]) -> str:
    """A � for a run of what cannot be seen; a single soft hyphen or joiner is left out."""
    if match["kept"]:
        return match.group()
    return "" if match.group() in _SOFT else "\ufffd"


def _escaped(match: re.Match[str]) -> str:
    """Characters as JSON writes them in ASCII."""
    if match.groupdict().get("kept"):
        return match.group()
    units = match.group().encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _hides(text: str) -> bool:
    """Whether a text holds what cannot be seen; told without a pattern, for that takes longer."""
    return not text.isascii() and (not _UNSEEN.isdisjoint(text) or max(text) >= _TAGS)
