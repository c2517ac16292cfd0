"""ltm profile"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.profile.profile import Profile

app = typer.Typer(rich_markup_mode=None)


@app.command()
def profile(
    context: typer.Context,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Show what your memories say of you: facts, preferences, topics, people, weak points.

    Every entry names the memories behind it; ltm show ID shows them.

    \b
    Examples:
      ltm profile
      ltm profile --markdown > me.md
      ltm profile --json | jq '.weak_points[0]'
    """
    with options.session(context, user, write=False) as memory:
        found = memory.profile()
    if json:
        console.document(found.as_dict())
    else:
        for line in _page(found, "## " if markdown else "", "- " if markdown else "  "):
            console.line(line)
    if not any(found.as_dict().values()):
        raise NothingFound("nothing is known yet", 'begin with: ltm remember "…"')


def _page(found: Profile, heading: str, item: str) -> Iterator[str]:
    """The profile as lines, the parts that are empty left out."""
    parts = {
        "About you": [
            f"{fact.attribute}: {fact.value} ({_day(fact.since)}{_ids(fact.memories)})"
            for fact in found.about
        ],
        "Preferences": [
            f"{fact.attribute} {fact.value} ({len(fact.memories)}×, {_day(fact.since)}"
            f"{_ids(fact.memories)})"
            for fact in found.preferences
        ],
        "Weak points": [
            f"{one.topic}: {one.wrong} of {one.wrong + one.right} wrong (last {_day(one.last)}"
            f"{_ids(one.memories)})"
            for one in found.weak
        ],
        "Topics": [f"{one.name}: {one.count}× (last {_day(one.last)})" for one in found.topics],
        "People": [
            f"{one.name}: {one.count}× (last {_day(one.last)}{_ids(one.memories)})"
            for one in found.people
        ],
    }
    first = True
    for title, lines in parts.items():
        if lines:
            yield from ([] if first else [""])
            first = False
            yield f"{heading}{title}"
            yield from (item + line for line in lines)


def _day(at: str) -> str:
    return at[:10]


def _ids(memories: list[int]) -> str:
    shown = ", ".join(map(str, memories[-5:]))
    return f"; memories {shown}" if shown else ""
