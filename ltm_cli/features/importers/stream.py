"""The elements of a large JSON array, one at a time, with the place of what is wrong.

Exports of chats are one array of conversations, of hundreds of megabytes in one line. Python's own
decoder reads an element from a window of the text, which grows until the element is whole: memory
is bounded by the longest conversation, and an error has its position.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError
from ltm_cli.features.importers.items import Advance

_CHUNK = 1 << 20
_NEAR = 64  # an error this close to the end of the window may be that it ends there
_SPACE = re.compile(r"[ \t\r\n]*")
_WRAPPED = re.compile(r'\{\s*"conversations"\s*:\s*(?=\[)')


def elements(read: Callable[[int], bytes], advance: Advance) -> Iterator[tuple[int, Any]]:
    """(character it begins at, element) of an array, also of one in {"conversations": …}.

    Any other document is its own only element. Raises InputError that names the character.
    """
    window = _Window(read, advance)
    if wrapped := _WRAPPED.match(window.text, window.skip()):
        window.at = wrapped.end()
    if window.peek() != "[":
        yield window.before + window.at + 1, window.element()
        return
    window.at += 1
    while window.peek() != "]":
        yield window.before + window.at + 1, window.element()
        if window.peek() == ",":
            window.at += 1
        elif window.peek() != "]":
            raise window.wrong(messages.text("a comma or ] is missing"), window.at)


class _Window:
    """The part of a text that is being read."""

    def __init__(self, read: Callable[[int], bytes], advance: Advance) -> None:
        self.text, self.at, self.before = "", 0, 0  # before: characters that are read and gone
        self._read, self._advance = read, advance
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._json = json.JSONDecoder()
        self._bytes = 0
        self._ended = False
        while len(self.text) < _NEAR and not self._ended:
            self._fill(_CHUNK)
        self.text = self.text.removeprefix("\ufeff")

    def skip(self) -> int:
        """Go to the next character that is no space; returns its place in the window."""
        while True:
            space = _SPACE.match(self.text, self.at)
            assert space is not None
            self.at = space.end()
            if self.at < len(self.text) or self._ended:
                return self.at
            self._fill(_CHUNK)

    def peek(self) -> str:
        """The next character that is no space."""
        if self.skip() == len(self.text):
            raise self.wrong(messages.text("the file ends too early"), self.at)
        return self.text[self.at]

    def element(self) -> Any:
        """The value that begins here."""
        size = _CHUNK
        while True:
            try:
                value, self.at = self._json.raw_decode(self.text, self.at)
                return value
            except RecursionError:
                raise self.wrong(messages.text("nested too deeply"), self.at) from None
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self.text) - _NEAR or error.msg.startswith("Unterminated")
                if self._ended or not cut:
                    over = error.pos >= len(self.text) or error.msg.startswith("Unterminated")
                    why = messages.text("the file ends too early") if over else error.msg
                    raise self.wrong(why, error.pos) from None
            except ValueError as error:  # a number of thousands of digits
                raise self.wrong(str(error), self.at) from None
            self._fill(size)
            size *= 2

    def wrong(self, why: str, at: int) -> InputError:
        return InputError(messages.text(
            "not JSON at character {character:,} ({why})", character=self.before + at + 1, why=why
        ))  # fmt: skip

    def _fill(self, size: int) -> None:
        """Forget what was read, and read on."""
        data = self._read(size)
        self._ended = not data
        try:
            text = self._decode(data, self._ended)
        except UnicodeDecodeError as error:
            raise InputError(messages.text(
                "not valid UTF-8 near byte {byte:,}", byte=self._bytes + error.start + 1
            )) from None  # fmt: skip
        self._bytes += len(data)
        self._advance(len(data))
        self.before += self.at
        self.text, self.at = self.text[self.at :] + text, 0
