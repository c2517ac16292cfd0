"""The user's own way of writing: their texts are memories of the kind "style", measured on demand.

Words they never want to write are memories of that kind with the tag `avoid`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ltm_cli.core import messages
from ltm_cli.core.errors import NothingFound
from ltm_cli.core.filter import Filter
from ltm_cli.core.record import Record
from ltm_cli.features.profile import phrases
from ltm_cli.features.style import measure
from ltm_cli.features.style.measure import Style
from ltm_cli.indexing import writer
from ltm_cli.retrieval.recall import recall

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

AVOID = "avoid"
_MARKS = {",": "comma", ".": "stop", "!": "exclamation", "?": "question", ";": "semicolon",
          "—": "dash", "…": "ellipsis", "(": "bracket", '"': "quotation"}  # fmt: skip


@dataclass
class Shown:
    """What `ltm style show` shows; rates are per 100 words, of Chinese per 100 characters."""

    texts: int
    sentence_length: float
    chinese: float  # share of the language mix
    formality: float
    greeting: str | None
    sign_off: str | None
    punctuation: dict[str, float] = field(default_factory=dict)
    emoji: dict[str, int] = field(default_factory=dict)
    phrases: list[str] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)
    avoided: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def learn(store: Store, texts: Sequence[str]) -> list[Record]:
    """Remember texts as the user's own; one change, undone as one."""
    records = [Record(text=text, kind="style") for text in texts]
    return writer.remember_all(store, records, "style learn")


def learn_tagged(store: Store, tag: str) -> list[Record]:
    """Take the memories with a tag for texts of the user's own. Raises NothingFound."""
    found = list(store.memories.select(Filter(tags=(tag,))))
    if not found:
        raise NothingFound(
            messages.text("no memory has the tag {tag}", tag=tag),
            messages.text("list the memories of a tag with ltm list --tag TAG"),
        )
    changed = [record for record in found if record.kind != "style" and record.text is not None]
    with store.transaction():
        change = store.journal.begin("style learn")
        for record in changed:
            store.journal.keep(change, record)
            record.kind = "style"
            store.memories.replace(record)
    return found


def avoid(store: Store, words: Sequence[str]) -> list[Record]:
    """Remember words that no draft may use."""
    records = [Record(text=word, kind="style", tags=[AVOID]) for word in words]
    return writer.remember_all(store, records, "style avoid")


def own(store: Store) -> list[Record]:
    """The user's own texts, oldest first. Raises NothingFound when there are none."""
    found = [record for record in _all(store) if AVOID not in record.tags]
    if not found:
        raise NothingFound(
            messages.text("there are no texts of your own yet"),
            messages.text("add some with ltm style learn FILE, or --from-tag TAG"),
        )
    return found


def avoided(store: Store) -> list[str]:
    return [record.text or "" for record in _all(store) if AVOID in record.tags]


def measured(records: Sequence[Record]) -> Style:
    return measure.measure(record.text or "" for record in records)


def closest(store: Store, request: str, most: int) -> list[Record]:
    """The user's own texts that are nearest to what is to be written; else the newest."""
    which = Filter(kinds=("style",), secrets=False)
    hits = recall(store, request, which=which, limit=most + 5)
    found = [hit.record for hit in hits if AVOID not in hit.record.tags]
    rest = [record for record in reversed(own(store)) if record.id not in {r.id for r in found}]
    return [*found, *rest][:most]


def shown(store: Store) -> Shown:
    """The measurable habits of the user's own texts, with examples."""
    records = own(store)
    found = measured(records)
    texts = [record.text or "" for record in records]
    favourites = [phrase for phrase, _ in phrases.frequent(texts, least=2)][:8]
    nearest = sorted(records, key=lambda record: measure.distance(record.text or "", found))[:3]
    return Shown(
        texts=len(records),
        sentence_length=round(found.sentence_length, 1),
        chinese=round(found.han / (found.units or 1), 2),
        formality=round(found.formality, 2),
        greeting=(found.has(found.greetings) or "").replace("\n", " …", 1) or None,
        sign_off=(found.has(found.sign_offs) or "").replace("\n", " / ") or None,
        punctuation={name: round(rate, 1) for mark, name in _MARKS.items()
                     if (rate := found.rate(f"p {mark}"))},
        emoji=dict(found.emoji.most_common(5)),
        phrases=favourites,
        examples=[{"id": record.id, "text": record.text} for record in nearest],
        avoided=avoided(store),
    )  # fmt: skip


def _all(store: Store) -> list[Record]:
    found = store.memories.select(Filter(kinds=("style",), secrets=False))
    return [record for record in found if record.text is not None]
