"""The man page, made from the commands themselves: `ltm help --man | man -l -`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ltm_cli import __version__
from ltm_cli.cli import topics

_TYPED = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)
_FILES = (
    ("memory.db", "the memories and their index"),
    ("config.toml", "what was chosen: ltm config list"),
    ("bank/", "keys and values that the model computed"),
    ("models/", "what ltm model pull fetched"),
    ("sidenet/", "what each user's ranking has learned"),
)


def page(root: Any) -> str:
    """The page in man(7) macros, UTF-8; `root` is typer's context of the whole command line."""
    return "\n".join(_lines(root)) + "\n"


def _lines(root: Any) -> Iterator[str]:
    cli = root.command
    yield f'.TH LTM 1 "" "ltm {__version__}" "User Commands"'
    yield from (".SH NAME", r"ltm \- a private long\-term memory for the command line")
    yield from (".SH SYNOPSIS", r".B ltm", r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGS\fR]...")
    yield ".SH DESCRIPTION"
    yield from _prose(cli.help)
    yield ".SH OPTIONS"
    yield from _options(cli, root)
    yield ".SH COMMANDS"
    for name in cli.list_commands(root):
        yield from _command(cli.get_command(root, name), name, root)
    yield ".SH EXIT STATUS"
    yield from _terms(topics.exit_codes())
    yield ".SH ENVIRONMENT"
    yield from _terms(topics.environment())
    yield from (".SH FILES", "Under the folder of", ".BR \\-\\-home :")
    yield from _terms(_FILES)
    yield from (".SH JSON", r"What \fB\-\-json\fR prints, by command:")
    yield from _terms(topics.shapes())


def _command(command: Any, name: str, parent: Any) -> Iterator[str]:
    """A command, or each command of a group."""
    context = type(parent)(command, info_name=name, parent=parent)
    if not hasattr(command, "commands") or command.invoke_without_command:
        pieces = " ".join(command.collect_usage_pieces(context))
        yield f".SS {_text(context.command_path)} {_text(pieces)}"
        yield from _prose(command.help)
        yield from _options(command, context)
    if hasattr(command, "commands"):
        for inner in command.list_commands(context):
            yield from _command(command.get_command(context, inner), inner, context)


def _options(command: Any, context: Any) -> Iterator[str]:
    records = (one.get_help_record(context) for one in command.get_params(context))
    yield from _terms(record for record in records if record)


def _terms(rows: Any) -> Iterator[str]:
    for term, about in rows:
        yield from (".TP", rf"\fB{_text(term)}\fR", _line(about) or r"\&")


def _prose(text: str) -> Iterator[str]:
    r"""Paragraphs; one that begins with \b is kept as it is."""
    for i, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        if "\b" in paragraph:
            lines = paragraph.strip("\b\n").splitlines()
            yield from (".PP", ".nf", *(_line(line) for line in lines if line != "\b"), ".fi")
        else:
            if i:
                yield ".PP"
            yield _line(" ".join(paragraph.split()))


def _line(text: str) -> str:
    """A line of text, which is no macro whatever it begins with."""
    escaped = _text(text.rstrip())
    return rf"\&{escaped}" if escaped[:1] in (".", "'") else escaped


def _text(text: str) -> str:
    """Text that troff leaves as it is: its own escapes, and what it would make typographic."""
    return text.translate(_TYPED)
