"""ltm help"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ltm_cli.cli import options
from ltm_cli.cli.topics import TOPICS
from ltm_cli.core import console
from ltm_cli.core.errors import UsageError
from ltm_cli.core.messages import text

app = typer.Typer(rich_markup_mode=None)


@app.command("help")
def help_(
    context: typer.Context,
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND...|TOPIC]", help=f"A command, or one of {', '.join(TOPICS)}."
        ),
    ] = None,
    man: Annotated[bool, typer.Option("--man", help="Print the man page.")] = False,
    json: options.Json = False,
) -> None:
    """Show the help of a command or topic.

    \b
    Examples:
      ltm help task add
      ltm help exit-codes
      ltm help environment
      ltm help json
      ltm help --man > ~/.local/share/man/man1/ltm.1
    """
    name = " ".join(topic or ())
    if man:
        if name:
            raise UsageError(
                text("there is one man page for all commands"), text("run: ltm help --man")
            )
        from ltm_cli.cli import manual

        page = manual.page(context.find_root())
        _print("man", page, page.rstrip("\n"), json=json)
    elif name in TOPICS:
        rows = TOPICS[name]()
        if json:
            console.document({"topic": name, "rows": dict(rows)})
        else:
            console.rows(("", name), rows)
    else:
        said = _of_command(context.find_root(), topic or [])
        _print(name, said, said, json=json)


def _of_command(context: Any, path: list[str]) -> str:
    """The help of a command by its path. Raises UsageError."""
    for name in path:
        group, known = context.command, None
        if hasattr(group, "list_commands"):
            known = group.get_command(context, name)
        if known is None:
            raise UsageError(
                text("no help about {topic!r}", topic=" ".join(path)),
                text("ltm --help lists all commands; topics: {topics}", topics=", ".join(TOPICS)),
            )
        context = type(context)(known, info_name=name, parent=context)
    found: str = context.get_help()
    return found


def _print(name: str, document: str, said: str, *, json: bool) -> None:
    if json:
        console.document({"topic": name, "text": document})
    else:
        console.raw(said)
