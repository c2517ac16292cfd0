"""ltm recall"""

from __future__ import annotations

import json as jsonlib
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import InputError, NothingFound, UsageError
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.retrieval.reranker import SideNet
    from ltm_cli.retrieval.semantic import Dense
    from ltm_cli.storage.sqlite.memories import Filter

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
    inside: options.In = None,
    tag: options.Tag = None,
    limit: options.Limit = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show why each was found.")] = False,
    secrets: options.Secrets = False,
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
    from ltm_cli.retrieval.recall import recall as find

    which = options.filters(since, until, on, kind, session, tag)
    if any(not word for word in keyword or ()):
        raise UsageError("an empty --keyword stands in every text", "leave it out, or give a word")
    with options.opened(context, write=False) as db:
        which = options.within(db, user, inside, which)
        if batch is not None:
            if query or keyword:
                raise UsageError("--batch excludes a query and --keyword", "give either")
            with options.dense(context) as dense:
                _batch(context, db, batch, user, which, limit, dense, secrets)
            return
        asked = options.given(query, missing="") if query else None
        if asked is not None and not asked.strip():
            raise UsageError("the query is empty", "leave it out to list everything")
        net = options.ranking(context, db, user) if asked else None
        with options.dense(context) as dense:
            hits = find(
                db, user, asked, keywords=keyword or (), which=which, limit=limit, net=net,
                dense=dense, explain=explain,
            )  # fmt: skip
    shown = console.masked((hit.record for hit in hits), secrets)
    hits = [replace(hit, record=one) for hit, one in zip(hits, shown, strict=True)]
    if json:
        console.document([hit.as_dict() for hit in hits])
    elif explain and hits:
        console.explained(hits)
    else:
        console.records(shown)
    if not hits:
        raise NothingFound("nothing found", "other words may help; ltm list shows what is there")


def _batch(
    context: typer.Context,
    db: sqlite3.Connection,
    path: str,
    user: str,
    which: Filter,
    limit: int | None,
    dense: Dense | None,
    secrets: bool,
) -> None:
    """Answer JSONL queries in their order, each as soon as it is read."""
    from ltm_cli.core.record import moment
    from ltm_cli.core.sanitize import decoded, json_value, safe_json
    from ltm_cli.retrieval.recall import LIMIT
    from ltm_cli.retrieval.recall import recall as find

    nets: dict[str, SideNet] = {}
    for number, line in enumerate(options.lines(path), 1):
        if not line.strip():
            continue
        try:
            asked = json_value(decoded(line, "the line"))
        except ValueError as error:
            raise _unreadable(path, number, f"not JSON ({error})") from None
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            raise _unreadable(path, number, "no 'query'")
        whose = str(asked.get("user") or user)
        if whose not in nets:
            nets[whose] = options.ranking(context, db, whose)
        try:
            now = moment(asked["at"]) if asked.get("at") else None
            most = int(asked.get("limit") or limit or LIMIT)
        except (ValueError, TypeError, OverflowError):
            raise _unreadable(path, number, "'at' is no time, or 'limit' no number") from None
        if most < 1:
            raise _unreadable(path, number, "'limit' is not at least 1")
        hits = find(
            db, whose, asked["query"], which=which, limit=most, now=now, net=nets[whose],
            dense=dense,
        )  # fmt: skip
        if not secrets:
            hits = [replace(hit, record=hit.record.masked) for hit in hits]
        answer = {"qid": asked.get("qid"), "results": [hit.as_dict() for hit in hits]}
        console.raw(safe_json(jsonlib.dumps(answer, ensure_ascii=False)))


def _unreadable(path: str, number: int, what: str) -> InputError:
    return InputError(
        f"{path}, line {number}: {what}", 'each line is {"qid": …, "query": …, "user"?, "limit"?}'
    )
