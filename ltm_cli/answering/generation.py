"""Speaking: the model reads passages and answers, sentence by sentence, as far as that holds."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from ltm_cli.answering import evidence, grounding, thread
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.reader import Reader
from ltm_cli.answering.remote_reader import Remote
from ltm_cli.answering.result import Answer, Options, Source
from ltm_cli.core.messages import text_in
from ltm_cli.core.record import Record
from ltm_cli.indexing import tokenizer
from ltm_cli.kvcache import cache as kv
from ltm_cli.kvcache.cache import KVCache
from ltm_cli.kvcache.encoder import IsCurrent, always_current
from ltm_cli.llm import pool
from ltm_cli.nlp.language import language
from ltm_cli.retrieval.reranker import SideNet

if TYPE_CHECKING:
    from ltm_cli.core.settings import Settings
    from ltm_cli.llm.catalogue import Choice
    from ltm_cli.llm.llama import Llama

_DONT_KNOW = ("i don't know", "i do not know", "我不知道")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """A question of a conversation: the turns before, and that which it cannot do without."""

    question: str
    turns: list[Record]
    context_turns: list[Record]
    options: Options


class Speaker:
    """Answers with a model, which is loaded once, when it is first needed."""

    def __init__(self, net: SideNet | None, is_current: IsCurrent = always_current) -> None:
        self._net = net
        self._is_current = is_current
        self._model: Llama | None = None
        self._reader: Reader | None = None
        self._key: Hashable = None
        self._bank: KVCache | None = None

    def close(self, *, sound: bool = True) -> None:
        """Give the model back; `sound` unless it was interrupted."""
        if self._bank is not None:
            self._bank.save_usage()
        if self._model is not None:
            self._model.reset()
            pool.release(self._key, self._model, sound=sound)
            self._model = None

    def reader(self, lang: str, options: Options, result: Answer) -> Reader | Remote | None:
        """Who reads and answers; None if there is nobody who speaks this language."""
        if options.engine is not None:
            return Remote(options.engine)
        if options.model is None or (options.speaks and lang not in options.speaks):
            return None
        if self._model is None:
            from ltm_cli.llm.llama import Llama

            began, path, size = perf_counter(), options.model, options.context
            version = path.stat().st_mtime_ns if path.exists() else 0
            self._key = (path, version, size)
            self._model = pool.acquire(Llama, self._key, lambda: Llama(path, context=size))
            self._model.set_threads(options.threads)
            home = None if options.secrets else options.home
            self._bank = kv.open_cache(home, self._model) if home is not None else None
            self._reader = Reader(self._model, self._bank, self._net, self._is_current)
            result.timings["load"] = 1000 * (perf_counter() - began)
        spoken = options.speaks or self._model.info.languages
        return self._reader if not spoken or lang in spoken else None

    def answer(
        self,
        reader: Reader | Remote,
        asked: Asked,
        found: list[Passage],
        result: Answer,
        say: Say,
    ) -> bool:
        """Let the model answer from passages; False when nothing of it may be shown."""
        question, options = asked.question, asked.options
        turns = [turn for turn in asked.turns if not evidence.commands(turn)]
        shown = {turn.id for turn in turns}
        notes = [one for one in found if shown.isdisjoint(one.ids)]
        reading = reader.prepare(question, notes, turns, language(question), options.reader)
        read = [record for one in reading.notes for record, _ in one.lines] + turns
        known = grounding.evidence(
            read, [question, *(turn.question or "" for turn in turns)], options.now
        )
        said: list[str] = []
        for sentence in reader.sentences(reading):
            if reason := _withheld(sentence, asked, known):
                lang = language(question)
                result.withheld = (
                    text_in(lang, "{reason}; the rest of the answer is left out.", reason=reason)
                    if said
                    else text_in(lang, "{reason}; your memories are quoted instead.", reason=reason)
                )
                break
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
            str(options.engine or options.model),
        )
        notes = [single for one in reading.notes for single in one.single]
        notes += [Passage(turn, turn.content, 0.0) for turn in turns]
        supporting = _supporting(notes, result.answer, question)
        result.sources = [Source.of(one) for one in supporting]
        return True


def preload(home: Settings, choice: Choice) -> None:
    """Open the model for the first question, where models are kept (llm/pool.py)."""
    speaker = Speaker(None)
    speaker.reader("", Options.of(home, choice, speaks=()), Answer(""))
    speaker.close()


def _withheld(sentence: str, asked: Asked, known: grounding.Evidence) -> str | None:
    """Why a sentence of the model may not be shown, in the question's language; or None."""
    question, lang = asked.question, language(asked.question)
    if sentence.lower().replace("’", "'").startswith(_DONT_KNOW):
        return text_in(lang, "The model does not know the answer")
    if grounding.evades(question, sentence):
        return text_in(lang, "The model's answer gives no number or time")
    if (
        asked.context_turns
        and thread.asks_for_more(question)
        and _repeats(sentence, asked.context_turns)
    ):
        return text_in(lang, "The model repeated an earlier answer")
    if found := grounding.unsupported(sentence, known, asked.options.now):
        return found.say(lang)
    return None


def _supporting(notes: list[Passage], answer: str, question: str) -> list[Passage]:
    """The passages that hold words of the answer which the question did not already say."""
    new = set(tokenizer.query_terms(answer)) - set(tokenizer.query_terms(question))
    held = [len(new & set(tokenizer.terms(evidence.searchable(one.record)))) for one in notes]
    best = max(held, default=0)
    return [one for one, count in zip(notes, held, strict=True) if not best or count * 2 > best]


def _repeats(sentence: str, turns: list[Record]) -> bool:
    said = set(tokenizer.query_terms(sentence))
    return any(
        len(said & set(tokenizer.terms(turn.answer or ""))) > evidence.SAID * len(said)
        for turn in turns
    )
