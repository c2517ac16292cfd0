"""ltm serve, serve status, serve stop"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound, StoreError
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)
serve = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
app.add_typer(serve, name="serve")


@serve.callback()
def run(
    context: typer.Context,
    idle: Annotated[
        float, typer.Option("--idle", metavar="MINUTES", min=0.01, help="Stop after so long.")
    ] = 30,
    json: options.Json = False,
) -> None:
    """Keep the model open, so that `ltm ask` answers sooner.

    It ends when nobody has asked for a while. `ltm ask` uses it when it is there and starts none
    by itself.

    \b
    Examples:
      ltm serve &
      ltm serve --idle 120
      ltm serve status
      ltm serve stop
    """
    if context.invoked_subcommand:
        return
    if sys.platform == "win32":
        raise StoreError("this system has no Unix sockets", "ltm ask works without ltm serve")
    from ltm_cli.answering import generation
    from ltm_cli.cli.app import app as command_line
    from ltm_cli.llm import catalogue, pool
    from ltm_cli.server.server import Server

    def run_command(arguments: Sequence[str]) -> None:
        command_line(list(arguments))

    home = options.chosen(context)
    with options.session(context, DEFAULT_USER, write=True):
        pass  # what is wrong with the store is said now, and an older one migrated
    server = Server(home.home.absolute(), run_command, 60 * idle)
    with pool.keeping():
        choice = catalogue.choose(home)
        if choice is not None:
            generation.preload(home, choice)
        if json:
            console.document(server.status())
        else:
            model = choice.path.name if choice else "no model"
            console.note(f"Serving {home.home} with {model}; ltm serve stop ends it.")
        sys.stdout.flush()
        server.serve()


@serve.command()
def status(context: typer.Context, json: options.Json = False) -> None:
    """Show who serves this home; exit status 1 when nobody does.

    \b
    Examples:
      ltm serve status
      ltm serve status --json
    """
    found = _told(context, {"do": "status"})
    if json:
        console.document(found)
    else:
        console.line(f"process {found['pid']} serves {found['home']} since {found['since']}")
        console.line(
            f"{found['answered']} answered; stops after {found['idle_minutes']} idle minutes"
        )


@serve.command()
def stop(context: typer.Context, json: options.Json = False) -> None:
    """Stop it, after the question that it is answering.

    \b
    Examples:
      ltm serve stop
    """
    found = _told(context, {"do": "stop"})
    if json:
        console.document(found)
    else:
        console.note("Stopping.")


def _told(context: typer.Context, frame: dict[str, object]) -> dict[str, object]:
    """What the server of this home answers. Raises NothingFound where there is none."""
    from ltm_cli.server import client

    home = options.chosen(context).home.absolute()
    found = client.asked(str(home), frame)
    if found is None:
        raise NothingFound(f"nobody serves {home}", "begin with: ltm serve")
    return found
