"""ltm suggest"""

from __future__ import annotations

from typing import Annotated

import typer

from ltm_cli import show
from ltm_cli.cli import options
from ltm_cli.errors import NothingFound
from ltm_cli.settings import DEFAULT_USER
from ltm_cli.text.clean import one_line

app = typer.Typer(rich_markup_mode=None)


@app.command()
def suggest(
    context: typer.Context,
    prefix: Annotated[list[str], typer.Argument(metavar="PREFIX", help="What is typed so far.")],
    limit: options.Limit = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Complete what you are typing, from what you have written before: whole lines, best first.

    Made for a key binding; the README has one for bash, zsh and fish.

    \b
    Examples:
      ltm suggest "Took Mochi"
      ltm suggest -n 1 -- "$READLINE_LINE"
      ltm suggest 明天上海 --json
    """
    from ltm_cli.memory import suggest as completion

    with options.opened(context, write=False) as db:
        found = completion.suggest(db, user, " ".join(prefix), limit or completion.LIMIT)
    if json:
        show.document(found)
    else:
        for line in found:
            show.line(one_line(line))
    if not found:
        raise NothingFound("nothing like it was written before", "completions come from memories")
