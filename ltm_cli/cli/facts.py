"""ltm facts list, set, find, drop, history, why"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.messages import text
from ltm_cli.core.record import iso
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.facts.facts import Fact

app = typer.Typer(rich_markup_mode=None)
facts = typer.Typer(rich_markup_mode=None)
app.add_typer(facts, name="facts")

Past = Annotated[bool, typer.Option("--history", help="Include facts that are no longer true.")]
Subject = Annotated[
    str | None, typer.Argument(metavar="SUBJECT", help='Whose facts: me, Tom, "my sister".')
]
FactId = Annotated[
    int, typer.Argument(metavar="ID", help="Number of a fact, as ltm facts list shows it.")
]


@facts.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    past: Past = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Facts that your memories state about you, people and things.

    \b
    Examples:
      ltm facts
      ltm facts --history --json
      ltm facts list "my sister"
    """
    if context.invoked_subcommand is None:
        _list(context, None, past, user, json)


@facts.command("list")
def list_(
    context: typer.Context,
    subject: Subject = None,
    past: Past = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """List the facts that are true now.

    \b
    Examples:
      ltm facts list
      ltm facts list 张三
      ltm facts list me --history
    """
    _list(context, subject, past, user, json)


@facts.command("set")
def set_(
    context: typer.Context,
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help='What the fact is about: me, Tom, "my sister".')
    ],
    attribute: Annotated[
        str,
        typer.Argument(metavar="ATTRIBUTE", help='What is stated: home, phone, "wifi password".'),
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its value.")],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WHEN", help="Since when it is true (default: now)."),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """State a fact. It is remembered as a memory of the kind "fact".

    \b
    Examples:
      ltm facts set me home Lisbon --at 2024-03-01
      ltm facts set cabin "wifi password" heron-42
      ltm facts set 我妹妹 生日 5月20日
    """
    from ltm_cli.features.facts import facts as known

    when = iso(options.moment(at)) if at else ""
    with options.session(context, user, write=True) as memory:
        found = known.state(memory.store, [known.Statement(subject, attribute, value, when)])
    _print(found, json=json, one=True)
    options.embed(context)


@facts.command()
def find(
    context: typer.Context,
    ids: Annotated[
        list[int] | None,
        typer.Argument(metavar="[ID...]", help="Memories to search (default: the newest)."),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", "-n", metavar="N", min=1, help="How many of the newest memories to search."
        ),
    ] = 20,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Keep all proposals without asking.")
    ] = False,
    model: options.Model = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Let the model propose facts from memories in which the rules found none.

    Each value is quoted from its memory. A proposal is kept if you agree, on a terminal or with
    --yes, and is forgotten together with its memory. Use a larger model than the bundled one, which
    is often wrong.

    \b
    Examples:
      ltm facts find
      ltm facts find 12 14 --yes
      ltm facts find --limit 100 --model qwen2.5-3b-instruct-q4_k_m.gguf
    """
    from ltm_cli.cli import proposals
    from ltm_cli.features.facts import proposals as fact_proposals
    from ltm_cli.indexing import writer

    with options.session(context, user, write=True) as memory:
        if ids:
            records = writer.fetch(memory.store, list(dict.fromkeys(ids)))
        else:
            records = fact_proposals.unread(memory.store, limit)
        if not records:
            raise NothingFound(
                text("facts were found in all memories"),
                text("ltm facts find ID searches a memory again"),
            )
        found = proposals.find(memory, records, model)
        if not found:
            raise NothingFound(
                text("the model proposed no facts"), text("state one with ltm facts set")
            )
        if json:
            kept = proposals.keep(memory, found) if yes else found
            console.document([one.as_dict() for one in kept])
        else:
            console.rows(
                (text("memory"), text("subject"), text("attribute"), text("value")),
                ((str(one.memory), one.subject, one.attribute, one.value) for one in found),
            )
            proposals.offer(memory, found, yes=yes)
    options.embed(context)


@facts.command()
def drop(
    context: typer.Context, id: FactId, user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:  # fmt: skip
    """Remove a fact that is not true. The memories that state it stay.

    ltm undo brings it back.

    \b
    Examples:
      ltm facts drop 7
    """
    from ltm_cli.features.facts import facts as known

    with options.session(context, user, write=True) as memory:
        found = known.drop(memory.store, id)
    if json:
        console.document(found.as_dict())
    else:
        console.note(text("Removed: {fact} (ltm undo brings it back).", fact=_sentence(found)))
    options.embed(context)


@facts.command()
def history(
    context: typer.Context,
    subject: Subject = None,
    attribute: Annotated[
        str | None,
        typer.Argument(metavar="ATTRIBUTE", help="Only this attribute: home, phone, 生日."),
    ] = None,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """List facts, including those that are no longer true, oldest first.

    \b
    Examples:
      ltm facts history me home
      ltm facts history 张三
    """
    _list(context, subject, True, user, json, attribute)


@facts.command()
def why(
    context: typer.Context, id: FactId, user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:  # fmt: skip
    """Show the memories that state a fact.

    \b
    Examples:
      ltm facts why 7
      ltm facts why 7 --json
    """
    from ltm_cli.features.facts import facts as known

    with options.session(context, user, write=False) as memory:
        found = known.find(memory.store, id)
        sources = known.sources(memory.store, found)
    if json:
        console.document({**found.as_dict(), "memories": [record.as_dict() for record in sources]})
    else:
        console.line(_sentence(found))
        console.records(sources)


def _list(
    context: typer.Context,
    subject: str | None,
    past: bool,
    user: str,
    json: bool,
    attribute: str | None = None,
) -> None:
    from ltm_cli.features.facts import facts as known
    from ltm_cli.features.facts.extraction import ATTRIBUTES

    chosen = known.history if past else known.current
    wanted = [ATTRIBUTES.get(attribute.casefold(), attribute)] if attribute else []
    subject = "me" if subject in ("I", "我") else subject
    with options.session(context, user, write=False) as memory:
        found = chosen(memory.store, subject, wanted)
    _print(found, json=json)
    if not found:
        raise NothingFound(
            text("no facts found"), text('add one: ltm remember "I live in …", or ltm facts set')
        )


def _print(found: list[Fact], *, json: bool, one: bool = False) -> None:
    if json:
        documents = [fact.as_dict() for fact in found]
        console.document(documents[0] if one else documents)
        return
    console.rows(
        (
            text("id"),
            text("subject"),
            text("attribute"),
            text("value"),
            text("from"),
            text("to"),
        ),
        (
            (
                str(fact.id), fact.subject, fact.attribute, fact.value, console.time(fact.since),
                console.time(fact.until) if fact.until else "",
            )
            for fact in found
        ),
    )  # fmt: skip
    if disputed := [fact for fact in found if fact.disputed]:
        ids = ", ".join(str(fact.id) for fact in disputed)
        console.note(
            text(
                "Facts {ids} contradict each other: remove the wrong one with ltm facts drop ID.",
                ids=ids,
            )
        )


def _sentence(fact: Fact) -> str:
    said, since = f"{fact.subject} · {fact.attribute} = {fact.value}", console.time(fact.since)
    if not fact.until:
        return text("{fact}, since {since}", fact=said, since=since)
    until = console.time(fact.until)
    return text("{fact}, from {since} to {until}", fact=said, since=since, until=until)
