"""From a question to an answer with its sources.

1. thread      the exchanges before, if the question belongs to a conversation   thread.py
2. question    analysed once: what it leans on, its language, query and days     question.py
3. features    what a feature knows the answer of needs no reading               features/
4. recall      memories for the question (and, if it leans on them, those turns) retrieval/
5. abstain     nothing relevant is remembered: say so                            evidence.py
6. generate    the model reads passages and answers, sentence by sentence        generation.py
7. ground      each sentence is checked before it is shown                       grounding.py
8. quote       no model, or its answer was withheld: the memories' own sentences quote.py
9. remember    the exchange becomes a memory itself
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, cast

from ltm_cli.answering import evidence, quote, thread
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.generation import Asked, Say, Speaker
from ltm_cli.answering.question import Question
from ltm_cli.answering.reading import since_start
from ltm_cli.answering.remote_reader import estimated
from ltm_cli.answering.result import QUOTING, Answer, Options, Source
from ltm_cli.core import settings as config
from ltm_cli.core.feature import Feature
from ltm_cli.core.filter import Filter
from ltm_cli.core.messages import text_in
from ltm_cli.core.record import DOCUMENT, SECRET, Record, iso
from ltm_cli.retrieval import Hit
from ltm_cli.retrieval.recall import recall
from ltm_cli.retrieval.reranker import SideNet

if TYPE_CHECKING:
    from ltm_cli.retrieval.semantic import Dense
    from ltm_cli.storage.store import Store


class Answerer(Protocol):
    """What a feature's answers.py has."""

    def answer(self, store: Store, question: Question, options: Options) -> Answer | None:
        """The answer to a question that the feature knows; None leaves it to reading."""


@dataclass(frozen=True)
class Recalled:
    """What an answer may rest on, best first; the question's terms; what may be known at all.

    `quoted`: nothing else was found than what gives orders to its reader; no model is to read it.
    """

    hits: list[Hit]
    weights: dict[str, float]
    which: Filter
    quoted: bool = False


class Pipeline:
    """Answers questions of one user; the model is loaded once, when it is first needed."""

    def __init__(
        self,
        store: Store,
        net: SideNet | None = None,
        dense: Dense | None = None,
        features: Sequence[Feature] = (),
    ) -> None:
        self._store = store
        self._net = net
        self._dense = dense
        self._features = features
        self._speaker = Speaker(net, store.unchanged)

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        self.close(sound=error is None)

    def close(self, *, sound: bool = True) -> None:
        """Give the model back; `sound` unless it was interrupted."""
        self._speaker.close(sound=sound)

    def answer(self, text: str, options: Options, say: Say = lambda _: None) -> Answer:
        """Answer a question; `say` is called with each sentence as soon as it may be shown."""
        began = perf_counter()
        self._store.refresh()
        question = Question(text, options.now, thread.of_question(self._store, options))
        result = self._known(question, options)
        if result is not None:
            result.timings["cold_first_token"] = since_start()
            say(result.answer)
        else:
            result = self._recall_and_read(question, options, began, say)
        result.session = question.thread.session
        result.timings["total"] = 1000 * (perf_counter() - began)
        if options.remember:
            self._remember(text, result, options)
        return result

    def recalled(self, question: Question, options: Options) -> Recalled:
        """What an answer may rest on; nothing when no memory is about the question."""
        which = replace(options.which, secrets=options.secrets)
        if which.until is None:  # asked as of then, what came later is not known
            which = replace(which, until=iso(options.now) + "~")
        if not self._store.owner:
            return Recalled([], {}, which)
        hits = self._usable(question, which, 3 * options.limit)
        if sum(evidence.commands(hit.record) for hit in hits) > options.limit:
            # So many orders to a machine may stand before what answers: look further.
            hits = self._usable(question, which, 30 * options.limit)
        weights = evidence.term_weights(self._store, question.text, question.context)
        comparable = evidence.COMPARABLE_IN_THREAD if question.context else evidence.COMPARABLE
        if DOCUMENT in which.tags:
            comparable = 0.0  # what is told in another chapter shares few words with the question
            weights = evidence.apart(self._store, weights)
        # Who states something about the question goes before who repeats it, and what gives orders
        # is quoted only where there is nothing else.
        plain = [hit for hit in hits if not evidence.commands(hit.record)]
        telling = [hit for hit in plain if not evidence.only_asks(hit.record, weights)]
        for kept in (telling, plain):
            found = evidence.select(kept, weights, days=question.days, comparable=comparable)
            if found or len(kept) == len(hits):
                return Recalled(found, weights, which)
        hits = evidence.select(hits, weights, days=question.days, comparable=comparable)
        return Recalled(hits, weights, which, quoted=True)

    def _usable(self, question: Question, which: Filter, most: int) -> list[Hit]:
        """The best memories for a question, without what only says it back."""
        hits = recall(
            self._store,
            question.query,
            which=which,
            limit=most,
            net=self._net,
            dense=self._dense,
        )
        return evidence.usable(hits, question.text)

    def _known(self, question: Question, options: Options) -> Answer | None:
        """What a feature knows without reading."""
        for feature in self._features:
            if feature.answers:
                answerer = cast(Answerer, importlib.import_module(feature.answers))
                if found := answerer.answer(self._store, question, options):
                    return found
        return None

    def _recall_and_read(
        self, question: Question, options: Options, began: float, say: Say
    ) -> Answer:
        """What the memories say that are recalled; that there are none, if none is relevant."""
        found = self.recalled(question, options)
        if question.context and thread.asks_for_more(question.text):
            found = replace(found, hits=evidence.without_said(found.hits, question.thread.turns))
        result = Answer("")
        result.timings["recall"] = 1000 * (perf_counter() - began)
        if not found.hits:
            result.answer = text_in(question.language, "I have no memory of that.")
            result.abstained = True
            say(result.answer)
            return result
        self._read(question, options, found, result, say)
        result.sources += [
            Source.of(Passage(turn, turn.content, 0.0))
            for turn in question.context_turns
            if _new(turn, result)
        ]
        return result

    def _read(
        self, question: Question, options: Options, recalled: Recalled, result: Answer, say: Say
    ) -> None:
        """Answer with the model; where it cannot or may not say anything, quote."""
        reader = None
        if not recalled.quoted:
            reader = self._speaker.reader(question.language, options, result)
        size = reader.size if reader is not None else estimated
        hits, weights = recalled.hits[: options.limit], recalled.weights
        found = evidence.passages(self._store, hits, weights, size, recalled.which)
        if reader is not None:
            asked = Asked(question.text, question.thread.turns, question.context_turns, options)
            if self._speaker.answer(reader, asked, found, result, say):
                return
        result.answer, quoted = quote.quote(found, weights)
        result.sources = [Source.of(one) for one in quoted]
        result.timings["cold_first_token"] = since_start()
        say(result.answer)

    def _remember(self, text: str, result: Answer, options: Options) -> None:
        tags = [thread.ASKED]
        if result.abstained:
            tags.append(thread.ABSTAINED)
        elif result.reader in QUOTING:
            tags.append(thread.QUOTED)
        if options.secrets:  # the answer may hold one
            tags.append(SECRET)
        record = Record(
            question=text,
            answer=result.answer,
            at=iso(options.now),
            recorded=iso(config.now()),
            session=result.session,
            tags=tags,
        )
        store = self._store
        with store.transaction():
            store.memories.add([record], store.journal.begin("ask"))
            if result.reader not in QUOTING:  # what a checked answer rests on was worth finding
                store.feedback.cite(text, [one.id for one in result.sources])


def _new(turn: Record, result: Answer) -> bool:
    """Whether a turn is worth naming as a source: not an echo of what `ask` quoted."""
    return thread.QUOTED not in turn.tags and all(turn.id != one.id for one in result.sources)
