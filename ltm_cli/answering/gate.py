"""The gate: how much each passage has to say in the next token, after LONGMEM (§2.3).

LONGMEM mixes what is attended to in memory with what is read by a learned gate. Here each passage
is attended to in a sequence of its own, and the next-token distributions are mixed:

    logit_i = SHARPNESS · (score_i / best score - 1) + w · features_i    at the first token
    logit_i += log p_i(token)                                            for each chosen token

The first line begins with the recall scores, of whatever scale, and adds a residual of the SideNet,
zero until it is trained, of features of the model's own first distributions (`features`). The
second is Bayes' rule: an answer that has begun in one memory is finished from it. A passage whose
share has become negligible is heard no longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ltm_cli.retrieval.features import GATE
from ltm_cli.retrieval.reranker import SideNet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Logits = NDArray[np.float32]

# Chosen on the conversations and facts that the residual is trained on (bench/train_gate.py).
SHARPNESS = 12.0  # how fast a lower recall score fades
NO_MEMORY = -3.0  # the logit of the sequence without any memory, against the best one's 0
NEGLIGIBLE = 0.01  # a share that is no longer worth decoding a sequence for


class Gate:
    """Weighs n passages with these recall scores, and last the lack of any."""

    def __init__(self, scores: Sequence[float], net: SideNet) -> None:
        self._scores = scores
        self._net = net
        self._shares: Array | None = None
        self.heard = list(range(len(scores) + 1))

    @property
    def shares(self) -> list[float]:
        """Each one's share of the next token, summing to 1."""
        assert self._shares is not None
        return [float(share) for share in self._shares]

    def mix(self, logits: Logits) -> Array:
        """One distribution (vocabulary,) out of those heard: logits (heard, vocabulary)."""
        import numpy as np

        self._log, likely = softmax(logits)
        if self._shares is None:
            rows = features(self._log, likely)
            residual = [self._net.residual(row) for row in rows]
            self._logits: Array = np.array(base(self._scores)) + residual
            self._shares = _shared(self._logits)
        mixed: Array = self._shares[self.heard] @ likely
        return mixed

    def chose(self, token: int) -> None:
        """Count a chosen token for those that made it likely; then hear only who still matters."""
        import numpy as np

        before = self._logits
        self._logits = np.full_like(before, -np.inf)
        self._logits[self.heard] = before[self.heard] + self._log[:, token]
        self._shares = _shared(self._logits)
        self.heard = [i for i, share in enumerate(self._shares) if share >= NEGLIGIBLE]


def base(scores: Sequence[float]) -> list[float]:
    """The logits of the untrained gate before any token: (n + 1,)."""
    best = max(scores)
    scale = max(abs(best), 1.0)
    return [*(SHARPNESS * (score - best) / scale for score in scores), NO_MEMORY]


def features(log: Logits, likely: Logits) -> list[dict[str, float]]:
    """What the residual is made of, of each passage and last of the lack of any.

    From the first distributions, `likely` (n + 1, vocabulary), and their logarithms: the entropy
    (nats), the divergence from what the model says without memory (Kullback-Leibler, nats), the
    agreement with the other passages (the mass shared with their mean), and which one is none.
    """
    import numpy as np

    n = len(likely) - 1
    entropy = -(likely * log).sum(axis=1)
    divergence = (likely * (log - log[n])).sum(axis=1)
    total = likely[:n].sum(axis=0)
    rows = []
    for i in range(n + 1):
        others = (total - likely[i]) / max(n - 1, 1) if i < n else total / n
        agreement = float(np.minimum(likely[i], others).sum())
        values = (float(entropy[i]), float(divergence[i]), agreement, float(i == n))
        rows.append(dict(zip(GATE, values, strict=True)))
    return rows


def softmax(logits: Logits) -> tuple[Logits, Logits]:
    """(log p, p) of logits (n, vocabulary), row by row."""
    import numpy as np

    log = logits - logits.max(axis=1, keepdims=True)
    likely = np.exp(log)
    total = likely.sum(axis=1, keepdims=True)
    return log - np.log(total), likely / total


def _shared(logits: Array) -> Array:
    import numpy as np

    weights = np.exp(logits - logits.max())
    shares: Array = weights / weights.sum()
    return shares
