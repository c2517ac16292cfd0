"""The search index: terms -> memories, and the vocabulary that finds a keyword inside words.

Both are derived from the memories (see derived.py) and are
written in the same transaction. Terms carry the id of their user, so the postings of one user
are read without touching those of another.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from ltm_cli.core import task_status
from ltm_cli.core.record import Record
from ltm_cli.indexing import tokenizer

if TYPE_CHECKING:
    from ltm_cli.nlp.dates import Span

# A keyword found inside more words than this narrows nothing down.
MOST_WORDS = 500


def analysed(record: Record) -> tuple[set[str], set[str]]:
    """(the terms that a memory is found by, the words of its text)"""
    from ltm_cli.indexing import schedule  # what only writing needs is imported there

    terms, words = _analysed(record, schedule.read(record))
    return set(terms), words


def _analysed(record: Record, spans: list[Span]) -> tuple[list[str], set[str]]:
    """The terms of a memory that names these times, and the words of its text."""
    content = record.content
    terms, words = tokenizer.terms_and_words(content)
    if record.speaker:
        terms += _named(record.speaker)
    for tag in record.tags:
        if not task_status.is_mark(tag):
            terms += _named(tag)
    at = record.at
    own = [f"d{at[:4]}{at[5:7]}{at[8:10]}", f"m{at[:4]}{at[5:7]}", f"y{at[:4]}"]
    terms += own
    if spans:
        from ltm_cli.nlp import dates

        named = map(date_term, dates.named(spans))
        terms += [token for token in named if token not in own]
    return terms, words


@lru_cache(maxsize=1024)
def _named(name: str) -> tuple[str, ...]:
    """The terms of a speaker or tag, which memory after memory has."""
    return tuple(tokenizer.terms(name))


def date_term(token: str) -> str:
    """A date token in the form of the index, which keeps no hyphens."""
    return token.replace("-", "")


def add(
    db: sqlite3.Connection, user: int, records: Iterable[Record], spans: Iterable[list[Span]]
) -> None:
    """Index memories that are new; `spans` are the times that each names (ahead.read)."""
    _change(db, user, records, spans, +1)


def remove(db: sqlite3.Connection, user: int, records: Iterable[Record]) -> None:
    """Take memories, given as they were indexed, out of the index."""
    from ltm_cli.indexing import schedule

    given = list(records)
    _change(db, user, given, map(schedule.read, given), -1)


def postings(db: sqlite3.Connection, user: int, term: str, most: int) -> list[int]:
    """The newest ids of the memories that hold a term, newest first, at most `most`."""
    return _newest(db, _quoted(user, term), most)


def joined(
    db: sqlite3.Connection, user: int, term: str, others: Iterable[str], most: int
) -> list[int]:
    """The newest ids of the memories that hold a term and one of the others."""
    either = " OR ".join(_quoted(user, other) for other in others)
    return _newest(db, f"({either}) AND {_quoted(user, term)}", most)


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
    for start, end, piece in tokenizer.pieces(keyword):
        if tokenizer.is_dense(piece):
            conditions.append(_quoted(user, piece))
        elif start > 0 and end < len(keyword):
            conditions += [_quoted(user, term) for term in tokenizer.terms(piece)]
        else:
            found = _words_with(db, user, piece)
            if len(found) <= MOST_WORDS:
                alternatives = {tokenizer.stem(word) for word in found} | {tokenizer.LONG_WORD}
                quoted = " OR ".join(_quoted(user, term) for term in sorted(alternatives))
                conditions.append(f"({quoted})")
    if not conditions:
        return None
    query = " AND ".join(dict.fromkeys(conditions))
    return [row[0] for row in db.execute("SELECT rowid FROM search WHERE search MATCH ?", [query])]


def every(db: sqlite3.Connection, user: int, term: str) -> Iterator[int]:
    """The ids of all memories that hold a term."""
    rows = db.execute("SELECT rowid FROM search WHERE search MATCH ?", [_quoted(user, term)])
    return (row[0] for row in rows)


def holds(db: sqlite3.Connection, user: int, id: int, terms: Iterable[str]) -> bool:
    """Whether the index holds all of these terms for one memory."""
    match = " AND ".join(_quoted(user, term) for term in terms)
    row = db.execute("SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?", (match, id))
    return row.fetchone() is not None


def years(db: sqlite3.Connection, user: int) -> list[str]:
    """The terms of the years that memories of a user are of, or name."""
    with _vocabulary(db):
        rows = db.execute(
            "SELECT term FROM temp.search_terms WHERE term >= ? AND term < ?",
            (f"{user}_y0", f"{user}_y:"),
        )
        found = [row[0].partition("_")[2] for row in rows]
    return [term for term in found if re.fullmatch(r"y\d{4}", term)]


def frequencies(db: sqlite3.Connection) -> dict[str, int]:
    """How many memories the index holds for each term, user prefix included."""
    with _vocabulary(db):
        return dict(db.execute("SELECT term, doc FROM temp.search_terms"))


@contextlib.contextmanager
def _vocabulary(db: sqlite3.Connection) -> Iterator[None]:
    """The terms of the index as the table temp.search_terms."""
    db.execute("CREATE VIRTUAL TABLE temp.search_terms USING fts5vocab('main', 'search', 'row')")
    try:
        yield
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


def _change(
    db: sqlite3.Connection,
    user: int,
    records: Iterable[Record],
    spans: Iterable[list[Span]],
    sign: int,
) -> None:
    command = (
        "INSERT INTO search (rowid, terms) VALUES (?, ?)"
        if sign > 0
        else "INSERT INTO search (search, rowid, terms) VALUES ('delete', ?, ?)"
    )
    prefix, between = f"{user}_", f" {user}_"
    vocabulary: Counter[str] = Counter()
    indexed: list[tuple[int, str]] = []
    number = length = 0
    for record, named in zip(records, spans, strict=True):
        terms, words = _analysed(record, named)
        indexed.append((record.id, prefix + between.join(dict.fromkeys(terms))))
        vocabulary.update(words)
        number += 1
        length += len(terms)
    db.executemany(command, indexed)
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


def _newest(db: sqlite3.Connection, match: str, most: int) -> list[int]:
    rows = db.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, most)
    )
    return [row[0] for row in rows]


def _quoted(user: int, term: str) -> str:
    return f'"{user}_{term}"'
