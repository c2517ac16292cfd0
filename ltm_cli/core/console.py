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

from ltm_cli.core.record import SECRET, Record
from ltm_cli.core.sanitize import one_line, safe_json, visible

if TYPE_CHECKING:
    from rich.console import Console

    from ltm_cli.answering.result import Source
    from ltm_cli.retrieval import Hit


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
    hidden = 0 if secrets else sum(SECRET in one.tags for one in listed)
    if hidden:
        note(f"Secrets masked: {hidden} (--secrets shows them).")
    return listed if secrets else [one.masked for one in listed]


def records(found: Iterable[Record]) -> None:
    """Memories, one a line in a pipe, a table on a terminal."""
    if not is_terminal(sys.stdout):
        for record in found:
            sys.stdout.write(f"{record.id}\t{time(record.at)}\t{text(record)}\n")
        return
    _table(("id", "when", "memory"), ((str(r.id), time(r.at), text(r)) for r in found))


def record(one: Record) -> None:
    """Everything about one memory, its text with its line breaks."""
    for key, value in one.as_dict().items():
        if value not in (None, []):
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            if key in ("at", "recorded"):
                shown = time(shown)
            shown = shown.replace("\n", "\n" + " " * 10)  # no line of a text looks like a field
            line(f"{key + ':':10}{shown}")


def sources(found: Iterable[Source]) -> None:
    """The memories an answer rests on, on stderr: the answer alone is what a pipe wants."""
    for source in found:
        note(f"  [{source.id}] {time(source.at)}  {_shortened(one_line(source.text))}")


def timings(found: dict[str, float]) -> None:
    """Milliseconds and counts of one answer, on stderr."""
    for key, value in found.items():
        note(f"  {key:17} {value:10.1f}")


def shares(found: dict[int, float]) -> None:
    """How much each memory had to say, on stderr; what is left had no memory to say it."""
    for id, share in sorted(found.items(), key=lambda one: -one[1]):
        note(f"  [{id}] {share:5.1%}")
    if found:
        note(f"  no memory {1 - sum(found.values()):5.1%}")


def explained(hits: Iterable[Hit]) -> None:
    """Hits, each followed by what its score is made of."""
    for hit in hits:
        line(f"{hit.record.id}\t{hit.score:.3f}\t{time(hit.record.at)}\t{text(hit.record)}")
        for key, value in hit.why.items():
            line(f"\t{key}: {one_line(_compact(value))}")


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


def _shortened(text: str, most: int = 100) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _compact(value: Any) -> str:
    """A value of an explanation in one line: 2.315, or term 1.2, term 0.4."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_compact(inner)}" for key, inner in value.items())
    if isinstance(value, float):
        return f"{value:.3f}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


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
