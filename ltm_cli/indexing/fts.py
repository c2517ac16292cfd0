"""The search index: terms -> memories, and the vocabulary that finds a keyword inside words.

Terms carry the number of their user, so the postings of one user are read without touching those
of another. The index keeps no copy of what it was given: `indexed` does, for deleting it again.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ltm_cli.core import task_status
from ltm_cli.core.record import Record
from ltm_cli.indexing import tokenizer
from ltm_cli.indexing.analysis import Analysis
from ltm_cli.indexing.derived import DerivedTable, Row

if TYPE_CHECKING:
    from ltm_cli.storage.store import Store

# A keyword found inside more words than this narrows nothing down.
MOST_WORDS = 500


def terms_of(analysis: Analysis) -> tuple[list[str], set[str]]:
    """(the terms that a memory is found by, some more than once; the words of its text)"""
    record = analysis.record
    terms, words = tokenizer.terms_and_words(record.content)
    if record.speaker:
        terms += _named(record.speaker)
    for tag in record.tags:
        if not task_status.is_mark(tag):
            terms += _named(tag)
    at = record.at
    own = [f"d{at[:4]}{at[5:7]}{at[8:10]}", f"m{at[:4]}{at[5:7]}", f"y{at[:4]}"]
    terms += own
    if analysis.spans:
        from ltm_cli.nlp import dates

        named = map(date_term, dates.search_tokens(analysis.spans))
        terms += [token for token in named if token not in own]
    return terms, words


@lru_cache(maxsize=1024)
def _named(name: str) -> tuple[str, ...]:
    """The terms of a speaker or tag, which memory after memory has."""
    return tuple(tokenizer.terms(name))


def date_term(token: str) -> str:
    """A date token in the form of the index, which keeps no hyphens."""
    return token.replace("-", "")


class TermsTable(DerivedTable):
    """The index, and `indexed`: what it holds of each memory, by which that is taken out again."""

    table = "indexed"
    columns = ("memory_id", "terms", "words", "length")

    def rows(self, user: int, analysis: Analysis) -> Iterable[Row]:
        terms, words = terms_of(analysis)
        distinct = dict.fromkeys(terms)
        yield analysis.record.id, " ".join(distinct), " ".join(sorted(words)), len(terms)

    def add(self, store: Store, found: Sequence[Analysis]) -> None:
        entries: list[tuple[int, str, str, int]] = []
        vocabulary: Counter[str] = Counter()
        for one in found:
            terms, words = terms_of(one)
            distinct = " ".join(dict.fromkeys(terms))
            entries.append((one.record.id, distinct, " ".join(sorted(words)), len(terms)))
            vocabulary.update(words)
        store.executemany(
            "INSERT INTO indexed (memory_id, terms, words, length) VALUES (?, ?, ?, ?)", entries
        )
        store.executemany(
            "INSERT INTO search (rowid, terms) VALUES (?, ?)",
            [(id, _prefixed(store.owner, terms)) for id, terms, *_ in entries],
        )
        store.executemany(
            "INSERT INTO words VALUES (?, ?, ?) ON CONFLICT (user_id, word)"
            " DO UPDATE SET memories = memories + excluded.memories",
            [(store.owner, word, times) for word, times in vocabulary.items()],
        )
        _count(store, len(entries), sum(entry[3] for entry in entries))

    def replace(self, store: Store, before: Record, after: Analysis) -> None:
        self.remove(store, [before.id])
        store.execute("DELETE FROM indexed WHERE memory_id = ?", [before.id])
        self.add(store, [after])

    def remove(self, store: Store, ids: Sequence[int]) -> None:
        entries = store.execute(
            "SELECT memory_id, indexed.terms, words, length FROM json_each(?)"
            " CROSS JOIN indexed ON memory_id = value"
            " JOIN memories ON memories.id = memory_id WHERE user_id = ?",
            (json.dumps(list(ids)), store.owner),
        ).fetchall()
        store.executemany(
            "INSERT INTO search (search, rowid, terms) VALUES ('delete', ?, ?)",
            [(id, _prefixed(store.owner, terms)) for id, terms, *_ in entries],
        )
        vocabulary = Counter(
            word for _, _, words, _ in entries for word in words.split(" ") if word
        )
        store.executemany(
            "UPDATE words SET memories = memories - ? WHERE user_id = ? AND word = ?",
            [(times, store.owner, word) for word, times in vocabulary.items()],
        )
        store.executemany(
            "DELETE FROM words WHERE user_id = ? AND word = ? AND memories <= 0",
            [(store.owner, word) for word in vocabulary],
        )
        _count(store, -len(entries), -sum(entry[3] for entry in entries))

    def clear(self, store: Store) -> None:
        """Empty the index, the vocabulary and the counts."""
        store.execute("INSERT INTO search (search) VALUES ('delete-all')")
        store.execute("DELETE FROM indexed")
        store.execute("DELETE FROM words")
        store.execute("UPDATE users SET memories = 0, terms = 0")

    def scrub(self, store: Store) -> None:
        """Drop deleted terms for good; without this FTS5 only marks them deleted."""
        store.execute("INSERT INTO search (search) VALUES ('optimize')")

    def disagreeing(self, store: Store, found: Sequence[Analysis]) -> int:
        """Memories of which the index or `indexed` does not hold what their texts give."""
        kept = {
            row[0]: tuple(row)
            for row in store.execute(
                "SELECT memory_id, terms, words, length FROM indexed"
                " WHERE memory_id IN (SELECT value FROM json_each(?))",
                [json.dumps([one.record.id for one in found])],
            )
        }
        wrong = 0
        for one in found:
            [row] = self.rows(store.owner, one)
            held = kept.get(one.record.id) == row
            wrong += not (held and holds(store, one.record.id, str(row[1]).split(" ")))
        return wrong


def _prefixed(user: int, terms: str) -> str:
    """Terms as they stand in the index: with the user in front of each."""
    return f"{user}_" + terms.replace(" ", f" {user}_")


def _count(store: Store, memories: int, terms: int) -> None:
    store.execute(
        "UPDATE users SET memories = memories + ?, terms = terms + ? WHERE id = ?",
        (memories, terms, store.owner),
    )


def size(store: Store) -> tuple[int, int]:
    """(memories, terms of all of them together): how many, and how long, documents are."""
    row = store.execute("SELECT memories, terms FROM users WHERE id = ?", [store.owner]).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def postings(store: Store, term: str, most: int) -> list[int]:
    """The newest ids of the memories that hold a term, newest first, at most `most`."""
    return _newest(store, _quoted(store.owner, term), most)


def joined(store: Store, term: str, others: Iterable[str], most: int) -> list[int]:
    """The newest ids of the memories that hold a term and one of the others."""
    either = " OR ".join(_quoted(store.owner, other) for other in others)
    return _newest(store, f"({either}) AND {_quoted(store.owner, term)}", most)


def frequency(store: Store, term: str, most: int = 10_000) -> int:
    """How many memories hold a term, counted up to `most`."""
    row = store.execute(
        "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)",
        (_quoted(store.owner, term), most),
    ).fetchone()
    return int(row[0])


def holding(store: Store, keyword: str) -> list[int] | None:
    """Every memory that could contain `keyword`, and some that do not; None: any could.

    `keyword` is folded. Its inner pieces stand in the text as whole pieces; the first and the last
    may be parts of longer words there, which the vocabulary names.
    """
    conditions = []
    for start, end, piece in tokenizer.pieces(keyword):
        if tokenizer.is_dense(piece):
            conditions.append(_quoted(store.owner, piece))
        elif start > 0 and end < len(keyword):
            conditions += [_quoted(store.owner, term) for term in tokenizer.terms(piece)]
        else:
            found = _words_with(store, piece)
            if len(found) <= MOST_WORDS:
                alternatives = {tokenizer.stem(word) for word in found} | {tokenizer.LONG_WORD}
                quoted = " OR ".join(_quoted(store.owner, term) for term in sorted(alternatives))
                conditions.append(f"({quoted})")
    if not conditions:
        return None
    query = " AND ".join(dict.fromkeys(conditions))
    return [
        row[0] for row in store.execute("SELECT rowid FROM search WHERE search MATCH ?", [query])
    ]


def every(store: Store, term: str) -> Iterator[int]:
    """The ids of all memories that hold a term."""
    rows = store.execute(
        "SELECT rowid FROM search WHERE search MATCH ?", [_quoted(store.owner, term)]
    )
    return (row[0] for row in rows)


def holds(store: Store, id: int, terms: Iterable[str]) -> bool:
    """Whether the index holds all of these terms for one memory."""
    match = " AND ".join(_quoted(store.owner, term) for term in terms)
    row = store.execute("SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?", (match, id))
    return row.fetchone() is not None


def years(store: Store) -> list[str]:
    """The terms of the years that memories of a user are of, or name."""
    with _vocabulary(store):
        rows = store.execute(
            "SELECT term FROM temp.search_terms WHERE term >= ? AND term < ?",
            (f"{store.owner}_y0", f"{store.owner}_y:"),
        )
        found = [row[0].partition("_")[2] for row in rows]
    return [term for term in found if re.fullmatch(r"y\d{4}", term)]


def disagreeing(everybody: Store) -> int:
    """How many terms and words, of all users, stand for another number of memories than there is.

    What is kept in `indexed` says how many; whether that is what the texts give, each memory tells.
    """
    terms: Counter[str] = Counter()
    words: Counter[tuple[int, str]] = Counter()
    for user, its_terms, its_words in everybody.execute(
        "SELECT user_id, terms, words FROM indexed JOIN memories ON memories.id = memory_id"
    ):
        terms.update(_prefixed(user, its_terms).split(" "))
        words.update((user, word) for word in its_words.split(" ") if word)
    with _vocabulary(everybody):
        indexed = dict(everybody.execute("SELECT term, doc FROM temp.search_terms"))
    known = {(row[0], row[1]): row[2] for row in everybody.execute("SELECT * FROM words")}
    return _different(terms, indexed) + _different(words, known)


def _different(wanted: Counter[Any], stored: dict[Any, int]) -> int:
    """How many keys have not the same number in both."""
    return sum(wanted[key] != stored.get(key, 0) for key in wanted.keys() | stored.keys())


@contextlib.contextmanager
def _vocabulary(store: Store) -> Iterator[None]:
    """The terms of the index as the table temp.search_terms."""
    store.execute("CREATE VIRTUAL TABLE temp.search_terms USING fts5vocab('main', 'search', 'row')")
    try:
        yield
    finally:
        store.execute("DROP TABLE temp.search_terms")


def _words_with(store: Store, piece: str) -> list[str]:
    """The words of the user's vocabulary that contain `piece`, at most MOST_WORDS + 1."""
    rows = store.execute(
        "SELECT word FROM words WHERE user_id = ? AND instr(word, ?) LIMIT ?",
        (store.owner, piece, MOST_WORDS + 1),
    )
    return [row[0] for row in rows]


def _newest(store: Store, match: str, most: int) -> list[int]:
    rows = store.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, most)
    )
    return [row[0] for row in rows]


def _quoted(user: int, term: str) -> str:
    return f'"{user}_{term}"'


def unindexed(everybody: Store) -> tuple[int, int]:
    """(memories that the index does not know by their day, entries of no memory), of all users."""
    missing = strangers = 0
    for _, name, _ in everybody.users():
        store = everybody.of(name)
        known: set[int] = set()
        rows = store.execute(
            "SELECT substr(at, 1, 10), id FROM memories WHERE user_id = ? ORDER BY at",
            [store.owner],
        )
        for day, group in itertools.groupby(rows, key=lambda row: str(row[0])):
            ids = {row[1] for row in group}
            missing += len(ids.difference(every(store, f"d{day.replace('-', '')}")))
            known |= ids
        # Each entry holds the year of its memory.
        found = {id for year in years(store) for id in every(store, year)}
        strangers += len(found - known)
    return missing, strangers
