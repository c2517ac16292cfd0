"""ltm import, export"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ltm_cli import show
from ltm_cli.cli import options
from ltm_cli.errors import NothingFound
from ltm_cli.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help='JSONL, one record a line; "-" reads it.')],
    lenient: Annotated[bool, typer.Option("--lenient", help="Ignore unknown keys.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Import memories. What is there already is passed over, so it may be run again.

    \b
    Examples:
      ltm import diary.jsonl
      ltm export --user anna | ltm --home /mnt/backup import -
    """
    from ltm_cli.memory import transfer

    total = Path(file).stat().st_size if Path(file).is_file() else None
    source = "standard input" if file == "-" else file
    with (
        options.opened(context, write=True) as db,
        show.progress("importing", total) as advance,
    ):
        done = transfer.import_lines(
            db, user, options.lines(file), source=source, lenient=lenient, progress=advance
        )
    if json:
        show.document({"added": done.added, "known": done.known})
    else:
        there = f", {done.known} were there already" if done.known else ""
        show.note(f"Imported {done.added}{there}.")
    if done.secrets:
        more = f" and {len(done.secrets) - 5} more" if done.secrets[5:] else ""
        show.note(
            f"Like a password or key: {' '.join(map(str, done.secrets[:5]))}{more}."
            " ltm edit ID --secret keeps one out of answers and exports."
        )
    options.embed(context)


@app.command()
def export(
    context: typer.Context,
    since: options.Since = None,
    until: options.Until = None,
    on: options.On = None,
    kind: options.Kind = None,
    session: options.Session = None,
    tag: options.Tag = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Secrets too, as they are.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Print memories as JSONL, in order of time; with --json as one JSON list.

    \b
    Examples:
      ltm export > memories.jsonl
      ltm export --tag work --since 2024
      ltm export --secrets > everything.jsonl
    """
    from json import loads

    from ltm_cli.memory import keep, transfer

    which = options.filters(since, until, on, kind, session, tag)
    which = replace(which, secrets=secrets)
    empty = True
    with options.opened(context, write=False) as db:
        lines = transfer.export_lines(db, user, which)
        if json:
            found = [loads(line) for line in lines]
            show.document(found)
            empty = not found
        else:
            for line in lines:
                show.raw(line)
                empty = False
        left_out = 0 if secrets else keep.count_secrets(db, user)
    if left_out:
        show.note(f"Secrets left out: {left_out} (--secrets exports them).")
    if empty:
        raise NothingFound("nothing to export", "--user chooses whose memory")
