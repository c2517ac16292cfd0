"""answer(): from a question to an answer with its sources.

1. thread      the exchanges before, if the question belongs to a conversation   thread.py
2. known       a question that a fact answers is answered by it                  known.py
3. ahead       so are tasks, deadlines and habits, from what is known of them    ahead.py
4. recall      memories for the question (and, if it leans on them, those turns) recall/
5. abstain     nothing relevant is remembered: say so                            evidence.py
6. read        the model reads passages and answers, sentence by sentence        reader.py
7. ground      each sentence is checked before it is shown                       ground.py
8. quote       no model, or its answer was withheld: the memories' own sentences quote.py
9. remember    the exchange becomes a memory itself
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING

import ltm_cli
from ltm_cli import settings as config
from ltm_cli.answer import ahead, evidence, ground, known, quote, reader, thread
from ltm_cli.answer.evidence import Passage
from ltm_cli.answer.reader import Reader
from ltm_cli.answer.result import Answer, Options, Source
from ltm_cli.answer.thread import Thread
from ltm_cli.bank.bank import Bank
from ltm_cli.recall import Hit
from ltm_cli.recall.query import read
from ltm_cli.recall.recall import recall
from ltm_cli.recall.sidenet import SideNet
from ltm_cli.store import changes, feedback, memories, search
from ltm_cli.store.memories import Filter
from ltm_cli.store.record import DOCUMENT, Record, iso
from ltm_cli.store.transaction import transaction
from ltm_cli.text import segment
from ltm_cli.text.scripts import language

if TYPE_CHECKING:
    from ltm_cli.model.llama import Llama
    from ltm_cli.recall.dense import Dense

_NO_MEMORY = {"zh": "我没有关于这件事的记忆。", "en": "I have no memory of that."}
_DONT_KNOW = ("i don't know", "i do not know", "我不知道")

_QUOTING = ("quote", ahead.READER)  # readers that say nothing of their own

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Asked:
    """A question with what is known before it is answered."""

    question: str
    thread: Thread
    leant: list[Record]  # the turn that the question cannot be understood without
    hits: list[Hit]
    weights: dict[str, float]
    options: Options
    user: int
    which: Filter  # what may be known


class Mind:
    """Answers questions of one user; the model is loaded once, when it is first needed."""

    def __init__(
        self,
        db: sqlite3.Connection,
        user: str,
        net: SideNet | None = None,
        dense: Dense | None = None,
    ) -> None:
        self._db = db
        self._user = user
        self._net = net
        self._dense = dense
        self._model: Llama | None = None
        self._reader: Reader | None = None
        self._bank: Bank | None = None

    def __enter__(self) -> Mind:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bank is not None:
            self._bank.count()
        if self._model is not None:
            self._model.close()

    def answer(self, question: str, options: Options, say: Say = lambda _: None) -> Answer:
        """Answer a question; `say` is called with each sentence as soon as it may be shown."""
        began = perf_counter()
        db, user = self._db, memories.user_id(self._db, self._user)
        current = thread.find(db, user, options.now, session=options.session, new=options.new)
        context = thread.context(question, current)
        told = known.answer(db, self._user, question, options)
        told = told or self._ahead(question, context, options)
        if told is not None:
            return self._told(question, told, current, options, began, say)
        which = options.which
        if which.until is None:  # asked as of then, what came later is not known
            which = replace(which, until=iso(options.now) + "~")
        hits = recall(
            db,
            self._user,
            f"{question}\n{context}".strip(),
            which=which,
            limit=3 * options.limit,
            now=options.now,
            net=self._net,
            dense=self._dense,
        )
        hits = evidence.usable(hits, question)
        weights = evidence.term_weights(db, user, question, context) if user is not None else {}
        comparable = evidence.COMPARABLE_IN_THREAD if context else evidence.COMPARABLE
        if DOCUMENT in which.tags and user is not None:
            comparable = 0.0  # what is told in another chapter shares few words with the question
            weights = _apart(db, user, weights)
        days = read(question, options.now).days
        hits = evidence.select(hits, weights, days=days, comparable=comparable)
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
            assert user is not None
            asked = _Asked(question, current, leant, hits, weights, options, user, which)
            self._read(asked, result, say)
            result.sources += _sources(
                [Passage(turn, turn.content, 0.0) for turn in leant if _new(turn, result)]
            )
        result.timings["total"] = 1000 * (perf_counter() - began)
        if options.remember:
            self._remember(question, result, options)
        return result

    def _told(
        self, question: str, told: Answer, current: Thread, options: Options, began: float, say: Say
    ) -> Answer:
        """Finish an answer that needed no reading."""
        told.session = current.session
        told.timings["cold_first_token"] = _since_start()
        say(told.answer)
        told.timings["total"] = 1000 * (perf_counter() - began)
        if options.remember:
            self._remember(question, told, options)
        return told

    def _ahead(self, question: str, context: str, options: Options) -> Answer | None:
        """What tasks and habits say, if the question is about them and about all memories."""
        if options.which:
            return None
        found = ahead.answer(self._db, self._user, question, context, options.now)
        if found is None:
            return None
        return Answer(
            found.text,
            sources=_sources([Passage(one, one.content, 1.0) for one in found.memories]),
            reader=ahead.READER,
        )

    def _read(self, asked: _Asked, result: Answer, say: Say) -> None:
        """Answer with the model; where it cannot or may not say anything, quote."""
        model = self._speaker(language(asked.question), asked.options, result)
        size = model.size if model is not None else _estimated
        found = evidence.passages(
            self._db, asked.user, asked.hits, asked.weights, size, asked.which
        )
        if model is not None and self._speak(model, asked, found, result, say):
            return
        result.answer, quoted = quote.quote(found, asked.weights)
        result.sources = _sources(quoted)
        result.timings["cold_first_token"] = _since_start()
        say(result.answer)

    def _speak(
        self, model: Llama, asked: _Asked, found: list[Passage], result: Answer, say: Say
    ) -> bool:
        """Let the model answer from passages; False when nothing of it may be shown."""
        question, turns, options = asked.question, asked.thread.turns, asked.options
        told = {turn.id for turn in turns}
        notes = [one for one in found if told.isdisjoint(one.ids)]
        if self._reader is None:
            self._bank = _bank(model, options)
            self._reader = Reader(model, self._bank, self._net)
        reading = self._reader.prepare(question, notes, turns, language(question), options.reader)
        read = [record for one in reading.notes for record, _ in one.lines] + turns
        known = ground.evidence(
            read, [question, *(turn.question or "" for turn in turns)], options.now
        )
        said: list[str] = []
        for sentence in reader.spoken(model, self._reader.read(reading)):
            result.withheld = _withheld(sentence, asked, known)
            if result.withheld:
                break
            if not said:
                result.timings["cold_first_token"] = _since_start()
            said.append(sentence)
            say(sentence)
        result.timings |= reading.timings
        result.fallback, result.bytes_restored = reading.fallback, reading.bytes_restored
        shares = zip(reading.notes, reading.shares, strict=False)
        result.shares = {note.record.id: share for note, share in shares}
        if not said:
            return False
        result.answer, result.reader, result.model = (
            " ".join(said),
            reading.kind,
            str(options.model),
        )
        notes = [single for one in reading.notes for single in one.single]
        notes += [Passage(turn, turn.content, 0.0) for turn in turns]
        result.sources = _sources(_supporting(notes, result.answer, question))
        return True

    def _speaker(self, tongue: str, options: Options, result: Answer) -> Llama | None:
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

    def _remember(self, question: str, result: Answer, options: Options) -> None:
        tags = [thread.ASKED]
        if result.abstained:
            tags.append(thread.ABSTAINED)
        elif result.reader in _QUOTING:
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
            if result.reader not in _QUOTING:  # what a checked answer rests on was worth finding
                feedback.cite(self._db, user, question, [one.id for one in result.sources])


def _withheld(sentence: str, asked: _Asked, known: ground.Evidence) -> str | None:
    """Why a sentence of the model may not be shown, or None."""
    question = asked.question
    if sentence.lower().replace("’", "'").startswith(_DONT_KNOW):
        return "the model does not know"
    if ground.evades(question, sentence):
        return "the model's answer names no number or time"
    if asked.leant and thread.asks_for_more(question) and _repeats(sentence, asked.leant):
        return "the model repeats what it said before"
    if found := ground.unsupported(sentence, known, asked.options.now):
        return f"{found} stands in no memory"
    return None


def _bank(model: Llama, options: Options) -> Bank | None:
    """The bank of the model, if there can be one."""
    if options.bank is None or model.unbankable:
        return None
    return Bank(options.bank, model.path, options.budget, quantised=options.quantised)


def _estimated(text: str) -> int:
    """About how many tokens a model would make of a text."""
    return len(text) // 4 + 1


def _since_start() -> float:
    return 1000 * (perf_counter() - ltm_cli.STARTED)


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


def _apart(db: sqlite3.Connection, user: int, weights: dict[str, float]) -> dict[str, float]:
    """The weights with a third for pairs of Chinese characters that stand together nowhere.

    Such a pair mostly spans two words of the question, and does not tell what it is about.
    """
    return {
        term: weight / 3
        if len(term) == 2 and segment.is_dense(term[0]) and not search.frequency(db, user, term, 1)
        else weight
        for term, weight in weights.items()
    }


def _zh(question: str) -> bool:
    return language(question) == "zh"
