"""The store: what is derived agrees with the texts, whatever is done, and migrations are safe."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltm_cli.core.errors import StoreError, UsageError
from ltm_cli.core.record import Record
from ltm_cli.features.importers import transfer
from ltm_cli.indexing import derived, writer
from ltm_cli.storage.sqlite import connection, journal, memories, purge
from ltm_cli.storage.sqlite.transaction import transaction

NOWHERE = Path("/nonexistent/bank")  # these stores have no bank
TEXTS = st.sampled_from(
    [
        "今天天气很好",
        "the weather is fine",
        "买了猫粮 🐈 for Mochi",
        "a",
        "天气",
        "C++ 18℃",
        "周五之前交季度报告",
        "I have to call Anna tomorrow at 3pm",
        "every Monday",
        "昨天买了猫粮",
    ]
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["remember", "edit", "forget", "forget now", "undo", "import"]),
        TEXTS,
        st.integers(0, 5),
    ),
    max_size=12,
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = connection.connect(tmp_path / "memory.db", write=True)
    yield opened
    opened.close()


@given(steps=STEPS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_index_and_texts_agree_after_any_changes(
    db: sqlite3.Connection, steps: list[tuple[str, str, int]]
) -> None:
    for action, text, number in steps:
        user = f"user{number % 2}"
        owner = memories.user_id(db, user)
        mine = [r.id for r in memories.select(db, owner)] if owner is not None else []
        if action == "remember":
            writer.remember(db, user, Record(text=text, tags=["标签"], speaker="Ana"))
        elif action == "import":
            line = f'{{"question": "{text}?", "answer": "yes", "ref": "{number}"}}\n'.encode()
            transfer.import_lines(db, user, [line])
        elif action == "undo" and owner is not None:
            writer.undo(db, user, NOWHERE)
        elif mine and action == "edit":
            writer.edit(
                db, user, mine[number % len(mine)], NOWHERE, tags=["other"], at="2024-01-01"
            )
        elif mine and action.startswith("forget"):
            writer.forget(db, user, [mine[number % len(mine)]], NOWHERE, now=action == "forget now")
    assert derived.faults(db) == []


def test_rebuilding_gives_the_same_index(db: sqlite3.Connection) -> None:
    for text in ("今天天气很好", "the weather is fine today", "买了猫粮", "周五之前交季度报告"):
        writer.remember(db, "me", Record(text=text))
    for damage in (
        "INSERT INTO search (search) VALUES ('delete-all')", "DELETE FROM spans",
        "DELETE FROM tasks", "UPDATE events SET day = '2000-01-01'",
    ):  # fmt: skip
        db.execute(damage)
        assert derived.faults(db)
        derived.rebuild(db)
        assert derived.faults(db) == []
    derived.rebuild(db)
    assert derived.faults(db) == []


def test_an_index_of_another_segmentation_is_rebuilt_by_the_next_writer(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with_text = connection.connect(path, write=True)
    writer.remember(with_text, "me", Record(text="天气"))
    with_text.execute("INSERT INTO search (search) VALUES ('delete-all')")
    with_text.execute("UPDATE meta SET value = '0' WHERE key = 'segmentation'")
    with_text.close()
    again = connection.connect(path, write=True)
    assert derived.faults(again) == []
    again.close()


def test_a_transaction_that_fails_leaves_nothing(db: sqlite3.Connection) -> None:
    def fail() -> None:
        with transaction(db):
            user = memories.ensure_user(db, "me")
            change = journal.begin(db, user, "remember")
            memories.add(
                db, user, [Record(text="x", at="2024-01-01", recorded="2024-01-01")], change
            )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert memories.users(db) == []
    assert derived.faults(db) == []


def test_a_second_writer_is_told_the_store_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    first = connection.connect(path, write=True)
    second = sqlite3.connect(path, timeout=0, isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked") as raised, connection.errors(path):
        second.execute("BEGIN IMMEDIATE")
    assert "wait" in raised.value.hint
    first.close()
    second.close()


def test_what_was_forgotten_does_not_come_back_beside_its_double(db: sqlite3.Connection) -> None:
    """An import that began before the forgetting, and stored the same ref after it."""
    first = writer.remember(db, "me", Record(text="第一 one", ref="r"))
    owner = memories.ensure_user(db, "me")
    importing = journal.begin(db, owner, "import")
    writer.forget(db, "me", [first.id], NOWHERE)
    again = Record(text="第一 one", ref="r", at="2024-01-01", recorded="2024-01-01")
    with transaction(db):
        [double] = memories.add(db, owner, [again], importing)
    with pytest.raises(UsageError, match=f"memory {double} has the ref 'r'") as raised:
        writer.undo(db, "me", NOWHERE)
    assert f"ltm forget {double} --now" in raised.value.hint
    assert [record.id for record in memories.select(db, owner)] == [double]
    writer.forget(db, "me", [double], NOWHERE, now=True)
    undone = writer.undo(db, "me", NOWHERE)
    assert undone is not None
    assert [record.id for record in undone.restored] == [first.id]
    assert derived.faults(db) == []


def test_ids_are_never_used_again(db: sqlite3.Connection) -> None:
    first = writer.remember(db, "me", Record(text="one"))
    writer.forget(db, "me", [first.id], NOWHERE, now=True)
    assert writer.remember(db, "me", Record(text="two")).id > first.id


def test_the_journal_expires(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTM_NOW", "2024-05-01T12:00")
    stored = writer.remember(db, "me", Record(text="the unforgettable zyxwvut"))
    writer.forget(db, "me", [stored.id], NOWHERE)
    assert db.execute("SELECT count(*) FROM earlier").fetchone()[0] == 1
    monkeypatch.setenv("LTM_NOW", "2024-05-03T12:00")
    purge.tidy(db, NOWHERE)
    assert db.execute("SELECT count(*) FROM users").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM earlier").fetchone()[0] == 0
    file = db.execute("PRAGMA database_list").fetchone()[2]
    everything = b"".join(p.read_bytes() for p in Path(file).parent.iterdir())
    assert b"zyxwvut" not in everything
