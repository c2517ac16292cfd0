"""ltm feedback, learn"""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


class Verdict(str, Enum):
    good = "good"
    bad = "bad"


@app.command()
def feedback(
    context: typer.Context,
    id: Annotated[int, typer.Argument(metavar="ID", help="A memory that was found, or missed.")],
    verdict: Annotated[Verdict, typer.Argument(help="good or bad.")],
    question: Annotated[
        str | None, typer.Option("--question", help="For this question; the last one if not given.")
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Say whether a memory was the right one for the last question that was asked.

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
        about = checked(question, "question") if question else thread.last_question(memory.store)
        if about is None:
            raise NothingFound("no question was asked yet", "name it with --question")
        memory.store.feedback.give(about, id, good=verdict is Verdict.good)
    if json:
        console.document({"question": about, "id": id, "good": verdict is Verdict.good})
    else:
        console.note(f"{id} is {verdict.value} for: {one_line(about)}")


@app.command()
def learn(
    context: typer.Context,
    reset: Annotated[
        bool, typer.Option("--reset", help="Go back to the ranking that came with ltm.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Train the ranking on your feedback, and on what answers have cited.

    The new weights are kept only if they are no worse on feedback that was held back and on the
    questions that ship with ltm. Neither the memories nor the model change.

    \b
    Examples:
      ltm learn
      ltm learn --reset
    """
    from ltm_cli.retrieval import learning

    with options.session(context, user, write=False) as memory:
        if not memory.store.owner:
            raise NothingFound(f"nothing is remembered of {user}", "--user chooses whose memory")
        if reset:
            there = learning.reset(memory.settings.sidenet(memory.store.owner))
            if json:
                console.document({"reset": there})
            else:
                console.note(
                    "Back to the ranking that came with ltm." if there else "Nothing was learned."
                )
            return
        with console.progress("learning", None) as advance:
            found = memory.learn(lambda done, total: advance(1))
    if json:
        console.document(asdict(found))
        return
    if found.held_back:
        console.rows(
            ("", "before", "after"),
            (
                (
                    f"{found.held_back} questions held back",
                    f"{found.before:.3f}",
                    f"{found.after:.3f}",
                ),
                ("self-check", f"{found.check_before:.3f}", f"{found.check_after:.3f}"),
            ),
        )
    console.note(f"{'Learned' if found.kept else 'Nothing changed'}: {found.reason}.")
