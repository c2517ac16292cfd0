"""The residual: zero is the base ranking, gradients are right, foreign weights are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ltm_cli.retrieval import reranker
from ltm_cli.retrieval.features import NAMES
from ltm_cli.retrieval.reranker import SideNet, WeightsError
from ltm_cli.retrieval.training import Config, Example, fit, loss, stack


def examples(seed: int = 0, questions: int = 12, width: int = 5) -> list[Example]:
    """Questions whose gold candidate is told by the first feature."""
    chance = np.random.default_rng(seed)
    result = []
    for _ in range(questions):
        features = chance.normal(size=(6, width))
        gold = features[:, 0] == features[:, 0].max()
        result.append(Example(features, chance.normal(size=6), gold))
    return result


def test_no_weights_are_the_base_exactly() -> None:
    assert SideNet().residual({"bm25": 3.0, "cover": 0.5}) == 0


def test_the_gradient_is_that_of_finite_differences() -> None:
    batch = stack(examples(), np.ones(5))
    weights = np.random.default_rng(1).normal(size=5)
    _, gradient = loss(batch, weights, 0.3, 0.01)
    step = 1e-6
    for i in range(6):
        moved = np.append(weights, 0.3)
        moved[i] += step
        up, _ = loss(batch, moved[:-1], float(moved[-1]), 0.01)
        moved[i] -= 2 * step
        down, _ = loss(batch, moved[:-1], float(moved[-1]), 0.01)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), abs=1e-6)


def test_training_finds_the_feature_that_tells() -> None:
    weights = fit(examples(questions=60), Config(l2=1e-3))
    assert weights[0] > 3 * np.abs(weights[1:]).max()


def test_a_feature_that_never_varies_gets_no_weight() -> None:
    flat = [Example(np.hstack([e.features, np.ones((6, 1))]), e.base, e.gold) for e in examples()]
    assert fit(flat)[-1] == 0


def test_the_shipped_weights_say_where_they_come_from() -> None:
    net = reranker.load_shipped()
    assert net.weights.keys() <= NAMES
    assert {"data", "method", "seed", "config"} <= net.about.keys()


def test_weights_survive_a_file(tmp_path: Path) -> None:
    path = tmp_path / "me.json"
    path.write_text(reranker.serialise(SideNet({"cover": 0.5}, {"data": "测试"})), "utf-8")
    assert reranker.load(path) == SideNet({"cover": 0.5}, {"data": "测试"})
    assert reranker.load(tmp_path / "none.json") == SideNet()


@pytest.mark.parametrize(
    "document",
    ["", "[]", "{}", '{"format": 1}', '{"format": 9, "weights": {}}', '{"format": 1, "weights": 3}',
     json.dumps({"format": 1, "weights": {"of another program": 1.0}})],
)  # fmt: skip
def test_foreign_weights_are_refused(document: str) -> None:
    with pytest.raises(WeightsError):
        reranker.parse(document)
