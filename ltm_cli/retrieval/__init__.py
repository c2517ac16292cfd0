"""Finding memories: a query -> ranked memories, each with its why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ltm_cli.core.record import Record


@dataclass(frozen=True)
class Hit:
    """A memory that was found. `why` names what its score is made of."""

    record: Record
    score: float
    why: dict[str, Any] = field(default_factory=dict)

    @property
    def masked(self) -> Hit:
        """The hit as it may be shown unasked: of a secret, without its texts."""
        return replace(self, record=self.record.masked)

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape: id, ref, score, why, then the rest of the record."""
        record = self.record.as_dict()
        head = {"id": record.pop("id"), "ref": record.pop("ref")}
        return {**head, "score": round(self.score, 4), "why": self.why, **record}
