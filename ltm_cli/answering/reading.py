"""One answer being read: what is read, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

import ltm_cli
from ltm_cli.answering.evidence import Passage
from ltm_cli.llm.chat_template import Message


@dataclass
class Reading:
    """A question with its passages as tokens; `timings` and `shares` fill in while it is read."""

    notes: list[Passage]
    chunks: list[list[int]]  # the tokens of each note
    question: list[int]
    kind: str  # of reader.READERS
    fallback: str | None = None  # why it is read as text, if that was not asked for
    shares: list[float] = field(default_factory=list)  # of each note in the gate, at the end
    timings: dict[str, float] = field(default_factory=dict)
    bytes_restored: int = 0
    messages: list[Message] = field(default_factory=list)  # what is said to an engine elsewhere


def since_start() -> float:
    """Milliseconds since the process began."""
    return 1000 * (perf_counter() - ltm_cli.STARTED)


class Clock:
    """Fills in the timings of a reading, in milliseconds and tokens."""

    def __init__(self, reading: Reading) -> None:
        self._timings = reading.timings
        self._timings |= {"tokens_restored": 0, "tokens_computed": 0}
        reading.bytes_restored = 0
        self._began = self._last = perf_counter()
        self._tokens = 0

    def restored(self) -> None:
        """What was in the bank is at hand."""
        self._lap("restore")

    def computed(self, tokens: int) -> None:
        """So many tokens were read since."""
        self._timings["tokens_computed"] += tokens
        self._lap("prefill")

    def token(self) -> None:
        """A token of the answer was chosen."""
        if not self._tokens:
            self._lap("first_token", of_all=True)
            self._timings["cold_first_token"] = since_start()
        else:
            seconds = perf_counter() - self._last
            self._timings["tokens_per_second"] = self._tokens / seconds if seconds else 0.0
        self._tokens += 1

    def _lap(self, name: str, *, of_all: bool = False) -> None:
        now = perf_counter()
        self._timings[name] = 1000 * (now - (self._began if of_all else self._last))
        self._last = now
