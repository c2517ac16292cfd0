"""ltm doctor, path, completion"""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.messages import text

app = typer.Typer(rich_markup_mode=None)


class Shell(str, Enum):
    bash = "bash"
    zsh = "zsh"
    fish = "fish"


@app.command()
def doctor(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Repair what can be repaired.")] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Check everything derived from all memories, however many there are."
        ),
    ] = False,
    salvage: Annotated[
        Path | None,
        typer.Option(
            "--salvage",
            metavar="FILE",
            help="Save the readable memories of a damaged store to a file.",
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Check the store, its index, the files, the disk, the model and the GPU.

    The exit status is 0 when everything is in order, otherwise that of the first problem. --fix
    rebuilds what is derived from memories, deletes leftover files and makes files private; it
    changes no memory.

    \b
    Examples:
      ltm doctor
      ltm doctor --fix
      ltm doctor --full --json
    """
    from ltm_cli.maintenance.doctor import examine, repair

    home = options.chosen(context)
    if salvage is not None:
        findings = [repair.salvage(home, salvage)]
    else:
        findings = examine(home, full=full)
        if fix and any(one.fixable for one in findings):
            findings = [*repair.repair(home, findings), *examine(home, full=full)]
    if json:
        console.document([asdict(finding) for finding in findings])
    else:
        console.rows(
            ("", text("check"), text("finding")),
            ((one.state, one.check, one.detail) for one in findings),
        )
    raise typer.Exit(next((one.exit for one in findings if one.exit), 0))


@app.command()
def path(context: typer.Context, json: options.Json = False) -> None:
    """Print the path of the database.

    \b
    Examples:
      ltm path
      sqlite3 "$(ltm path)" "SELECT count(*) FROM memories"
    """
    home = options.chosen(context)
    if json:
        console.document({
            "home": str(home.home), "database": str(home.database), "config": str(home.config)
        })  # fmt: skip
    else:
        console.line(str(home.database))


@app.command()
def completion(
    shell: Annotated[Shell, typer.Argument(help="The shell: bash, zsh or fish.")],
    json: options.Json = False,
) -> None:
    """Print a script that completes commands in your shell.

    The TAB key then completes commands and options, and your users, tags and ids.

    \b
    Examples:
      ltm completion bash >> ~/.bashrc
      ltm completion zsh > ~/.zfunc/_ltm
      ltm completion fish > ~/.config/fish/completions/ltm.fish
    """
    from ltm_cli.cli.completion import SCRIPTS

    script = SCRIPTS[shell.value]
    if json:
        console.document({"shell": shell.value, "script": script})
    else:
        console.raw(script)
