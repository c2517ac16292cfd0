"""The search index: terms -> memories, and the vocabulary that finds a keyword inside words.

Both are derived from the memories (see derived.py) and are
written in the same transaction. Terms carry the id of their user, so the postings of one user
are read without touching those of another.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from ltm_cli.store.record import Record
from ltm_cli.text import segment

# A keyword found inside more words than this narrows nothing down.
MOST_WORDS = 500


def terms_of(record: Record) -> list[str]:
    """The terms a memory is found by: of its texts, its speaker and its tags."""
    found = segment.terms(record.content)
    if record.speaker:
        found += segment.terms(record.speaker)
    for tag in record.tags:
        found += segment.terms(tag)
    return found


def add(db: sqlite3.Connection, user: int, records: Iterable[Record]) -> None:
    """Index memories that are new."""
    _change(db, user, records, +1)


def remove(db: sqlite3.Connection, user: int, records: Iterable[Record]) -> None:
    """Take memories, given as they were indexed, out of the index."""
    _change(db, user, records, -1)


def postings(db: sqlite3.Connection, user: int, term: str, most: int) -> list[int]:
    """The newest ids of the memories that hold a term, newest first, at most `most`."""
    rows = db.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?",
        (_quoted(user, term), most),
    )
    return [row[0] for row in rows]


def frequency(db: sqlite3.Connection, user: int, term: str, most: int = 10_000) -> int:
    """How many memories hold a term, counted up to `most`."""
    row = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)",
        (_quoted(user, term), most),
    ).fetchone()
    return int(row[0])


def holding(db: sqlite3.Connection, user: int, keyword: str) -> list[int] | None:
    """Every memory that could contain `keyword`, and some that do not; None: any could.

    `keyword` is folded. Its inner pieces stand in the text as whole pieces; the first and the last
    may be parts of longer words there, which the vocabulary names.
    """
    conditions = []
    for match in segment.pieces(keyword):
        piece = match.group()
        if segment.is_dense(piece):
            conditions.append(_quoted(user, piece))
        elif match.start() > 0 and match.end() < len(keyword):
            conditions += [_quoted(user, term) for term in segment.terms(piece)]
        else:
            found = _words_with(db, user, piece)
            if len(found) <= MOST_WORDS:
                alternatives = {segment.stem(word) for word in found} | {segment.LONG_WORD}
                quoted = " OR ".join(_quoted(user, term) for term in sorted(alternatives))
                conditions.append(f"({quoted})")
    if not conditions:
        return None
    query = " AND ".join(dict.fromkeys(conditions))
    return [row[0] for row in db.execute("SELECT rowid FROM search WHERE search MATCH ?", [query])]


def frequencies(db: sqlite3.Connection) -> dict[str, int]:
    """How many memories the index holds for each term, user prefix included."""
    db.execute("CREATE VIRTUAL TABLE temp.search_terms USING fts5vocab('main', 'search', 'row')")
    try:
        return dict(db.execute("SELECT term, doc FROM temp.search_terms"))
    finally:
        db.execute("DROP TABLE temp.search_terms")


def clear(db: sqlite3.Connection) -> None:
    """Empty the index, the vocabulary and the counts."""
    db.execute("INSERT INTO search (search) VALUES ('delete-all')")
    db.execute("DELETE FROM words")
    db.execute("UPDATE users SET memories = 0, terms = 0")


def scrub(db: sqlite3.Connection) -> None:
    """Drop deleted terms from the index for good; without this FTS5 only marks them deleted."""
    db.execute("INSERT INTO search (search) VALUES ('optimize')")


def _change(db: sqlite3.Connection, user: int, records: Iterable[Record], sign: int) -> None:
    command = (
        "INSERT INTO search (rowid, terms) VALUES (?, ?)"
        if sign > 0
        else "INSERT INTO search (search, rowid, terms) VALUES ('delete', ?, ?)"
    )
    vocabulary: Counter[str] = Counter()
    number = length = 0
    for record in records:
        terms = terms_of(record)
        indexed = " ".join([f"{user}_{term}" for term in dict.fromkeys(terms)])
        db.execute(command, (record.id, indexed))
        vocabulary.update(segment.words(record.content))
        number += 1
        length += len(terms)
    db.executemany(
        "INSERT INTO words VALUES (?, ?, ?) ON CONFLICT (user_id, word)"
        " DO UPDATE SET memories = memories + excluded.memories",
        [(user, word, sign * times) for word, times in vocabulary.items()],
    )
    if sign < 0:
        db.executemany(
            "DELETE FROM words WHERE user_id = ? AND word = ? AND memories <= 0",
            [(user, word) for word in vocabulary],
        )
    db.execute(
        "UPDATE users SET memories = memories + ?, terms = terms + ? WHERE id = ?",
        (sign * number, sign * length, user),
    )


def _words_with(db: sqlite3.Connection, user: int, piece: str) -> list[str]:
    """The words of the user's vocabulary that contain `piece`, at most MOST_WORDS + 1."""
    rows = db.execute(
        "SELECT word FROM words WHERE user_id = ? AND instr(word, ?) LIMIT ?",
        (user, piece, MOST_WORDS + 1),
    )
    return [row[0] for row in rows]


def _quoted(user: int, term: str) -> str:
    return f'"{user}_{term}"'
