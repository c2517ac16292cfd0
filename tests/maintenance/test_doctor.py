"""The doctor finds each kind of damage, repairs what is derived, and says what it cannot."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.indexing import fts, writer
from ltm_cli.maintenance.doctor import repair
from ltm_cli.maintenance.doctor import store as doctor
from ltm_cli.session import Session
from ltm_cli.storage.sqlite import snapshots
from ltm_cli.storage.sqlite.store import SqliteStore
from tests.conftest import Ltm
from tests.soundness import faults

TEXTS = ("昨天买了猫粮 🐈", "My phone number is 555-0199", "I have to send the report by Friday")


@pytest.fixture
def told(ltm: Ltm) -> Ltm:
    for text in TEXTS:
        ltm("remember", text)
    return ltm


def wrong(ltm: Ltm, *options: str, status: int = 0) -> dict[str, str]:
    found: list[dict[str, Any]] = ltm.json("doctor", *options, status=status)
    return {one["check"]: one["detail"] for one in found if one["state"] == "broken"}


def run(ltm: Ltm, sql: str) -> None:
    with closing(sqlite3.connect(ltm.home / "memory.db")) as db:
        db.executescript(f"PRAGMA foreign_keys = OFF; {sql}")


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        ("INSERT INTO search (search) VALUES ('delete-all')", {"index"}),
        ("INSERT INTO search (rowid, terms) VALUES (9, '1_猫 1_y2024')", {"index"}),
        ("INSERT INTO search (rowid, terms) VALUES (1, '1_狗')", {"index"}),
        ("DELETE FROM indexed WHERE memory_id = 2", {"index"}),
        ("UPDATE indexed SET words = '' WHERE memory_id = 2", {"index"}),
        ("DELETE FROM words", {"index"}),
        ("UPDATE users SET memories = 7", {"index"}),
        ("DELETE FROM facts", {"index"}),
        ("UPDATE tasks SET due = '2024-01-01'", {"index"}),
        ("DELETE FROM spans WHERE memory_id = 1", {"index"}),
        ("INSERT INTO events VALUES (1, 'cat food', '2024-01-01', 99)", {"rows"}),
        ("INSERT INTO vectors VALUES (1, 99, 0, x'00')", {"rows"}),
        ("INSERT INTO feedback VALUES (2, 'q', 1, 1, '2024-01-01')", {"rows"}),  # of another's
        ("UPDATE memories SET text = '昨天买了狗粮 🐕' WHERE id = 1", {"texts", "index"}),
        ("UPDATE memories SET at = '2020-01-01T00:00:00' WHERE id = 2", {"texts", "index"}),
    ],
)
def test_rows_that_do_not_fit_are_found_and_repaired(
    store: SqliteStore, home: Path, sql: str, checks: set[str]
) -> None:
    for number, text in enumerate(TEXTS):
        record = Record(text=text, ref=str(number) if number else None)
        writer.remember(store.of(f"user{number // 2}"), record)
    assert findings(home) == {}
    store.db.executescript(f"PRAGMA foreign_keys = OFF; {sql}")
    assert findings(home).keys() == checks
    done = repair.repair(Settings(home), doctor.examine(Settings(home), full=False))
    assert [one.state for one in done] == ["fixed"]
    assert findings(home) == {}
    assert faults(store) == []
    assert snapshots.counts(store.db) == (2, 3)


def findings(home: Path) -> dict[str, str]:
    found = doctor.examine(Settings(home), full=False)
    return {one.check: one.detail for one in found if one.state != "ok"}


def test_files_that_should_not_be_there_or_be_seen(told: Ltm) -> None:
    bank = told.home / "bank"
    bank.mkdir(mode=0o755)
    gone = ["1.99-abc.kv", "1-abc.kv.999999999.new", "../sidenet/77.json", "../config.toml.new"]
    kept = ["1-abc.kv", "-prefix.kv", "../sidenet/1.json"]
    (told.home / "sidenet").mkdir(mode=0o700)
    for name in gone + kept:
        (bank / name).write_text('{"format": 1, "weights": {}}')
        (bank / name).chmod(0o640)
    os.utime(told.home / "config.toml.new", (0, 0))  # an hour and more ago
    assert wrong(told, status=3).keys() == {"permissions", "leftovers", "orphans"}
    told("doctor", "--fix")
    assert wrong(told) == {}
    assert [name for name in gone if (bank / name).exists()] == []
    assert all((bank / name).stat().st_mode & 0o777 == 0o600 for name in kept)
    assert bank.stat().st_mode & 0o777 == 0o700


def test_an_index_of_the_file_that_is_damaged_is_made_anew(told: Ltm) -> None:
    database = told.home / "memory.db"
    with closing(sqlite3.connect(database)) as db:
        [page] = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'memories_time'"
        ).fetchone()
        [size] = db.execute("PRAGMA page_size").fetchone()
    data = bytearray(database.read_bytes())
    data[size * page - 30] ^= 0x01  # one bit of a key
    database.write_bytes(data)
    assert wrong(told, status=3).keys() == {"file"}
    told("doctor", "--fix")
    assert wrong(told) == {}
    assert [one["text"] for one in told.json("list")] == list(TEXTS)


def test_what_cannot_be_repaired_is_said_and_what_is_advised_works(
    told: Ltm, tmp_path: Path
) -> None:
    lines = "".join(f'{{"text": "第 {i} turn of many"}}\n' for i in range(400))
    told("import", "-", stdin=lines)
    database = told.home / "memory.db"
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [root] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'memories'").fetchone()
    data = bytearray(database.read_bytes())
    pages = [n for n in range(len(data) // 4096) if b"turn of many" in data[n * 4096 :][:4096]]
    ruined = next(n for n in pages if n != root - 1 and data[n * 4096] == 13)
    data[ruined * 4096 : ruined * 4096 + 100] = bytes(100)
    database.write_bytes(data)
    for options in ([], ["--fix"]):
        assert "--salvage" in " ".join(wrong(told, *options, status=3).values())
    saved = tmp_path / "saved.db"
    told("doctor", "--salvage", str(saved))
    told("restore", str(saved), "--yes")
    texts = [one["text"] for one in told.json("list")]
    assert 250 < len(texts) < 403
    assert set(texts) < {*TEXTS, *(f"第 {i} turn of many" for i in range(400))}
    assert wrong(told) == {}
    assert "already" in told("doctor", "--salvage", str(saved), status=2).stderr


def test_a_large_store_is_sampled_and_the_sample_finds_what_is_common(
    told: Ltm, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(f'{{"text": "My phone number is 555-0{i:03}"}}\n' for i in range(60))
    told("import", "-", stdin=lines)
    monkeypatch.setattr(doctor, "WHOLE", 50)
    monkeypatch.setattr(doctor, "SAMPLE", 30)

    def index(*, full: bool = False) -> tuple[str, str]:
        [found] = [f for f in doctor.examine(Settings(told.home), full=full) if f.check == "index"]
        return found.state, found.detail

    assert index()[0] == "ok"
    assert "30 of 63 texts" in index()[1]
    assert "all texts (63)" in index(full=True)[1]
    run(told, "DELETE FROM facts WHERE memory_id % 2")
    assert index()[0] == "broken"
    findings = list(doctor.examine(Settings(told.home), full=False))
    assert [one.state for one in repair.repair(Settings(told.home), findings)] == ["fixed"]
    assert index(full=True)[0] == "ok"
    # One memory that the index has lost is found whatever the sample.
    with Session(Settings(told.home), "me", write=True) as session:
        fts.TermsTable().remove(session.store, [30])
        session.store.execute("UPDATE users SET memories = memories + 1 WHERE id = 1")
    assert "missing from the index: 1" in index()[1]
