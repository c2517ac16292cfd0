"""ltm read"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound, UsageError
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
        str | None, typer.Argument(help='Text, Markdown, PDF or Word; "-" reads standard input.')
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TITLE", help="The file's name if not given.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="WHEN", help="When it is of; now if not given.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="May be repeated.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", metavar="NAME", help="Of a text; recognised if not given."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="In the place of another document of its title.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show what was read.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Remember a document as passages, each with its title and headings.

    Read again, it is brought up to date: what did not change is passed over. `ltm ask --in TITLE`
    asks it alone, `ltm forget --in TITLE` forgets it, `ltm undo` takes the last reading back.

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
            raise UsageError("--list excludes a file", "give either")
        _list(context, user, json)
        return
    if file is None:
        raise UsageError("no file is named", 'give one, or "-" for standard input')
    from ltm_cli.core.sanitize import checked
    from ltm_cli.features.documents import documents, formats, passages

    name = "standard input" if file == "-" else file
    text = formats.read(options.content(file), name, encoding)
    if text.guessed:
        console.note(f"Read as {text.guessed.upper()}; --encoding says otherwise.")
    if title is None:
        title = _heading(text.blocks) if file == "-" else Path(file).stem
    cut = list(passages.cut(text.blocks))
    with (
        options.session(context, user, write=True) as memory,
        console.progress("remembering", len(cut)) as advance,
    ):
        done = documents.store(memory.store, checked(title, "title").strip(), cut,
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
    parts = {"new": done.added, "changed": done.changed, "gone": done.removed}
    title = one_line(done.title)
    if done.added == done.passages and not done.removed:
        return f"Read “{title}”: {done.passages} passages."
    what = ", ".join(f"{number} {how}" for how, number in parts.items() if number)
    return f"Read “{title}” again: {done.passages} passages, {what or 'nothing new'}."


def _heading(blocks: list[Block]) -> str:
    """The title that a text gives itself."""
    for block in blocks:
        if block.path:
            return block.path[0]
    raise UsageError("a text without a heading needs a name", "--title gives it one")


def _list(context: typer.Context, user: str, json: bool) -> None:
    from ltm_cli.features.documents import documents

    with options.session(context, user, write=False) as memory:
        found = documents.read(memory.store)
    if json:
        console.document([asdict(one) for one in found])
    elif found:
        console.rows(
            ("title", "passages", "characters", "read"),
            ((one.title, str(one.passages), str(one.characters), console.time(one.recorded))
             for one in found),
        )  # fmt: skip
    if not found:
        raise NothingFound("no document was read yet", "begin with: ltm read FILE")
