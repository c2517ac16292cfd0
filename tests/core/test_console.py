"""Columns of a terminal."""

from __future__ import annotations

import pytest

from ltm_cli.core import console


@pytest.mark.parametrize(
    ("text", "columns"),
    [("Due", 3), ("截止日期", 8), ("🐈", 2), ("e\N{COMBINING ACUTE ACCENT}", 1), ("", 0)],
)
def test_width(text: str, columns: int) -> None:
    assert console.width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("short", 5, "short"), ("longer", 5, "long…"), ("买了猫粮", 8, "买了猫粮"),
        ("买了猫粮", 7, "买了猫…"), ("买了猫粮", 6, "买了…"), ("two words", 5, "two…"),
    ],
)  # fmt: skip
def test_cut(text: str, columns: int, shown: str) -> None:
    assert console.cut(text, columns) == shown
