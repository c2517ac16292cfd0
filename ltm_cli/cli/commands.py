"""All commands by name, each loaded when it is used."""

from __future__ import annotations

import importlib
import inspect
from functools import cache

import typer
from typer.core import TyperGroup

from ltm_cli.core.messages import language
from ltm_cli.features.registry import FEATURES

# What belongs to no feature: each command and the module under ltm_cli.cli that defines it.
_MEMORIES = {
    "remember": "remember",
    "recall": "recall",
    "ask": "ask",
    "chat": "ask",
    "list": "memories",
    "show": "memories",
    "edit": "memories",
    "forget": "memories",
    "undo": "memories",
    "feedback": "learn",
    "learn": "learn",
}
_CARE = {
    "backup": "backup",
    "restore": "backup",
    "encrypt": "encryption",
    "decrypt": "encryption",
    "doctor": "maintenance",
    "model": "model",
    "bank": "bank",
    "serve": "serve",
    "mcp": "mcp",
    "config": "config",
    "path": "maintenance",
    "completion": "maintenance",
    "help": "help",
}
# All of them, in the order of --help.
COMMANDS: dict[str, str] = {
    **_MEMORIES,
    **{name: module for feature in FEATURES for name, module in feature.commands},
    **_CARE,
}


@cache
def group(module: str) -> TyperGroup:
    """The commands of a module under ltm_cli.cli."""
    return typer.main.get_group(importlib.import_module(f"ltm_cli.cli.{module}").app)


def about(name: str) -> str:
    """The first line of the help of a command, without the time to build its options."""
    app: typer.Typer = importlib.import_module(f"ltm_cli.cli.{COMMANDS[name]}").app
    helps = {one.name: one.help for one in app.registered_groups}
    for one in app.registered_commands:
        if one.callback is not None:
            helps[one.name or one.callback.__name__] = one.callback.__doc__
    if language() == "zh":
        from ltm_cli.cli import localize

        return localize.summary(localize.said(inspect.cleandoc(str(helps[name]))))
    return str(helps[name]).partition("\n")[0]
