"""Rotary positions (Su et al. 2021, §3.2): keys computed at one position, moved to another.

A key at position p is the unrotated key with each pair of its dimensions turned by p·θᵢ, where
θᵢ = base^(-2i/d). Turning it further by Δ·θᵢ makes it the key of position p + Δ, up to rounding
(f16). Pairs are neighbours (`norm`) or lie half a head apart (`neox`), as the model was trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]


@dataclass(frozen=True)
class Rope:
    """How a model turns its keys."""

    neox: bool
    base: float
    dimensions: int  # of a head, from its first one on, that are turned
    head: int  # dimensions of a head
    scale: float = 1.0  # positions are multiplied by it (linear scaling)

    def move(self, rows: Rows, by: int | NDArray[np.int64]) -> Rows:
        """Rows (cells, bytes) of f16 keys of all heads side by side, `by` positions further.

        `by` may be one number for each cell: by minus its position, a key is as it was before RoPE.
        """
        import numpy as np

        half = self.dimensions // 2
        far = np.reshape(by, (-1, 1, 1)) * self.scale
        angle = far * self.base ** (-2.0 * np.arange(half) / self.dimensions)
        turn = np.exp(1j * angle).astype(np.complex64)  # (cells or 1, 1, half)
        cells = len(rows)
        heads = rows.view(np.float16).reshape(cells, -1, self.head).astype(np.float32)
        turned = heads[..., : self.dimensions]
        if self.neox:
            pairs = turned[..., :half] + 1j * turned[..., half:]
            pairs *= turn
            heads[..., :half], heads[..., half : 2 * half] = pairs.real, pairs.imag
        else:
            pairs = np.ascontiguousarray(turned).view(np.complex64)
            pairs *= turn
            heads[..., : self.dimensions] = pairs.view(np.float32)
        moved: Rows = heads.astype(np.float16).reshape(cells, -1).view(np.uint8)
        return moved
