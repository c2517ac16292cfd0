"""What is asked for and what is answered: the shapes of `ltm ask --json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ltm_cli.answering.evidence import Passage
from ltm_cli.core import settings as config
from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.settings import Settings
from ltm_cli.llm.catalogue import Choice
from ltm_cli.llm.openai import Engine

QUOTING = ("quote", "schedule")  # readers that say nothing of their own
LIMIT = 5  # memories read for one answer
_TIMINGS = (
    "load", "recall", "restore", "prefill", "first_token", "cold_first_token", "total",
    "tokens_restored", "tokens_computed", "tokens_per_second",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A memory an answer rests on, and the text of it that was read."""

    id: int
    ref: str | None
    at: str
    text: str
    score: float

    @classmethod
    def of(cls, passage: Passage) -> Source:
        record = passage.record
        return cls(record.id, record.ref, record.at, passage.text, round(passage.score, 4))


@dataclass
class Answer:
    """What was answered. `withheld` says why words of the model are not shown."""

    answer: str
    abstained: bool = False
    sources: list[Source] = field(default_factory=list)
    reader: str = "quote"
    model: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    withheld: str | None = None
    bytes_restored: int = 0  # of keys and values
    fallback: str | None = None  # why memories were read as text, if that was not asked for
    shares: dict[int, float] = field(default_factory=dict)  # of each passage in the gate
    session: str = ""

    def as_dict(self) -> dict[str, Any]:
        values = asdict(self)
        values["shares"] = {id: round(share, 3) for id, share in self.shares.items()}
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
    engine: Engine | None = None  # answers in the place of a model
    speaks: tuple[str, ...] = ()  # languages of the model; empty: any
    reader: str = "auto"  # or one of reader.READERS
    home: Settings | None = None  # in whose bank keys and values are kept; None: nowhere
    threads: int | None = None
    context: int | None = None
    remember: bool = True
    secrets: bool = False  # whether they may be read; then nothing is kept in the bank

    @classmethod
    def of(cls, settings: Settings, choice: Choice | Engine | None, **values: Any) -> Options:
        """What is set, with this model; `values` go before."""
        if isinstance(choice, Engine):
            choice, values = None, {"engine": choice, **values}
        return cls(
            **{
                "now": config.now(),
                "model": choice.path if choice else None,
                "speaks": choice.languages if choice else (),
                "home": settings,
                "threads": settings.threads,
                "context": settings.context,
                **values,
            }
        )
