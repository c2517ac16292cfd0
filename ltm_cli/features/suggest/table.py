"""What `ltm suggest` reads: the newest texts that hold some words, and words by their beginning.

Apart from fts.py and memories.py because it has milliseconds: this imports nothing but SQLite.
"""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False  # as typing has it, without the time to import it
if TYPE_CHECKING:
    from ltm_cli.storage.store import Readable


def beginning(store: Readable, word: str, most: int) -> list[str]:
    """The user's most frequent words that begin with these folded letters."""
    rows = store.execute(
        "SELECT word FROM words WHERE user_id = ? AND word >= ? AND word < ?"
        " ORDER BY memories DESC LIMIT ?",
        (store.owner, word, word + "\U0010ffff", most),
    )
    return [row[0] for row in rows]


def holding(store: Readable, groups: Sequence[Sequence[str]], most: int) -> list[int]:
    """The newest memories that hold a term of each group, newest first."""
    match = " AND ".join(
        "(" + " OR ".join(f'"{store.owner}_{term}"' for term in group) + ")" for group in groups
    )
    rows = store.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, most)
    )
    return [row[0] for row in rows]


def newest(store: Readable, most: int) -> list[int]:
    rows = store.execute(
        "SELECT id FROM memories WHERE user_id = ? ORDER BY at DESC, id DESC LIMIT ?",
        (store.owner, most),
    )
    return [row[0] for row in rows]


def texts(store: Readable, ids: Sequence[int]) -> list[str]:
    """What the user has written in these memories: texts and questions, in the order of ids."""
    found = dict(
        store.execute(
            "SELECT memories.id, coalesce(text, question) FROM memories WHERE +user_id = ?"
            " AND NOT (kind = 'fact' AND ifnull(instr(text, ' · '), 0))"
            " AND (tags IS NULL OR tags NOT LIKE '%\"document\"%' AND tags NOT LIKE '%\"secret\"%')"
            f" AND id IN ({','.join(map(str, ids))})",
            [store.owner],
        )
    )
    return [found[id] for id in ids if id in found]
