"""ltm serve, serve status, serve stop"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound, StoreError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)
serve = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
app.add_typer(serve, name="serve")


@serve.callback()
def run(
    context: typer.Context,
    idle: Annotated[
        float,
        typer.Option(
            "--idle",
            metavar="MINUTES",
            min=0.01,
            help="Stop after so many minutes without a question.",
        ),
    ] = 30,
    json: options.Json = False,
) -> None:
    """Keep the model loaded, so that `ltm ask` answers sooner.

    While it runs, `ltm ask` uses it. It stops by itself when it has not been used for a while.

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
        raise StoreError(
            text("this system has no Unix sockets"), text("ltm ask works without ltm serve")
        )
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
    with pool.keep_open():
        choice = catalogue.choose(home)
        if choice is not None:
            generation.preload(home, choice)
        if json:
            console.document(server.status())
        else:
            model = choice.path.name if choice else text("no model")
            console.note(
                text(
                    "Serving {home} with {model}; to stop: ltm serve stop",
                    home=home.home,
                    model=model,
                )
            )
        sys.stdout.flush()
        server.serve()


@serve.command()
def status(context: typer.Context, json: options.Json = False) -> None:
    """Show whether the server runs; exit status 1 if not.

    \b
    Examples:
      ltm serve status
      ltm serve status --json
    """
    found = _told(context, {"do": "status"})
    if json:
        console.document(found)
    else:
        console.line(
            text(
                "process {pid} has been serving {home} since {since}",
                pid=found["pid"],
                home=found["home"],
                since=found["since"],
            )
        )
        console.line(
            text(
                "questions answered: {count}; stops after {minutes} idle minutes",
                count=found["answered"],
                minutes=found["idle_minutes"],
            )
        )


@serve.command()
def stop(context: typer.Context, json: options.Json = False) -> None:
    """Stop the server, after the question that it is answering.

    \b
    Examples:
      ltm serve stop
    """
    found = _told(context, {"do": "stop"})
    if json:
        console.document(found)
    else:
        console.note(text("The server stops."))


def _told(context: typer.Context, frame: dict[str, object]) -> dict[str, object]:
    """What the server of this home answers. Raises NothingFound where there is none."""
    from ltm_cli.server import client

    home = options.chosen(context).home.absolute()
    found = client.asked(str(home), frame)
    if found is None:
        raise NothingFound(
            text("no server is running for {home}", home=home), text("start one with: ltm serve")
        )
    return found
