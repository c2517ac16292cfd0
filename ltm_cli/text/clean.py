"""Texts that come in are checked, texts that go to a terminal are made harmless."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from ltm_cli.errors import InputError, UsageError

# C0 and C1 controls except tab and newline, and the marks that reorder or hide text (bidi).
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
# json.dumps escapes C0 itself; these are escaped after it, which changes no value.
_UNESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def checked(text: str, what: str = "text") -> str:
    """`text` as it will be stored; raises for what cannot be text, or says nothing."""
    if "\0" in text:
        raise InputError(f"the {what} holds a NUL byte", "remove it, for example with tr -d '\\0'")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"the {what} is not valid UTF-8 (character {error.start + 1})",
            "convert it first, for example with iconv -t UTF-8",
        ) from None
    if not text.strip():
        raise UsageError(f"the {what} is empty", "give some text, or pipe it in")
    return text.strip("\r\n")


def decoded(data: bytes, what: str) -> str:
    """Bytes from a stream as text; raises InputError that names the offending byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{what} is not valid UTF-8 (byte {error.start + 1})",
            "convert it first, for example with iconv -f GB18030 -t UTF-8",
        ) from None


def visible(text: str) -> str:
    """`text` without anything that a terminal would obey: controls become �."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """`visible` text with its whitespace, line breaks included, as single spaces."""
    return " ".join(visible(text).split())


def json_value(document: str | bytes) -> Any:
    """The value of a JSON document from outside; raises ValueError that says what is wrong."""
    try:
        return json.loads(document, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as error:  # no JSON, or a number of more digits than Python reads
        raise ValueError(getattr(error, "msg", str(error).partition(";")[0])) from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def safe_json(document: str) -> str:
    """A JSON document in which control and bidi characters are escaped, the values unchanged."""
    return _UNESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", document)
