"""All commands by name, each loaded when it is used."""

from __future__ import annotations

import importlib
import inspect
from functools import cache

import typer
from typer.core import TyperGroup

from ltm_cli.core.messages import language

# Each command and the module under ltm_cli.cli that defines it, in the order of --help.
COMMANDS = {
    "remember": "remember",
    "recall": "recall",
    "ask": "ask",
    "chat": "ask",
    "today": "today",
    "task": "task",
    "habits": "today",
    "timeline": "timeline",
    "list": "memories",
    "show": "memories",
    "edit": "memories",
    "forget": "memories",
    "undo": "memories",
    "facts": "facts",
    "profile": "profile",
    "recommend": "recommend",
    "style": "style",
    "write": "style",
    "suggest": "suggest",
    "feedback": "learn",
    "learn": "learn",
    "read": "read",
    "import": "transfer",
    "export": "transfer",
    "backup": "backup",
    "restore": "backup",
    "bank": "bank",
    "model": "model",
    "encrypt": "encryption",
    "decrypt": "encryption",
    "serve": "serve",
    "mcp": "mcp",
    "doctor": "maintenance",
    "path": "maintenance",
    "config": "config",
    "completion": "maintenance",
    "help": "help",
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
