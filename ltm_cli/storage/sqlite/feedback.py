"""What the user said of results: this memory was good, or bad, for that question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ltm_cli.core import settings
from ltm_cli.core.record import iso
from ltm_cli.storage.values import Judged, Judgement

if TYPE_CHECKING:
    from ltm_cli.storage.sqlite.store import SqliteStore


class SqliteFeedback:
    """What one user said of results."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._db = store.db

    @property
    def _user(self) -> int:
        return self._store.owner

    def give(self, question: str, memory: int, *, good: bool) -> bool:
        """Note a judgement; the last one on a question counts. False: no such memory."""
        cursor = self._db.execute(
            "INSERT INTO feedback (user_id, question, memory_id, good, made)"
            " SELECT user_id, ?, id, ?, ? FROM memories WHERE id = ? AND user_id = ?"
            " ON CONFLICT (user_id, question, memory_id)"
            " DO UPDATE SET good = excluded.good, made = excluded.made",
            (question, int(good), iso(settings.now()), memory, self._user),
        )
        return cursor.rowcount > 0

    def cite(self, question: str, memories: Sequence[int]) -> None:
        """Note that an answer rests on these memories; what the user said of them stays."""
        self._db.executemany(
            "INSERT INTO feedback (user_id, question, memory_id, good, made) VALUES (?, ?, ?, 1, ?)"
            " ON CONFLICT (user_id, question, memory_id) DO NOTHING",
            [(self._user, question, memory, iso(settings.now())) for memory in memories],
        )

    def cited(self) -> list[int]:
        """The memories that were good for some question, those good for the most first."""
        rows = self._db.execute(
            "SELECT memory_id FROM feedback WHERE user_id = ? AND good"
            " GROUP BY memory_id ORDER BY count(*) DESC, max(made) DESC",
            [self._user],
        )
        return [row[0] for row in rows]

    def citing(self, memories: Sequence[int]) -> list[int]:
        """The exchanges whose questions one of these memories was good for."""
        questions = {row[0] for row in self._db.execute(
            "SELECT question FROM feedback WHERE user_id = ? AND good"
            " AND memory_id IN (SELECT value FROM json_each(?))",
            (self._user, json.dumps(list(memories))),
        )}  # fmt: skip
        if not questions:
            return []
        return [row[0] for row in self._db.execute(
            "SELECT id FROM memories WHERE user_id = ? AND question IN"
            " (SELECT value FROM json_each(?))",
            (self._user, json.dumps(sorted(questions))),
        )]  # fmt: skip

    def judged(self) -> list[Judged]:
        """All questions of a user that have feedback, the oldest first."""
        found: dict[str, Judged] = {}
        for question, memory, good, made in self._db.execute(
            "SELECT question, memory_id, good, made FROM feedback WHERE user_id = ? ORDER BY rowid",
            [self._user],
        ):
            one = found.setdefault(question, Judged(question, made))
            (one.good if good else one.bad).add(memory)
        return list(found.values())

    def with_memory(self, memory: int, question: str | None) -> list[Judgement]:
        """What goes with a memory: judgements of it, and those for the question it asks."""
        rows = self._db.execute(
            "SELECT question, memory_id, good, made FROM feedback"
            " WHERE user_id = ? AND (memory_id = ? OR question = ?) ORDER BY rowid",
            (self._user, memory, question),
        )
        return [Judgement._make(row) for row in rows]

    def reword(self, before: str, after: str) -> None:
        """Let the judgements for a question be those for its new wording."""
        self._db.execute(
            "UPDATE OR REPLACE feedback SET question = ? WHERE user_id = ? AND question = ?",
            (after, self._user, before),
        )

    def drop(self, question: str) -> None:
        """Delete the judgements for a question that no memory asks any more."""
        if self._db.execute(
            "SELECT 1 FROM memories WHERE user_id = ? AND question = ? LIMIT 1",
            (self._user, question),
        ).fetchone():
            return
        self._db.execute(
            "DELETE FROM feedback WHERE user_id = ? AND question = ?", (self._user, question)
        )

    def restore(self, rows: Sequence[Sequence[object]]) -> None:
        """Put back what `with_memory` gave; the memories are there again."""
        self._db.executemany(
            "INSERT INTO feedback (user_id, question, memory_id, good, made)"
            " SELECT user_id, ?, id, ?, ? FROM memories WHERE id = ? AND user_id = ?"
            " ON CONFLICT (user_id, question, memory_id) DO NOTHING",
            [(question, good, made, memory, self._user) for question, memory, good, made in rows],
        )
