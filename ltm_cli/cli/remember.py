"""ltm remember"""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.record import SECRET, Record, iso
from ltm_cli.core.settings import DEFAULT_USER


class Outcome(str, Enum):
    right = "right"
    wrong = "wrong"


app = typer.Typer(rich_markup_mode=None)


@app.command()
def remember(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help='The text to remember; "-" reads standard input.'),
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", "-Q", help="Question of an exchange.")
    ] = None,
    answer: Annotated[
        str | None, typer.Option("--answer", "-A", help="Answer of an exchange.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WHEN",
            help="When it happened: 2024-05-10, 昨天, last Friday (default: now).",
        ),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind", metavar="KIND", help="Kind of memory: episode, fact, task, habit or style."
        ),
    ] = "episode",
    session: Annotated[
        str | None,
        typer.Option("--session", metavar="NAME", help="Conversation it belongs to."),
    ] = None,
    speaker: Annotated[
        str | None, typer.Option("--speaker", metavar="NAME", help="Who said it.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Tag to find it by; repeatable."),
    ] = None,
    outcome: Annotated[
        Outcome | None,
        typer.Option("--outcome", help="Result of an exercise; ltm profile counts them by topic."),
    ] = None,
    ref: Annotated[
        str | None, typer.Option("--ref", metavar="REF", help="Id of the text where it came from.")
    ] = None,
    no_task: Annotated[
        bool, typer.Option("--no-task", help="Do not turn the text into a task.")
    ] = False,
    secret: Annotated[
        bool | None,
        typer.Option(
            "--secret/--no-secret", help="Keep it out of answers and exports; or no warning."
        ),
    ] = None,
    with_model: Annotated[
        bool,
        typer.Option("--with-model", help="Let the model propose facts, as ltm facts find does."),
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Remember a text, or a question with its answer.

    A text that says what is to be done, and by when, becomes a task (see ltm task).

    \b
    Examples:
      ltm remember "Took Mochi to the vet, she weighs 2.1 kg"
      ltm remember --at 昨天 "和王芳去看了电影《流浪地球》"
      ltm remember -Q "明天上海天气如何？" -A "明天上海阴转小雨，建议带伞。"
      ltm remember "I have to send the report by Friday"
      git log -1 | ltm remember --tag work
      ltm remember "Proof 3" --tag topic:geometry --outcome wrong
      ltm remember --secret "The PIN of the bank card is 4821"
    """
    from ltm_cli.cli import notices
    from ltm_cli.core.record import KINDS
    from ltm_cli.core.task_status import NO_TASK

    if kind not in KINDS:
        raise options.unknown_kind(kind)
    record = Record(
        question=question,
        answer=answer,
        kind=kind,
        at=iso(options.moment(at)) if at else "",
        session=session,
        speaker=speaker,
        tags=[
            *(tag or []),
            *([f"outcome:{outcome.value}"] if outcome else []),
            *([NO_TASK] if no_task else []),
            *([SECRET] if secret else []),
        ],
        ref=ref,
    )
    if question is None and answer is None:
        record.text = options.given(words, missing=text("no text to remember"))
    elif words:
        raise UsageError(
            text("a text cannot be combined with --question and --answer"),
            text("use only one of them"),
        )
    elif question is None or answer is None:
        raise UsageError(text("--question and --answer belong together"), text("give both"))
    with options.session(context, user, write=True) as memory:
        stored = memory.remember(record)
        done = text("Remembered as {id} ({at}).", id=stored.id, at=console.time(stored.at))
        notices.report(memory, stored, done, json=json, warned=secret is not None)
        if with_model:
            from ltm_cli.cli import proposals

            found = proposals.find(memory, [stored], None)
            for one in found:
                fact = f"{one.subject} · {one.attribute} = {one.value}"
                console.note(text("  Proposed: {fact}", fact=fact))
            proposals.offer(memory, found, yes=False)
    options.embed(context)
