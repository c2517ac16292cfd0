"""A state of any bytes is taken apart and put together the same, or refused; so are its files."""

from __future__ import annotations

import struct
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from ltm_cli.kvcache import entries, layout, quantise

_HEADER = {"model": "0" * 64, "tokens": [1, 2, 3]}


def state(cells: int = 3, layers: int = 2, width: int = 64, kind: int = 1) -> bytes:
    """A state of the layout of kvcache/layout.py, of small f16 numbers."""
    random = np.random.default_rng(7)
    rows = [
        random.normal(0, 1, (cells, width // 2)).astype(np.float16).view(np.uint8)
        for _ in range(2 * layers)
    ]
    return layout.serialise(layout.State(0x67676D6C, list(range(cells)), [kind] * len(rows), rows))


SEEDS = [
    state(), state(1, 1, 128), state(0, 0), state(2, 1, 68, 8), b"",
    struct.pack("<IiIIII", 1, 0, 1, 0, 0, 1) + struct.pack("<iQ", 1, 1 << 63) * 2,
]  # fmt: skip


def one(data: bytes) -> None:
    _file(data)
    try:
        found = layout.parse(data)
    except layout.LayoutError:
        return
    assert len(data) >= sum(rows.size for rows in found.tensors)
    again = layout.parse(layout.serialise(found))
    assert again.positions == found.positions
    assert again.types == found.types
    pairs = zip(again.tensors, found.tensors, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    _quantised(found)
    if len(set(found.positions)) == len(found.positions):
        try:
            assert found.cut(0, 2).positions == [0, 1]
        except layout.LayoutError:
            assert not {0, 1} <= set(found.positions)


def _quantised(found: layout.State) -> None:
    """Half a step of the scale is what rounding may cost, and the f16 of the scale a little."""
    small = quantise.quantise(found)
    back = quantise.dequantise(small)
    if small is found or not all(rows.size for rows in found.tensors):
        return
    for rows, others in zip(found.tensors, back.tensors, strict=True):
        before = rows.view(np.float16).reshape(-1, 32).astype(np.float32)
        after = others.view(np.float16).reshape(-1, 32).astype(np.float32)
        most = np.abs(before).max(axis=1, keepdims=True)
        usual = np.isfinite(before).all(axis=1) & (most[:, 0] > 1) & (most[:, 0] < 60000)
        assert (np.abs(before - after) <= most / 127)[usual].all()


def _file(data: bytes) -> None:
    path = _folder() / "entry.kv"
    path.write_bytes(data)
    assert entries.load(path, _HEADER) is None
    entries.save(path, _HEADER, data)
    kept = entries.load(path, _HEADER)
    assert kept is not None
    assert bytes(kept) == data
    whole = bytearray(path.read_bytes())
    place = (len(data) * 7919) % len(whole)
    whole[place] ^= 1  # no byte of an entry may be another
    path.write_bytes(whole)
    assert entries.load(path, _HEADER) is None


@lru_cache(maxsize=1)
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ltm-fuzz-"))
