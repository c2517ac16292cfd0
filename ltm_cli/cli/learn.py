"""ltm feedback, learn"""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


class Verdict(str, Enum):
    good = "good"
    bad = "bad"


@app.command()
def feedback(
    context: typer.Context,
    id: Annotated[int, typer.Argument(metavar="ID", help="The memory, as ltm list shows it.")],
    verdict: Annotated[
        Verdict, typer.Argument(help="good if it answers the question, otherwise bad.")
    ],
    question: Annotated[
        str | None,
        typer.Option("--question", help="The question (default: the last one that was asked)."),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Say whether a memory was right for the last question.

    \b
    Examples:
      ltm feedback 12 good
      ltm feedback 7 bad --question "What does Mochi weigh?"
    """
    from ltm_cli.answering import thread
    from ltm_cli.core.sanitize import checked, one_line
    from ltm_cli.indexing import writer

    with options.session(context, user, write=True) as memory:
        writer.fetch(memory.store, [id])
        about = (
            checked(question, text("question")) if question else thread.last_question(memory.store)
        )
        if about is None:
            raise NothingFound(
                text("no question was asked yet"), text("give the question with --question")
            )
        memory.store.feedback.give(about, id, good=verdict is Verdict.good)
    if json:
        console.document({"question": about, "id": id, "good": verdict is Verdict.good})
    else:
        about = one_line(about)
        if verdict is Verdict.good:
            console.note(
                text("Memory {id} is marked as good for: {question}", id=id, question=about)
            )
        else:
            console.note(
                text("Memory {id} is marked as bad for: {question}", id=id, question=about)
            )


@app.command()
def learn(
    context: typer.Context,
    reset: Annotated[
        bool, typer.Option("--reset", help="Return to the ranking that came with ltm.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Train the ranking on your feedback and on the sources of answers.

    The new weights are kept only if they rank no worse, both on feedback set aside for this test
    and on the test questions of ltm. Memories and model do not change.

    \b
    Examples:
      ltm learn
      ltm learn --reset
    """
    from ltm_cli.retrieval import learning

    with options.session(context, user, write=False) as memory:
        if not memory.store.owner:
            raise NothingFound(
                text("nothing is remembered of {user}", user=user),
                text("--user chooses whose memory"),
            )
        if reset:
            there = learning.reset(memory.settings.sidenet(memory.store.owner))
            if json:
                console.document({"reset": there})
            else:
                console.note(
                    text("The ranking that came with ltm is used again.")
                    if there
                    else text("Nothing to reset: nothing was learned yet.")
                )
            return
        with console.progress(text("learning"), None) as advance:
            found = memory.learn(lambda done, total: advance(1))
    if json:
        console.document(asdict(found))
        return
    if found.held_back:
        console.rows(
            ("", text("before"), text("after")),
            (
                (
                    text("your feedback ({count} test questions)", count=found.held_back),
                    f"{found.before:.3f}",
                    f"{found.after:.3f}",
                ),
                (
                    text("test questions of ltm"),
                    f"{found.check_before:.3f}",
                    f"{found.check_after:.3f}",
                ),
            ),
        )
    if found.kept:
        console.note(text("Learned: {reason}.", reason=found.reason))
    else:
        console.note(text("Nothing changed: {reason}.", reason=found.reason))
