"""Readers: a question and its passages become the tokens of an answer.

Both begin from the same prefix (instructions and worked examples), whose keys and values are
restored from the bank instead of being read again.

    text    every passage in the prompt, exactly as it would be read without a bank
    fused   LONGMEM's structure: each passage in its own sequence, its keys and values restored; the
            question is decoded once over all of them, and a gate mixes what they say next
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from ltm_cli.answer import prompt
from ltm_cli.answer.evidence import Passage
from ltm_cli.answer.gate import Gate
from ltm_cli.bank import blob
from ltm_cli.errors import ModelError
from ltm_cli.model import chat
from ltm_cli.model.llama import SEQUENCES
from ltm_cli.store.record import Record
from ltm_cli.text import sentences

if TYPE_CHECKING:
    from ltm_cli.bank.bank import Bank
    from ltm_cli.model.llama import Llama

ANSWER = 96  # tokens an answer may have
EACH = 128  # tokens of one passage
NOTES = 256  # tokens of all passages together in `text`: prefill is the slowest part on a CPU
READERS = ("text", "fused")

_PREFIX = 0  # the sequence that holds the prefix
_TOGETHER = SEQUENCES - 2  # notes that can be fused, beside the prefix and the lack of any


@dataclass
class Reading:
    """One answer being read: its tokens in parts, and what it cost."""

    notes: list[Passage]
    chunks: list[list[int]]  # the tokens of each note
    question: list[int]
    kind: str  # of READERS
    shares: list[float] = field(default_factory=list)  # of each note in the gate, at the end
    timings: dict[str, float] = field(default_factory=dict)


class Reader:
    """Reads with one model; `bank` may be None (a model or a home that cannot have one)."""

    def __init__(self, model: Llama, bank: Bank | None) -> None:
        self._model = model
        self._bank = bank
        self._prefix: list[int] = []
        self._after: list[int] = []
        self._language = ""

    def prepare(
        self,
        question: str,
        passages: Sequence[Passage],
        turns: Sequence[Record],
        language: str,
        most: int,
        kind: str,
    ) -> Reading:
        """Choose as many passages, best first, as fit; `most` tokens of them in all.

        `kind` is of READERS, or "auto": fused where the model, the passages and the context allow
        it. Where they do not, everything is read as text. Raises ModelError if not even one
        passage fits the model's context.
        """
        model = self._model
        self._speak(language)
        fused = kind != "text" and bool(passages) and not model.unbankable
        notes: list[Passage] = []
        chunks: list[list[int]] = []
        for passage in passages[:_TOGETHER] if fused else passages:
            tokens = model.tokenize(prompt.note(passage, language))
            if notes and sum(map(len, chunks)) + len(tokens) > most:
                break
            notes.append(passage)
            chunks.append(tokens)
        told = list(turns)
        while True:
            asked = model.tokenize(prompt.asking(question, told, language)) + self._after
            needed = len(self._prefix) + sum(map(len, chunks)) + len(asked)
            # Fused, each note and the lack of any has its own copy of the question and the answer.
            copies = len(chunks) if fused else 0
            if needed + ANSWER + copies * (len(asked) + ANSWER) <= model.context:
                return Reading(notes, chunks, asked, "fused" if fused else "text")
            if told:
                told.pop(0)
            elif len(notes) > 1:
                notes.pop()
                chunks.pop()
            elif fused:
                fused = False
            else:
                raise ModelError(
                    f"the question with one memory needs {needed} tokens and the answer {ANSWER};"
                    f" the model's context has {model.context}",
                    "use a model with a larger context, raise LTM_CONTEXT, or ask with --no-llm",
                )

    def encode(self, passage: Passage, language: str) -> int:
        """Bring one passage into the bank; returns its number of tokens."""
        self._speak(language)
        tokens = self._model.tokenize(prompt.note(passage, language))
        reading = Reading([passage], [tokens], [], "fused")
        _Clock(reading)
        self._begin(reading)
        self._model.clear(1)
        self._encode(1, reading.chunks[0], [passage.record.id], reading)
        return len(reading.chunks[0])

    def read(self, reading: Reading) -> Iterator[int]:
        """Tokens of the answer."""
        return self._fused(reading) if reading.kind == "fused" else self._text(reading)

    def _text(self, reading: Reading) -> Iterator[int]:
        """Every note in the prompt."""
        clock = _Clock(reading)
        model = self._model
        model.clear(1)
        read = [token for chunk in reading.chunks for token in chunk] + reading.question
        if model.unbankable:  # no sequence can begin with another one's cells
            read = self._prefix + read
        else:
            self._begin(reading)
            model.share(_PREFIX, 1)
        clock.restored()
        logits = model.extend({1: read})
        clock.computed(len(read))
        for _ in range(ANSWER):
            token = int(logits[0].argmax())
            clock.token()
            if model.ends(token):
                return
            yield token
            logits = model.extend({1: [token]})

    def _fused(self, reading: Reading) -> Iterator[int]:
        """Each note in its own sequence, mixed by the gate."""
        clock = _Clock(reading)
        model = self._model
        self._begin(reading)
        sequences = list(range(1, len(reading.notes) + 2))  # the last one holds no note
        for sequence, note, chunk in zip(sequences, reading.notes, reading.chunks, strict=False):
            model.clear(sequence)
            self._encode(sequence, chunk, [note.record.id], reading)
        model.clear(sequences[-1])
        model.share(_PREFIX, sequences[-1])
        clock.restored()
        logits = model.extend(dict.fromkeys(sequences, reading.question))
        clock.computed(len(reading.question) * len(sequences))
        gate = Gate([note.score for note in reading.notes])
        for _ in range(ANSWER):
            token = int(gate.mix(logits).argmax())
            gate.chose(token)
            reading.shares = [float(share) for share in gate.shares]
            clock.token()
            if model.ends(token):
                return
            yield token
            logits = model.extend({sequence: [token] for sequence in sequences})

    def _speak(self, language: str) -> None:
        """Choose the prefix of a language."""
        if self._language != prompt.spoken(language):
            before, self._after = chat.frame(self._model, prompt.examples(language))
            self._prefix = before + self._model.tokenize(prompt.heading(language))
            self._language = prompt.spoken(language)
            self._model.clear(_PREFIX)

    def _begin(self, reading: Reading) -> None:
        """Bring the prefix into its sequence, unless it is there."""
        if self._model.lengths[_PREFIX] != len(self._prefix):
            self._model.clear(_PREFIX)
            self._encode(_PREFIX, self._prefix, [], reading)

    def _encode(
        self, sequence: int, tokens: list[int], memories: list[int], reading: Reading
    ) -> None:
        """Append tokens after the prefix: restored from the bank, else computed and kept there."""
        model = self._model
        before = [] if sequence == _PREFIX else self._prefix
        state = self._bank.get(tokens, before, memories) if self._bank else None
        if state is not None and model.restore(sequence, state, len(tokens)):
            reading.timings["tokens_restored"] += len(tokens)
            if before:
                model.share(_PREFIX, sequence)
            return
        if before:
            model.share(_PREFIX, sequence)
        model.extend({sequence: tokens})
        reading.timings["tokens_computed"] += len(tokens)
        if self._bank is not None:
            try:
                whole = blob.parse(model.save(sequence))
                own = whole.cut(len(before), len(before) + len(tokens))
                self._bank.put(tokens, before, memories, blob.build(own))
            except (OSError, blob.LayoutError):
                self._bank = None  # a full disk or another layout: go on without


class _Clock:
    """Fills in the timings of a reading."""

    def __init__(self, reading: Reading) -> None:
        self._timings = reading.timings
        self._timings |= {"tokens_restored": 0, "tokens_computed": 0}
        self._began = self._last = perf_counter()
        self._tokens = 0

    def restored(self) -> None:
        self._lap("restore")

    def computed(self, tokens: int) -> None:
        self._timings["tokens_computed"] += tokens
        self._lap("prefill")

    def token(self) -> None:
        if not self._tokens:
            self._lap("first_token", since_start=True)
        else:
            seconds = perf_counter() - self._last
            self._timings["tokens_per_second"] = self._tokens / seconds if seconds else 0.0
        self._tokens += 1

    def _lap(self, name: str, *, since_start: bool = False) -> None:
        now = perf_counter()
        self._timings[name] = 1000 * (now - (self._began if since_start else self._last))
        self._last = now


def spoken(model: Llama, tokens: Iterable[int]) -> Iterator[str]:
    """The sentences of an answer, each as soon as nothing more can change it."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pending = ""
    for token in tokens:
        pending += decoder.decode(model.piece(token))
        while end := sentences.first_complete(pending):
            yield pending[:end].strip()
            pending = pending[end:].lstrip()
    if pending.strip():
        yield pending.strip()
