"""ltm import, export"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import InputError, NothingFound, UsageError
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.importers.transfer import Imported

app = typer.Typer(rich_markup_mode=None)


@app.command("import")
def import_(
    context: typer.Context,
    path: Annotated[str, typer.Argument(metavar="PATH", help='A file or folder; "-" reads JSONL.')],
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="jsonl, chatgpt, claude, llm, markdown, jrnl or text; auto looks at what it is.",
        ),
    ] = "auto",
    branches: Annotated[
        bool, typer.Option("--branches", help="Of chats, also what was edited or answered again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be imported.")
    ] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Ignore unknown keys of JSONL.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Import memories. What is there already is passed over, so it may be run again.

    JSONL as ltm exports it; the archive that ChatGPT or Claude exports; logs.db of llm; a folder of
    Markdown notes; jrnl's JSON; plain text whose entries begin with a date.

    \b
    Examples:
      ltm import chatgpt-export.zip --dry-run
      ltm import ~/Notes
      ltm import "$(llm logs path)"
      ltm export --user anna | ltm --home /mnt/backup import -
    """
    from ltm_cli.features.importers import formats, transfer

    kind = _format(path, format)
    with (
        options.session(context, user, write=not dry_run) as memory,
        console.progress("importing", _size(path, kind)) as advance,
    ):

        def told(number: int) -> None:
            advance(0, f"{number:,} memories")

        if kind == "jsonl":
            name = "standard input" if path == "-" else path
            done = transfer.import_lines(
                memory.store, options.lines(path), source=name, lenient=lenient, dry_run=dry_run,
                progress=advance, told=told,
            )  # fmt: skip
        else:
            items = (
                formats.stream_items(sys.stdin.buffer, "standard input", kind, branches, advance)
                if path == "-"
                else formats.items(Path(path), kind, branches, advance)
            )
            done = transfer.import_items(
                memory.store, transfer.normal(items), dry_run=dry_run, told=told
            )
    if json:
        more = {"skipped": done.skipped, "broken": done.broken} if kind != "jsonl" else {}
        console.document({"added": done.added, "known": done.known, **more})
    else:
        _summary(done, dry_run)
        _warned(done)
    if not dry_run:
        options.embed(context)
    if done.broken:
        what = f"{len(done.broken):,} things" if len(done.broken) > 1 else done.broken[0]
        raise InputError(
            f"could not read {what}",
            "all else was imported; importing again doubles nothing"
            if not dry_run
            else "all else can be imported",
        )


def _format(path: str, format: str) -> str:
    """The format of a path. Raises InputError, UsageError."""
    from ltm_cli.features.importers import formats

    if format not in formats.FORMATS:
        raise UsageError(f"unknown format {format!r}", f"formats: {', '.join(formats.FORMATS)}")
    if path == "-":
        return "jsonl" if format == "auto" else format
    if not Path(path).exists():
        raise InputError(f"cannot read {path}: No such file or directory", "check the path")
    if (whole := Path(path).resolve()) == whole.parent:
        raise InputError(f"{path} is the whole disk", "name the folder of the notes")
    return formats.format_of(Path(path)) if format == "auto" else format


def _size(path: str, kind: str) -> int | None:
    from ltm_cli.features.importers import formats

    return formats.size(Path(path), kind) if path != "-" else None


_LISTED = 20  # broken things that are named
_NAMED = 5  # memories like a secret that are


def _summary(done: Imported, dry_run: bool) -> None:
    """What was imported, and what was passed over and why."""
    days = dict.fromkeys((done.first[:10], done.last[:10])) if done.added else ()
    of = f" of {' to '.join(days)}" if days else ""
    there = f", {done.known:,} were there already" if done.known else ""
    would = "Would import" if dry_run else "Imported"
    console.note(f"{would} {done.added:,}{of}{there}.")
    for reason, number in sorted(done.skipped.items(), key=lambda one: -one[1]):
        console.note(f"  passed over {number:,}: {reason}")
    if len(done.broken) > 1:
        for what in done.broken[:_LISTED]:
            console.note(f"  could not read {what}")


def _warned(done: Imported) -> None:
    if done.secrets:
        number, ids = len(done.secrets), [str(id) for id in done.secrets[:_NAMED] if id]
        which = f"{number} of them"  # nothing has an id in a dry run
        if ids:
            more = f" and {number - _NAMED} more" if number > _NAMED else ""
            which = f"memor{'y' if number == 1 else 'ies'} {', '.join(ids)}{more}"
        console.note(
            f"Like a password or key: {which}."
            " ltm edit ID --secret keeps one out of answers and exports."
        )


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[
        str | None, typer.Argument(metavar="DIR", help="Where Markdown is written.")
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="jsonl, or markdown: a file a month, which import restores.",
        ),
    ] = "jsonl",
    since: options.Since = None,
    until: options.Until = None,
    on: options.On = None,
    kind: options.Kind = None,
    session: options.SessionName = None,
    tag: options.Tag = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Secrets too, as they are.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Print memories as JSONL, in order of time; with --json as one JSON list.

    As Markdown they are written to a folder, to be read without ltm.

    \b
    Examples:
      ltm export > memories.jsonl
      ltm export --tag work --since 2024
      ltm export --format markdown ~/diary
      ltm export --secrets > everything.jsonl
    """
    from json import loads

    from ltm_cli.features.importers import transfer
    from ltm_cli.indexing import writer

    if format not in ("jsonl", "markdown"):
        raise UsageError(f"unknown format {format!r}", "formats: jsonl, markdown")
    if (format == "markdown") != (folder is not None):
        raise UsageError("DIR and --format markdown go together",
                         "ltm export --format markdown DIR; ltm export > FILE")  # fmt: skip
    which = options.filters(since, until, on, kind, session, tag)
    which = replace(which, secrets=secrets)
    empty = True
    with options.session(context, user, write=False) as memory:
        if folder is not None:
            from ltm_cli.features.importers import monthly_notes

            written = monthly_notes.export(memory.store, which, Path(folder).expanduser())
            empty = not written
            if json:
                console.document({str(path): number for path, number in written.items()})
            elif written:
                files = "one file" if len(written) == 1 else f"{len(written)} files"
                console.note(f"Wrote {sum(written.values()):,} memories to {files}.")
        elif json:
            found = [loads(line) for line in transfer.export_lines(memory.store, which)]
            console.document(found)
            empty = not found
        else:
            for line in transfer.export_lines(memory.store, which):
                console.raw(line)
                empty = False
        left_out = 0 if secrets else writer.count_secrets(memory.store)
    if left_out:
        console.note(f"Secrets left out: {left_out} (--secrets exports them).")
    if empty:
        raise NothingFound("nothing to export", "--user chooses whose memory")
