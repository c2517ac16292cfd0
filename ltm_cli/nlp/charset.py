"""Bytes of a file as text, whatever they were encoded in."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError, UsageError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16, so it is asked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000  # bytes that a guess is made from
_BINARY = 0.05  # the share of control characters from which on bytes are no text
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # no blanks, no escape


class Decoded(NamedTuple):
    """A text, and the encoding that had to be guessed for it."""

    text: str
    guessed: str | None = None


def decode(data: bytes, what: str, encoding: str | None = None) -> Decoded:
    """Text from bytes: by `encoding`, else by its byte order mark, as UTF-8, or by a guess.

    Raises InputError for what is no text, UsageError for an encoding that there is none of.
    """
    if encoding is not None:
        return Decoded(_decode_as(data, what, encoding))
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Decoded(_decode_as(data, what, name))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data, what)
    if text.count("\0") > len(text) // 3:  # UTF-16 of Latin letters: a NUL beside each
        return _guess(data, what)
    return Decoded(_require_text(text, what))


def _decode_as(data: bytes, what: str, encoding: str) -> str:
    try:
        return _require_text(data.decode(encoding), what)
    except LookupError:
        raise UsageError(
            messages.text("unknown encoding {name!r}", name=encoding),
            messages.text("use for example GB18030, Big5 or UTF-16"),
        ) from None
    except UnicodeError:
        raise InputError(
            messages.text("{what} is not valid {encoding}", what=what, encoding=encoding),
            messages.text("choose another encoding with --encoding NAME"),
        ) from None


def _guess(data: bytes, what: str) -> Decoded:
    from charset_normalizer import from_bytes

    unreadable = InputError(
        messages.text("{what} is not readable text", what=what),
        messages.text("if it is text, give its encoding with --encoding NAME"),
    )
    even = data[:_SAMPLE]
    found = from_bytes(even[: len(even) // 4 * 4]).best()
    if found is None:
        raise unreadable
    # GB2312 and GBK are parts of GB18030, which reads all that they do.
    name = "gb18030" if found.encoding in ("gb2312", "gbk", "gb18030") else found.encoding
    try:
        return Decoded(_require_text(data.decode(name), what), name)
    except (UnicodeError, InputError):
        raise unreadable from None


def _require_text(text: str, what: str) -> str:
    """`text`, unless it is binary data that happens to decode."""
    controls = len(_CONTROLS.findall(text[:_SAMPLE]))
    if "\0" in text or controls > _BINARY * min(len(text), _SAMPLE):
        raise InputError(
            messages.text("{what} is binary data", what=what),
            messages.text("ltm read accepts text, Markdown, PDF and Word documents"),
        )
    return text.removeprefix("\ufeff")
