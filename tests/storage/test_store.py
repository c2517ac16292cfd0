"""The store: what is derived agrees with the texts, whatever is done, and migrations are safe."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltm_cli.core.errors import StoreError, UsageError
from ltm_cli.core.record import Record
from ltm_cli.features.importers import transfer
from ltm_cli.features.registry import INDEXER
from ltm_cli.indexing import writer
from ltm_cli.storage.sqlite import connection, files, purge, rebuild
from ltm_cli.storage.sqlite.store import SqliteStore
from tests.soundness import faults

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


@given(steps=STEPS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_index_and_texts_agree_after_any_changes(
    store: SqliteStore, steps: list[tuple[str, str, int]]
) -> None:
    for action, text, number in steps:
        own = store.of(f"user{number % 2}")
        mine = [record.id for record in own.memories.select()]
        if action == "remember":
            writer.remember(own, Record(text=text, tags=["标签"], speaker="Ana"))
        elif action == "import":
            line = f'{{"question": "{text}?", "answer": "yes", "ref": "{number}"}}\n'.encode()
            transfer.import_lines(own, [line])
        elif action == "undo":
            writer.undo(own)
        elif mine and action == "edit":
            writer.edit(own, mine[number % len(mine)], tags=["other"], at="2024-01-01")
        elif mine and action.startswith("forget"):
            writer.forget(own, [mine[number % len(mine)]], now=action == "forget now")
    assert faults(store) == []


def test_rebuilding_gives_the_same_index(store: SqliteStore) -> None:
    for text in ("今天天气很好", "the weather is fine today", "买了猫粮", "周五之前交季度报告"):
        writer.remember(store, Record(text=text))
    for damage in (
        "INSERT INTO search (search) VALUES ('delete-all')", "DELETE FROM spans",
        "DELETE FROM tasks", "UPDATE events SET day = '2000-01-01'",
        "UPDATE indexed SET terms = 'y2024'", "DELETE FROM indexed", "DELETE FROM words",
        "UPDATE words SET memories = 9", "INSERT INTO search (rowid, terms) VALUES (9, '1_猫')",
    ):  # fmt: skip
        store.execute(damage)
        assert faults(store)
        rebuild.rebuild(store.db, INDEXER)
        assert faults(store) == []
    rebuild.rebuild(store.db, INDEXER)
    assert faults(store) == []


def test_an_index_of_other_rules_is_rebuilt_by_the_next_writer(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with SqliteStore(connection.connect(path, INDEXER, write=True), "me", INDEXER) as first:
        writer.remember(first, Record(text="天气"))
        first.execute("INSERT INTO search (search) VALUES ('delete-all')")
        first.execute("UPDATE meta SET value = '0' WHERE key = 'derived:terms'")
    with SqliteStore(connection.connect(path, INDEXER, write=True), "me", INDEXER) as again:
        assert faults(again) == []


def test_a_transaction_that_fails_leaves_nothing(store: SqliteStore) -> None:
    def fail() -> None:
        with store.transaction():
            change = store.journal.begin("remember")
            record = Record(text="x", at="2024-01-01", recorded="2024-01-01")
            store.memories.add([record], change)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert store.users() == []
    writer.remember(store.of("anna"), Record(text="a diary"))  # gets the number that is free
    assert list(store.memories.select()) == []
    assert faults(store) == []


def test_a_second_writer_is_told_the_store_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    first = connection.connect(path, INDEXER, write=True)
    second = sqlite3.connect(path, timeout=0, isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked") as raised, files.errors(path):
        second.execute("BEGIN IMMEDIATE")
    assert "wait" in raised.value.hint
    first.close()
    second.close()


def test_what_was_forgotten_does_not_come_back_beside_its_double(store: SqliteStore) -> None:
    """An import that began before the forgetting, and stored the same ref after it."""
    first = writer.remember(store, Record(text="第一 one", ref="r"))
    importing = store.journal.begin("import")
    writer.forget(store, [first.id])
    again = Record(text="第一 one", ref="r", at="2024-01-01", recorded="2024-01-01")
    with store.transaction():
        [double] = store.memories.add([again], importing)
    with pytest.raises(UsageError, match=f"memory {double} already has the ref 'r'") as raised:
        writer.undo(store)
    assert f"ltm forget {double} --now" in raised.value.hint
    assert [record.id for record in store.memories.select()] == [double]
    writer.forget(store, [double], now=True)
    undone = writer.undo(store)
    assert undone is not None
    assert [record.id for record in undone.restored] == [first.id]
    assert faults(store) == []


def test_ids_are_never_used_again(store: SqliteStore) -> None:
    first = writer.remember(store, Record(text="one"))
    writer.forget(store, [first.id], now=True)
    assert writer.remember(store, Record(text="two")).id > first.id


def test_the_journal_expires(
    store: SqliteStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTM_NOW", "2024-05-01T12:00")
    stored = writer.remember(store, Record(text="the unforgettable zyxwvut"))
    writer.forget(store, [stored.id])
    assert store.execute("SELECT count(*) FROM earlier").fetchone()[0] == 1
    monkeypatch.setenv("LTM_NOW", "2024-05-03T12:00")
    purge.tidy(store)
    assert store.execute("SELECT count(*) FROM users").fetchone()[0] == 0
    assert store.execute("SELECT count(*) FROM earlier").fetchone()[0] == 0
    everything = b"".join(path.read_bytes() for path in home.iterdir())
    assert b"zyxwvut" not in everything


def test_a_number_whose_files_are_still_to_be_erased_is_given_to_nobody(
    store: SqliteStore, tmp_path: Path
) -> None:
    """Else the next command would delete what the new user has trained."""
    alice = store.of("alice")
    writer.remember(alice, Record(text="a heron"))
    number = alice.owner
    reader = sqlite3.connect(f"file:{tmp_path / 'home' / 'memory.db'}?mode=ro", uri=True)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM memories").fetchone() == (1,)
    store.db.execute("PRAGMA busy_timeout = 0")
    writer.forget_all(alice, now=True)
    bob = store.of("bob")
    writer.remember(bob, Record(text="a robin"))
    assert bob.owner > number
    reader.close()
