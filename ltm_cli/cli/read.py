"""ltm read"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.record import iso
from ltm_cli.core.sanitize import one_line
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.documents import documents
    from ltm_cli.features.documents.layout import Block

app = typer.Typer(rich_markup_mode=None)


@app.command()
def read(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(help='A text, Markdown, PDF or Word file; "-" reads standard input.'),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            metavar="TITLE",
            help="Title of the document (default: the name of the file).",
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="WHEN", help="When it was written (default: now).")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Tag its passages; repeatable.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            "--encoding", metavar="NAME", help="Encoding of a text file (default: detected)."
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace another document with the same title.")
    ] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="List the documents that were read.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Remember a document, passage by passage.

    Each passage keeps its title and headings. Reading a document again updates it: unchanged
    passages are skipped. `ltm ask --in TITLE` answers from this document only, `ltm forget --in
    TITLE` forgets it, `ltm undo` undoes the last reading.

    \b
    Examples:
      ltm read report.md
      ltm read 红楼梦.txt --title 红楼梦
      pdftotext -layout scan.pdf - | ltm read - --title scan
      ltm read --list
      ltm ask --in report "Who was in charge of the second site?"
    """
    if list_:
        if file is not None:
            raise UsageError(
                text("--list cannot be combined with a file"), text("use only one of them")
            )
        _list(context, user, json)
        return
    if file is None:
        raise UsageError(text("no file given"), text('name a file, or "-" for standard input'))
    from ltm_cli.core.sanitize import checked
    from ltm_cli.features.documents import documents, formats, passages

    name = text("standard input") if file == "-" else file
    parsed = formats.read(options.content(file), name, encoding)
    if parsed.guessed:
        console.note(
            text("Read as {encoding}; --encoding changes that.", encoding=parsed.guessed.upper())
        )
    if title is None:
        title = _heading(parsed.blocks) if file == "-" else Path(file).stem
    cut = list(passages.cut(parsed.blocks))
    with (
        options.session(context, user, write=True) as memory,
        console.progress(text("remembering"), len(cut)) as advance,
    ):
        done = documents.store(memory.store, checked(title, text("title")).strip(), cut,
            at=iso(options.moment(at)) if at else None, tags=tag or (), replaces=replace,
            progress=advance,
        )  # fmt: skip
    if json:
        console.document(asdict(done))
    else:
        console.note(_told(done))
    options.embed(context)


def _told(done: documents.Stored) -> str:
    """What reading did, in one line."""
    title = one_line(done.title)
    if done.added == done.passages and not done.removed:
        return text("Read “{title}”: {count} passages.", title=title, count=done.passages)
    parts = [
        text("{count} new", count=done.added) if done.added else "",
        text("{count} changed", count=done.changed) if done.changed else "",
        text("{count} removed", count=done.removed) if done.removed else "",
    ]
    return text(
        "Read “{title}” again: {count} passages, {what}.",
        title=title,
        count=done.passages,
        what=text(", ").join(filter(None, parts)) or text("nothing new"),
    )


def _heading(blocks: list[Block]) -> str:
    """The title that a text gives itself."""
    for block in blocks:
        if block.path:
            return block.path[0]
    raise UsageError(text("a text without a heading needs a title"), text("give one with --title"))


def _list(context: typer.Context, user: str, json: bool) -> None:
    from ltm_cli.features.documents import documents

    with options.session(context, user, write=False) as memory:
        found = documents.read(memory.store)
    if json:
        console.document([asdict(one) for one in found])
    elif found:
        console.rows(
            (text("title"), text("passages"), text("characters"), text("read")),
            ((one.title, str(one.passages), str(one.characters), console.time(one.recorded))
             for one in found),
        )  # fmt: skip
    if not found:
        raise NothingFound(text("no document was read yet"), text("begin with: ltm read FILE"))
