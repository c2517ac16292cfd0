"""Greedy decoding in which only what is allowed can be written, chosen token by token.

What is allowed is told by two questions on bytes (a character may be spread over several tokens):
may a text go on like this, and may it end here? So what is written is one of some names, or a piece
of a text, by construction, whatever the model would rather say. A space before it does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ltm_cli.llm.llama import Llama

_NO_END = frozenset(".,;:!?。，；：！？、…")  # what a piece of a text does not end with
_WIDE = "\u2e80"  # from here on, words are written without spaces


class Allowed(Protocol):
    """What may be written."""

    def grows(self, said: bytes) -> bool:
        """Whether something allowed begins so."""

    def whole(self, said: bytes) -> bool:
        """Whether it may end here."""


class Names:
    """One of some names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.encode() for name in names}

    def grows(self, said: bytes) -> bool:
        return any(name.startswith(said) for name in self._names)

    def whole(self, said: bytes) -> bool:
        return said in self._names


class Pieces:
    """A piece of a text, of whole words within one line, that `fits`."""

    def __init__(self, text: str, fits: Callable[[str], bool]) -> None:
        self._text = text.encode()
        self._fits = fits
        self._starts: list[int] = []
        self._ends: set[int] = set()
        place = 0
        for i, character in enumerate(text):
            before = text[i - 1] if i else " "
            if not _joined(before, character):
                if not character.isspace():
                    self._starts.append(place)
                if not before.isspace() and before not in _NO_END:
                    self._ends.add(place)
            place += len(character.encode())
        if text and not text[-1].isspace() and text[-1] not in _NO_END:
            self._ends.add(place)

    def grows(self, said: bytes) -> bool:
        return not said or (
            b"\n" not in said and any(self._text.startswith(said, at) for at in self._starts)
        )

    def whole(self, said: bytes) -> bool:
        there = any(
            self._text.startswith(said, at) and at + len(said) in self._ends for at in self._starts
        )
        return bool(said) and there and self._fits(said.decode())


class Writer:
    """Writes at the end of one sequence of a model."""

    def __init__(self, model: Llama, sequence: int) -> None:
        self._model = model
        self._sequence = sequence
        self._pieces: dict[int, bytes] = {}

    def read(self, tokens: Sequence[int]) -> None:
        """Let the sequence go on with these tokens."""
        self._logits = self._model.extend({self._sequence: tokens})[0]

    def write(self, allowed: Allowed, end: bytes) -> str | None:
        """The likeliest of what is allowed; None when the model can write nothing of it.

        It ends where the model would say `end`, a new line, or nothing more.
        """
        said = b""
        while (token := self._next(said, allowed, end)) is not None:
            said += self._piece(token)
            self.read([token])
        said = said.removeprefix(b" ")
        return said.decode() if allowed.whole(said) else None

    def _next(self, said: bytes, allowed: Allowed, end: bytes) -> int | None:
        """The likeliest token that is allowed; None at the end."""
        for token in map(int, (-self._logits).argsort(kind="stable")):
            piece = self._piece(token)
            longer = (said + piece).removeprefix(b" ")
            if piece and allowed.grows(longer):
                return token
            ends = self._model.is_end(token) or piece.lstrip(b" ").startswith((end, b"\n"))
            if ends and allowed.whole(said.removeprefix(b" ")):
                return None
        return None

    def _piece(self, token: int) -> bytes:
        if token not in self._pieces:
            self._pieces[token] = self._model.piece(token)
        return self._pieces[token]


def _joined(before: str, character: str) -> bool:
    """Whether two characters are of one word."""
    return all(one.isalnum() and one < _WIDE for one in (before, character))
