"""The gate: shares that begin at the recall scores and follow what is said."""

from __future__ import annotations

import numpy as np
import pytest

from ltm_cli.answering import gate
from ltm_cli.answering.gate import Gate
from ltm_cli.retrieval.features import GATE
from ltm_cli.retrieval.reranker import SideNet

UNTRAINED = SideNet()


def logits(*favourites: int, strength: float = 9.0) -> np.ndarray:
    """Distributions over six tokens, each with one that is likely (none for -1)."""
    found = np.zeros((len(favourites), 6), np.float32)
    for row, favourite in enumerate(favourites):
        if favourite >= 0:
            found[row, favourite] = strength
    return found


def test_the_gate_turns_to_the_memory_that_made_a_token_likely() -> None:
    one = Gate([1.0, 1.0], UNTRAINED)
    mixed = one.mix(logits(-1, 4, -1))
    assert one.shares[0] == pytest.approx(one.shares[1])
    assert mixed.sum() == pytest.approx(1.0, abs=1e-5)
    assert mixed.argmax() == 4
    one.chose(4)
    assert one.shares[1] > 0.6
    assert sum(one.shares) == pytest.approx(1.0)


def test_who_no_longer_matters_is_heard_no_longer() -> None:
    one = Gate([9.0, 9.0, 1.0], UNTRAINED)
    one.mix(logits(1, 2, 1, -1))
    one.chose(1)
    assert 2 not in one.heard
    assert 0 in one.heard
    mixed = one.mix(logits(*[3] * len(one.heard)))
    assert mixed.argmax() == 3
    one.chose(3)
    assert one.shares[2] == 0.0


def test_a_residual_moves_shares_and_no_weights_move_nothing() -> None:
    first = logits(1, 2, -1)
    plain, moved = Gate([2.0, 1.0], UNTRAINED), Gate([2.0, 1.0], SideNet({"gate_none": 5.0}))
    plain.mix(first)
    moved.mix(first)
    weights = np.exp(gate.base([2.0, 1.0]))
    assert plain.shares == pytest.approx(list(weights / weights.sum()))
    assert moved.shares[2] > plain.shares[2]


def test_features_are_of_the_first_distributions() -> None:
    log = logits(1, 1, -1)
    log -= np.log(np.exp(log).sum(axis=1, keepdims=True))
    rows = gate.features(log, np.exp(log))
    assert [tuple(row) for row in rows] == [GATE] * 3
    assert [row["gate_none"] for row in rows] == [0.0, 0.0, 1.0]
    assert rows[2]["gate_entropy"] == pytest.approx(np.log(6), abs=1e-4)  # it knows nothing
    assert rows[0]["gate_entropy"] < 0.1
    assert rows[0]["gate_divergence"] > 1 > rows[2]["gate_divergence"] == 0
    assert rows[0]["gate_agreement"] == pytest.approx(1.0, abs=1e-4)  # both say the same


def test_the_scale_of_recall_scores_does_not_matter() -> None:
    assert gate.base([60.0, 54.0]) == pytest.approx(gate.base([10.0, 9.0]))
    assert gate.base([0.0, -1.0]) == [0.0, -gate.SHARPNESS, gate.NO_MEMORY]


def test_one_memory_alone_has_features_too() -> None:
    log = logits(1, -1)
    log -= np.log(np.exp(log).sum(axis=1, keepdims=True))
    assert all(np.isfinite(list(row.values())).all() for row in gate.features(log, np.exp(log)))
