"""Options and input that commands share."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.core import messages, settings
from ltm_cli.core.errors import InputError, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.record import KINDS, iso
from ltm_cli.core.sanitize import one_line

if TYPE_CHECKING:
    from ltm_cli.core.filter import Filter
    from ltm_cli.nlp.dates import Span
    from ltm_cli.session import Session

_DAYS = re.compile(r"(\d{1,4})\s*(d|w|天|周)?")

User = Annotated[
    str,
    typer.Option("--user", metavar="NAME", envvar="LTM_USER", help="User whose memories are used."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="WHEN", help="Only from this time on: 2024-05, 昨天, last week."
    ),
]
Until = Annotated[str | None, typer.Option("--until", metavar="WHEN", help="Only up to this time.")]
On = Annotated[
    str | None,
    typer.Option("--on", metavar="WHEN", help="Only on this day, or in this month or year."),
]
Kind = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", metavar="KIND", help=f"Only of this kind: {', '.join(KINDS)}; repeatable."
    ),
]
SessionName = Annotated[
    str | None, typer.Option("--session", metavar="NAME", help="Only from this conversation.")
]
Tag = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Only with this tag; repeatable: all must match."),
]
Secrets = Annotated[bool, typer.Option("--secrets", help="Show secrets unmasked.")]
Limit = Annotated[
    int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Maximum number of results.")
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help='Model to use: a GGUF file, a name from ltm model list, or "bundled".'
        " [env var: LTM_MODEL]",
    ),
]
Lang = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="LANG",
        help="Language of the output, zh or en (default: that of the locale).",
    ),
]

In = Annotated[
    str | None,
    typer.Option("--in", metavar="TITLE", help="Only from this document (see ltm read --list)."),
]


def session(context: typer.Context, user: str, *, write: bool) -> Session:
    """The memory of --home as --user's; warnings go to stderr."""
    from ltm_cli.core import console
    from ltm_cli.session import Session

    return Session(chosen(context), user, write=write, warn=console.note)


def is_writable(context: typer.Context) -> bool:
    """Whether the store can be written to; where not, the person is told what that means."""
    from ltm_cli import session

    home = chosen(context)
    if session.is_writable(home):
        return True
    from ltm_cli.core import console

    console.note(text("{home} is read-only, so the question is not remembered.", home=home.home))
    return False


def chosen(context: typer.Context) -> settings.Settings:
    home: Path | None = context.obj
    return settings.load(home)


def embed(context: typer.Context) -> None:
    """Embed the memories that have no vector yet, if a model is in use."""
    if chosen(context).embed is None:
        return
    from ltm_cli.core import console

    with session(context, settings.DEFAULT_USER, write=True) as memory:
        memory.embed_missing(lambda total: console.progress(text("embedding"), total))


def moment(when: str) -> datetime:
    """When a --at or the beginning of a --since is."""
    return _span(when)[0]


def end(when: str) -> datetime:
    """When an --until is over."""
    return _span(when)[1]


def language(lang: str | None) -> str:
    """The language of a --lang, else that of the locale. Raises UsageError."""
    if lang not in (None, "zh", "en"):
        raise UsageError(text("unknown language {lang!r}", lang=lang), text("use zh or en"))
    return lang or messages.language()


def filters(
    since: str | None,
    until: str | None,
    on: str | None,
    kinds: list[str] | None,
    session: str | None,
    tags: list[str] | None,
) -> Filter:
    """The filter that the options describe. Raises UsageError."""
    from ltm_cli.core.filter import Filter

    for kind in kinds or ():
        if kind not in KINDS:
            raise unknown_kind(kind)
    begin = iso(_span(since)[0]) if since else None
    end = iso(_span(until)[1]) if until else None
    if on:
        if since or until:
            raise UsageError(
                text("--on cannot be combined with --since or --until"),
                text("use only one of them"),
            )
        first, last = _span(on)
        begin, end = iso(first), iso(last)
    named = begin is not None
    return Filter(begin, end, tuple(kinds or ()), session, tuple(tags or ()), named=named)


def unknown_kind(kind: str) -> UsageError:
    return UsageError(
        text("unknown kind {kind!r}", kind=kind), text("kinds: {kinds}", kinds=", ".join(KINDS))
    )


def within(memory: Session, title: str | None, which: Filter) -> Filter:
    """`which`, of the document that --in names. Raises NothingFound, UsageError."""
    if title is None:
        return which
    if which.session is not None:
        raise UsageError(
            text("--in cannot be combined with --session"), text("use only one of them")
        )
    from ltm_cli.features.documents import documents

    document = documents.within(memory.store, title)
    return replace(which, session=document.session, tags=which.tags + document.tags)


def given(words: list[str] | str | None, *, missing: str) -> str:
    """TEXT from the arguments; "-", or none with a pipe, means standard input."""
    joined = " ".join(words) if isinstance(words, list) else words
    if joined is not None and joined != "-" and (joined or words):
        return joined
    if joined == "-" or not sys.stdin.isatty():
        return piped()
    raise UsageError(missing, text("pass it as an argument, or pipe it in"))


def piped() -> str:
    from ltm_cli.core.sanitize import decoded

    return decoded(sys.stdin.buffer.read(), text("standard input"))


def content(path: str) -> bytes:
    """All of a file, or of standard input for "-". Raises InputError."""
    return b"".join(lines(path))


def lines(path: str) -> Iterator[bytes]:
    """The lines of a file, or of standard input for "-". Raises InputError."""
    if path == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as file:
            yield from file
    except OSError as error:
        why = text("cannot read {path}: {reason}", path=path, reason=error.strerror)
        raise InputError(why, text("check the path")) from None


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether the person agrees. Without a terminal nobody is asked: --yes has to say it."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            text("cannot ask without a terminal: {question}", question=question),
            text("add --yes to confirm"),
        )
    return typer.confirm(one_line(question), err=True)


def deadline(when: str) -> str:
    """Until when a --due is: a day or a moment in ISO 8601, that which is to come."""
    from ltm_cli.features.tasks import extraction as task_extraction

    return task_extraction.due(_read(when, past=False))


def coming_day(when: str) -> date:
    """The day of an --until that is to come: Monday, 下周一, 3d."""
    if _DAYS.fullmatch(when.strip()):
        return settings.now().date() + timedelta(days=days(when))
    return _read(when, past=False).start.date()


def days(size: str) -> int:
    """How many days 3d, 2w, 3天 or 2周 are. Raises UsageError."""
    found = _DAYS.fullmatch(size.strip())
    if found is None:
        raise UsageError(
            text("cannot read {size!r} as a number of days", size=size),
            text("for example 3d or 2w"),
        )
    return int(found[1]) * (7 if found[2] in ("w", "周") else 1)


def _span(when: str) -> tuple[datetime, datetime]:
    span = _read(when, past=True)
    return span.start, span.end


def _read(when: str, *, past: bool) -> Span:
    from ltm_cli.nlp import dates

    try:
        return dates.parse(when, settings.now(), past=past)
    except dates.DateError as error:
        raise UsageError(
            error.say(text),
            text('for example 2024-05-10, "last Friday", 昨天, 上周三, "2024-05-10 09:30"'),
        ) from None
