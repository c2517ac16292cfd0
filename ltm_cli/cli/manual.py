"""The man page, made from the commands themselves: `ltm help --man | man -l -`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ltm_cli import __version__
from ltm_cli.cli import topics
from ltm_cli.core.messages import N_, language, text

_TYPED = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)
_FILES = (
    ("memory.db", N_("the memories and their index")),
    ("config.toml", N_("the settings (ltm config list)")),
    ("bank/", N_("the memory bank")),
    ("models/", N_("downloaded models (ltm model pull)")),
    ("sidenet/", N_("what ltm learn trained, by user")),
)


def page(root: Any) -> str:
    """The page in man(7) macros, UTF-8; `root` is typer's context of the whole command line."""
    return "\n".join(_lines(root)) + "\n"


def _lines(root: Any) -> Iterator[str]:
    cli = root.command
    if language() == "zh":
        from ltm_cli.cli import localize

        localize.translate_all(cli, root)
    yield f'.TH LTM 1 "" "ltm {__version__}" "User Commands"'
    yield _heading(text("NAME"))
    yield rf"ltm \- {_text(text('a private long-term memory for the command line'))}"
    yield from (
        _heading(text("SYNOPSIS")),
        r".B ltm",
        r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGS\fR]...",
    )
    yield _heading(text("DESCRIPTION"))
    yield from _prose(cli.help)
    yield _heading(text("OPTIONS"))
    yield from _options(cli, root)
    yield _heading(text("COMMANDS"))
    for name in cli.list_commands(root):
        yield from _command(cli.get_command(root, name), name, root)
    yield _heading(text("EXIT STATUS"))
    yield from _terms(topics.exit_codes())
    yield _heading(text("ENVIRONMENT"))
    yield from _terms(topics.environment())
    yield from (_heading(text("FILES")), _line(text("In the folder that --home names:")))
    yield from _terms((name, text(about)) for name, about in _FILES)
    yield from (_heading("JSON"), _line(text("What --json prints, by command:")))
    yield from _terms(topics.shapes())


def _command(command: Any, name: str, parent: Any) -> Iterator[str]:
    """A command, or each command of a group."""
    context = type(parent)(command, info_name=name, parent=parent)
    if language() == "zh":
        from ltm_cli.cli import localize

        localize.translate_all(command, context)
    if not hasattr(command, "commands") or command.invoke_without_command:
        pieces = " ".join(command.collect_usage_pieces(context))
        yield f".SS {_text(context.command_path)} {_text(pieces)}"
        yield from _prose(command.help)
        yield from _options(command, context)
    if hasattr(command, "commands"):
        for inner in command.list_commands(context):
            yield from _command(command.get_command(context, inner), inner, context)


def _options(command: Any, context: Any) -> Iterator[str]:
    found = (one.get_help_record(context) for one in command.get_params(context))
    records = [record for record in found if record]
    if language() == "zh":
        from ltm_cli.cli import localize

        records = [(name, localize.noted(about)) for name, about in records]
    yield from _terms(records)


def _terms(rows: Any) -> Iterator[str]:
    for term, about in rows:
        yield from (".TP", rf"\fB{_text(term)}\fR", _line(about) or r"\&")


def _heading(name: str) -> str:
    return f".SH {name}"


def _prose(said: str) -> Iterator[str]:
    r"""Paragraphs; one that begins with \b is kept as it is."""
    for i, paragraph in enumerate(re.split(r"\n\s*\n", said.strip())):
        if "\b" in paragraph:
            lines = paragraph.strip("\b\n").splitlines()
            yield from (".PP", ".nf", *(_line(line) for line in lines if line != "\b"), ".fi")
        else:
            if i:
                yield ".PP"
            yield _line(" ".join(paragraph.split()))


def _line(said: str) -> str:
    """A line of text, which is no macro whatever it begins with."""
    escaped = _text(said.rstrip())
    return rf"\&{escaped}" if escaped[:1] in (".", "'") else escaped


def _text(said: str) -> str:
    """Text that troff leaves as it is: its own escapes, and what it would make typographic."""
    return said.translate(_TYPED)
