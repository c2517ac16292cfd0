"""ltm ask, chat"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltm_cli.cli import options, show
from ltm_cli.core import console
from ltm_cli.core.errors import Exit, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.sanitize import checked, visible
from ltm_cli.core.settings import DEFAULT_USER, KEYS

if TYPE_CHECKING:
    from ltm_cli.answering.result import Answer, Options
    from ltm_cli.session import Session

app = typer.Typer(rich_markup_mode=None)

NoModel = Annotated[
    bool, typer.Option("--no-llm", help="Answer by quoting memories, without a language model.")
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=KEYS["threads"].least,
        max=KEYS["threads"].most,
        metavar="N",
        help="Number of CPU threads (default: idle cores).",
    ),
]
ReaderName = Annotated[
    str,
    typer.Option(
        "--reader",
        metavar="NAME",
        help="How the model gets the memories: auto, text, joint, fused.",
    ),
]
Remember = Annotated[
    bool,
    typer.Option("--remember/--no-remember", help="Remember the question and its answer, or not."),
]

Secrets = Annotated[bool, typer.Option("--secrets", help="Use secrets for the answer, too.")]


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[
        list[str] | None, typer.Argument(help='The question; "-" reads it from standard input.')
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="NAME", help="Continue this conversation.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Start a new conversation.")] = False,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="WHEN", help="Answer as of this time: 2024-05-10, last Friday."
        ),
    ] = None,
    inside: options.In = None,
    tag: options.Tag = None,
    limit: options.Limit = None,
    no_llm: NoModel = False,
    model: options.Model = None,
    threads: Threads = None,
    reader: ReaderName = "auto",
    remember: Remember = True,
    secrets: Secrets = False,
    timings: Annotated[
        bool, typer.Option("--timings", help="Show how long each step took.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how much each memory contributed to the answer.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Answer a question from your memories, and name the sources.

    A question within 30 minutes of the last one continues that conversation. The exit status is 1
    when your memories do not hold the answer.

    \b
    Examples:
      ltm ask "What is the wifi password of the cabin?"
      ltm ask "What else did its author write?"
      ltm ask 上周三我做了什么？ --no-llm
      ltm ask "Where was I?" --at "last Friday" --json
      ltm ask --in report "Who was in charge of the second site?"
      ltm ask --secrets "What is the PIN of the bank card?"
    """
    from ltm_cli.indexing import writer

    remember = remember and options.is_writable(context)
    asked = checked(options.given(question, missing=text("no question given")), text("question"))
    with options.session(context, user, write=remember) as memory:
        chosen = _options(
            memory, inside, tag, limit, no_llm, model, threads, reader, at=at, session=session,
            new=new, remember=remember, secrets=secrets,
        )  # fmt: skip
        found = memory.ask(asked, chosen, say=_silent if json else _spoken())
        unread = writer.count_secrets(memory.store) if found.abstained and not secrets else 0
    if json:
        console.document(found.as_dict())
    else:
        _close(found)
        if unread:
            console.note(text("(secrets not used: {count}; --secrets uses them)", count=unread))
        if explain:
            show.shares(found.shares)
        if timings:
            show.timings(found.timings | {"bytes_restored": found.bytes_restored})
            why = f" ({found.fallback})" if found.fallback else ""
            console.note(text("  reader: {name}", name=f"{found.reader}{why}"))
    raise typer.Exit(Exit.NOTHING if found.abstained else Exit.OK)


@app.command()
def chat(
    context: typer.Context,
    session: Annotated[
        str | None, typer.Option("--session", metavar="NAME", help="Continue this conversation.")
    ] = None,
    inside: options.In = None,
    tag: options.Tag = None,
    limit: options.Limit = None,
    no_llm: NoModel = False,
    model: options.Model = None,
    threads: Threads = None,
    reader: ReaderName = "auto",
    remember: Remember = True,
    secrets: Secrets = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Ask one question after another.

    An empty line or Ctrl-D ends the conversation. A line that begins with "+" is remembered.

    \b
    Examples:
      ltm chat
      ltm chat --session trip
      printf '%s\\n' "Where did I park?" "And when?" | ltm chat --json
    """
    remember = remember and options.is_writable(context)
    new = session is None
    with options.session(context, user, write=remember) as memory:
        for line in _said():
            if line.startswith("+"):
                _keep(memory, line[1:])
                continue
            chosen = _options(
                memory, inside, tag, limit, no_llm, model, threads, reader, session=session,
                new=new, remember=remember, secrets=secrets,
            )  # fmt: skip
            found = memory.ask(line, chosen, say=_silent if json else _spoken())
            session, new = found.session, False
            if json:
                console.document(found.as_dict())
            else:
                _close(found)


def _options(
    memory: Session,
    inside: str | None,
    tags: list[str] | None,
    limit: int | None,
    no_llm: bool,
    model: str | None,
    threads: int | None,
    reader: str,
    *,
    at: str | None = None,
    **values: Any,
) -> Options:
    from ltm_cli.answering import reader as readers
    from ltm_cli.answering import result
    from ltm_cli.core.filter import Filter

    if reader not in ("auto", *readers.READERS):
        raise UsageError(
            text("unknown reader {reader!r}", reader=reader),
            text("readers: {readers}", readers=", ".join(("auto", *readers.READERS))),
        )
    if at:
        values["now"] = options.moment(at)
    if threads is not None:
        values["threads"] = threads
    return memory.options(
        use_model=not no_llm,
        model=model,
        which=options.within(memory, inside, Filter(tags=tuple(tags or ()))),
        limit=limit or result.LIMIT,
        reader=reader,
        **values,
    )


def _spoken() -> Callable[[str], None]:
    """Show sentences as they come, those of one answer on one line."""
    first = True

    def say(sentence: str) -> None:
        nonlocal first
        sys.stdout.write(("" if first else " ") + visible(sentence))
        sys.stdout.flush()
        first = False

    return say


def _silent(sentence: str) -> None:
    """With --json nothing is shown before the document."""


def _close(found: Answer) -> None:
    """End the answer's line, then name its sources."""
    console.line("")
    sys.stdout.flush()  # before what goes to stderr
    if found.withheld:
        console.note(found.withheld)
    if found.sources:
        show.sources(found.sources)


def _said() -> Iterator[str]:
    """The lines of a conversation, prompted for on a terminal."""
    if not sys.stdin.isatty():
        yield from (line for line in options.piped().splitlines() if line.strip())
        return
    with contextlib.suppress(ImportError):
        importlib.import_module("readline")  # line editing and history for input()
    with contextlib.suppress(EOFError):
        while line := input("> ").strip():
            yield line


def _keep(memory: Session, said: str) -> None:
    from ltm_cli.cli import notices
    from ltm_cli.core.record import Record

    stored = memory.remember(Record(text=said.strip()))
    console.note(text("Remembered as {id}.", id=stored.id))
    notices.tell(memory, stored)
