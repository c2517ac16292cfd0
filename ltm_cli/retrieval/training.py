"""Training the SideNet: softmax cross-entropy over the candidates of each question, in numpy.

For a question with candidates i of features x_i and base scores b_i, and gold candidates G:

    z_i = t · b_i + w · x_i        p = softmax(z)        loss = -1/|G| Σ_{g in G} log p_g

averaged over questions, plus ½ · l2 · |w|². The temperature t is learned along and divided out at
the end, so that weights are in units of the base score; w starts at zero. Features are scaled by
their standard deviation while training (their means cancel within a question).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Config:
    """How to train. Of l2 1e-3, 3e-3 and 1e-2 none was clearly better on LoCoMo."""

    l2: float = 3e-3
    steps: int = 200
    rate: float = 0.05
    temperature: float = 0.3  # where t starts


@dataclass(frozen=True)
class Example:
    """The candidates of one question: features (n, d), base scores (n,), which are gold (n,)."""

    features: Array
    base: Array
    gold: NDArray[np.bool_]
    worth: float = 1.0


@dataclass(frozen=True)
class Batch:
    """All examples as one: features (m, d) scaled, base (m,), target (m,) that sums to 1 each."""

    features: Array
    base: Array
    target: Array
    starts: NDArray[np.int64]  # (q,) the first row of each question
    question: NDArray[np.int64]  # (m,) the question of each row
    worth: Array  # (q,) sums to 1


def stack(examples: Sequence[Example], scale: Array) -> Batch:
    """Join the examples; those without a gold candidate teach nothing and must be left out."""
    import numpy as np

    sizes = np.array([len(example.base) for example in examples])
    worth = np.array([example.worth for example in examples])
    return Batch(
        np.concatenate([example.features for example in examples]) / scale,
        np.concatenate([example.base for example in examples]),
        np.concatenate([example.gold / example.gold.sum() for example in examples]),
        np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        np.repeat(np.arange(len(sizes)), sizes),
        worth / worth.sum(),
    )


def loss(batch: Batch, weights: Array, log_temperature: float, l2: float) -> tuple[float, Array]:
    """The loss and its gradient (d + 1,): by each weight, then by the logarithm of t."""
    import numpy as np

    scaled = np.exp(log_temperature) * batch.base  # (m,)
    z = scaled + batch.features @ weights
    z -= np.maximum.reduceat(z, batch.starts)[batch.question]
    log_p = z - np.log(np.add.reduceat(np.exp(z), batch.starts))[batch.question]
    worth = batch.worth[batch.question]
    value = -float(np.sum(worth * batch.target * log_p)) + l2 / 2 * float(weights @ weights)
    error = worth * (np.exp(log_p) - batch.target)  # (m,) d loss / d z
    gradient = np.append(batch.features.T @ error + l2 * weights, error @ scaled)
    return value, gradient


def fit(examples: Sequence[Example], config: Config = Config()) -> Array:
    """The weights (d,) of the features as they are, in units of the base score. Adam."""
    import numpy as np

    usable = [example for example in examples if example.gold.any()]
    width = usable[0].features.shape[1]
    scale = np.concatenate([example.features for example in usable]).std(axis=0)
    scale[scale < 1e-9] = np.inf  # a feature that never varies gets no weight
    batch = stack(usable, scale)
    x = np.append(np.zeros(width), np.log(config.temperature))
    mean, square = np.zeros_like(x), np.zeros_like(x)
    for step in range(1, config.steps + 1):
        _, gradient = loss(batch, x[:-1], float(x[-1]), config.l2)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        rate = config.rate * (1 - (step - 1) / config.steps)
        x -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    found: Array = x[:-1] / scale / np.exp(x[-1])
    return found
