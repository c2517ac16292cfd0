"""What is forgotten is gone: with what was drawn from it, whoever reads, whenever a process dies.

bench/residue.py searches every byte after memories went through everything; here are the ways in
which forgetting could stop half-way.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.indexing import writer
from ltm_cli.kvcache import entries
from ltm_cli.session import Session
from ltm_cli.storage.sqlite import journal
from ltm_cli.storage.sqlite.store import SqliteStore
from tests.conftest import Ltm

SECRETS = ("zyxwvut", "quixotry", "摩羯", "天蝎")
LATER = "2024-06-11T20:00:01"
FORGETTING = """
import os, signal, sys
from pathlib import Path
from ltm_cli.kvcache import cache
from ltm_cli.session import Session
from ltm_cli.storage.sqlite import journal

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

home, point = Path(sys.argv[1]), sys.argv[2]
with Session.open(home, "me", write=True) as session:
    if point == "before any file is deleted":
        cache.delete_memories = die
    elif point == "before the log is emptied":
        journal.empty_log = die
    else:
        journal.erased = die
    session.forget([1], now=True)
"""


def left(home: Path) -> list[str]:
    """The secrets that stand anywhere under the home, and files of the bank of memory 1."""
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    forms = ("utf-8", "utf-16-le", "utf-16-be")
    found = [one for one in SECRETS if any(one.encode(form) in everything for form in forms)]
    return found + [path.name for path in home.rglob("1-*.kv")]


def remembered(ltm: Ltm) -> None:
    ltm("remember", "the passphrase is zyxwvut, 摩羯座的秘密 🐐")
    ltm("edit", "1", "the passphrase is quixotry, 天蝎座的秘密 🦂")
    (ltm.home / "bank").mkdir()
    entries.save(ltm.home / "bank" / "1-abc.kv", {"tokens": [1]}, b"state")
    ltm("remember", "an ordinary sentence that stays, 留下的话")


@pytest.mark.parametrize(
    "point", ["before any file is deleted", "before the log is emptied", "before that is noted"]
)
def test_a_process_that_dies_leaves_it_to_the_next_command(ltm: Ltm, point: str) -> None:
    remembered(ltm)
    done = subprocess.run(
        [sys.executable, "-c", FORGETTING, str(ltm.home), point],
        env=ltm.environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    if point == "before any file is deleted":
        assert "1-abc.kv" in left(ltm.home)
    [kept] = ltm.json("list")  # which only reads
    assert kept["text"].startswith("an ordinary")
    assert left(ltm.home) == []


def test_a_reader_of_the_log_is_named_and_the_next_command_finishes(ltm: Ltm) -> None:
    remembered(ltm)
    reader = sqlite3.connect(ltm.home / "memory.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM memories").fetchone()
    done = ltm("forget", "1", "--now", "--yes")
    assert "Another ltm process is still reading" in done.stderr
    assert left(ltm.home)
    reader.close()
    ltm("recall", "ordinary")
    assert left(ltm.home) == []


def test_a_day_later_it_is_gone_though_nobody_writes(ltm: Ltm) -> None:
    remembered(ltm)
    ltm("forget", "1", "--yes")
    ltm("list")
    assert left(ltm.home)  # undo would need it
    ltm("list", LTM_NOW=LATER)
    assert left(ltm.home) == []
    assert "nothing to undo" in ltm("undo", LTM_NOW=LATER, status=1).stderr


def test_what_undo_takes_back_is_gone(ltm: Ltm) -> None:
    ltm("remember", "a slip of the hand: zyxwvut 摩羯")
    ltm("remember", "it stays")
    ltm("edit", "2", "quixotry 天蝎")
    for _ in range(2):
        ltm("undo")
    ltm("undo")
    assert left(ltm.home) == []


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("The password of the cabin is quixotry-42.", "What is the password of the cabin?"),
        ("小屋的密码是摩羯九七。🐐", "小屋的密码是什么？"),
    ],
)  # fmt: skip
def test_answers_that_quote_a_memory_go_with_it(ltm: Ltm, text: str, question: str) -> None:
    ltm("remember", text)
    ltm("remember", "Tom moved to Lisbon 🍰")
    ltm("ask", question, "--no-llm")
    ltm("ask", "Where did Tom move to?", "--no-llm", "--new")
    ltm("forget", "1", "--keep-answers", "--yes")
    assert [one["id"] for one in ltm.json("list")] == [2, 3, 4]
    ltm("undo")
    done = ltm("forget", "1", "--yes")
    assert "because it quotes this: 3" in done.stderr
    assert [one["id"] for one in ltm.json("list")] == [2, 4]
    assert len(ltm.json("undo")["restored"]) == 2
    assert len(ltm.json("forget", "1", "--now", "--yes")) == 2
    assert left(ltm.home) == []


def test_answers_that_quote_an_earlier_form_go_with_it(ltm: Ltm) -> None:
    ltm("remember", "The wifi password of the cabin is zyxwvut.")
    ltm("ask", "What is the wifi password of the cabin?", "--no-llm")
    ltm("edit", "1", "I no longer go to the hut.")
    ltm("forget", "1", "--now", "--yes")
    assert left(ltm.home) == []


def test_the_same_elsewhere_is_told(ltm: Ltm) -> None:
    ltm("remember", "Tom moved to Lisbon 里斯本")
    ltm("remember", "He said: tom moved to Lisbon 里斯本, in May")
    assert "ltm forget 2" in ltm("forget", "1", "--yes").stderr


def test_forget_all_can_be_undone_and_with_now_leaves_not_even_the_name(ltm: Ltm) -> None:
    ltm("remember", "mine")
    guest = ["--user", "Zyxwvut·摩羯"]
    ltm("remember", "of quixotry", *guest)
    ltm("edit", "2", "of 天蝎", *guest)
    ltm("forget", "--all", *guest, status=2)  # nobody can be asked here
    ltm("forget", "--all", "2", "--yes", *guest, status=2)
    ltm("forget", "--all", "--yes", *guest)
    ltm("list", *guest, status=1)
    ltm("undo", *guest)
    assert [one["text"] for one in ltm.json("list", *guest)] == ["of 天蝎"]
    (ltm.home / "sidenet").mkdir()
    weights = ltm.home / "sidenet" / "2.json"
    weights.write_text('{"format": 1, "weights": {}}')
    ltm("forget", "--all", "--now", "--yes", *guest)
    everything = b"".join(path.read_bytes() for path in ltm.home.rglob("*") if path.is_file())
    for word in ("Zyxwvut", "摩羯", "天蝎", "quixotry"):
        assert word.encode() not in everything
    assert not weights.exists()
    assert [one["text"] for one in ltm.json("list")] == ["mine"]
    ltm("forget", "--all", "--now", "--yes", *guest, status=1)


def test_what_is_unchanged_is_what_was_read_and_nobody_changes_it_meanwhile(
    store: SqliteStore, home: Path
) -> None:
    with Session(Settings(home), "me", write=True) as session:
        other = session.store
        other.execute("PRAGMA busy_timeout = 0")
        first = writer.remember(store, Record(text="第一 one"))
        second = writer.remember(store, Record(text="two"))
        with store.unchanged([first, second]) as unchanged:
            assert unchanged
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        writer.edit(other, second.id, text="changed")
        with store.unchanged([second]) as unchanged:
            assert not unchanged
        writer.forget(other, [first.id], now=True)
        with store.unchanged([first]) as unchanged:
            assert not unchanged
        other.execute("BEGIN IMMEDIATE")
        with store.unchanged([]) as unchanged:
            assert not unchanged  # what cannot be known is not kept


def test_judgements_go_and_come_back_with_their_memory(store: SqliteStore, home: Path) -> None:
    first = writer.remember(store, Record(text="one 一"))
    asked = writer.remember(store, Record(question="quixotry?", answer="one", tags=["asked"]))
    store.feedback.give("quixotry?", first.id, good=True)
    before = store.feedback.judged()
    writer.forget(store, [first.id], answers=False)
    assert store.feedback.judged() == []
    writer.undo(store)
    assert store.feedback.judged() == before
    writer.forget(store, [first.id], answers=False)  # its judgement is in the journal
    writer.forget(store, [asked.id], now=True)
    store.close()
    assert left(home) == []


def test_the_journal_names_what_is_left(store: SqliteStore) -> None:
    assert journal.erasing(store.db) is None
    stored = writer.remember(store, Record(text="x"))
    writer.forget(store, [stored.id], now=True)
    assert journal.erasing(store.db) is None
    assert not journal.is_due(store.db)
    assert store.users() == [(1, "me", 0)]
