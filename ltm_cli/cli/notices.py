"""What was understood of a new memory, said on stderr: its times, its task, what it ends.

Nothing is inferred silently: a time that does not exist is named, and a task that a memory seems to
finish is closed only if the person agrees, on a terminal. A memory that says nothing of time costs
two look-ups: what is needed to tell more is imported when there is more.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

import typer

from ltm_cli.core import console, settings, task_status
from ltm_cli.core.messages import N_, text, text_in
from ltm_cli.core.record import SECRET, Record, moment
from ltm_cli.core.sanitize import one_line
from ltm_cli.features.tasks.table import has_open_tasks
from ltm_cli.indexing import spans
from ltm_cli.indexing.analysis import LONGEST
from ltm_cli.nlp import dates, secrets

if TYPE_CHECKING:
    from ltm_cli.features.tasks.tasks import Task
    from ltm_cli.session import Session

MOST = 4  # times told of one memory
SECRETS = (N_("password"), N_("key"), N_("card number"), N_("identity number"))  # of nlp.secrets


def report(
    memory: Session,
    record: Record,
    done: str,
    *,
    json: bool,
    warned: bool = False,
) -> None:
    """Show a memory that was just stored, to a person as what was `done`, and what it means.

    `warned`: the person has said whether it is a secret.
    """
    if json:
        console.document(record.masked.as_dict())
    elif console.is_terminal(sys.stdout):
        console.line(done)
    else:
        console.records([record.masked])
    sys.stdout.flush()  # before what goes to stderr
    tell(memory, record, warned=warned)


def tell(memory: Session, record: Record, *, warned: bool = False) -> None:
    """Say what a memory that was just stored was understood to mean."""
    if SECRET in record.tags or (not warned and _is_made_secret(memory, record)):
        return
    if named := spans.of_memory(memory.store, record.id):
        from ltm_cli.features import wording
        from ltm_cli.nlp.language import language

        at, lang = moment(record.at), language(record.content)
        told = list(dict.fromkeys(
            f"  {one_line(record.content[span.begin : span.finish])}"
            f" = {wording.named(span, at, lang)}"
            for span in named
        ))  # fmt: skip
        for line in told[:MOST]:
            console.note(line)
        if len(told) > MOST:
            console.note(text("  and {count} more", count=len(told) - MOST))
    for said, why in dates.find_rejected(record.content[:LONGEST], moment(record.at))[:MOST]:
        console.note(text("  {said}: {why}; ignored", said=one_line(said), why=why.say(text)))
    if not has_open_tasks(memory.store) or task_status.read(record.tags).refused:
        return
    from ltm_cli.features.tasks import tasks

    if (task := tasks.made_of(memory.store, record)) is not None:
        _task(task, record)
        return
    for proposed in tasks.finished(memory.store, record, settings.now()):
        _finished(memory, proposed)


def _is_made_secret(memory: Session, record: Record) -> bool:
    """Warn of what looks like a secret; on a terminal, make it one if the person agrees."""
    found = secrets.find(record.content)
    if found is None:
        return False
    what = text(found)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        console.note(
            text(
                "This looks like a secret ({what})."
                " ltm edit {id} --secret keeps it out of answers and exports.",
                what=what,
                id=record.id,
            )
        )
        return False
    question = text(
        "This looks like a secret ({what}). Keep it out of answers and exports?", what=what
    )
    if not typer.confirm(question, err=True):
        return False
    record.tags = [*record.tags, SECRET]
    memory.edit(record.id, tags=record.tags)
    return True


def _task(task: Task, record: Record) -> None:
    from ltm_cli.features import wording
    from ltm_cli.nlp.language import language

    now, lang = settings.now(), language(record.content)
    left = wording.left(task, now, lang)
    if task.due is not None and task.days_left(now) != 0:
        day = wording.day(date.fromisoformat(task.due[:10]), now, lang)
        left = text_in(lang, "{day}, {left}", day=day, left=left)
    said = text_in(
        lang, "Task {id}: {what} ({left})", id=task.id, what=one_line(task.text), left=left
    )
    hint = text_in(lang, "Not a task? ltm undo, or use --no-task.")
    console.note(
        said if record.kind == "task" else text_in(lang, "{said}. {hint}", said=said, hint=hint)
    )


def _finished(memory: Session, task: Task) -> None:
    what = one_line(task.text)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        console.note(
            text(
                "Task {id} ({what}) seems to be done. If so: ltm task done {id}",
                id=task.id,
                what=what,
            )
        )
    elif typer.confirm(
        text("Task {id} ({what}) seems to be done. Close it?", id=task.id, what=what), err=True
    ):
        from ltm_cli.features.tasks import tasks

        tasks.close(memory.store, [task], "done", settings.now())
