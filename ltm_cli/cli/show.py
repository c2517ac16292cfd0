"""How hits and answers are shown: what rests on what, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ltm_cli.core import console
from ltm_cli.core.messages import text
from ltm_cli.core.sanitize import one_line

if TYPE_CHECKING:
    from ltm_cli.answering.result import Source
    from ltm_cli.retrieval import Hit


def sources(found: Iterable[Source]) -> None:
    """The memories an answer rests on, on stderr: the answer alone is what a pipe wants."""
    for source in found:
        console.note(
            f"  [{source.id}] {console.time(source.at)}  {_shortened(one_line(source.text))}"
        )


def timings(found: dict[str, float]) -> None:
    """Milliseconds and counts of one answer, on stderr."""
    for key, value in found.items():
        console.note(f"  {key:17} {value:10.1f}")


def shares(found: dict[int, float]) -> None:
    """How much each memory had to say, on stderr; what is left had no memory to say it."""
    for id, share in sorted(found.items(), key=lambda one: -one[1]):
        console.note(f"  [{id}] {share:5.1%}")
    if found:
        console.note(text("  no memory {share}", share=f"{1 - sum(found.values()):5.1%}"))


def explained(hits: Iterable[Hit]) -> None:
    """Hits, each followed by what its score is made of."""
    for hit in hits:
        console.line(
            f"{hit.record.id}\t{hit.score:.3f}\t{console.time(hit.record.at)}\t{console.text(hit.record)}"
        )
        for key, value in hit.why.items():
            console.line(f"\t{key}: {one_line(_compact(value))}")


def _shortened(said: str, most: int = 100) -> str:
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def _compact(value: Any) -> str:
    """A value of an explanation in one line: 2.315, or term 1.2, term 0.4."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_compact(inner)}" for key, inner in value.items())
    if isinstance(value, float):
        return f"{value:.3f}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
