"""ltm import, export"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import InputError, NothingFound, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.importers.transfer import Imported

app = typer.Typer(rich_markup_mode=None)


@app.command("import")
def import_(
    context: typer.Context,
    path: Annotated[
        str, typer.Argument(metavar="PATH", help='A file or folder; "-" reads standard input.')
    ],
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="jsonl, chatgpt, claude, llm, markdown, jrnl or text; auto detects it.",
        ),
    ] = "auto",
    branches: Annotated[
        bool,
        typer.Option("--branches", help="Import edited and regenerated messages of chats, too."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be imported.")
    ] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Ignore unknown keys in JSONL.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Import memories. Existing ones are skipped, so it can be repeated.

    It reads JSONL as exported by ltm, the archives that ChatGPT and Claude export, the logs.db of
    llm, a folder of Markdown notes, JSON of jrnl, and plain text with entries that begin with a
    date.

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
        console.progress(text("importing"), _size(path, kind)) as advance,
    ):

        def told(number: int) -> None:
            advance(0, text("{count} memories", count=f"{number:,}"))

        if kind == "jsonl":
            name = text("standard input") if path == "-" else path
            done = transfer.import_lines(
                memory.store, options.lines(path), source=name, lenient=lenient, dry_run=dry_run,
                progress=advance, told=told,
            )  # fmt: skip
        else:
            items = (
                formats.stream_items(
                    sys.stdin.buffer, text("standard input"), kind, branches, advance
                )
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
        if len(done.broken) > 1:
            fault = text("{count} items could not be read", count=f"{len(done.broken):,}")
        else:
            fault = text("cannot read {what}", what=done.broken[0])
        raise InputError(
            fault,
            text("everything else can be imported")
            if dry_run
            else text("everything else was imported; you can safely import again"),
        )


def _format(path: str, format: str) -> str:
    """The format of a path. Raises InputError, UsageError."""
    from ltm_cli.features.importers import formats

    if format not in formats.FORMATS:
        raise _unknown_format(format, formats.FORMATS)
    if path == "-":
        return "jsonl" if format == "auto" else format
    if not Path(path).exists():
        missing = text("cannot read {path}: no such file or folder", path=path)
        raise InputError(missing, text("check the path"))
    if (whole := Path(path).resolve()) == whole.parent:
        raise InputError(
            text("{path} is the whole disk", path=path), text("name the folder of your notes")
        )
    return formats.format_of(Path(path)) if format == "auto" else format


def _unknown_format(format: str, known: Iterable[str]) -> UsageError:
    return UsageError(
        text("unknown format {format!r}", format=format),
        text("formats: {formats}", formats=", ".join(known)),
    )


def _size(path: str, kind: str) -> int | None:
    from ltm_cli.features.importers import formats

    return formats.size(Path(path), kind) if path != "-" else None


_LISTED = 20  # broken things that are named
_NAMED = 5  # memories like a secret that are


def _summary(done: Imported, dry_run: bool) -> None:
    """What was imported, and what was passed over and why."""
    days = dict.fromkeys((done.first[:10], done.last[:10])) if done.added else ()
    count = f"{done.added:,}"
    if days:
        count = text("{count} ({days})", count=count, days=text(" to ").join(days))
    if dry_run:
        console.note(text("Would import {count}.", count=count))
    else:
        console.note(text("Imported {count}.", count=count))
    if done.known:
        console.note(text("  skipped {count}: already imported", count=f"{done.known:,}"))
    for reason, number in sorted(done.skipped.items(), key=lambda one: -one[1]):
        console.note(text("  skipped {count}: {reason}", count=f"{number:,}", reason=text(reason)))
    if len(done.broken) > 1:
        for what in done.broken[:_LISTED]:
            console.note(text("  cannot read {what}", what=what))


def _warned(done: Imported) -> None:
    if done.secrets:
        number, ids = len(done.secrets), [str(id) for id in done.secrets[:_NAMED] if id]
        which = str(number)  # nothing has an id in a dry run
        if ids:
            listed = ", ".join(ids)
            which = (
                text("{ids} and {count} more", ids=listed, count=number - _NAMED)
                if number > _NAMED
                else listed
            )
        found = (
            text("Memories that look like secrets: {ids}.", ids=which)
            if ids
            else text("Number of memories that look like secrets: {count}.", count=which)
        )
        console.note(found + text(" ltm edit ID --secret keeps one out of answers and exports."))


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[
        str | None, typer.Argument(metavar="DIR", help="Folder to write Markdown to.")
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="jsonl, or markdown (one file per month, which ltm import can read).",
        ),
    ] = "jsonl",
    since: options.Since = None,
    until: options.Until = None,
    on: options.On = None,
    kind: options.Kind = None,
    session: options.SessionName = None,
    tag: options.Tag = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Include secrets, unmasked.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Export memories as JSONL, in order of time.

    With --json they are printed as one JSON list; with --format markdown they are written to a
    folder, as files that can be read without ltm.

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
        raise _unknown_format(format, ("jsonl", "markdown"))
    if (format == "markdown") != (folder is not None):
        raise UsageError(
            text("DIR and --format markdown must be used together"),
            text("either ltm export --format markdown DIR, or ltm export > FILE"),
        )
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
                console.note(
                    text(
                        "Memories exported: {count}; files written: {files}.",
                        count=f"{sum(written.values()):,}",
                        files=len(written),
                    )
                )
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
        console.note(text("Secrets left out: {count} (--secrets includes them).", count=left_out))
    if empty:
        raise NothingFound(text("nothing to export"), text("--user chooses whose memory"))
