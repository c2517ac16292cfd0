"""Keys and values in half the bytes: llama.cpp's q8_0, eight bits and one scale for 32 values.

Only on disk: a live cache stays f16 (a quantised one is stored Hadamard-rotated by llama.cpp, and
could neither be cut nor moved). A block is an f16 scale, then 32 signed bytes: 34 bytes for 64.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ltm_cli.kvcache.layout import State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]

_F16, _Q8_0 = 1, 8  # ggml's numbers of the types
_VALUES = 32  # in a block
_BYTES = 34  # of a block of q8_0


def quantise(state: State) -> State:
    """The same cells as q8_0, if all are finite f16 in whole blocks; else as they are."""
    import numpy as np

    width = 2 * _VALUES
    if any(kind != _F16 for kind in state.types) or any(
        rows.shape[1] % width for rows in state.tensors
    ):
        return state
    if not all(np.isfinite(rows.view(np.float16)).all() for rows in state.tensors):
        return state  # no block has a scale that holds an infinity
    tensors = [_to_q8(rows) for rows in state.tensors]
    return replace(state, types=[_Q8_0] * len(tensors), tensors=tensors)


def dequantise(state: State) -> State:
    """The same cells as f16."""
    if any(kind != _Q8_0 for kind in state.types):
        return state
    tensors = [_to_f16(rows) for rows in state.tensors]
    return replace(state, types=[_F16] * len(tensors), tensors=tensors)


def _to_q8(rows: Rows) -> Rows:
    """(cells, bytes of f16) -> (cells, bytes of q8_0)"""
    import numpy as np

    values = rows.view(np.float16).reshape(-1, _VALUES).astype(np.float32)
    scale = np.abs(values).max(axis=1, keepdims=True) / 127
    blocks = np.empty((len(values), _BYTES), np.uint8)
    blocks[:, :2] = scale.astype(np.float16).view(np.uint8)
    steps = np.rint(values / np.where(scale == 0, 1, scale))
    blocks[:, 2:] = steps.astype(np.int8).view(np.uint8)
    return blocks.reshape(len(rows), -1)


def _to_f16(rows: Rows) -> Rows:
    """(cells, bytes of q8_0) -> (cells, bytes of f16)"""
    import numpy as np

    blocks = rows.reshape(-1, _BYTES)
    scale = np.ascontiguousarray(blocks[:, :2]).view(np.float16).astype(np.float32)
    values = blocks[:, 2:].view(np.int8) * scale
    return values.astype(np.float16).view(np.uint8).reshape(len(rows), -1)
