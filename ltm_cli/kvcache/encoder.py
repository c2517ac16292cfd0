"""The encoder: chunks of tokens as keys and values, restored from the bank, else computed and kept.

Every chunk is encoded after one fixed prefix (instructions and worked examples, of `ask` or any
other), which has a sequence of its own that the others begin with. What is the same after every
chunk, the words that lead to the question, is encoded and kept with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ltm_cli.core.record import Record
from ltm_cli.kvcache import layout
from ltm_cli.llm.llama import SEQUENCES

if TYPE_CHECKING:
    from ltm_cli.kvcache.cache import Bank
    from ltm_cli.kvcache.layout import State
    from ltm_cli.llm.llama import Llama
    from ltm_cli.llm.rope import Rope

PREFIX = 0  # the sequence that holds the prefix
_SCRATCH = SEQUENCES - 1  # the sequence through which cells are put where they belong
_FAR = 1000  # positions over which the turning of keys is tried
_CLOSE = 0.01  # of the largest key: what rounding to f16 may cost


class Costs(Protocol):
    """What an answer costs: counted while its sequences are filled."""

    timings: dict[str, float]  # `tokens_computed`, `tokens_restored`
    bytes_restored: int


IsCurrent = Callable[[Sequence[Record]], contextlib.AbstractContextManager[bool]]


def always(records: Sequence[Record]) -> contextlib.AbstractContextManager[bool]:
    """For memories that are in no store."""
    return contextlib.nullcontext(True)


class Encoder:
    """Encodes with one model; `bank` may be None (a model or a home that cannot have one).

    `is_current` says whether memories still are as they were read (storage/sqlite/purge.py).
    """

    def __init__(self, model: Llama, bank: Bank | None, is_current: IsCurrent = always) -> None:
        self._model = model
        self._bank = bank
        self._is_current = is_current
        self.prefix: list[int] = []
        self.lead: list[int] = []  # what follows each chunk
        self.after: list[int] = []  # what follows the question

    def begin_with(
        self, prefix: list[int], lead: Sequence[int] = (), after: Sequence[int] = ()
    ) -> None:
        """Choose what all sequences begin with, what follows each chunk and the question."""
        self.prefix, self.lead, self.after = prefix, list(lead), list(after)
        self._model.clear(PREFIX)

    def begin(self, costs: Costs) -> None:
        """Bring the prefix into its sequence, unless it is there, and empty all others.

        What an earlier question left in them would take room from this one.
        """
        for sequence in range(PREFIX + 1, SEQUENCES):
            self._model.clear(sequence)
        if self._model.lengths[PREFIX] != len(self.prefix):
            self._model.clear(PREFIX)
            self._fill(PREFIX, self.prefix, [], costs)

    def attend(
        self, sequence: int, chunk: Sequence[int], memories: Sequence[Record], costs: Costs
    ) -> None:
        """Let a sequence be the prefix, this chunk (which may be empty) and the lead."""
        self._model.clear(sequence)
        self._fill(sequence, [*chunk, *self.lead], memories, costs)

    def append(
        self,
        sequence: int,
        chunk: Sequence[int],
        memories: Sequence[Record],
        again: int,
        costs: Costs,
    ) -> None:
        """Append a chunk's cells to a sequence, wherever that ends, but for the first `again`.

        Those are computed there, so that they attend to what stands before them. Keys are turned to
        their new positions (LegoLink, Hu et al. 2024, arXiv 2410.15332, §3).
        """
        model, rope, begin = self._model, self.rope, len(self.prefix)
        assert rope is not None
        kept = [*chunk, *self.lead]
        state = self._kept(kept, self.prefix, memories)
        if state is None:
            model.clear(_SCRATCH)
            self._compute(_SCRATCH, kept, self.prefix, memories, costs)
            state = layout.parse(model.save(_SCRATCH))
        else:
            self._count(state, len(chunk), costs)
        by = model.lengths[sequence] - begin
        if again:
            model.extend({sequence: chunk[:again]}, wanted=False)
            costs.timings["tokens_computed"] += len(chunk[:again])
        if rest := len(chunk[again:]):
            moved = state.cut(begin + again, begin + len(chunk))
            moved = moved.moved(by, rope) if by else moved
            model.clear(_SCRATCH)
            model.restore(_SCRATCH, layout.build(moved), rest)
            model.share(_SCRATCH, sequence)
        model.clear(_SCRATCH)

    @cached_property
    def rope(self) -> Rope | None:
        """How keys are turned, if the model's own keys of one token bear it out at two places.

        Only what a file says of itself is known beforehand, and some (Llama 3) leave things out.
        """
        import numpy as np

        model = self._model
        if model.rope is None or model.unbankable:
            return None
        keys = []
        for position in (0, _FAR):
            model.clear(_SCRATCH)
            model.lengths[_SCRATCH] = position
            model.extend({_SCRATCH: self.prefix[:1]}, wanted=False)
            state = layout.parse(model.save(_SCRATCH))
            keys.append(state.moved(_FAR - position, model.rope).tensors[0].view(np.float16))
        model.clear(_SCRATCH)
        apart = np.abs(keys[0].astype(np.float32) - keys[1]).max()
        return model.rope if apart <= _CLOSE * np.abs(keys[1]).max() else None

    def _fill(
        self, sequence: int, tokens: Sequence[int], memories: Sequence[Record], costs: Costs
    ) -> None:
        """Fill an empty sequence: what it begins with, then these tokens."""
        model = self._model
        before = [] if sequence == PREFIX else self.prefix
        state = self._kept(tokens, before, memories)
        if state is None or not model.restore(sequence, layout.build(state), len(tokens)):
            self._compute(sequence, tokens, before, memories, costs)
            return
        self._count(state, len(tokens), costs)
        if before:
            model.share(PREFIX, sequence)

    def _kept(
        self, tokens: Sequence[int], before: Sequence[int], memories: Sequence[Record]
    ) -> State | None:
        if self._bank is None:
            return None
        return self._bank.get(tokens, before, [one.id for one in memories])

    def _compute(
        self,
        sequence: int,
        tokens: Sequence[int],
        before: Sequence[int],
        memories: Sequence[Record],
        costs: Costs,
    ) -> None:
        """Compute what an empty sequence holds, and keep it."""
        model = self._model
        if before:
            model.share(PREFIX, sequence)
        model.extend({sequence: tokens}, wanted=False)
        costs.timings["tokens_computed"] += len(tokens)
        if self._bank is not None:
            try:
                whole = layout.parse(model.save(sequence))
                own = whole.cut(len(before), len(before) + len(tokens))
                with self._is_current(memories) as stand:
                    if stand:  # nothing is kept of a memory that is gone or says something else
                        self._bank.put(tokens, before, [one.id for one in memories], own)
            except (OSError, layout.LayoutError):
                self._bank = None  # a full disk or another layout: go on without

    def _count(self, state: State, tokens: int, costs: Costs) -> None:
        costs.timings["tokens_restored"] += tokens
        costs.bytes_restored += sum(rows.nbytes for rows in state.tensors)
