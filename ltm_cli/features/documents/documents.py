"""Documents: the passages of each are the memories of one session, which is its title.

A passage carries the tag `document`, the title and its headings as tags, and `title#position` as
its ref. They follow each other by id, for all of a document happened at one time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core import messages, settings
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.core.filter import Filter
from ltm_cli.core.record import DOCUMENT, Record, iso, normalised
from ltm_cli.features.documents.layout import Block
from ltm_cli.indexing.tokenizer import fold
from ltm_cli.nlp import sentences

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

# The least share of a document's sentences that its new version still holds.
KIN = 1 / 3
_BATCH = 100  # passages between two reports of progress


@dataclass(frozen=True)
class Document:
    """What was read: `at` is when it is of, `recorded` when it was read last."""

    title: str
    passages: int
    characters: int
    at: str
    recorded: str


@dataclass
class Stored:
    """What reading a document did to the passages that were remembered."""

    title: str
    passages: int
    added: int = 0
    changed: int = 0
    removed: int = 0


def store(
    store: Store,
    title: str,
    passages: Sequence[Block],
    *,
    at: str | None = None,
    tags: Sequence[str] = (),
    replaces: bool = False,
    progress: Callable[[int], None] = lambda size: None,
) -> Stored:
    """Store a document, or bring the one of this title up to date, in one transaction.

    Passages that are the same keep their ids. `at` is when the document is of: if not given, when
    it was first read. Raises UsageError for a text that has little in common with the document of
    its title, unless `replaces`.
    """
    done = Stored(title, len(passages))
    touched: list[int] = []
    with store.transaction():
        before = _passages(store, title)
        if before and not replaces and _kinship(before, passages) < KIN:
            raise UsageError(
                messages.text(
                    "there is already another document with the title {title}", title=title
                ),
                messages.text(
                    "choose another title with --title, or replace that document with --replace"
                ),
            )
        now = iso(settings.now())
        when = at or (before[0].at if before else now)
        after = [
            normalised(Record(
                text=text, at=when, recorded=now, session=title, user=store.user,
                tags=[DOCUMENT, title, *path, *tags], ref=f"{title}#{number}",
            ))
            for number, (path, text) in enumerate(passages, 1)
        ]  # fmt: skip
        edited, gone, fresh = _differences(before, after)
        if edited or gone or fresh:
            change = store.journal.begin("read")
            for old in (*(old for old, _ in edited), *gone):
                store.journal.keep(change, old)
                touched.append(old.id)
            for old, new in edited:
                store.memories.replace(replace(new, id=old.id))
                progress(1)
            store.memories.remove([old.id for old in gone])
            for new in fresh:
                store.memories.refuse_double(new, messages.text("the document was not stored"))
            for start in range(0, len(fresh), _BATCH):
                store.memories.add(fresh[start : start + _BATCH], change)
                progress(_BATCH)
        done.changed, done.removed, done.added = len(edited), len(gone), len(fresh)
    store.forgotten(touched)
    return done


def read(store: Store) -> list[Document]:
    """The documents of a user, by title."""
    return [Document(*row) for row in store.memories.sessions(DOCUMENT)]


def within(store: Store, name: str) -> Filter:
    """The filter that lets the passages of one document pass.

    `name` is its title, in any case and with or without the suffix of a file name, or a part of it
    that stands in no other title. Raises NothingFound, UsageError.
    """
    exact = _of(name)
    if any(store.memories.select(exact, newest=1)):
        return exact
    titles = [one.title for one in read(store)]
    wanted = {fold(name), fold(Path(name).stem)}
    found = [title for title in titles if fold(title) in wanted] or [
        title for title in titles if fold(name) in fold(title)
    ]
    if not found:
        raise NothingFound(
            messages.text("there is no document {name}", name=repr(name)),
            messages.text("see the documents with ltm read --list"),
        )
    if len(found) > 1:
        raise UsageError(
            messages.text("several documents match {name}: {titles}",
                 name=repr(name), titles=", ".join(found[:5])),
            messages.text("give more of the title"),
        )  # fmt: skip
    return _of(found[0])


def _of(title: str) -> Filter:
    return Filter(session=title, tags=(DOCUMENT,))


def _passages(store: Store, title: str) -> list[Record]:
    return list(store.memories.select(_of(title)))


def _differences(
    before: list[Record], after: list[Record]
) -> tuple[list[tuple[Record, Record]], list[Record], list[Record]]:
    """(old and new of those that changed in place, those that go, those that come).

    Where their number changes, all from the first difference on go and come again: passages are in
    the order of their ids.
    """
    pairs = [(old, new, _differ(old, new)) for old, new in zip(before, after, strict=False)]
    if [old.ref for old in before] == [new.ref for new in after]:
        return [(old, new) for old, new, differ in pairs if differ], [], []
    first = next((i for i, (_, _, differ) in enumerate(pairs) if differ), len(pairs))
    return [], before[first:], after[first:]


def _differ(old: Record, new: Record) -> bool:
    return (old.text, old.tags, old.at, old.ref) != (new.text, new.tags, new.at, new.ref)


def _kinship(before: Sequence[Record], after: Sequence[Block]) -> float:
    """The share of a document's sentences that stand in its new version, 0 to 1."""
    told = {s for record in before for s in sentences.split(record.text or "")}
    return len(told & {s for block in after for s in sentences.split(block.text)}) / max(
        1, len(told)
    )
