"""ltm recall"""

from __future__ import annotations

import json as jsonlib
from typing import Annotated, Any

import typer

from ltm_cli import show
from ltm_cli.cli import options
from ltm_cli.errors import InputError, NothingFound, UsageError
from ltm_cli.settings import DEFAULT_USER

app = typer.Typer(rich_markup_mode=None)


@app.command()
def recall(
    context: typer.Context,
    query: Annotated[list[str] | None, typer.Argument(help="A question, or words.")] = None,
    keyword: Annotated[
        list[str] | None,
        typer.Option("--keyword", "-k", metavar="WORD", help="The text contains WORD; repeatable."),
    ] = None,
    since: options.Since = None,
    until: options.Until = None,
    on: options.On = None,
    kind: options.Kind = None,
    session: options.Session = None,
    tag: options.Tag = None,
    limit: options.Limit = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show why each was found.")] = False,
    batch: Annotated[
        str | None, typer.Option("--batch", metavar="FILE", help='JSONL queries; "-" reads them.')
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Find memories: ranked for a question, or all that contain a keyword.

    With neither, everything is listed in order of time.

    \b
    Examples:
      ltm recall "what does Mochi weigh?"
      ltm recall --keyword 天气
      ltm recall -k vet -k Mochi --since "last month"
      ltm recall 电影 --on 昨天 --json
    """
    from ltm_cli.recall.recall import recall as find

    which = options.filters(since, until, on, kind, session, tag)
    if any(not word for word in keyword or ()):
        raise UsageError("an empty --keyword stands in every text", "leave it out, or give a word")
    with options.opened(context, write=False) as db:
        if batch is not None:
            if query or keyword:
                raise UsageError("--batch excludes a query and --keyword", "give either")
            _batch(db, batch, user, which, limit)
            return
        asked = options.given(query, missing="") if query else None
        if asked is not None and not asked.strip():
            raise UsageError("the query is empty", "leave it out to list everything")
        hits = find(db, user, asked, keywords=keyword or (), which=which, limit=limit)
    if json:
        show.document([hit.as_dict() for hit in hits])
    elif explain and hits:
        show.explained(hits)
    else:
        show.records(hit.record for hit in hits)
    if not hits:
        raise NothingFound("nothing found", "other words may help; ltm list shows what is there")


def _batch(db: Any, path: str, user: str, which: Any, limit: int | None) -> None:
    """Answer JSONL queries in their order, each as soon as it is read."""
    from ltm_cli.recall.recall import recall as find
    from ltm_cli.text.clean import decoded, safe_json

    for number, line in enumerate(options.lines(path), 1):
        if not line.strip():
            continue
        try:
            asked = jsonlib.loads(decoded(line, "the line"))
        except jsonlib.JSONDecodeError as error:
            raise _unreadable(path, number, f"not JSON ({error.msg})") from None
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            raise _unreadable(path, number, "no 'query'")
        hits = find(
            db, asked.get("user") or user, asked["query"], which=which,
            limit=asked.get("limit") or limit,
        )  # fmt: skip
        answer = {"qid": asked.get("qid"), "results": [hit.as_dict() for hit in hits]}
        show.raw(safe_json(jsonlib.dumps(answer, ensure_ascii=False)))


def _unreadable(path: str, number: int, what: str) -> InputError:
    return InputError(
        f"{path}, line {number}: {what}", 'each line is {"qid": …, "query": …, "user"?, "limit"?}'
    )
