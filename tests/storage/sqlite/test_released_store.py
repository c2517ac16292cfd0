"""A store that ltm 0.1.0 wrote: each command of today says of it what 0.1.0 said.

tests/data/store-0.1.0 holds the store, and what each command said of it (make.py there tells how it
came about). Where a result differs, it is a fault, or a change that whoever upgrades would notice.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import runpy
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

RELEASED = Path(__file__).parents[2] / "data" / "store-0.1.0"
EXPECTED = json.loads((RELEASED / "expected.json").read_text("utf-8"))
NOW = "2024-06-10T20:00:00"
FORMAT = 7  # PRAGMA user_version of 0.1.0
TABLES = ("users", "memories", "changes", "earlier", "feedback")  # what follows from nothing else
# A command that opens the store as a writer does, and then finds that there is nothing to do.
WRITER = ("feedback", "999999", "good", "--question", "?")

Entry = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def _surroundings() -> Iterator[None]:
    """The clock, time zone and language in which the results came about, and no other settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USER", "EMBED", "MODEL"):
            patch.delenv(f"LTM_{name}", raising=False)
        for name in ("LC_ALL", "LC_MESSAGES"):
            patch.delenv(name, raising=False)
        for name, value in (("LTM_NOW", NOW), ("TZ", "UTC"), ("LANG", "C.UTF-8")):
            patch.setenv(name, value)
        time.tzset()
        yield
    time.tzset()


def placed(file: Path, home: Path) -> Path:
    """A home whose store is a copy of a file."""
    home.mkdir(mode=0o700)
    shutil.copyfile(file, home / "memory.db")
    (home / "memory.db").chmod(0o600)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return placed(RELEASED / "memory.db", tmp_path / "home")


@pytest.fixture(scope="module", params=["as it was left", "opened by a writer"])
def read_home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for commands that change nothing: what 0.1.0 derived, and what is derived anew."""
    found = placed(RELEASED / "memory.db", tmp_path_factory.mktemp("released") / "home")
    if request.param != "as it was left":
        assert run(found, *WRITER)[0] == 1
    return found


def run(home: Path, *arguments: str) -> tuple[int, str]:
    """The exit status and stdout of `ltm ARGUMENTS`, run within this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    status: Any = 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["ltm", "--home", str(home), *arguments])
        try:
            runpy.run_module("ltm_cli", run_name="__main__")
        except SystemExit as ended:
            status = ended.code or 0
    output, errors = (written(stream) for stream in (out, err))
    assert status in (0, 1), f"{arguments}: {status}\n{errors}"
    return int(status), output


def written(stream: io.TextIOWrapper) -> str:
    """All that was written to a stream of `run`."""
    stream.flush()
    stream.seek(0)
    return stream.read()


def parsed(home: Path, *arguments: str) -> Any:
    _, output = run(home, *arguments, "--json")
    return json.loads(output) if output else None


def check(home: Path, entry: Entry) -> None:
    """Run one command of expected.json and compare what it gives."""
    arguments, wanted = entry["arguments"], entry["output"]
    status, output = run(home, *arguments)
    found: Any = json.loads(output) if output else None
    if arguments[0] == "ask":
        found = {key: found[key] for key in wanted}
    assert (status, *differences(wanted, found)) == (entry["status"],), arguments


def differences(wanted: Any, found: Any, place: str = "") -> list[str]:
    """Where two documents differ, in words; numbers with a point may by a millionth."""
    if isinstance(wanted, dict) and isinstance(found, dict) and wanted.keys() == found.keys():
        return [one for key in wanted
                for one in differences(wanted[key], found[key], f"{place}.{key}")]  # fmt: skip
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [one for i, pair in enumerate(zip(wanted, found, strict=True))
                for one in differences(*pair, f"{place}[{i}]")]  # fmt: skip
    if isinstance(wanted, float) and isinstance(found, (float, int)):
        same = math.isclose(wanted, found, rel_tol=0, abs_tol=1e-6)
    else:
        same = type(wanted) is type(found) and wanted == found
    return [] if same else [f"{place}: {wanted!r} became {found!r}"]


def expected(*arguments: str) -> Any:
    """What 0.1.0 said to a command."""
    return next(
        one["output"] for one in EXPECTED["reading"] if one["arguments"] == [*arguments, "--json"]
    )


def name(entry: Entry) -> str:
    return " ".join(entry["arguments"][:-1])


@pytest.mark.parametrize("entry", EXPECTED["reading"], ids=name)
def test_each_command_gives_what_it_gave(read_home: Path, entry: Entry) -> None:
    check(read_home, entry)


def test_changes_and_what_is_undone_go_on_from_there(home: Path) -> None:
    for entry in EXPECTED["changing"]:
        check(home, entry)


def test_the_store_is_sound(home: Path) -> None:
    assert run(home, *WRITER)[0] == 1
    found = parsed(home, "doctor", "--full")
    assert [one for one in found if one["state"] not in ("ok", "note")] == []


def version(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as db:
        found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def contents(file: Path) -> dict[str, list[Any]]:
    with contextlib.closing(sqlite3.connect(file)) as db:
        return {table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
                for table in TABLES}  # fmt: skip


def without_facts(file: Path) -> None:
    """Make of a store of 0.1.0 what it was before its last migration, m007_facts."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.executescript(
            "DROP TABLE facts; DELETE FROM meta WHERE key = 'facts'; PRAGMA user_version = 6;"
            "DELETE FROM _sqlite_migrations WHERE name = 'm007_facts';"
        )


def told(facts: list[Entry]) -> list[Entry]:
    """Facts without their ids, which are given anew where there were none."""
    return [{key: value for key, value in fact.items() if key != "id"} for fact in facts]


@pytest.mark.parametrize("opening", [("list",), WRITER], ids=["a reader", "a writer"])
@pytest.mark.parametrize("before", [FORMAT, FORMAT - 1])
def test_a_store_that_is_migrated_is_kept_and_restore_brings_it_back(
    tmp_path: Path, before: int, opening: tuple[str, ...]
) -> None:
    former = placed(RELEASED / "memory.db", tmp_path / "former") / "memory.db"
    if before < FORMAT:
        without_facts(former)
    assert version(former) == before
    home = placed(former, tmp_path / "home")
    run(home, *opening)
    kept = sorted(home.glob("memory.db.*.old"))
    if version(home / "memory.db") > before:
        [copy] = kept
        assert copy.stat().st_mode & 0o777 == 0o600
        assert version(copy) == before
        assert contents(copy) == contents(former)
    else:
        assert before == FORMAT  # any other has to be migrated
        assert kept == []
        copy = former
    run(home, "forget", "1", "2", "3", "--yes")
    run(home, "remember", "这句话要随着恢复而消失 gone with the restoring")
    assert len(parsed(home, "list")) == len(expected("list", "--user", "me")) - 2
    assert run(home, "restore", str(copy), "--yes")[0] == 0
    for command in (["export", "--secrets"], ["task", "list", "--all"], ["habits"]):
        for user in ("me", "anna"):
            found = parsed(home, *command, "--user", user)
            assert differences(expected(*command, "--user", user), found) == []
    known = parsed(home, "facts", "--history", "--user", "me")
    assert told(known) == told(expected("facts", "--history", "--user", "me"))
    check(home, EXPECTED["changing"][0])  # what could be undone can be still
