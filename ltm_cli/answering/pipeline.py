"""answer(): from a question to an answer with its sources.

1. thread      the exchanges before, if the question belongs to a conversation   thread.py
2. known       a question that a fact answers is answered by it                  answers.py
3. ahead       so are tasks, deadlines and habits, from what is known of them    ahead.py
4. recall      memories for the question (and, if it leans on them, those turns) recall/
5. abstain     nothing relevant is remembered: say so                            evidence.py
6. read        the model reads passages and answers, sentence by sentence        generation.py,
reader.py
7. ground      each sentence is checked before it is shown                       grounding.py
8. quote       no model, or its answer was withheld: the memories' own sentences quote.py
9. remember    the exchange becomes a memory itself
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from ltm_cli.answering import evidence, quote, thread
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.generation import Asked, Say, Speaker
from ltm_cli.answering.reading import since_start
from ltm_cli.answering.remote_reader import estimated
from ltm_cli.answering.result import Answer, Options, Source
from ltm_cli.answering.thread import Thread
from ltm_cli.core import settings as config
from ltm_cli.core.record import DOCUMENT, SECRET, Record, iso
from ltm_cli.features.facts import answers as fact_answers
from ltm_cli.features.tasks import answers as schedule_answers
from ltm_cli.nlp.language import language
from ltm_cli.retrieval import Hit
from ltm_cli.retrieval.query import read
from ltm_cli.retrieval.recall import recall
from ltm_cli.retrieval.reranker import SideNet
from ltm_cli.storage.sqlite import feedback, journal, memories, purge
from ltm_cli.storage.sqlite.memories import Filter
from ltm_cli.storage.sqlite.transaction import transaction

if TYPE_CHECKING:
    from ltm_cli.retrieval.semantic import Dense

_NO_MEMORY = {"zh": "我没有关于这件事的记忆。", "en": "I have no memory of that."}
_QUOTING = ("quote", schedule_answers.READER)  # readers that say nothing of their own


@dataclass(frozen=True)
class Recalled:
    """What an answer may rest on, best first; the question's terms; what may be known at all.

    `quoted`: nothing else was found than what gives orders to its reader; no model is to read it.
    """

    hits: list[Hit]
    weights: dict[str, float]
    which: Filter
    quoted: bool = False


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
        self._speaker = Speaker(net, partial(purge.standing, db))

    def __enter__(self) -> Mind:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        self._speaker.close(sound=error is None)

    def answer(self, question: str, options: Options, say: Say = lambda _: None) -> Answer:
        """Answer a question; `say` is called with each sentence as soon as it may be shown."""
        began = perf_counter()
        db, user = self._db, memories.user_id(self._db, self._user)
        current = thread.find(
            db, user, options.now, session=options.session, new=options.new,
            secrets=options.secrets,
        )  # fmt: skip
        context = thread.context(question, current)
        told = fact_answers.answer(db, self._user, question, options)
        told = told or self._ahead(question, context, options)
        if told is not None:
            return self._told(question, told, current, options, began, say)
        found = self.recalled(question, options, context)
        if context and thread.asks_for_more(question):
            found = replace(found, hits=evidence.without_said(found.hits, current.turns))
        leant = current.turns[-1:] if context else []
        result = Answer("", session=current.session)
        result.timings["recall"] = 1000 * (perf_counter() - began)
        if user is None or not found.hits:
            result.answer, result.abstained = _NO_MEMORY["zh" if _zh(question) else "en"], True
            say(result.answer)
        else:
            asked = Asked(question, current.turns, leant, options)
            self._read(asked, user, found, result, say)
            result.sources += [
                Source.of(Passage(turn, turn.content, 0.0)) for turn in leant if _new(turn, result)
            ]
        result.timings["total"] = 1000 * (perf_counter() - began)
        if options.remember:
            self._remember(question, result, options)
        return result

    def recalled(self, question: str, options: Options, context: str = "") -> Recalled:
        """What an answer may rest on; nothing when no memory is about the question.

        `context` holds the words of the turn before, if the question leans on it.
        """
        db, user = self._db, memories.user_id(self._db, self._user)
        which = replace(options.which, secrets=options.secrets)
        if which.until is None:  # asked as of then, what came later is not known
            which = replace(which, until=iso(options.now) + "~")
        if user is None:
            return Recalled([], {}, which)
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
        weights = evidence.term_weights(db, user, question, context)
        comparable = evidence.COMPARABLE_IN_THREAD if context else evidence.COMPARABLE
        if DOCUMENT in which.tags:
            comparable = 0.0  # what is told in another chapter shares few words with the question
            weights = evidence.apart(db, user, weights)
        days = read(question, options.now).days
        # Who states something about the question goes before who repeats it, and what gives orders
        # is quoted only where there is nothing else.
        plain = [hit for hit in hits if not evidence.commands(hit.record)]
        telling = [hit for hit in plain if not evidence.only_asks(hit.record, weights)]
        for kept in (telling, plain):
            found = evidence.select(kept, weights, days=days, comparable=comparable)
            if found or len(kept) == len(hits):
                return Recalled(found, weights, which)
        hits = evidence.select(hits, weights, days=days, comparable=comparable)
        return Recalled(hits, weights, which, quoted=True)

    def _told(
        self, question: str, told: Answer, current: Thread, options: Options, began: float, say: Say
    ) -> Answer:
        """Finish an answer that needed no reading."""
        told.session = current.session
        told.timings["cold_first_token"] = since_start()
        say(told.answer)
        told.timings["total"] = 1000 * (perf_counter() - began)
        if options.remember:
            self._remember(question, told, options)
        return told

    def _ahead(self, question: str, context: str, options: Options) -> Answer | None:
        """What tasks and habits say, if the question is about them and about all memories."""
        if options.which:
            return None
        found = schedule_answers.answer(self._db, self._user, question, context, options.now)
        if found is None:
            return None
        return Answer(
            found.text,
            sources=[Source.of(Passage(one, one.content, 1.0)) for one in found.memories],
            reader=schedule_answers.READER,
        )

    def _read(self, asked: Asked, user: int, recalled: Recalled, result: Answer, say: Say) -> None:
        """Answer with the model; where it cannot or may not say anything, quote."""
        reader = None
        if not recalled.quoted:
            reader = self._speaker.reader(language(asked.question), asked.options, result)
        size = reader.size if reader is not None else estimated
        hits, weights = recalled.hits[: asked.options.limit], recalled.weights
        found = evidence.passages(self._db, user, hits, weights, size, recalled.which)
        if reader is not None and self._speaker.answer(reader, asked, found, result, say):
            return
        result.answer, quoted = quote.quote(found, weights)
        result.sources = [Source.of(one) for one in quoted]
        result.timings["cold_first_token"] = since_start()
        say(result.answer)

    def _remember(self, question: str, result: Answer, options: Options) -> None:
        tags = [thread.ASKED]
        if result.abstained:
            tags.append(thread.ABSTAINED)
        elif result.reader in _QUOTING:
            tags.append(thread.QUOTED)
        if options.secrets:  # the answer may hold one
            tags.append(SECRET)
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
            memories.add(self._db, user, [record], journal.begin(self._db, user, "ask"))
            if result.reader not in _QUOTING:  # what a checked answer rests on was worth finding
                feedback.cite(self._db, user, question, [one.id for one in result.sources])


def _new(turn: Record, result: Answer) -> bool:
    """Whether a turn is worth naming as a source: not an echo of what `ask` quoted."""
    return thread.QUOTED not in turn.tags and all(turn.id != one.id for one in result.sources)


def _zh(question: str) -> bool:
    return language(question) == "zh"
