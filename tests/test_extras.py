"""The table of extras names each of them, and starting loads nothing of theirs."""

from __future__ import annotations

from importlib import metadata

import pytest

from bench import extras
from ltm_cli.core.settings import parse_toml

PROJECT = parse_toml((extras.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OPTIONAL = {
    name: requirements
    for name, requirements in PROJECT["optional-dependencies"].items()
    if name not in extras.TOOLS
}


def test_each_extra_is_in_the_table() -> None:
    table = extras.RESULTS.read_text("utf-8")
    assert all(f"`{name}`" in table for name in OPTIONAL)


@pytest.mark.parametrize("name", OPTIONAL)
def test_starting_loads_nothing_of_an_extra(name: str) -> None:
    try:
        own = extras.closure(OPTIONAL[name]) - extras.closure(PROJECT["dependencies"])
    except metadata.PackageNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    assert own
    started = extras.loaded("-m", "ltm_cli", "--version") - extras.loaded("-c", "")
    assert "ltm_cli" in started
    assert not started & extras.modules(own)
