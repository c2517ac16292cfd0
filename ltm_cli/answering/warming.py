"""Encoding memories into the bank before they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ltm_cli.answering import evidence, reader
from ltm_cli.answering.evidence import Passage
from ltm_cli.core.errors import ModelError
from ltm_cli.core.filter import Filter
from ltm_cli.core.messages import text
from ltm_cli.core.record import SECRET, Record
from ltm_cli.core.settings import Settings
from ltm_cli.kvcache import cache as kv
from ltm_cli.llm.catalogue import Choice
from ltm_cli.nlp import sentences
from ltm_cli.nlp.language import language

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

_TOGETHER = 100  # memories held at a time
_OPEN = Filter(secrets=False)


@dataclass
class Warmed:
    """How many passages were encoded, and how many were there already."""

    encoded: int = 0
    there: int = 0


def warm(
    store: Store,
    choice: Choice,
    settings: Settings,
    *,
    most: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Warmed:
    """Encode what is missing of a user's memories until the budget is full, or `most` are done.

    The most cited come first, then the newest; only memories in a language that the model speaks,
    and none that `ask` would not read. Interrupted, it goes on where it was when it is run again.
    Raises ModelError.
    """
    from ltm_cli.llm.llama import Llama

    done = Warmed()
    with Llama(choice.path, threads=settings.threads, context=settings.context) as model:
        if reason := model.uncacheable:
            raise ModelError(
                text("the memory bank does not work with this model: {reason}", reason=reason),
                text("nothing needs to be done: the model reads memories as text"),
            )
        spoken = choice.languages or model.info.languages
        bank = kv.open_cache(settings, model)
        assert bank is not None
        reading = reader.Reader(model, bank, is_current=store.unchanged)
        for record in _in_turn(store, most):
            lang = language(record.content)
            if (spoken and lang not in spoken) or evidence.is_echo(record):
                continue
            if SECRET in record.tags or evidence.commands(record):
                continue
            parts = sentences.chunks(record.content, evidence.EACH, model.size)
            for part in parts:
                passage = Passage(record, part, 0.0)
                if len(parts) == 1:
                    passage = evidence.between(store, passage, model.size, _OPEN)
                reading.encode(passage, lang)
                progress(1)
            if bank.bytes > bank.budget:
                break
    done.encoded, done.there = bank.misses, bank.hits
    return done


def _in_turn(store: Store, most: int | None) -> Iterator[Record]:
    """Memories in the order in which they are worth encoding, held a few at a time."""
    cited = store.feedback.cited()
    ids = list(dict.fromkeys([*cited, *store.memories.newest_first()]))[:most]
    for start in range(0, len(ids), _TOGETHER):
        part = ids[start : start + _TOGETHER]
        found = store.memories.fetch(part)
        yield from (found[id] for id in part)
