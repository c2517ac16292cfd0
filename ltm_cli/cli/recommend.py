"""ltm recommend"""

from __future__ import annotations

from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import InputError, NothingFound
from ltm_cli.core.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


@app.command()
def recommend(
    context: typer.Context,
    file: Annotated[
        str, typer.Option("--from", metavar="FILE", help='The candidates; "-" reads them.')
    ] = "-",
    limit: options.Limit = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Rank candidates for you, each with its reason and the memories behind it.

    One candidate a line: plain text, or JSON with "text" and perhaps "id" and "tags". What you
    have done is not recommended again, unless you do it again and again.

    \b
    Examples:
      ltm recommend --from exercises.txt
      ltm recommend --from videos.jsonl --limit 3 --json
      printf '%s\\n' "cat food" "printer paper" | ltm recommend
    """
    from ltm_cli.features.profile import recommend as ranking

    source = "standard input" if file == "-" else file
    candidates = ranking.read(options.lines(file), source)
    if not candidates:
        raise InputError(f"{source} holds no candidates", "one a line: plain text or JSON")
    with options.session(context, user, write=False) as memory:
        found = ranking.recommend(memory.store, candidates, limit or ranking.LIMIT)
    if json:
        console.document([one.as_dict() for one in found])
    else:
        console.rows(
            ("id", "candidate", "why"),
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
            "none of them fits what is remembered", "ltm profile shows what is known"
        )
