"""ltm profile"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.messages import text
from ltm_cli.core.settings import DEFAULT_USER

if TYPE_CHECKING:
    from ltm_cli.features.profile.profile import Profile

app = typer.Typer(rich_markup_mode=None)


@app.command()
def profile(
    context: typer.Context,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print as Markdown.")] = False,
    user: options.User = DEFAULT_USER,
    json: options.Json = False,
) -> None:
    """Show what your memories tell about you.

    Facts, preferences, topics, people and weak points, with the memories behind each; ltm show ID
    shows one of them.

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
        raise NothingFound(text("nothing is known yet"), text('begin with: ltm remember "…"'))


def _page(found: Profile, heading: str, item: str) -> Iterator[str]:
    """The profile as lines, the parts that are empty left out."""
    parts = {
        text("About you"): [
            f"{fact.attribute}: {fact.value} ({_day(fact.since)}{_ids(fact.memories)})"
            for fact in found.about
        ],
        text("Preferences"): [
            f"{fact.attribute} {fact.value} ({len(fact.memories)}×, {_day(fact.since)}"
            f"{_ids(fact.memories)})"
            for fact in found.preferences
        ],
        text("Weak points"): [
            text(
                "{topic}: {wrong} of {all} wrong ({last})",
                topic=one.topic,
                wrong=one.wrong,
                all=one.wrong + one.right,
                last=_last(one.last) + _ids(one.memories),
            )
            for one in found.weak
        ],
        text("Topics"): [f"{one.name}: {one.count}× ({_last(one.last)})" for one in found.topics],
        text("People"): [
            f"{one.name}: {one.count}× ({_last(one.last)}{_ids(one.memories)})"
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


def _last(at: str) -> str:
    return text("last {day}", day=_day(at))


def _ids(memories: list[int]) -> str:
    shown = ", ".join(map(str, memories[-5:]))
    return text("; memories {ids}", ids=shown) if shown else ""
