"""Reading with an engine elsewhere: the passages go as text, for a bank is out of its reach.

Its tokens are its own affair: it may take "<|im_end|>" in a text for the end of a message. So what
looks like the markup of a chat template is parted by a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ltm_cli.answering import prompt
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.reader import ANSWER
from ltm_cli.answering.reading import Clock, Reading
from ltm_cli.core import messages
from ltm_cli.core.record import Record
from ltm_cli.llm.chat_template import Message
from ltm_cli.llm.openai import Engine
from ltm_cli.nlp import sentences

_MARKUP = re.compile(
    r"<\|?/?[\w<][^<>\s]{0,40}>|\[/?[A-Z_]{2,}\]"
)  # <|im_end|> </s> <<SYS>> [INST]


def estimated(text: str) -> int:
    """About how many tokens a model makes of a text."""
    return len(text) // 4 + 1


class Remote:
    """Reads with one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def size(self, text: str) -> int:
        """About how many tokens a text has, which the engine alone knows."""
        return estimated(text)

    def prepare(
        self,
        question: str,
        passages: Sequence[Passage],
        turns: Sequence[Record],
        language: str,
        kind: str,
    ) -> Reading:
        """All passages are read, as text; `kind` other than that is a fallback."""
        *before, last = prompt.examples(language)
        notes = "".join(prompt.note(passage, language) for passage in passages)
        asked = prompt.heading(language) + notes + prompt.lead(language)
        asked += prompt.asking(question, turns, language)
        why = None if kind == "text" else messages.text("a remote model has no memory bank")
        said = Message(last.role, _MARKUP.sub(lambda mark: f"{mark[0][0]} {mark[0][1:]}", asked))
        return Reading(list(passages), [], [], "text", why, messages=[*before, said])

    def sentences(self, reading: Reading) -> Iterator[str]:
        """The sentences of the answer. Raises ModelError."""
        return sentences.stream(self._pieces(reading))

    def _pieces(self, reading: Reading) -> Iterator[bytes]:
        clock = Clock(reading)
        for piece in self._engine.stream_answer(reading.messages, ANSWER):
            clock.token()
            yield piece
