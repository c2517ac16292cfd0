"""An import stores all lines before the bad one, or says which it is; what is stored is sound."""

from __future__ import annotations

import contextlib
import functools
import json
import sqlite3

from fuzz import text_of
from ltm_cli.core.errors import LtmError
from ltm_cli.core.filter import EVERYTHING
from ltm_cli.features.importers import transfer
from ltm_cli.features.registry import INDEXER
from ltm_cli.retrieval.recall import recall
from ltm_cli.storage.sqlite.connection import in_memory
from ltm_cli.storage.sqlite.store import SqliteStore
from ltm_cli.storage.store import Store
from tests.soundness import faults

_LINES = (
    {"text": "I have to send the report by Friday", "at": "2024-05-10T09:30:00", "tags": ["work"]},
    {"question": "明天上海天气如何？", "answer": "阴转小雨，18-22℃", "user": "anna", "ref": "a1"},
    {"id": 7, "kind": "task", "text": "5月8日之前交房租", "recorded": "2024-05-01T00:00:00Z"},
    {"text": "🍰 e\u0301té ﬁsh", "session": "s", "speaker": "Tom", "question": None, "extra": [1]},
)
SEEDS = [
    "\n".join(json.dumps(line, ensure_ascii=False) for line in _LINES).encode(),
    *(json.dumps(line).encode() for line in _LINES),
    b'\xef\xbb\xbf{"text": "a"}\r\n\r\n{"text": "\\ud800"}\n[]\n{"text": 1}',
    b'{"text":"' + b"[" * 50 + b'","tags":[["a"]],"at":"9999-12-31T23:59:59+00:00"}',
]


@functools.lru_cache(maxsize=1)
def _template() -> sqlite3.Connection:
    return in_memory(INDEXER, "").db


def empty() -> SqliteStore:
    """A store without memories, copied: making one takes 50 times as long."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    _template().backup(db)
    db.execute("PRAGMA foreign_keys = ON")
    return SqliteStore(db, "me", INDEXER)


def one(data: bytes) -> None:
    with empty() as store:
        for lenient in (False, True):
            with contextlib.suppress(LtmError):
                transfer.import_lines(store, data.splitlines(keepends=True), lenient=lenient)
        assert faults(store) == []
        with empty() as other:
            for _, user, _ in store.users():
                _round(store.of(user), other.of(user))
            assert faults(other) == []
        with contextlib.suppress(LtmError):
            recall(store, text_of(data[:200]))
            recall(store, keywords=[text_of(data[:20])])


def _round(store: Store, other: Store) -> None:
    """What is exported and imported elsewhere is the same, record for record."""
    lines = list(transfer.export_lines(store, EVERYTHING))
    done = transfer.import_lines(other, [line.encode() for line in lines])
    assert (done.added, done.known) == (len(lines), 0)
    copies = list(transfer.export_lines(other, EVERYTHING))
    assert sorted(map(_without_id, copies)) == sorted(map(_without_id, lines))


def _without_id(line: str) -> str:
    return json.dumps(json.loads(line) | {"id": 0})
