"""Facts that a model proposes of memories in which no pattern found any.

The model writes a line for each fact, "attribute | whose | value", and only what is allowed
(constrained_decoding.py): the attribute is a known one, the subject is the one who speaks or
somebody named
in the text, and the value is a piece of the text that looks like a value of that attribute. So
nothing is invented; whether it is true, only the user can say: a proposal is kept when they agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ltm_cli.answering.constrained_decoding import Names, Pieces, Writer
from ltm_cli.core import messages
from ltm_cli.core.errors import ModelError
from ltm_cli.core.record import SECRET, Record
from ltm_cli.core.sanitize import legible, one_line
from ltm_cli.features.facts import table as facts_table
from ltm_cli.features.facts.extraction import ME, attributes, same
from ltm_cli.features.facts.extraction.words import RELATIONS_EN, RELATIONS_ZH, fits
from ltm_cli.features.facts.facts import Statement
from ltm_cli.features.profile import profile
from ltm_cli.nlp import sentences
from ltm_cli.nlp.prompt_injection import is_injection

if TYPE_CHECKING:
    from ltm_cli.llm.llama import Llama
    from ltm_cli.storage.store import Store

MOST = 3  # facts proposed of one piece of a memory
NOTE = 256  # tokens of a piece
_LINES = 32 * MOST  # tokens that they may take
_NONE = "nothing"
_PREFIX, _NOTE = 0, 1  # sequences
_SYSTEM = (
    "Write down the facts that a note states, each on a line: attribute | whose | value. The value"
    f" is copied from the note. If it states none, write: {_NONE}.\nAttributes: {{}}."
)
_EXAMPLES = (
    ("At last all the boxes are in our flat in Leeds, next week we paint.", "home | me | Leeds"),
    ("It rained all day. 下了一整天雨。", _NONE),
    ("Met Tom, he came with his new puppy Biscuit 🐕", "pet | Tom | Biscuit"),
    ("We had soup. 晚饭喝了汤。", _NONE),
    ("中午和张三吃饭，他在华为当工程师", "employer | 张三 | 华为\njob | 张三 | 工程师"),
)
_RELATIONS = re.compile(
    rf"\bmy (?:{'|'.join(RELATIONS_EN)})\b|我(?:{'|'.join(sorted(RELATIONS_ZH, key=len)[::-1])})",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<=[a-z,] )[A-Z][a-zà-ÿ]+\b|\b[A-Z][a-zà-ÿ]+(?=['’]s\b)")


@dataclass(frozen=True)
class Proposal:
    """A fact that a memory may state."""

    subject: str
    attribute: str
    value: str
    at: str
    memory: int

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape of a fact, without an id: it is none yet."""
        return {
            "id": None, "subject": self.subject, "attribute": self.attribute,
            "value": self.value, "from": self.at, "to": None, "memories": [self.memory],
        }  # fmt: skip

    @property
    def statement(self) -> Statement:
        return Statement(self.subject, self.attribute, self.value, self.at, self.memory)


def unread(store: Store, most: int) -> list[Record]:
    """The newest memories in which the patterns found no fact, oldest first."""
    stating = {row.memory for row in facts_table.rows(store)}
    found = [one for one in profile.lived(store) if one.id not in stating]
    return [one for one in found if one.kind != "fact"][-most:]


class Proposer:
    """Reads memories of one user with one model."""

    def __init__(self, store: Store, model: Llama) -> None:
        from ltm_cli.llm.chat_template import Message, tokenize_around

        self._model = model
        rows = facts_table.rows(store)
        self._known = {(same(row.subject), row.attribute, same(row.value)) for row in rows}
        self._people = {row.subject for row in rows if row.subject != ME}
        self._attributes = attributes()
        shown = [Message("system", _SYSTEM.format(", ".join(self._attributes)))]
        for note, lines in _EXAMPLES:
            shown += [Message("user", note), Message("assistant", lines)]
        self._before, self._after = tokenize_around(model, [*shown, Message("user", "")])
        self._size = min(NOTE, model.context - len(self._before) - len(self._after) - _LINES)
        if self._size < 16:
            raise ModelError(
                messages.text(
                    "the model's context of {size} tokens is too small for a memory",
                    size=model.context,
                ),
                messages.text("use a model with a larger context, or raise LTM_CONTEXT"),
            )

    def propose(self, record: Record) -> Iterator[Proposal]:
        """What the model takes for facts of a memory, but for those that are known."""
        if SECRET in record.tags or is_injection(record.content):
            return
        speaker = facts_table.speaker(record)
        for text in sentences.chunks(
            legible(record.text or record.question or ""), self._size, self._size_of
        ):
            writer = self._read(text)
            for subject, attribute, value in self._lines(writer, text):
                who = speaker if subject == ME else subject
                key = (same(who), attribute, same(value))
                if key not in self._known and value in record.content:
                    self._known.add(key)
                    yield Proposal(who, attribute, value, record.at, record.id)

    def _lines(self, writer: Writer, text: str) -> Iterator[tuple[str, str, str]]:
        subjects = Names([ME, *_subjects(text, self._people)])
        for _ in range(MOST):
            attribute = writer.write(Names([*self._attributes, _NONE]), b"|")
            if attribute is None or attribute == _NONE:
                return
            writer.read(self._model.tokenize(" |"))
            subject = writer.write(subjects, b"|")
            if subject is None:
                return
            writer.read(self._model.tokenize(" |"))
            value = writer.write(Pieces(text, _looks(subject, attribute)), b"\n")
            if value is None:
                return
            yield subject, attribute, value
            writer.read(self._model.tokenize("\n"))

    def _read(self, text: str) -> Writer:
        """A writer after the instructions, the examples and a text."""
        model = self._model
        read = [*model.tokenize(text), *self._after]
        model.clear(_NOTE)
        if model.uncacheable:  # no sequence can begin with another one's cells
            read = self._before + read
        else:
            if not model.lengths[_PREFIX]:
                model.extend({_PREFIX: self._before}, wanted=False)
            model.share(_PREFIX, _NOTE)
        writer = Writer(model, _NOTE)
        writer.read(read)
        return writer

    def _size_of(self, text: str) -> int:
        return self._model.size(text)


def _subjects(text: str, known: set[str]) -> set[str]:
    """Who is named in a text: people by their names, those of the speaker's own, known subjects."""
    folded = text.casefold()
    named = profile.people_in(text) | {match.group() for match in _NAMED.finditer(text)}
    own = {match.group().replace("My", "my", 1) for match in _RELATIONS.finditer(text)}
    return named - profile.NO_NAMES | own | {one for one in known if one.casefold() in folded}


def _looks(subject: str, attribute: str) -> Callable[[str], bool]:
    """Whether a piece of a text can be the value of an attribute of a subject."""

    def looks(value: str) -> bool:
        of_itself = subject != ME and same(subject) in same(value)
        return value == one_line(value) and not of_itself and fits(attribute, value)

    return looks
