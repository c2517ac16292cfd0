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
        str | None, typer.Option("--svg", metavar="FILE", help='A picture; "-" prints it.')
    ] = None,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help='A page; "-" prints it.')
    ] = None,
    lang: options.Lang = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Look at your memories: each day of the last year, what is due, what is done again and again.

    The fuller a day, the darker; ▲ is when something is due (△ done), ● when a habit was done, ○
    when it is next. A page is one file, that loads nothing from anywhere.

    \b
    Examples:
      ltm timeline
      ltm timeline --since 2020 --html life.html
      ltm timeline --svg - --lang zh > year.svg
    """
    from ltm_cli.features.timeline import timeline as core

    if sum(map(bool, (svg, html, json))) > 1:
        raise UsageError("--svg, --html and --json exclude each other", "give one")
    tongue = options.language(lang)
    now = settings.now()
    begin = options.moment(since).date() if since else now.date() - timedelta(days=365)
    end = options.end(until).date() if until else None
    with options.session(context, user, write=False) as memory:
        found = core.timeline(memory.store, now, begin, end)
    if found is None:
        raise NothingFound("nothing is remembered of that time", "another --since may help")
    if json:
        console.document(found.as_dict())
    elif svg or html:
        _written(found, svg, html, tongue)
    else:
        from ltm_cli.features.timeline import terminal

        console.picture(terminal.drawn(found, tongue))


def _written(found: Timeline, svg: str | None, html: str | None, lang: str) -> None:
    from ltm_cli.features.timeline import page

    text = page.svg(found, lang) if svg else page.html(found, lang)
    path = svg or html or "-"
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}", "choose another FILE") from None
    console.note(f"Wrote {path}.")
