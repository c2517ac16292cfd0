"""ltm suggest"""

from __future__ import annotations

from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.messages import text
from ltm_cli.core.sanitize import one_line
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


@app.command()
def suggest(
    context: typer.Context,
    prefix: Annotated[list[str], typer.Argument(metavar="PREFIX", help="The text typed so far.")],
    limit: options.Limit = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Complete the text you are typing with lines you wrote before.

    The best comes first. Made for a key of your shell: see docs/guide/recipes.md.

    \b
    Examples:
      ltm suggest "Took Mochi"
      ltm suggest -n 1 -- "$READLINE_LINE"
      ltm suggest 明天上海 --json
    """
    from ltm_cli.features.suggest import suggest as completion

    with options.session(context, user, write=False) as memory:
        found = completion.suggest(memory.store, " ".join(prefix), limit or completion.LIMIT)
    if json:
        console.document(found)
    else:
        for line in found:
            console.line(one_line(line))
    if not found:
        raise NothingFound(
            text("no completion found"), text("completions come from your own memories")
        )
