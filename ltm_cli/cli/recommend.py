"""ltm recommend"""

from __future__ import annotations

from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import InputError, NothingFound
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


@app.command()
def recommend(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Option(
            "--from", metavar="FILE", help='File of candidates; "-" reads standard input.'
        ),
    ] = "-",
    limit: options.Limit = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Rank candidates by what fits you, and say why.

    One candidate per line: plain text, or JSON with "text" and optionally "id" and "tags". Things
    you have already done are left out, unless you do them regularly.

    \b
    Examples:
      ltm recommend --from exercises.txt
      ltm recommend --from videos.jsonl --limit 3 --json
      printf '%s\\n' "cat food" "printer paper" | ltm recommend
    """
    from ltm_cli.features.profile import recommend as ranking

    source = text("standard input") if file == "-" else file
    candidates = ranking.read(options.lines(file), source)
    if not candidates:
        raise InputError(
            text("{source} contains no candidates", source=source),
            text("give one candidate per line, as plain text or JSON"),
        )
    with options.session(context, user, write=False) as memory:
        found = ranking.recommend(memory.store, candidates, limit or ranking.LIMIT)
    if json:
        console.document([one.as_dict() for one in found])
    else:
        console.rows(
            (text("id"), text("candidate"), text("why")),
            (
                (
                    one.candidate.id, one.candidate.text,
                    f"{'; '.join(one.why)} [{', '.join(map(str, one.memories))}]",
                )
                for one in found
            ),
        )  # fmt: skip
    if not found:
        raise NothingFound(
            text("no candidate fits your memories"),
            text("ltm profile shows what is known about you"),
        )
