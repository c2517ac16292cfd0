"""The gate: how much each memory has to say in the next token, after LONGMEM (§2.3).

LONGMEM mixes what is attended to in memory with what is read by a learned gate. Here each memory is
attended to in a sequence of its own, and the next-token distributions are mixed. The logits of the
gate start at the recall scores; each chosen token then counts for the memories that made it likely
(Bayes), so that an answer which has begun in one memory is finished from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SHARPNESS = 1.0  # how fast a lower recall score fades
NO_MEMORY = -2.0  # the logit of the sequence without any memory, against the best one's 0


class Gate:
    """Weights (n,) of n memories, and last of having none."""

    def __init__(self, scores: Sequence[float]) -> None:
        import numpy as np

        best = max(scores)
        start = [SHARPNESS * (score - best) for score in scores]
        self.logits: Array = np.array([*start, NO_MEMORY])

    @property
    def shares(self) -> Array:
        """Each one's share of the next token, summing to 1."""
        import numpy as np

        weights: Array = np.exp(self.logits - self.logits.max())
        total: Array = weights / weights.sum()
        return total

    def mix(self, logits: NDArray[np.float32]) -> Array:
        """One distribution (vocabulary,) out of logits (n + 1, vocabulary)."""
        import numpy as np

        self._log: Array = logits - logits.max(axis=1, keepdims=True).astype(np.float64)
        self._log = self._log - np.log(np.exp(self._log).sum(axis=1, keepdims=True))
        mixed: Array = self.shares @ np.exp(self._log)
        return mixed

    def chose(self, token: int) -> None:
        """Count a chosen token for those that made it likely."""
        self.logits = self.logits + self._log[:, token]
        self.logits -= self.logits.max()
