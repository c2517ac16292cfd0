"""answer(): from a question to an answer with its sources.

1. thread      the exchanges before, if the question belongs to a conversation   thread.py
2. recall      memories for the question (and, if it leans on them, those turns) recall/
3. abstain     nothing relevant is remembered: say so                            evidence.py
4. read        the model reads passages and answers, sentence by sentence        reader.py
5. ground      each sentence is checked before it is shown                       ground.py
6. quote       no model, or its answer was withheld: the memories' own sentences quote.py
7. remember    the exchange becomes a memory itself
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import ltm_cli
from ltm_cli import settings as config
from ltm_cli.answer import evidence, ground, quote, reader, thread
from ltm_cli.answer.evidence import Passage
from ltm_cli.answer.thread import Thread
from ltm_cli.recall.recall import recall
from ltm_cli.recall.sidenet import SideNet
from ltm_cli.store import changes, feedback, memories
from ltm_cli.store.memories import EVERYTHING, Filter
from ltm_cli.store.record import Record, iso
from ltm_cli.store.transaction import transaction
from ltm_cli.text import segment
from ltm_cli.text.scripts import language

LIMIT = 5  # memories read for one answer
_NO_MEMORY = {"zh": "我没有关于这件事的记忆。", "en": "I have no memory of that."}
_DONT_KNOW = ("i don't know", "i do not know", "我不知道")
_TIMINGS = ("load", "recall", "restore", "prefill", "first_token", "cold_first_token", "total",
            "tokens_restored", "tokens_computed", "tokens_per_second")  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A memory an answer rests on, and the text of it that was read."""

    id: int
    ref: str | None
    at: str
    text: str
    score: float


@dataclass
class Answer:
    """What was answered. `withheld` tells why the model's own words were not shown."""

    answer: str
    abstained: bool = False
    sources: list[Source] = field(default_factory=list)
    reader: str = "quote"
    model: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    withheld: str | None = None
    session: str = ""

    def as_dict(self) -> dict[str, Any]:
        values = asdict(self)
        values["timings"] = {key: round(self.timings.get(key, 0.0), 1) for key in _TIMINGS}
        return values


@dataclass(frozen=True)
class Options:
    """How to answer."""

    now: datetime
    session: str | None = None
    new: bool = False
    which: Filter = EVERYTHING
    limit: int = LIMIT
    model: Path | None = None  # None: quote the memories
    speaks: tuple[str, ...] = ()  # languages of the model; empty: any
    threads: int | None = None
    context: int | None = None
    remember: bool = True


Say = Callable[[str], None]


class Mind:
    """Answers questions of one user; the model is loaded once, when it is first needed."""

    def __init__(self, db: sqlite3.Connection, user: str, net: SideNet | None = None) -> None:
        self._db = db
        self._user = user
        self._net = net
        self._model: Any = None

    def __enter__(self) -> Mind:
        return self

    def __exit__(self, *_: object) -> None:
        if self._model is not None:
            self._model.close()

    def answer(self, question: str, options: Options, say: Say = lambda _: None) -> Answer:
        """Answer a question; `say` is called with each sentence as soon as it may be shown."""
        began = perf_counter()
        db, user = self._db, memories.user_id(self._db, self._user)
        current = thread.find(db, user, options.now, session=options.session, new=options.new)
        context = thread.context(question, current)
        which = options.which or Filter(until=iso(options.now) + "~")
        hits = recall(
            db,
            self._user,
            f"{question}\n{context}".strip(),
            which=which,
            limit=3 * options.limit,
            now=options.now,
            net=self._net,
        )
        hits = evidence.usable(hits, question)
        weights = evidence.term_weights(db, user, question, context) if user is not None else {}
        comparable = evidence.COMPARABLE_IN_THREAD if context else evidence.COMPARABLE
        hits = evidence.select(hits, weights, comparable=comparable)
        if context and thread.asks_for_more(question):
            hits = evidence.without_said(hits, current.turns)
        hits = hits[: options.limit]
        leant = current.turns[-1:] if context else []
        result = Answer("", session=current.session)
        result.timings["recall"] = 1000 * (perf_counter() - began)
        if not hits:
            result.answer, result.abstained = _NO_MEMORY["zh" if _zh(question) else "en"], True
            say(result.answer)
        else:
            self._read(question, current, hits, weights, leant, options, result, say)
            result.sources += _sources(
                [Passage(turn, turn.content, 0.0) for turn in leant if _new(turn, result)]
            )
        result.timings["total"] = 1000 * (perf_counter() - began)
        if options.remember:
            self._remember(question, result, options)
        return result

    def _read(
        self,
        question: str,
        current: Thread,
        hits: list[Any],
        weights: dict[str, float],
        leant: list[Record],
        options: Options,
        result: Answer,
        say: Say,
    ) -> None:
        tongue = language(question)
        model = self._speaker(tongue, options, result)
        size: Callable[[str], int] = (lambda t: len(model.tokenize(t))) if model else len
        each = reader.EACH if model else 4 * reader.EACH
        found = evidence.passages(hits, weights, each=each, size=size)
        if model is not None:
            told = {turn.id for turn in current.turns}
            notes = [one for one in found if one.record.id not in told]
            reading = reader.prepare(model, question, notes, current.turns, tongue)
            read = [one.record for one in reading.notes] + current.turns
            asked = [question, *(turn.question or "" for turn in current.turns)]
            known = ground.evidence(read, asked, options.now)
            said: list[str] = []
            for sentence in reader.read(model, reading):
                result.withheld = _withheld(sentence, question, known, options.now)
                if leant and thread.asks_for_more(question) and _repeats(sentence, leant):
                    result.withheld = "the model repeats what it said before"
                if result.withheld:
                    break
                if not said:
                    self._first_token(result, reading.timings["prefill"])
                said.append(sentence)
                say(sentence)
            result.timings |= reading.timings
            result.timings["tokens_computed"] = len(reading.tokens)
            if said:
                joined = " ".join(said)
                result.answer, result.reader, result.model = joined, "text", str(options.model)
                read_too = [Passage(turn, turn.content, 0.0) for turn in current.turns]
                result.sources = _sources(_supporting(reading.notes + read_too, joined, question))
                return
        result.answer, quoted = quote.quote(found, weights)
        result.sources = _sources(quoted)
        self._first_token(result, 0.0)
        say(result.answer)

    def _speaker(self, tongue: str, options: Options, result: Answer) -> Any:
        """The model, if there is one that speaks this language."""
        if options.model is None or (options.speaks and tongue not in options.speaks):
            return None
        if self._model is None:
            from ltm_cli.model.llama import Llama

            began = perf_counter()
            self._model = Llama(options.model, threads=options.threads, context=options.context)
            result.timings["load"] = 1000 * (perf_counter() - began)
        spoken = options.speaks or self._model.info.languages
        return self._model if not spoken or tongue in spoken else None

    def _first_token(self, result: Answer, prefill: float) -> None:
        result.timings["first_token"] = prefill
        result.timings["cold_first_token"] = 1000 * (perf_counter() - ltm_cli.STARTED)

    def _remember(self, question: str, result: Answer, options: Options) -> None:
        tags = [thread.ASKED]
        if result.abstained:
            tags.append(thread.ABSTAINED)
        elif result.reader == "quote":
            tags.append(thread.QUOTED)
        record = Record(
            question=question,
            answer=result.answer,
            at=iso(options.now),
            recorded=iso(config.now()),
            session=result.session,
            tags=tags,
        )
        with transaction(self._db):
            user = memories.ensure_user(self._db, self._user)
            memories.add(self._db, user, [record], changes.begin(self._db, user, "ask"))
            if result.reader != "quote":  # what a checked answer rests on was worth finding
                feedback.cite(self._db, user, question, [one.id for one in result.sources])


def _withheld(sentence: str, question: str, known: ground.Evidence, now: datetime) -> str | None:
    """Why a sentence of the model may not be shown, or None."""
    if sentence.lower().replace("’", "'").startswith(_DONT_KNOW):
        return "the model does not know"
    if ground.evades(question, sentence):
        return "the model's answer names no number or time"
    if found := ground.unsupported(sentence, known, now):
        return f"{found} stands in no memory"
    return None


def _supporting(notes: list[Passage], answer: str, question: str) -> list[Passage]:
    """The passages that hold words of the answer which the question did not already say."""
    told = set(segment.query_terms(answer)) - set(segment.query_terms(question))
    held = [len(told & set(segment.terms(evidence.searchable(one.record)))) for one in notes]
    best = max(held, default=0)
    return [one for one, count in zip(notes, held, strict=True) if not best or count * 2 > best]


def _repeats(sentence: str, turns: list[Record]) -> bool:
    said = set(segment.query_terms(sentence))
    return any(
        len(said & set(segment.terms(turn.answer or ""))) > evidence.SAID * len(said)
        for turn in turns
    )


def _new(turn: Record, result: Answer) -> bool:
    """Whether a turn is worth naming as a source: not an echo of what `ask` quoted."""
    return thread.QUOTED not in turn.tags and all(turn.id != one.id for one in result.sources)


def _sources(found: list[Passage]) -> list[Source]:
    return [
        Source(one.record.id, one.record.ref, one.record.at, one.text, round(one.score, 4))
        for one in found
    ]


def _zh(question: str) -> bool:
    return language(question) == "zh"
