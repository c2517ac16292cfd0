"""ltm doctor, path, completion"""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer

from ltm_cli import show
from ltm_cli.cli import options
from ltm_cli.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


class Shell(str, Enum):
    bash = "bash"
    zsh = "zsh"
    fish = "fish"


@app.command()
def doctor(
    context: typer.Context, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Check the store, the index, the model, the GPU and the permissions.

    Exit status 0 when nothing is broken, otherwise that of the first thing that is.

    \b
    Examples:
      ltm doctor
      ltm doctor --json
    """
    from ltm_cli.doctor import examine

    findings = examine(options.chosen(context))
    if json:
        show.document([asdict(finding) for finding in findings])
    else:
        show.rows(
            ("", "check", "finding"), ((one.state, one.check, one.detail) for one in findings)
        )
    raise typer.Exit(next((one.exit for one in findings if one.exit), 0))


@app.command()
def path(
    context: typer.Context, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Print where the memories are kept.

    \b
    Examples:
      ltm path
      sqlite3 "$(ltm path)" "SELECT count(*) FROM memories"
    """
    home = options.chosen(context)
    if json:
        show.document({
            "home": str(home.home), "database": str(home.database), "config": str(home.config)
        })  # fmt: skip
    else:
        show.line(str(home.database))


@app.command()
def completion(
    shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish.")],
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Print the completion script of a shell: commands, options, and your users, tags and ids.

    \b
    Examples:
      ltm completion bash >> ~/.bashrc
      ltm completion zsh > ~/.zfunc/_ltm
      ltm completion fish > ~/.config/fish/completions/ltm.fish
    """
    from ltm_cli.cli.complete import SCRIPTS

    script = SCRIPTS[shell.value]
    if json:
        show.document({"shell": shell.value, "script": script})
    else:
        show.raw(script)
