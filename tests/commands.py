"""Every command of the program, found in it, so that no test forgets a new one."""

from __future__ import annotations

import importlib
from typing import Any

import typer

from ltm_cli.cli.commands import COMMANDS


def leaves() -> dict[str, Any]:
    """Each command that can be run ("facts set") with typer's object of it."""
    found: dict[str, Any] = {}
    for name, module in COMMANDS.items():
        app = importlib.import_module(f"ltm_cli.cli.{module}").app
        _collect(name, typer.main.get_group(app).commands[name], found)  # type: ignore[attr-defined]
    return found


def _collect(name: str, command: Any, found: dict[str, Any]) -> None:
    inner = getattr(command, "commands", None)
    if inner is None:
        found[name] = command
        return
    for part, one in inner.items():
        _collect(f"{name} {part}", one, found)
