"""Nothing is lost, whatever the disk, the clock and other processes do."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ltm_cli.core.errors import NothingFound, StoreError
from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.features.registry import INDEXER
from ltm_cli.indexing import writer
from ltm_cli.session import Session
from ltm_cli.storage.sqlite.connection import open_reading
from ltm_cli.storage.sqlite.format import FORMAT
from ltm_cli.storage.sqlite.store import SqliteStore
from tests.conftest import Ltm
from tests.soundness import faults

# ---- a home, or a disk, that cannot be written to


def powerless() -> None:
    """Take from root, in a child about to run a command, the power to pass over permissions."""
    drop_from_bounding_set = 24
    for capability in range(4):  # CAP_CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


@pytest.fixture
def readonly(ltm: Ltm) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Runs commands on a home of three memories that nobody may write to."""
    ltm("remember", "钥匙在门垫下面 🔑, the spare key is under the mat")
    ltm("remember", "Mochi weighs 2.1 kg")
    ltm("config", "set", "threads", "1")
    for path in (*ltm.home.rglob("*"), ltm.home):
        path.chmod(path.stat().st_mode & 0o500)

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "ltm_cli", *arguments], env=ltm.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            preexec_fn=powerless if os.getuid() == 0 else None,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    yield run
    ltm.home.chmod(0o700)


def test_a_read_only_home_is_read(readonly: Callable[..., tuple[int, str, str]]) -> None:
    for command in ("recall 钥匙", "list", "show 1", "export", "ask --no-llm 钥匙在哪里？"):
        status, out, _ = readonly(*command.split())
        assert status == 0, command
        assert "the spare key is under the mat" in out, command
    status, _, err = readonly("ask", "--no-llm", "What does Mochi weigh?")
    assert status == 0
    assert "is read-only, so the question is not remembered" in err


def test_a_read_only_home_is_not_written(
    readonly: Callable[..., tuple[int, str, str]], home: Path
) -> None:
    before = hashes(home)
    for command in (
        "remember x", "edit 1 x", "forget 1 --yes", "forget 1 --now --yes", "undo", "import -",
        "feedback 1 good --question x", "read README.md", "task add x", "config set threads 2",
    ):  # fmt: skip
        status, _, err = readonly(*command.split())
        assert status == 3, command
        assert len(err.splitlines()) == 2, err
    assert hashes(home) == before


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare, so no disk of its own")
def test_a_full_disk_is_read(ltm: Ltm, tmp_path: Path) -> None:
    """On a tmpfs that only this command sees, which `unshare` gives to any user."""
    space = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*space, "true"], capture_output=True).returncode:
        pytest.skip("unshare is not permitted here")
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f"""
        mount -t tmpfs -o size=2m,mode=700 tmpfs {disk}
        ltm() {{ {sys.executable} -m ltm_cli --home {disk}/home "$@"; }}
        ltm remember "钥匙在门垫下面 🔑, the spare key is under the mat"
        head -c 2m /dev/zero > {disk}/ballast 2> /dev/null
        ltm recall 钥匙 && ltm export && ltm ask --no-llm --no-remember 钥匙在哪里？
        echo "status $?"
        ltm remember another
        echo "status $?"
        rm {disk}/ballast
        ltm remember another && ltm list
    """
    done = subprocess.run(
        [*space, "sh", "-c", script], env=ltm.environment, capture_output=True, text=True
    )
    parts = done.stdout.split("status ")
    assert parts[0].count("the spare key is under the mat") == 4
    assert [part[:1] for part in parts[1:]] == ["0", "3"]
    assert parts[2].count("another") == 2
    assert "free some disk space" in done.stderr


def test_what_only_the_log_holds_is_not_passed_over(
    readonly: Callable[..., tuple[int, str, str]], ltm: Ltm, home: Path
) -> None:
    """A process was killed, and its home is copied to a medium that cannot be written to."""
    home.chmod(0o700)
    for path in home.iterdir():
        path.chmod(0o600)
    with Session(Settings(home), "me", write=True) as session:
        session.remember(Record(text="written last 最后写的"))
        held = {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}
    for names in (set(held), set(held) - {"memory.db-shm"}):
        home.chmod(0o700)
        for path in home.iterdir():
            path.unlink()
        for name in names:
            (home / name).write_bytes(held[name])
            (home / name).chmod(0o400)
        home.chmod(0o500)
        status, out, err = readonly("list")
        if status == 0:
            assert "written last 最后写的" in out
        else:
            assert status == 3
            assert len(err.splitlines()) == 2
    home.chmod(0o700)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_onto_a_full_disk(ltm: Ltm) -> None:
    ltm("remember", "记得带伞")
    for command in ("list", "export", "export --json", "show 1", "--version"):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "ltm_cli", *command.split()],
                env=ltm.environment, stdout=full, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        assert done.returncode == 3, command
        assert done.stderr.splitlines()[1:] == ["     free some space, then try again"]


# ---- clocks


def test_a_clock_that_jumps_loses_no_memory(ltm: Ltm) -> None:
    for number, now in enumerate(("2024-05-10", "2044-05-10", "1999-01-01", "2024-05-11"), 1):
        stored = ltm.json("remember", f"第 {number} 条", LTM_NOW=f"{now}T12:00")
        assert stored["id"] == number
        assert stored["recorded"] == f"{now}T12:00:00"
    found = ltm.json("list", LTM_NOW="1990-01-01T00:00")
    assert sorted(one["id"] for one in found) == [1, 2, 3, 4]
    assert ltm.json("doctor")[2]["state"] == "ok"


def test_what_was_done_while_the_clock_was_behind_is_undone_first(ltm: Ltm) -> None:
    """A computer that starts in 1970 and is told the time a minute later."""
    ltm("remember", "first", LTM_NOW="2024-05-10T12:00")
    ltm("edit", "1", "second", LTM_NOW="1970-01-01T00:01")
    ltm("remember", "between", LTM_NOW="1970-01-01T00:02")
    at = {"LTM_NOW": "2024-05-10T12:05"}
    assert ltm.json("undo", **at)["removed"][0]["text"] == "between"
    assert ltm.json("undo", **at)["restored"][0]["text"] == "first"
    assert ltm.json("undo", **at)["removed"][0]["text"] == "first"


def test_what_was_forgotten_while_the_clock_was_ahead_goes_with_what_follows(
    ltm: Ltm, home: Path
) -> None:
    ltm("remember", "the secret zyxwvut", LTM_NOW="2044-05-10T12:00")
    ltm("forget", "1", "--yes", LTM_NOW="2044-05-10T12:01")
    ltm("remember", "a day like others", LTM_NOW="2024-05-10T12:00")
    assert b"zyxwvut" in everything(home)  # it can be undone, for a day
    ltm("remember", "the day after", LTM_NOW="2024-05-11T13:00")
    assert b"zyxwvut" not in everything(home)
    ltm("remember", "and another", LTM_NOW="2024-05-11T13:01")
    assert ltm.json("undo", LTM_NOW="2024-05-11T13:02")["removed"][0]["text"] == "and another"


def test_a_clock_beyond_the_calendar_is_refused(ltm: Ltm) -> None:
    for now in ("0001-01-01", "9999-12-31T23:59:59"):
        assert "LTM_NOW" in ltm("remember", "x", LTM_NOW=now, status=2).stderr


# ---- other processes, other programs


def test_of_two_who_edit_one_memory_neither_undoes_the_other(
    store: SqliteStore, home: Path
) -> None:
    writer.remember(store, Record(text="original 原来"))
    change_at_once(
        home,
        lambda one: writer.edit(one, 1, text="new text 新的"),
        lambda one: writer.edit(one, 1, speaker="Ana"),
    )
    [now] = store.memories.fetch([1]).values()
    assert (now.text, now.speaker) == ("new text 新的", "Ana")
    assert faults(store) == []
    writer.undo(store)
    writer.undo(store)
    [before] = store.memories.fetch([1]).values()
    assert (before.text, before.speaker) == ("original 原来", None)


def test_what_is_forgotten_while_it_is_edited_is_forgotten(store: SqliteStore, home: Path) -> None:
    writer.remember(store, Record(text="original 原来"))
    edited: list[Record] = []

    def edit(one: SqliteStore) -> None:
        with contextlib.suppress(NothingFound):
            edited.append(writer.edit(one, 1, text="new 新的"))

    change_at_once(home, lambda one: writer.forget(one, [1]), edit)
    assert store.memories.fetch([1]) == {}
    assert faults(store) == []
    undone = writer.undo(store)
    assert undone is not None
    assert [one.text for one in undone.restored] == ["new 新的" if edited else "original 原来"]


def change_at_once(home: Path, *changes: Callable[[SqliteStore], object]) -> None:
    """Make changes of one store that have all begun before the first can write."""
    failed: list[BaseException] = []

    def run(change: Callable[[SqliteStore], object]) -> None:
        with Session(Settings(home), "me", write=True) as own:
            try:
                change(own.store)
            except BaseException as error:
                failed.append(error)

    with Session(Settings(home), "me", write=True) as holding:
        holding.store.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=run, args=[change]) for change in changes]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        holding.store.execute("COMMIT")
        for thread in threads:
            thread.join(30)
    assert not failed


def test_a_store_is_opened_by_many_at_once_before_it_is_there(home: Path) -> None:
    command = [sys.executable, "-m", "ltm_cli", "--home", str(home), "remember", "同时 at once"]
    started = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE)
        for _ in range(8)
    ]  # fmt: skip
    assert [process.communicate()[1] for process in started] == [b""] * 8
    with open_reading(home / "memory.db", INDEXER) as store:
        assert store.of("me").memories.count() == 8
        assert faults(store) == []


def test_a_newer_store_is_left_as_it_is(ltm: Ltm, home: Path) -> None:
    ltm("remember", "x")
    store = home / "memory.db"
    with contextlib.closing(sqlite3.connect(store, isolation_level=None)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
        db.execute("PRAGMA journal_mode = DELETE")  # as a newer program might prefer
    before = hashes(home)
    for command in ("remember x", "list", "recall x", "export", "undo"):
        assert "upgrade ltm" in ltm(*command.split(), status=3).stderr
    assert hashes(home) == before


def test_a_store_that_a_newer_program_migrates_while_it_is_open_is_left_as_it_is(
    store: SqliteStore, home: Path
) -> None:
    """An `ltm chat` that was begun before the upgrade."""
    writer.remember(store, Record(text="before"))
    with contextlib.closing(sqlite3.connect(home / "memory.db", isolation_level=None)) as new:
        new.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(StoreError, match="this program supports"):
        writer.remember(store, Record(text="after"))
    assert store.memories.count() == 1


def test_a_file_of_another_program_is_left_as_it_is(ltm: Ltm, home: Path) -> None:
    home.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(home / "memory.db", isolation_level=None)) as db:
        db.execute("CREATE TABLE theirs (x)")
    before = hashes(home)
    for command in ("remember x", "list"):
        assert "another program" in ltm(*command.split(), status=3).stderr
    assert hashes(home) == before


def test_what_a_kill_has_left_is_swept(ltm: Ltm, home: Path) -> None:
    ltm("config", "set", "threads", "1")
    stale, fresh = home / "config.toml.123.new", home / "config.toml.124.new"
    for path in (stale, fresh):
        path.touch()
    os.utime(stale, (0, 0))
    ltm("config", "set", "threads", "2")
    assert not stale.exists()
    assert fresh.exists()  # another process may be writing it


def hashes(home: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*") if path.is_file()
    }  # fmt: skip


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
