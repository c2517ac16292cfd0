"""Everything that is printed: data on stdout, everything else on stderr.

On a terminal memories are a table; in a pipe they are lines `id TAB time TAB text`. The only place
that imports rich, and only for a terminal or what is drawn for one. No text of a memory is ever
markup or reaches the terminal with its control characters.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from ltm_cli.core import messages
from ltm_cli.core.record import SECRET, Record
from ltm_cli.core.sanitize import one_line, safe_json, visible

if TYPE_CHECKING:
    from rich.console import Console


def line(text: str) -> None:
    """One line of data."""
    sys.stdout.write(visible(text) + "\n")


def note(text: str) -> None:
    """One line for the person, not for the pipe."""
    sys.stderr.write(visible(text) + "\n")


def document(value: Any) -> None:
    """One JSON document."""
    indent = 2 if is_terminal(sys.stdout) else None
    sys.stdout.write(safe_json(json.dumps(value, ensure_ascii=False, indent=indent)) + "\n")


def raw(text: str) -> None:
    """A line that is safe already, such as a line of JSONL."""
    sys.stdout.write(text + "\n")


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def time(at: str) -> str:
    """A time for people: the date, with hours and minutes unless it is midnight."""
    day, _, hours = at.partition("T")
    return day if hours in ("", "00:00:00") else f"{day} {hours[:5]}"


def text(record: Record) -> str:
    """A memory in one line."""
    if record.question is not None:
        said = f"{record.question} → {record.answer}"
    else:
        said = record.text or ""
    return one_line(f"{record.speaker}: {said}" if record.speaker else said)


def masked(found: Iterable[Record], secrets: bool = False) -> list[Record]:
    """Memories without what is secret in them, unless `secrets`; says that something is masked."""
    listed = list(found)
    hidden(listed, secrets)
    return listed if secrets else [one.masked for one in listed]


def hidden(found: Iterable[Record], secrets: bool = False) -> None:
    """Say how many of these memories are masked."""
    if number := 0 if secrets else sum(SECRET in one.tags for one in found):
        note(messages.text("Secrets masked: {count} (--secrets shows them).", count=number))


def records(found: Iterable[Record]) -> None:
    """Memories, one a line in a pipe, a table on a terminal."""
    if not is_terminal(sys.stdout):
        for record in found:
            sys.stdout.write(f"{record.id}\t{time(record.at)}\t{text(record)}\n")
        return
    head = messages.text("id"), messages.text("when"), messages.text("memory")
    _table(head, ((str(r.id), time(r.at), text(r)) for r in found))


def record(one: Record) -> None:
    """Everything about one memory, its text with its line breaks."""
    for key, value in one.as_dict().items():
        if value not in (None, []):
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            if key in ("at", "recorded"):
                shown = time(shown)
            shown = shown.replace("\n", "\n" + " " * 10)  # no line of a text looks like a field
            line(f"{key + ':':10}{shown}")


def rows(head: tuple[str, ...], found: Iterable[tuple[str, ...]]) -> None:
    """A small table of anything; tab-separated in a pipe."""
    if is_terminal(sys.stdout):
        _table(head, found)
    else:
        for row in found:
            sys.stdout.write("\t".join(one_line(cell) for cell in row) + "\n")


def picture(lines: Iterable[Sequence[tuple[str, str]]]) -> None:
    """Lines of (text, style), coloured on a terminal."""
    if not is_terminal(sys.stdout):
        for parts in lines:
            line("".join(text for text, _ in parts).rstrip())
        return
    from rich.text import Text

    console = _console(sys.stdout)
    for parts in lines:
        console.print(Text.assemble(*((visible(text), style) for text, style in parts)))


def width(text: str) -> int:
    """Columns that a text takes on a terminal: Chinese characters and emoji take two."""
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, columns: int) -> str:
    """A text in at most so many columns, with an … where some of it is left out."""
    from rich.cells import set_cell_size

    if width(text) <= columns:
        return text
    return set_cell_size(text, columns - 1).rstrip() + "…"


@contextlib.contextmanager
def progress(what: str, total: int | None, *, bytes: bool = False) -> Iterator[Callable[..., None]]:
    """A progress bar on a terminal's stderr; yields a function that advances it.

    Called as `advance(size, "1,200 memories")` it says that beside the bar, too. Of bytes it tells
    how many there are, and how fast they come.
    """
    if not is_terminal(sys.stderr):
        yield lambda size, said="": None
        return
    from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

    columns = (DownloadColumn(), TransferSpeedColumn()) if bytes else ()
    with Progress(
        *Progress.get_default_columns(), *columns, console=_console(sys.stderr), transient=True
    ) as bar:
        task = bar.add_task(what, total=total)

        def advance(size: int, said: str = "") -> None:
            bar.update(task, advance=size, description=f"{what} {said}" if said else None)

        yield advance


def _table(head: tuple[str, ...], found: Iterable[tuple[str, ...]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for i, name in enumerate(head):
        last = i == len(head) - 1
        table.add_column(name, no_wrap=not last, style=None if last else "dim", overflow="fold")
    for row in found:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    _console(sys.stdout).print(table)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, no_color="NO_COLOR" in os.environ, highlight=False, markup=False)
