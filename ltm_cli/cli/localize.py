"""Help and errors of wrong usage in Chinese; typer is given it only where the locale is Chinese.

English stands where typer finds it (docstrings, `help=`); the catalogue has its Chinese under
"help:" and the whole English text. When a help is asked for, the texts of that command are
replaced by their Chinese, and laid out by the columns that Chinese characters take.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from typer._click.core import Context
from typer._click.formatting import HelpFormatter

from ltm_cli.core.messages import language, text_in

# Typer's own words.
WORDS = (
    "Usage: ",
    "Arguments",
    "Options",
    "Commands",
    "[OPTIONS]",
    "COMMAND [ARGS]...",
    "Show this message and exit.",
)
NOTES = ("default: {value}", "env var: {value}", "required")  # in brackets after a help
ERRORS = (  # the first that fits is taken
    "Missing command.",
    "No such command {name}. Did you mean {others}?",
    "No such command {name}.",
    "No such option: {name} (Possible options: {others})",
    "No such option: {name}",
    "Option {name} requires an argument.",
    "Option {name} does not take a value.",
    "Got unexpected extra argument(s) ({values})",
    "Missing argument {name}. Choose from:{values}",
    "Missing argument {name}.",
    "Missing option {name}.",
    "Invalid value for {name}: {why}",
    "{value} is not a valid int.",
    "{value} is not a valid float.",
    "{value} is not in the range {range}.",
    "{value} is not one of {values}.",
)
_NOTE = re.compile(r"^(.*?)(?:(?:^|  )\[([^\[\]]*)\])?$", re.DOTALL)
# What may begin a line: a word, or a Chinese character with the marks that must not begin one.
_PIECE = re.compile(r"\s+|[（《“]?[⺀-鿿](?:[，。；：！？、）》”…]|\.\.\.)*|[^\s⺀-鿿]+")


def said(english: str) -> str:
    """The Chinese of a help, or the English if there is none."""
    return text_in("zh", f"help:{english}").removeprefix("help:")


_changed: list[Any] = []  # commands and parameters that are Chinese now


def restore() -> None:
    """Let everything be English again: this process may serve somebody of another locale next."""
    for one in _changed:
        vars(one).pop("context_class", None)
        if "_english" in vars(one):
            one.help = one._english
        if hasattr(one, "short_help"):
            one.short_help = None
    _changed.clear()


def prepare(command: Any) -> None:
    """Let a command, and those inside it, show its help in Chinese."""
    command.context_class = _Context
    _changed.append(command)
    for inner in getattr(command, "commands", {}).values():
        prepare(inner)


def translate(command: Any, context: Any) -> None:
    """Put the help of a command and its parameters into the language of the locale."""
    for one in (command, *command.get_params(context)):
        english = vars(one).setdefault("_english", inspect.cleandoc(one.help or ""))
        one.help = said(english) if language() == "zh" else english
        _changed.append(one)
    command.short_help = summary(command.help) if language() == "zh" else None


def translate_all(command: Any, context: Any) -> None:
    """Translate a command, and those inside it, which its help lists."""
    translate(command, context)
    if hasattr(command, "list_commands"):
        for name in command.list_commands(context):
            translate(command.get_command(context, name), context)


def summary(text: str) -> str:
    """The first sentence of a help in Chinese."""
    return re.split(r"(?<=[。；])|\n", text, maxsplit=1)[0].rstrip("；")


def error(message: str) -> str:
    """An error of typer's in Chinese; as it is where it is none of those that are known."""
    for english in ERRORS:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(english))
        if found := re.fullmatch(pattern, message, re.DOTALL):
            values = found.groupdict()
            if "why" in values:
                values["why"] = error(values["why"])
            return said(english).format(**values)
    return message


class _Context(Context):
    def make_formatter(self) -> HelpFormatter:
        translate_all(self.command, self)
        if language() != "zh":
            return super().make_formatter()
        return Formatter(width=self.terminal_width, max_width=self.max_content_width)


class Formatter(HelpFormatter):
    """Lays out a help whose characters may take two columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for word in ("[OPTIONS]", "COMMAND [ARGS]..."):
            args = args.replace(word, said(word))
        super().write_usage(prog, args, prefix or said("Usage: "))

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{said(heading)}：\n")

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        paragraphs = (_paragraph(one, self.width - len(indent)) for one in text.split("\n\n"))
        self.write("\n\n".join(
            "\n".join(indent + line for line in lines) for lines in paragraphs
        ) + "\n")  # fmt: skip

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        column = min(max(_width(name) for name, _ in rows), col_max) + col_spacing
        for name, about in rows:
            self.write(f"{'':>{self.current_indent}}{name}")
            room = column - _width(name)
            begin = " " * room
            if room < col_spacing:
                begin = "\n" + " " * (self.current_indent + column)
            lines = wrap(noted(about), max(self.width - column - self.current_indent, 10))
            self.write(begin + f"\n{'':>{self.current_indent + column}}".join(lines) + "\n")


def wrap(text: str, columns: int) -> Iterator[str]:
    """The lines of a paragraph, none of them wider than so many columns."""
    line = ""
    for piece in _PIECE.findall(text):
        if line and _width(line + piece.rstrip()) > columns:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    yield line


def _paragraph(text: str, columns: int) -> Iterable[str]:
    r"""Its lines; those after a \b are kept as they are."""
    if text.startswith("\b\n"):
        return text.removeprefix("\b\n").split("\n")
    return wrap(text, columns)


def noted(about: str) -> str:
    """A help whose note in brackets, such as [default: me], is Chinese."""
    found = _NOTE.fullmatch(about)
    assert found is not None  # it fits everything
    if found[2] is None:
        return about
    notes = "；".join(_note(one) for one in found[2].split("; "))
    return f"{found[1]}  [{notes}]".lstrip()


def _note(one: str) -> str:
    key, colon, value = one.partition(": ")
    return said(key + colon + ("{value}" if colon else "")).format(value=value)


def _width(text: str) -> int:
    from ltm_cli.core import console

    return console.width(text)
