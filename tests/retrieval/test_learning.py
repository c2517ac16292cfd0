"""Learning from feedback: kept only if no worse, and gone without a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ltm_cli.core.record import Record
from ltm_cli.features.registry import INDEXER
from ltm_cli.retrieval import learning, reranker
from ltm_cli.storage.sqlite.store import SqliteStore

FOODS = "rice bread soup noodles cake salad pizza curry pasta tofu beans fish eggs corn".split()


@pytest.fixture
def dishes(store: SqliteStore) -> SqliteStore:
    """A store with a plan and a report of each dish."""
    records = []
    for day, food in enumerate(FOODS, 1):
        at = f"2024-05-{day:02}T10:00:00"
        records += [Record(f"{food} for dinner", at=at), Record(f"{food} was planned", at=at)]
    for record in records:
        record.recorded = record.at
    with store.transaction():
        store.memories.add(records, 0)
    return store


def judge(dishes: SqliteStore, otherwise: Callable[[str], bool] = lambda question: False) -> None:
    """Feedback on every dish: the plan is what was meant, or `otherwise` the dinner."""
    for record in list(dishes.memories.select()):
        assert record.text is not None
        question = f"what about the {record.text.split()[0]}?"
        good = record.text.endswith("planned") is not otherwise(question)
        assert dishes.feedback.give(question, record.id, good=good)


def test_without_feedback_there_is_nothing_to_learn(dishes: SqliteStore, tmp_path: Path) -> None:
    done = learning.learn(dishes, tmp_path / "1.json")
    assert not done.kept
    assert "needed" in done.reason
    assert not (tmp_path / "1.json").exists()


def test_what_is_learned_is_kept_if_it_is_no_worse(dishes: SqliteStore, tmp_path: Path) -> None:
    path = tmp_path / "sidenet" / "1.json"
    judge(dishes)
    done = learning.learn(dishes, path)
    assert (done.questions, done.held_back) == (len(FOODS), 1)
    assert (done.before, done.after) == (0.5, 1.0)  # the plan is second, then first
    assert done.check_before == done.check_after == 1.0
    assert done.kept
    assert path.stat().st_mode & 0o777 == 0o600
    assert reranker.load_combined(path).weights


def test_what_is_worse_on_what_was_held_back_is_not_kept(
    dishes: SqliteStore, tmp_path: Path
) -> None:
    path = tmp_path / "sidenet" / "1.json"
    judge(dishes, otherwise=learning._is_held_back)
    done = learning.learn(dishes, path)
    assert (done.questions, done.held_back) == (len(FOODS), 1)
    assert (done.before, done.after) == (1.0, 0.5)
    assert not done.kept
    assert "worse" in done.reason
    assert not path.exists()


def test_reset_goes_back_to_the_shipped_weights(tmp_path: Path) -> None:
    path = tmp_path / "1.json"
    path.write_text(reranker.serialise(reranker.SideNet({"cover": 1.0})), "utf-8")
    assert reranker.load_combined(path).weights["cover"] == 1.0
    assert learning.reset(path)
    assert not learning.reset(path)
    assert reranker.load_combined(path).weights == dict(reranker.load_shipped().weights)


def test_feedback_for_an_unknown_memory_is_refused(dishes: SqliteStore) -> None:
    assert not dishes.feedback.give("what?", 999, good=True)


def test_the_last_judgement_counts(dishes: SqliteStore) -> None:
    dishes.feedback.give("dinner?", 1, good=False)
    dishes.feedback.give("dinner?", 1, good=True)
    (judged,) = dishes.feedback.judged()
    assert (judged.good, judged.bad) == ({1}, set())


def test_feedback_goes_with_its_memory(dishes: SqliteStore) -> None:
    dishes.feedback.give("dinner?", 1, good=True)
    with dishes.transaction():
        dishes.memories.remove([1])
    assert dishes.feedback.judged() == []


def test_the_self_check_is_answered_by_the_shipped_ranking() -> None:
    cases = learning.self_check(INDEXER)
    assert len(cases) >= 20
    assert learning.success_at_first(cases, reranker.load_shipped()) == 1
    assert learning.mean_reciprocal_rank(cases, reranker.load_shipped()) > 0.9
