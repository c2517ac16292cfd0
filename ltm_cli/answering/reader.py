"""Readers: a question and its passages become the tokens of an answer.

All begin from the same prefix (instructions and worked examples), whose keys and values are
restored from the bank instead of being read again.

    text    every passage in the prompt, exactly as it would be read without a bank
    joint   the restored keys and values of all passages in one sequence, moved to where they stand;
            only the first tokens of each later passage are read again
    fused   LONGMEM's structure: each passage in its own sequence, its keys and values restored; the
            question is decoded once over all of them, and a gate mixes what they say next

`auto` is fused wherever the model and the context allow it, for that measured best (bench/bank.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ltm_cli.answering import prompt
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.gate import Gate
from ltm_cli.answering.reading import Clock, Reading
from ltm_cli.core import messages
from ltm_cli.core.errors import ModelError
from ltm_cli.core.record import Record
from ltm_cli.kvcache.encoder import PREFIX, Encoder, IsCurrent, always_current
from ltm_cli.llm import chat_template
from ltm_cli.llm.llama import SEQUENCES
from ltm_cli.nlp import sentences
from ltm_cli.retrieval.reranker import SideNet, load_shipped

if TYPE_CHECKING:
    from ltm_cli.kvcache.cache import KVCache
    from ltm_cli.llm.llama import Llama, Logits

ANSWER = 96  # tokens an answer may have
NOTES = 384  # tokens of all passages together in `text`: prefill is the slowest part on a CPU
AGAIN = 8  # tokens of each later passage that `joint` reads again
READERS = ("text", "joint", "fused")

_TOGETHER = SEQUENCES - 2  # passages that can be fused, beside the prefix and the lack of any


class Reader:
    """Reads with one model; `bank` may be None (a model or a home that cannot have one)."""

    def __init__(
        self,
        model: Llama,
        bank: KVCache | None,
        net: SideNet | None = None,
        is_current: IsCurrent = always_current,
    ) -> None:
        self._model = model
        self.encoder = Encoder(model, bank, is_current)
        self._language = ""
        self._net = load_shipped() if net is None else net

    def prepare(
        self,
        question: str,
        passages: Sequence[Passage],
        turns: Sequence[Record],
        language: str,
        kind: str,
        *,
        most: int = NOTES,
    ) -> Reading:
        """Choose as many passages, best first, as fit; `most` tokens of them to be read as text.

        `kind` is of READERS, or "auto". Where the model, the passages or the context do not allow
        it, everything is read as text, and `fallback` says why. Raises ModelError if not even one
        passage fits the model's context.
        """
        model, encoder = self._model, self.encoder
        self.speak(language)
        kind = "fused" if kind == "auto" else kind
        fallback = self._hindrance(kind, passages)
        kind = "text" if fallback else kind
        notes: list[Passage] = []
        chunks: list[list[int]] = []
        for passage in passages[:_TOGETHER] if kind == "fused" else passages:
            tokens = model.tokenize(prompt.note(passage, language))
            if kind == "text" and notes and sum(map(len, chunks)) + len(tokens) > most:
                break
            notes.append(passage)
            chunks.append(tokens)
        context = list(turns)
        while True:
            rest = model.tokenize(prompt.asking(question, context, language))
            asked = encoder.lead + rest + encoder.after
            needed = len(encoder.prefix) + sum(map(len, chunks)) + len(asked)
            # Fused, each note and the lack of any has its own copy of the question and the answer.
            copies = len(chunks) if kind == "fused" else 0
            if needed + ANSWER + copies * (len(asked) + ANSWER) <= model.context:
                return Reading(notes, chunks, asked, kind, fallback)
            if context:
                context.pop(0)
            elif len(notes) > 1:
                notes.pop()
                chunks.pop()
            elif kind != "text":
                fallback = messages.text(
                    "the model's context is too small for the {reader} reader", reader=kind
                )
                kind = "text"
            else:
                raise ModelError(
                    messages.text(
                        "the question, one memory and the answer need {needed} tokens;"
                        " the model's context has {size}",
                        needed=needed + ANSWER,
                        size=model.context,
                    ),
                    messages.text(
                        "use a model with a larger context, raise LTM_CONTEXT, or ask with --no-llm"
                    ),
                )

    def speak(self, language: str) -> None:
        """Choose the instructions and worked examples of questions in a language."""
        spoken = prompt.spoken(language)
        if self._language != spoken:
            model = self._model
            before, after = chat_template.tokenize_around(model, prompt.examples(language))
            prefix = before + model.tokenize(prompt.heading(language))
            self.encoder.begin_with(prefix, model.tokenize(prompt.lead(language)), after)
            self._language = spoken

    def encode(self, passage: Passage, language: str) -> int:
        """Bring one passage into the bank; returns its number of tokens."""
        self.speak(language)
        chunk = self._model.tokenize(prompt.note(passage, language))
        reading = Reading([passage], [chunk], [], "fused")
        Clock(reading)
        self.encoder.begin(reading)
        self.encoder.attend(1, chunk, passage.records, reading)
        return len(chunk)

    def size(self, text: str) -> int:
        """How many tokens a text has."""
        return self._model.size(text)

    def sentences(self, reading: Reading) -> Iterator[str]:
        """The sentences of the answer."""
        return sentences.stream(map(self._model.piece, self.read(reading)))

    def read(self, reading: Reading) -> Iterator[int]:
        """Tokens of the answer."""
        if reading.kind == "fused":
            return self._fused(reading)
        return self._joint(reading) if reading.kind == "joint" else self._text(reading)

    def _text(self, reading: Reading) -> Iterator[int]:
        """Every passage in the prompt."""
        clock = Clock(reading)
        model, encoder = self._model, self.encoder
        model.clear(1)
        read = [token for chunk in reading.chunks for token in chunk] + reading.question
        if model.uncacheable:  # no sequence can begin with another one's cells
            read = encoder.prefix + read
        else:
            encoder.begin(reading)
            model.share(PREFIX, 1)
        return self._answered(read, clock)

    def _joint(self, reading: Reading) -> Iterator[int]:
        """The passages' cells one after another."""
        clock = Clock(reading)
        model, encoder = self._model, self.encoder
        encoder.begin(reading)
        model.share(PREFIX, 1)
        again = 0  # the first one stands where it was computed
        for note, chunk in zip(reading.notes, reading.chunks, strict=True):
            encoder.append(1, chunk, note.records, again, reading)
            again = AGAIN
        return self._answered(reading.question, clock)

    def _answered(self, read: Sequence[int], clock: Clock) -> Iterator[int]:
        """The likeliest tokens after what is in sequence 1 and `read`."""
        model = self._model
        clock.restored()
        logits = model.extend({1: read})
        clock.computed(len(read))
        for _ in range(ANSWER):
            token = int(logits[0].argmax())
            clock.token()
            if model.is_end(token):
                return
            yield token
            logits = model.extend({1: [token]})

    def listen(self, reading: Reading, clock: Clock | None = None) -> tuple[list[int], Logits]:
        """Restore each passage in a sequence of its own and read the question in all of them.

        Returns the sequences, that of no passage last, and their first logits (n + 1, vocabulary).
        """
        clock = clock or Clock(reading)
        model, encoder = self._model, self.encoder
        encoder.begin(reading)
        sequences = list(range(1, len(reading.notes) + 2))
        for sequence, note, chunk in zip(sequences, reading.notes, reading.chunks, strict=False):
            encoder.attend(sequence, chunk, note.records, reading)
        encoder.attend(sequences[-1], [], [], reading)
        clock.restored()
        asked = reading.question[len(encoder.lead) :]
        logits = model.extend(dict.fromkeys(sequences, asked))
        clock.computed(len(asked) * len(sequences))
        return sequences, logits

    def _fused(self, reading: Reading) -> Iterator[int]:
        """Each passage in its own sequence, mixed by the gate."""
        model = self._model
        clock = Clock(reading)
        sequences, logits = self.listen(reading, clock)
        gate = Gate([note.score for note in reading.notes], self._net)
        for _ in range(ANSWER):
            token = int(gate.mix(logits).argmax())
            gate.chose(token)
            reading.shares = gate.shares
            clock.token()
            if model.is_end(token):
                return
            yield token
            logits = model.extend({sequences[i]: [token] for i in gate.heard})

    def _hindrance(self, kind: str, passages: Sequence[Passage]) -> str | None:
        """Why passages cannot be read like this, or None."""
        if kind == "text":
            return None
        if reason := self._model.uncacheable:
            return reason
        if not passages:
            return messages.text("there is no memory to restore")
        if kind == "joint" and self.encoder.rope is None:
            return messages.text("the model's keys cannot be shifted")
        return None
