"""The state of one sequence as llama.cpp writes it, taken apart and put together.

Layout (little endian; f16 cache, flash attention on):

    u32 magic, i32 sequence, u32 streams
    u32 cells, then per cell: i32 position, u32 1, i32 sequence
    u32 transposed values (0), u32 layers
    per layer: i32 type, u64 bytes per row, cells rows of keys (after RoPE)
    per layer: i32 type, u64 bytes per row, cells rows of values

It carries neither version nor model: entries.py puts a verified header before it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ltm_cli.llm.rope import Rope

    Rows = NDArray[np.uint8]

_HEAD = struct.Struct("<IiII")
_CELL = struct.Struct("<iIi")
_MIDDLE = struct.Struct("<II")
_LAYER = struct.Struct("<iQ")


class LayoutError(ValueError):
    """A state that is not of the layout above."""


@dataclass(frozen=True)
class State:
    """The cells of one sequence. `tensors` are keys of all layers, then values: (cells, bytes)."""

    magic: int
    positions: list[int]
    types: list[int]  # ggml type of each tensor
    tensors: list[Rows]

    def cut(self, begin: int, end: int) -> State:
        """The cells of positions begin..end-1, in that order: llama.cpp writes them in any.

        Raises LayoutError if one is missing.
        """
        at = {position: i for i, position in enumerate(self.positions)}
        wanted = range(begin, end)
        if not at.keys() >= set(wanted):
            raise LayoutError("a position is missing")
        order = [at[position] for position in wanted]
        tensors = [rows[order] for rows in self.tensors]
        return State(self.magic, list(wanted), self.types, tensors)

    def moved(self, by: int, rope: Rope) -> State:
        """The same cells `by` positions further, their keys turned."""
        layers = len(self.tensors) // 2
        keys = [rope.move(rows, by) for rows in self.tensors[:layers]]
        positions = [position + by for position in self.positions]
        return State(self.magic, positions, self.types, keys + self.tensors[layers:])


def parse(data: bytes | memoryview) -> State:
    """Take a state apart; raises LayoutError. The rows are views of `data`."""
    import numpy as np

    try:
        magic, _, streams, cells = _HEAD.unpack_from(data)
        offset = _HEAD.size
        positions = []
        for _ in range(cells):
            position, sequences, _ = _CELL.unpack_from(data, offset)
            if sequences != 1:
                raise LayoutError("a cell of several sequences")
            positions.append(position)
            offset += _CELL.size
        transposed, layers = _MIDDLE.unpack_from(data, offset)
        offset += _MIDDLE.size
        if streams != 1 or transposed:
            raise LayoutError("several streams, or transposed values")
        types, tensors = [], []
        for _ in range(2 * layers):
            kind, width = _LAYER.unpack_from(data, offset)
            offset += _LAYER.size
            if width > len(data) or offset + cells * width > len(data):
                raise LayoutError("cut off")
            rows: Any = np.frombuffer(data, np.uint8, cells * width, offset)
            types.append(kind)
            tensors.append(rows.reshape(cells, width))
            offset += cells * width
    except struct.error as error:
        raise LayoutError(str(error)) from None
    if offset != len(data):
        raise LayoutError(f"{len(data) - offset} bytes too many")
    return State(magic, positions, types, tensors)


def serialise(state: State) -> bytes:
    """Put a state together, as of sequence 0; llama.cpp gives it to the one it is restored to."""
    cells = len(state.positions)
    parts = [_HEAD.pack(state.magic, 0, 1, cells)]
    parts += [_CELL.pack(position, 1, 0) for position in state.positions]
    parts.append(_MIDDLE.pack(0, len(state.tensors) // 2))
    for kind, rows in zip(state.types, state.tensors, strict=True):
        parts += [_LAYER.pack(kind, rows.shape[1]), rows.tobytes()]
    return b"".join(parts)
