"""ltm today, habits"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console, settings
from ltm_cli.core.errors import Exit, NothingFound
from ltm_cli.core.messages import N_, text, text_in
from ltm_cli.core.sanitize import one_line
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.timeline.today import Brief

app = typer.Typer(rich_markup_mode=None)

HEADS = (N_("Due"), N_("Soon"), N_("On this day"))
UNDATED = 5  # tasks without a date that a brief shows


@app.command()
def today(
    context: typer.Context,
    due_within: Annotated[
        str | None,
        typer.Option(
            "--due-within", metavar="3d", help="Only tasks that are due within this time: 3d, 2w."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print one line per item and nothing else.")
    ] = False,
    lang: options.Lang = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Show what is due today, what you will need soon, and what happened on this day.

    The exit status is 1 when there is nothing to show, for use in cron and shell prompts.

    \b
    Examples:
      ltm today
      ltm today --lang zh
      ltm today --due-within 3d --quiet
    """
    from ltm_cli.features import wording
    from ltm_cli.features.timeline import today as day

    tongue = options.language(lang)
    now = settings.now()
    with options.session(context, user, write=False) as memory:
        brief = day.brief(memory.store, now, options.days(due_within) if due_within else None)
    if json:
        console.document(brief.as_dict(now))
    elif quiet:
        for task in brief.due:
            console.line(one_line(wording.short(task, now, tongue)))
        for habit in brief.predicted:
            console.line(one_line(wording.habit(habit, now, tongue)))
        for record in brief.on_this_day:
            console.line(f"{console.time(record.at)} {console.text(record)}")
    elif brief:
        _told(brief, now, tongue)
    else:
        console.note(text_in(tongue, "Nothing is due today."))
    raise typer.Exit(Exit.OK if brief else Exit.NOTHING)


@app.command()
def habits(
    context: typer.Context,
    lang: options.Lang = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Show what you do regularly, and when it is next.

    A habit is something that you remembered at least three times, at regular intervals. On the time
    line, ● is when it was done, | today, ○ the expected next time.

    \b
    Examples:
      ltm habits
      ltm habits --json
    """
    from ltm_cli.features import wording
    from ltm_cli.features.habits import habits as habit

    tongue = options.language(lang)
    now = settings.now()
    with options.session(context, user, write=False) as memory:
        found = habit.find(memory.store, now)
    if json:
        console.document([one.as_dict() for one in found])
    else:
        for one in found:
            console.line(one_line(wording.habit(one, now, tongue)))
            console.line(
                f"  {wording.timeline(one.days, one.next, now)}  {one.count}×, {one.confidence:.2f}"
            )
    if not found:
        raise NothingFound(
            text("no habits found"),
            text("remember something at least three times, at regular intervals"),
        )


def _told(brief: Brief, now: datetime, lang: str) -> None:
    from ltm_cli.features import wording

    heads = [text_in(lang, head) for head in HEADS]
    dated = [task for task in brief.due if task.due is not None or task.is_left_over(now)]
    rest = [task for task in brief.due if task not in dated]
    if brief.due:
        console.line(heads[0])
        for task in dated + rest[:UNDATED]:
            console.line(f"  {task.id}  {one_line(wording.task(task, now, lang))}")
        if len(rest) > UNDATED:
            console.note(f"  {wording.more(len(rest) - UNDATED, lang)}")
    if brief.predicted:
        console.line(heads[1])
        for habit in brief.predicted:
            console.line(f"  {one_line(wording.habit(habit, now, lang))}")
    if brief.on_this_day:
        console.line(heads[2])
        for record in brief.on_this_day:
            console.line(f"  {console.time(record.at)}  {console.text(record)}")
