"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from ltm_cli.core import atomic


def test_replace_takes_the_place_of_a_file_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")
    atomic.replace(path, b"new ", "新".encode())
    assert path.read_text("utf-8") == "new 新"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_replace_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="folder"):
        atomic.replace(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_create_does_not_replace(tmp_path: Path) -> None:
    path = tmp_path / "key"
    atomic.create(path, b"first")
    with pytest.raises(FileExistsError):
        atomic.create(path, b"second")
    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_move(tmp_path: Path) -> None:
    new, path = tmp_path / "new", tmp_path / "old"
    new.write_bytes(b"new")
    path.write_bytes(b"old")
    atomic.move(new, path)
    assert path.read_bytes() == b"new"
    assert not new.exists()


def test_what_a_killed_process_left_is_swept_in_time(tmp_path: Path) -> None:
    left, begun = tmp_path / "key.json.1.new", tmp_path / "key.json.2.new"
    for file in (left, begun):
        file.touch()
    hours_ago = time.time() - 2 * atomic.STALE
    os.utime(left, (hours_ago, hours_ago))
    atomic.replace(tmp_path / "key.json", b"{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key.json", "key.json.2.new"]
