"""ltm timeline"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console, settings
from ltm_cli.core.errors import InputError, NothingFound, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.timeline.timeline import Timeline

app = typer.Typer(rich_markup_mode=None)


@app.command()
def timeline(
    context: typer.Context,
    since: options.Since = None,
    until: options.Until = None,
    svg: Annotated[
        str | None, typer.Option("--svg", metavar="FILE", help='Write a picture; "-" prints it.')
    ] = None,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help='Write a web page; "-" prints it.')
    ] = None,
    lang: options.Lang = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Show a calendar of your memories, deadlines and habits.

    It covers the last year. The more memories a day has, the darker it is. ▲ is a deadline (△ of a
    task that is done), ● a day on which a habit was done, ○ the next one. The web page is a single
    file that loads nothing from the network.

    \b
    Examples:
      ltm timeline
      ltm timeline --since 2020 --html life.html
      ltm timeline --svg - --lang zh > year.svg
    """
    from ltm_cli.features.timeline import timeline as core

    if sum(map(bool, (svg, html, json))) > 1:
        raise UsageError(
            text("--svg, --html and --json cannot be combined"), text("use only one of them")
        )
    tongue = options.language(lang)
    now = settings.now()
    begin = options.moment(since).date() if since else now.date() - timedelta(days=365)
    end = options.end(until).date() if until else None
    with options.session(context, user, write=False) as memory:
        found = core.timeline(memory.store, now, begin, end)
    if found is None:
        raise NothingFound(
            text("there are no memories from that time"), text("try an earlier --since")
        )
    if json:
        console.document(found.as_dict())
    elif svg or html:
        _written(found, svg, html, tongue)
    else:
        from ltm_cli.features.timeline import terminal

        console.picture(terminal.drawn(found, tongue))


def _written(found: Timeline, svg: str | None, html: str | None, lang: str) -> None:
    from ltm_cli.features.timeline import page

    drawn = page.svg(found, lang) if svg else page.html(found, lang)
    path = svg or html or "-"
    if path == "-":
        sys.stdout.write(drawn)
        return
    try:
        Path(path).write_text(drawn, "utf-8")
    except OSError as error:
        why = text("cannot write {path}: {reason}", path=path, reason=error.strerror)
        raise InputError(why, text("choose another FILE")) from None
    console.note(text("Wrote {path}.", path=path))
