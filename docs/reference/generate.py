"""Writes commands.md: every command with its arguments and options, from the help of the program.

python docs/reference/generate.py           # `make docs` does it
python docs/reference/generate.py --check   # exit status 1 if the page is not current
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

PAGE = Path(__file__).with_name("commands.md")
INTRODUCTION = """\
# Commands

Every command of ltm with its arguments and options. This page is generated from the help of the
program (`make docs`); `ltm COMMAND --help` shows the same on a terminal.

Each command takes `--help` (`-h`) and `--json`. What a command prints with `--json` is described in
[JSON output](json.md), and what its exit status means in [Exit codes](exit-codes.md).
"""


def page() -> str:
    """The page, as it should be now."""
    from ltm_cli.cli.app import app

    root: Any = typer.main.get_command(app)
    context = root.context_class(root, info_name="ltm", **root.context_settings)
    sections = [INTRODUCTION, _contents(root, context)]
    for command, its_context, depth in commands(root, context):
        sections.append(_section(command, its_context, depth))
    return "\n".join(sections)


def commands(group: Any, context: Any, depth: int = 2) -> Iterator[tuple[Any, Any, int]]:
    """Each command with its context (which knows its full name) and depth, in the order of help."""
    yield group, context, depth
    if not hasattr(group, "list_commands"):
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = type(context)(command, info_name=name, parent=context)
        yield from commands(command, inner, depth + (context.parent is not None))


def _contents(root: Any, context: Any) -> str:
    rows = []
    for name in root.list_commands(context):
        about = _paragraphs(root.get_command(context, name))[0]
        rows.append(f"| [`{name}`](#ltm-{name}) | {_cell(about)} |\n")
    return "| Command | What it does |\n|---|---|\n" + "".join(rows)


def _section(command: Any, context: Any, depth: int) -> str:
    """One command: what it does, examples, usage, and tables of its arguments and options."""
    parts = [f"{'#' * depth} {context.command_path}\n"]
    for paragraph in _paragraphs(command):
        title, _, lines = paragraph.partition("\n")
        if title == "Examples:":
            parts.append(f"```sh\n{inspect.cleandoc(lines)}\n```\n")
        elif not title.startswith("More:"):
            parts.append(paragraph.replace("<", "&lt;") + "\n")
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts.append(f"Usage: `{usage}`\n")
    rows: dict[str, list[str]] = {"Argument": [], "Option": []}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            kind = "Argument" if parameter.param_type_name == "argument" else "Option"
            rows[kind].append(f"| `{_pipe(record[0])}` | {_cell(record[1])} |\n")
    for kind, those in rows.items():
        if those:
            parts.append(f"| {kind} | Meaning |\n|---|---|\n{''.join(those)}")
    return "\n".join(parts)


def _paragraphs(command: Any) -> list[str]:
    """The help of a command; as in Click, a paragraph after a backspace keeps its lines."""
    paragraphs = []
    for one in inspect.cleandoc(command.help or "").split("\n\n"):
        kept = one.startswith("\b\n")
        paragraphs.append(one.removeprefix("\b\n") if kept else re.sub(r"\s*\n\s*", " ", one))
    return paragraphs


def _cell(text: str) -> str:
    return _pipe(re.sub(r"\s+", " ", text)).replace("<", "&lt;")


def _pipe(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    new = page()
    if "--check" in sys.argv:
        sys.exit(not PAGE.exists() or PAGE.read_text("utf-8") != new)
    PAGE.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
