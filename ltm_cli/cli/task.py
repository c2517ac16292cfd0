"""ltm task add, list, done, drop, reopen, snooze"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console, messages, settings
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.core.messages import N_, text
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.tasks.tasks import Task

app = typer.Typer(rich_markup_mode=None)
task = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(task, name="task", help="Tasks and deadlines.")

STATES = {"open": N_("open"), "done": N_("done"), "dropped": N_("dropped")}

Ids = Annotated[
    list[int],
    typer.Argument(metavar="ID...", help="Numbers of tasks, as ltm task list shows them."),
]


@task.command()
def add(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help='What is to be done; "-" reads standard input.'),
    ] = None,
    due: Annotated[
        str | None,
        typer.Option("--due", metavar="WHEN", help="Deadline: Friday, 下周五, 2024-06-13 15:00."),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Add a task. The deadline may be part of the text.

    \b
    Examples:
      ltm task add "Send the report" --due Friday
      ltm task add 周五之前交季度报告
      ltm task add "Water the plants"
    """
    from ltm_cli.cli import notices
    from ltm_cli.features.tasks import tasks
    from ltm_cli.features.tasks.extraction import is_over
    from ltm_cli.indexing import writer

    said = options.given(words, missing=text("no task given"))
    when = options.deadline(due) if due else None
    if when is not None and is_over(when, settings.now()):
        raise UsageError(
            text("{due} = {when} is in the past", due=due, when=when), text("give a later time")
        )
    with options.session(context, user, write=True) as memory:
        made = tasks.add(memory.store, said, when)
        [record] = writer.fetch(memory.store, [made.id])
        notices.tell(memory, record)
    _shown([made], json, one=True)
    options.embed(context)


@task.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Include tasks that are done or dropped.")
    ] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """List open tasks.

    First those left from last week and overdue ones, then by deadline, then by age.

    \b
    Examples:
      ltm task list
      ltm task list --all --json
    """
    from ltm_cli.features.tasks import tasks

    states = tasks.STATES if everything else ("open",)
    with options.session(context, user, write=False) as memory:
        found = tasks.find(memory.store, settings.now(), states)
    _shown(found, json)
    if not found:
        raise NothingFound(text("no tasks"), text('add one with: ltm task add "…" --due Friday'))


@task.command()
def done(
    context: typer.Context, ids: Ids, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Mark tasks as done. ltm undo reverses it.

    \b
    Examples:
      ltm task done 12
      ltm task done 12 14
    """
    _close(context, ids, "done", user, json)


@task.command()
def drop(
    context: typer.Context, ids: Ids, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Give tasks up. Their memories stay.

    \b
    Examples:
      ltm task drop 12
    """
    _close(context, ids, "dropped", user, json)


@task.command()
def reopen(
    context: typer.Context, ids: Ids, user: options.User = DEFAULT_USER, json: options.Json = False
) -> None:
    """Reopen tasks that were done, dropped or snoozed.

    \b
    Examples:
      ltm task reopen 12
    """
    _close(context, ids, "open", user, json)


@task.command()
def snooze(
    context: typer.Context,
    ids: Ids,
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="WHEN",
            help="Day on which they return: Monday, 明天, 3d, 2024-06-20.",
        ),
    ] = "tomorrow",
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Hide tasks from ltm today until a day. Their deadlines stay.

    \b
    Examples:
      ltm task snooze 12
      ltm task snooze 12 --until 下周一
    """
    from ltm_cli.features.tasks import tasks

    now = settings.now()
    day = options.coming_day(until)
    if day <= now.date():
        raise UsageError(
            text("{until} = {day} is not in the future", until=until, day=day),
            text("for example --until Monday"),
        )
    with options.session(context, user, write=True) as memory:
        found = tasks.get(memory.store, ids, now)
        tasks.snooze(memory.store, found, day)
        after = tasks.get(memory.store, ids, now)
    console.note(text("Snoozed until {day}.", day=day))
    _shown(after, json)


def _close(context: typer.Context, ids: list[int], state: str, user: str, json: bool) -> None:
    from ltm_cli.features.tasks import tasks

    now = settings.now()
    with options.session(context, user, write=True) as memory:
        found = tasks.get(memory.store, ids, now)
        changed = [one for one in found if one.state != state or one.snoozed]
        for one in found:
            if one not in changed:
                console.note(
                    text("Task {id} is already {state}.", id=one.id, state=text(STATES[state]))
                )
        if changed:
            tasks.close(memory.store, changed, state, now)
        after = tasks.get(memory.store, ids, now)
    _shown(after, json)


def _shown(found: list[Task], json: bool, *, one: bool = False) -> None:
    from ltm_cli.features import wording

    if json:
        shown = [each.as_dict() for each in found]
        console.document(shown[0] if one else shown)
        return
    now, lang = settings.now(), messages.language()
    terminal = console.is_terminal(sys.stdout)
    rows = [
        (
            str(each.id),
            (wording.left(each, now, lang) if terminal else each.due or "")
            if each.state == "open"
            else f"{text(STATES[each.state]) if terminal else each.state} {each.closed}",
            each.text,
        )
        for each in found
    ]
    if rows:
        console.rows((text("id"), text("due"), text("task")), rows)
