"""Readers turn a question and its passages into sentences. `text`: everything in the prompt."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from ltm_cli.answer import prompt
from ltm_cli.answer.evidence import Passage
from ltm_cli.errors import ModelError
from ltm_cli.model import chat
from ltm_cli.store.record import Record
from ltm_cli.text import sentences

if TYPE_CHECKING:
    from ltm_cli.model.llama import Llama

ANSWER = 96  # tokens an answer may have
EACH = 128  # tokens of one passage
NOTES = 256  # tokens of all passages together: prefill is the slowest part on a CPU


@dataclass
class Reading:
    """One answer being read. `sentences` streams it; the rest is known once that has begun."""

    notes: list[Passage]
    tokens: list[int]
    timings: dict[str, float] = field(default_factory=dict)


def prepare(
    model: Llama,
    question: str,
    passages: Sequence[Passage],
    turns: Sequence[Record],
    language: str,
) -> Reading:
    """Choose as many passages, best first, as fit. Raises ModelError if not even one does."""
    room = model.context - ANSWER
    notes: list[Passage] = []
    spent = 0
    for passage in passages:
        spent += len(model.tokenize(prompt.note(passage, language))) + 1
        if notes and spent > NOTES:
            break
        notes.append(passage)
    told = list(turns)
    while True:
        tokens = chat.encode(model, prompt.messages(question, notes, told, language))
        if len(tokens) <= room:
            return Reading(notes, tokens)
        if told:
            told.pop(0)
        elif len(notes) > 1:
            notes.pop()
        else:
            raise ModelError(
                f"the question with one memory needs {len(tokens)} tokens and the answer {ANSWER};"
                f" the model's context has {model.context}",
                "use a model with a larger context, raise LTM_CONTEXT, or ask with --no-llm",
            )


def read(model: Llama, reading: Reading) -> Iterator[str]:
    """The model's answer, sentence by sentence."""
    began = perf_counter()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pending = ""
    for count, token in enumerate(model.generate(reading.tokens, ANSWER), 1):
        if count == 1:
            reading.timings["prefill"] = 1000 * (perf_counter() - began)
        pending += decoder.decode(model.piece(token))
        while end := sentences.first_complete(pending):
            yield pending[:end].strip()
            pending = pending[end:].lstrip()
        seconds = perf_counter() - began - reading.timings["prefill"] / 1000
        reading.timings["tokens_per_second"] = (count - 1) / seconds if count > 1 else 0.0
    if pending.strip():
        yield pending.strip()
