"""ltm recall"""

from __future__ import annotations

import json as jsonlib
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options, show
from ltm_cli.core import console
from ltm_cli.core.errors import InputError, NothingFound, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.core.filter import Filter
    from ltm_cli.session import Session

app = typer.Typer(rich_markup_mode=None)


@app.command()
def recall(
    context: typer.Context,
    query: Annotated[
        list[str] | None, typer.Argument(help="A question, or words to look for.")
    ] = None,
    keyword: Annotated[
        list[str] | None,
        typer.Option(
            "--keyword",
            "-k",
            metavar="WORD",
            help="Only texts that contain WORD; repeatable: all must match.",
        ),
    ] = None,
    since: options.Since = None,
    until: options.Until = None,
    on: options.On = None,
    kind: options.Kind = None,
    session: options.SessionName = None,
    inside: options.In = None,
    tag: options.Tag = None,
    limit: options.Limit = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show why each memory was found.")
    ] = False,
    secrets: options.Secrets = False,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch", metavar="FILE", help='A JSONL file of queries; "-" reads standard input.'
        ),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Find memories, by a question or by keywords.

    A question ranks memories by how well they fit; --keyword lists all that contain the word, the
    newest last. With neither, all memories are listed in order of time.

    \b
    Examples:
      ltm recall "what does Mochi weigh?"
      ltm recall --keyword 天气
      ltm recall -k vet -k Mochi --since "last month"
      ltm recall 电影 --on 昨天 --json
    """
    which = options.filters(since, until, on, kind, session, tag)
    if any(not word for word in keyword or ()):
        raise UsageError(text("--keyword is empty"), text("give a word, or leave it out"))
    if batch is not None and (query or keyword):
        raise UsageError(
            text("--batch cannot be combined with a query or --keyword"),
            text("use only one of them"),
        )
    with options.session(context, user, write=False) as memory:
        which = options.within(memory, inside, which)
        if batch is not None:
            _batch(memory, batch, which, limit, secrets)
            return
        asked = options.given(query, missing="") if query else None
        if asked is not None and not asked.strip():
            raise UsageError(text("the query is empty"), text("leave it out to list all memories"))
        hits = memory.recall(
            asked,
            keywords=keyword or (),
            which=which,
            limit=limit,
            explain=explain,
            secrets=secrets,
        )
    console.hidden((hit.record for hit in hits), secrets)
    if json:
        console.document([hit.as_dict() for hit in hits])
    elif explain and hits:
        show.explained(hits)
    else:
        console.records([hit.record for hit in hits])
    if not hits:
        raise NothingFound(
            text("nothing found"), text("try other words; ltm list shows all memories")
        )


def _batch(memory: Session, path: str, which: Filter, limit: int | None, secrets: bool) -> None:
    """Answer JSONL queries in their order, each as soon as it is read."""
    from ltm_cli.core.record import moment
    from ltm_cli.core.sanitize import decoded, json_value, safe_json
    from ltm_cli.retrieval.recall import LIMIT

    whose = {memory.user: memory}
    for number, line in enumerate(options.lines(path), 1):
        if not line.strip():
            continue
        try:
            asked = json_value(decoded(line, text("the line")))
        except ValueError as error:
            raise _unreadable(path, number, text("not JSON ({error})", error=error)) from None
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            raise _unreadable(path, number, text("no 'query'"))
        user = str(asked.get("user") or memory.user)
        if user not in whose:
            whose[user] = memory.of(user)
        try:
            now = moment(asked["at"]) if asked.get("at") else None
            most = int(asked.get("limit") or limit or LIMIT)
        except (ValueError, TypeError, OverflowError):
            raise _unreadable(
                path, number, text("'at' is not a time, or 'limit' is not a number")
            ) from None
        if most < 1:
            raise _unreadable(path, number, text("'limit' must be at least 1"))
        hits = whose[user].recall(asked["query"], which=which, limit=most, now=now, secrets=secrets)
        answer = {"qid": asked.get("qid"), "results": [hit.as_dict() for hit in hits]}
        console.raw(safe_json(jsonlib.dumps(answer, ensure_ascii=False)))


def _unreadable(path: str, number: int, what: str) -> InputError:
    return InputError(
        text("{path}, line {number}: {what}", path=path, number=number, what=what),
        text('each line must be {"qid": …, "query": …, "user"?, "at"?, "limit"?}'),
    )
