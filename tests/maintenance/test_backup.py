"""Backups: whole whatever happens meanwhile, checked before they replace anything."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ltm_cli.core.filter import EVERYTHING
from ltm_cli.features.importers import transfer
from ltm_cli.features.registry import INDEXER
from ltm_cli.storage.sqlite import connection, files, format, migrations, rebuild, snapshots
from ltm_cli.storage.sqlite.connection import in_memory
from ltm_cli.storage.sqlite.store import SqliteStore
from tests.conftest import NOW, Ltm
from tests.soundness import faults
from tests.waiting import killed_when

TEXTS = ("昨天买了猫粮 🐈", "Ana moved to Lisbon, 她很高兴", "I have to call Bo by Friday")


@pytest.fixture
def told(ltm: Ltm) -> Ltm:
    """Three memories, feedback, trained weights and a choice in config.toml."""
    lines = [json.dumps({"text": text, "at": NOW}) for text in TEXTS]
    ltm("import", "-", stdin="\n".join(lines))
    ltm("remember", "of somebody else 别人的", "--user", "bo")
    (ltm.home / "config.toml").write_text("threads = 1\n")
    (ltm.home / "config.toml").chmod(0o600)
    weights = ltm.home / "sidenet" / "1.json"
    weights.parent.mkdir(mode=0o700)
    weights.write_text('{"format": 1, "weights": {"coverage": 0.5}}', "utf-8")
    weights.chmod(0o600)
    return ltm


def texts(ltm: Ltm, **options: str) -> list[str]:
    return [one["text"] for one in ltm.json("list", **options)]


def test_a_backup_is_a_store_that_comes_back_whole(told: Ltm, tmp_path: Path) -> None:
    saved = tmp_path / "备份 1.db"
    done = told.json("backup", str(saved))
    assert done == {
        "file": str(saved), "users": 2, "memories": 4, "format": format.FORMAT,
        "bytes": saved.stat().st_size,
    }  # fmt: skip
    assert saved.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [saved.name]
    there = sqlite3.connect(saved).execute("SELECT text FROM memories WHERE user_id = 1")
    assert [row[0] for row in there] == list(TEXTS)
    before = told("export").stdout
    other = Ltm(tmp_path / "other")
    assert "config.toml was restored" in other("restore", str(saved), "--yes").stderr
    assert other("export").stdout == before
    assert other.json("export", "--user", "bo") == told.json("export", "--user", "bo")
    assert other.json("task", "list") == told.json("task", "list")
    for name in ("config.toml", "sidenet/1.json"):
        assert (other.home / name).read_bytes() == (told.home / name).read_bytes()
        assert (other.home / name).stat().st_mode & 0o777 == 0o600
    assert {one["state"] for one in other.json("doctor")} <= {"ok", "note"}


def test_a_file_is_not_replaced_unasked_and_a_folder_gets_a_dated_one(
    told: Ltm, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.db"
    saved.write_text("something dear")
    assert "--force" in told("backup", str(saved), status=2).stderr
    assert saved.read_text() == "something dear"
    told("backup", str(saved), "--force")
    assert snapshots.check(saved, None).memories == 4
    folder = tmp_path / "folder"
    folder.mkdir()
    told("backup", str(folder))
    assert [path.name for path in folder.iterdir()] == ["ltm-2024-06-10-200000.db"]
    told("backup", str(folder), status=2)
    assert "does not exist" in told("backup", str(tmp_path / "no" / "x.db"), status=2).stderr
    told("backup", str(told.home / "memory.db"), "--force", status=2)
    Ltm(tmp_path / "empty")("backup", str(tmp_path / "x.db"), status=1)


def test_what_was_forgotten_is_in_no_backup(told: Ltm, tmp_path: Path) -> None:
    told("remember", "the unforgettable zyxwvut 绝密暗号")
    told("forget", "5", "--yes")
    told("backup", str(tmp_path / "saved.db"))
    data = (tmp_path / "saved.db").read_bytes()
    for piece in ("zyxwvut", "绝密", "密暗", "unforget"):
        assert piece.encode() not in data
        assert piece.encode("utf-16-le") not in data
    assert "zyxwvut" in told("undo").stdout  # of the store itself nothing was taken away


def test_a_backup_while_others_write_holds_one_moment(told: Ltm, tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"第 {i} turn", "ref": str(i)}) + "\n" for i in range(6000))
    writer = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "import", "-"],
        env=told.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert writer.stdin is not None
    writer.stdin.write(lines.encode())
    writer.stdin.close()
    seen = []
    while writer.poll() is None or not seen:
        done = told.json("backup", str(tmp_path / "saved.db"), "--force")
        seen.append(done["memories"])
        with SqliteStore(files.reading(tmp_path / "saved.db"), "", INDEXER) as copy:
            assert INDEXER.disagreeing(rebuild.batches(copy, 50)) == {}
    assert writer.returncode == 0
    assert all(number % 500 == 4 for number in seen)  # whole transactions of an import
    assert texts(told, LTM_USER="bo") == ["of somebody else 别人的"]


def test_restore_keeps_what_was_there_and_drops_what_was_made_of_it(
    told: Ltm, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.db"
    told("backup", str(saved))
    (told.home / "config.toml").write_text("threads = 2\n")
    (told.home / "sidenet" / "2.json").write_text('{"format": 1, "weights": {}}')
    entry = told.home / "bank" / "5-abc.kv"
    entry.parent.mkdir(mode=0o700)
    entry.write_bytes(b"keys and values of memory 5")
    told("remember", "后来的 later one")
    assert "--yes" in told("restore", str(saved), status=2).stderr
    assert "后来的 later one" in texts(told)
    kept = Path(told.json("restore", str(saved), "--yes")["kept"])
    assert texts(told) == list(TEXTS)
    assert not entry.exists()
    assert sorted(path.name for path in (told.home / "sidenet").iterdir()) == ["1.json"]
    assert (told.home / "config.toml").read_text() == "threads = 2\n"  # of this machine
    assert kept.stat().st_mode & 0o777 == 0o600
    told("restore", str(kept), "--yes")
    assert "后来的 later one" in texts(told)
    assert sorted(path.name for path in (told.home / "sidenet").iterdir()) == ["1.json", "2.json"]
    assert len(snapshots.kept(told.home / "memory.db")) == 2  # though the clock stood still


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("PRAGMA user_version = 99", "upgrade"),
        ("PRAGMA application_id = 7", "another program"),
        ("CREATE TRIGGER t AFTER INSERT ON users BEGIN DELETE FROM memories; END", "triggers"),
        ("cut", ""),
        ("zeros", "damaged"),
        ("text", "not a database"),
        ("empty", "empty"),
    ],
)
def test_a_backup_that_is_not_sound_replaces_nothing(
    told: Ltm, tmp_path: Path, damage: str, said: str
) -> None:
    saved = tmp_path / "saved.db"
    told("backup", str(saved))
    data = saved.read_bytes()
    wrong = {
        "cut": data[: len(data) // 2], "zeros": data[:8192] + bytes(8192) + data[16384:],
        "text": b"dear diary " * 999, "empty": b"",
    }  # fmt: skip
    if damage in wrong:
        saved.write_bytes(wrong[damage])
    else:
        db = sqlite3.connect(saved)
        db.executescript(damage)
        db.close()
    before = {path: path.read_bytes() for path in told.home.rglob("*") if path.is_file()}
    assert said in told("restore", str(saved), "--yes", status=3).stderr
    assert {p: p.read_bytes() for p in told.home.rglob("*") if p.is_file()} == before


def test_a_store_that_is_no_database_any_more_is_replaced(told: Ltm, tmp_path: Path) -> None:
    saved = tmp_path / "saved.db"
    told("backup", str(saved))
    database = told.home / "memory.db"
    for ruin in (b"\0" * 9000, b"SQLite format 3\0" + b"\xff" * 9000):
        database.write_bytes(ruin)
        assert "restore a backup" in told("doctor", status=3).stdout
        assert "restore a backup" in told("doctor", "--fix", status=3).stdout
        kept = Path(told.json("restore", str(saved), "--yes")["kept"])
        assert kept.read_bytes() == ruin
        assert texts(told) == list(TEXTS)
        assert database.stat().st_mode & 0o777 == 0o600


def test_what_others_write_meanwhile_is_in_the_one_or_the_other(told: Ltm, tmp_path: Path) -> None:
    """Nothing that was acknowledged is lost between the copy that is kept and the new store."""
    saved = tmp_path / "saved.db"
    told("backup", str(saved))
    program = (
        "import sys; from ltm_cli import LongTermMemory\n"
        "memory = LongTermMemory(sys.argv[1])\n"
        "for number in range(10**6):\n"
        "    memory.remember('me', f'turn {number} 次')\n"
        "    print(number, flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(told.home)]
    with subprocess.Popen(
        command, env=told.environment, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        kept = [Path(told.json("restore", str(saved), "--yes")["kept"]) for _ in range(3)]
        writer.terminate()
        acknowledged = writer.stdout.read().splitlines()[:-1]
    found = set(texts(told))
    for file in kept:
        db = sqlite3.connect(file)
        found |= {row[0] for row in db.execute("SELECT text FROM memories")}
        db.close()
    assert len(acknowledged) > 3
    assert [number for number in acknowledged if f"turn {number} 次" not in found] == []


# What can be seen of a restore, in this order, and what the store then is.
STATES = {
    "a copy of the backup is written": "memory.db.*.restored.new.*.new",
    "the copy is there": "memory.db.*.restored.new",
    "the old store is written down": "memory.db.*.old.*.new",
    "the old store is kept": "memory.db.*.old",
}


@pytest.mark.parametrize("state", STATES)
def test_a_restore_that_is_killed_leaves_one_store_whole(
    told: Ltm, tmp_path: Path, state: str
) -> None:
    saved = tmp_path / "saved.db"
    lines = "".join(json.dumps({"text": f"第 {i} turn", "ref": str(i)}) + "\n" for i in range(900))
    told("import", "-", stdin=lines)
    new = texts(told)
    told("backup", str(saved))
    told("forget", *[str(i) for i in range(5, 600)], "--now", "--yes")
    old = texts(told)
    assert old != new
    for _ in range(5):  # it may end before that is seen
        if killed_when(
            lambda: any(told.home.glob(STATES[state])),
            told.environment, "restore", str(saved), "--yes",
        ):  # fmt: skip
            break
        told("forget", *[str(i) for i in range(5, 600)], "--now", "--yes")
        for path in told.home.glob("memory.db.*.old"):
            path.unlink()
    else:
        pytest.fail("it always ended before it could be killed")
    found = texts(told)
    assert found in (old, new)
    if state != "the old store is kept":
        assert found == old
    told("doctor", "--fix")
    assert not list(told.home.rglob("*.new*"))
    with connection.open_reading(told.home / "memory.db", INDEXER) as store:
        assert faults(store) == []


def older(database: Path) -> None:
    """Make of a store what an ltm without facts, and without `indexed`, has written."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.executescript(
            "DROP TABLE indexed; DROP TABLE facts; DELETE FROM meta WHERE key LIKE 'derived:%';"
            "INSERT INTO meta VALUES ('segmentation', '7'); PRAGMA user_version = 6"
        )


@pytest.mark.parametrize("command", ["list", "remember"])
def test_an_older_store_is_kept_then_migrated(ltm: Ltm, command: str) -> None:
    ltm("remember", "My phone number is 555-0199")
    ltm("remember", "我的生日是5月3日")
    before = ltm.json("facts", "list")
    assert len(before) == 2
    older(ltm.home / "memory.db")
    ltm(command, *(["再来一个 more"] if command == "remember" else []))
    kept = ltm.home / "memory.db.v6.old"
    assert kept.stat().st_mode & 0o777 == 0o600
    db = sqlite3.connect(kept)
    assert db.execute("PRAGMA user_version").fetchone() == (6,)
    assert db.execute("SELECT count(*) FROM memories").fetchone() == (2,)
    db.close()
    assert [one["value"] for one in ltm.json("facts", "list")] == [one["value"] for one in before]
    assert {one["state"] for one in ltm.json("doctor")} <= {"ok", "note"}
    assert snapshots.kept(ltm.home / "memory.db") == [kept]


def test_a_backup_of_an_older_ltm_is_migrated_when_it_is_restored(ltm: Ltm, tmp_path: Path) -> None:
    ltm("remember", "My phone number is 555-0199")
    ltm("backup", str(tmp_path / "saved.db"))
    older(tmp_path / "saved.db")
    data = (tmp_path / "saved.db").read_bytes()
    other = Ltm(tmp_path / "other")
    other("restore", str(tmp_path / "saved.db"), "--yes")
    assert [one["value"] for one in other.json("facts", "list")] == ["555-0199"]
    assert (tmp_path / "saved.db").read_bytes() == data
    assert snapshots.kept(other.home / "memory.db") == []


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "memory.db"
    connection.connect(path, INDEXER, write=True).close()
    older(path)

    def half() -> str:
        return "CREATE TABLE half (x);"

    def interrupted() -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS[:6], half, interrupted))
        with pytest.raises(KeyboardInterrupt):
            connection.connect(path, INDEXER, write=True)
    assert [file.name for file in snapshots.kept(path)] == ["memory.db.v6.old"]
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (6,)
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone()
    with connection.open_reading(path, INDEXER) as store:
        assert format.is_current(store.db)


def test_an_older_store_on_a_read_only_medium_is_read(ltm: Ltm) -> None:
    ltm("remember", "My phone number is 555-0199")
    older(ltm.home / "memory.db")
    before = (ltm.home / "memory.db").read_bytes()
    (ltm.home / "memory.db").chmod(0o400)
    ltm.home.chmod(0o500)
    command = [sys.executable, "-m", "ltm_cli", "facts", "list", "--json"]
    if os.geteuid() == 0:  # whom modes do not hold back otherwise
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(
        command, env=ltm.environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    ltm.home.chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert [one["value"] for one in json.loads(done.stdout)] == ["555-0199"]
    assert (ltm.home / "memory.db").read_bytes() == before
    assert len(list(ltm.home.iterdir())) == 1


def test_older_forms_go_when_something_is_forgotten_for_good(told: Ltm, tmp_path: Path) -> None:
    database = told.home / "memory.db"
    told("remember", "the unforgettable zyxwvut 绝密暗号")
    saved = tmp_path / "saved.db"

    def keep() -> None:
        told("backup", str(saved), "--force")
        told("restore", str(saved), "--yes")
        (told.home / "memory.db.999999.restored.new").write_bytes(saved.read_bytes())
        assert len(kept()) >= 2

    def kept() -> list[Path]:
        return [
            path for path in told.home.iterdir() if re.match("memory.db..*(old|new)", path.name)
        ]

    keep()
    told("remember", "more")
    told("forget", "5", "--yes")  # may be undone: its older forms may stay
    assert kept()
    told("remember", "a day later", LTM_NOW="2024-06-12T20:00:00")
    assert kept() == []
    told("remember", "again zyxwvut")
    keep()
    assert "memory.db.2024-06-10T20-00-00.old" in told("forget", "8", "--now", "--yes").stderr
    assert kept() == []
    keep()
    for path in kept():
        os.utime(path, (0, 1_700_000_000))
    told("remember", "half a year later")
    told("recall", "what", LTM_NOW="2024-06-13T20:00:00", status=1)
    assert kept() == []
    assert b"zyxwvut" not in database.read_bytes()


WORDS = st.one_of(
    st.sampled_from(
        ["昨天买了猫粮 🐈‍⬛", "I have to call Bo by Friday", "My phone number is 5", "“a”\tb"]
    ),
    st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text),
)
NAMES = st.one_of(st.none(), WORDS)
RECORDS = st.lists(
    st.builds(
        dict,
        words=st.lists(WORDS, min_size=1, max_size=2),
        kind=st.sampled_from(["episode", "fact", "task", "habit", "style"]),
        at=st.datetimes(min_value=datetime(1900, 1, 1)),
        session=NAMES, speaker=NAMES,
        tags=st.lists(st.one_of(WORDS, st.sampled_from(
            ["document", "done:2024-06-10", "due:2024-06-13T15:00", "no-task"]
        )), max_size=4),
        ref=NAMES,
    ),
    max_size=8,
    unique_by=(lambda one: one["ref"] or object(), lambda one: (one["at"], tuple(one["words"]))),
)  # fmt: skip


@given(records=RECORDS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_export_and_import_give_the_same_records(records: list[dict[str, object]]) -> None:
    lines = []
    for one in records:
        words, at = one["words"], str(one["at"])[:19].replace(" ", "T")
        assert isinstance(words, list)
        parts = ("text",) if len(words) == 1 else ("question", "answer")
        record = {**one, **dict(zip(parts, words, strict=True)), "at": at}
        del record["words"]
        lines.append(json.dumps(record).encode())
    with in_memory(INDEXER, "me") as first, in_memory(INDEXER, "me") as second:
        transfer.import_lines(first, lines)
        exported = list(transfer.export_lines(first, EVERYTHING))
        transfer.import_lines(second, [line.encode() for line in exported])
        again = list(transfer.export_lines(second, EVERYTHING))
        assert [without_id(line) for line in again] == [without_id(line) for line in exported]
        assert faults(second) == []
        for table in ("facts", "tasks", "spans", "events"):
            number = f"SELECT count(*) FROM {table}"
            assert first.execute(number).fetchone() == second.execute(number).fetchone()


def without_id(line: str) -> dict[str, object]:
    return {key: value for key, value in json.loads(line).items() if key != "id"}


def test_what_was_decided_survives_export_and_import(ltm: Ltm, tmp_path: Path) -> None:
    ltm("remember", "I have to send the report by Friday")
    ltm("remember", "周五之前交季度报告")
    ltm("task", "done", "1")
    ltm("facts", "set", "cabin", "wifi password", "heron-42")
    ltm("read", "-", "--title", "报告", stdin="# One\n\nThe bridge opened.\n\n# 二\n\n桥通车了。\n")
    other = Ltm(tmp_path / "other")
    other("import", "-", stdin=ltm("export").stdout)
    assert [without_id(line) for line in other("export").stdout.splitlines()] == [
        without_id(line) for line in ltm("export").stdout.splitlines()
    ]
    assert other.json("read", "--list") == ltm.json("read", "--list")
    assert other.json("task", "list", "--all") == ltm.json("task", "list", "--all")
    assert [one["value"] for one in other.json("facts", "list")] == ["heron-42"]


def test_ids_are_counted_on_after_a_restore(told: Ltm, tmp_path: Path) -> None:
    told("backup", str(tmp_path / "saved.db"))
    told("restore", str(tmp_path / "saved.db"), "--yes")
    assert told.json("remember", "next")["id"] == 5
    assert "nothing to undo" not in told("undo").stderr
    told("undo", status=1)  # what was done before the backup stays
    with connection.open_reading(told.home / "memory.db", INDEXER) as store:
        assert store.of("me").memories.count() == 3
