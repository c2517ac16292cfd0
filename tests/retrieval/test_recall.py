"""Ranked recall: real stores, both languages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime

import pytest

from ltm_cli.core.record import Record
from ltm_cli.indexing import fts
from ltm_cli.retrieval import candidates
from ltm_cli.retrieval.rank import rank
from ltm_cli.retrieval.recall import recall
from ltm_cli.retrieval.reranker import SideNet
from ltm_cli.storage.sqlite import memories
from ltm_cli.storage.sqlite.connection import in_memory
from ltm_cli.storage.sqlite.memories import Filter
from ltm_cli.storage.sqlite.transaction import transaction

NOW = datetime(2024, 5, 25, 12)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """An empty store in memory."""
    connection = in_memory()
    yield connection
    connection.close()


def add(db: sqlite3.Connection, *records: Record, user: str = "me") -> list[int]:
    with transaction(db):
        for number, record in enumerate(records):
            record.at = record.at or f"2024-05-01T10:{number:02}:00"
            record.recorded = record.at
        return memories.add(db, memories.ensure_user(db, user), records, 0)


def found(db: sqlite3.Connection, query: str, **options: object) -> list[str]:
    hits = recall(db, "me", query, now=NOW, **options)  # type: ignore[arg-type]
    return [hit.record.content for hit in hits]


def test_a_question_finds_its_answer_first(db: sqlite3.Connection) -> None:
    add(db, Record("The rent is 900 euros."), Record("Mochi the cat weighs 3.8 kg."),
        Record("备用钥匙放在花盆下面。"), Record("妈妈的生日是六月十二日。"))  # fmt: skip
    assert found(db, "So how much does my cat weigh, then?")[0] == "Mochi the cat weighs 3.8 kg."
    assert found(db, "请问备用钥匙放在哪里来着？")[0] == "备用钥匙放在花盆下面。"


@pytest.mark.parametrize("query", ["", "?!", "。", "the of and", "不存在的吗", "\x00", '" OR *'])
def test_a_query_without_content_is_no_error(db: sqlite3.Connection, query: str) -> None:
    add(db, Record("Dinner with Priya."))
    assert len(found(db, query)) <= 1


def test_a_very_long_query(db: sqlite3.Connection) -> None:
    add(db, Record("Dinner with Priya."), Record("和小王吃了晚饭。"))
    filler = " ".join(f"word{i}" for i in range(12_000))
    assert found(db, "dinner with priya " + filler)[0] == "Dinner with Priya."
    assert found(db, "和小王吃晚饭" * 5000)[0] == "和小王吃了晚饭。"


@pytest.mark.parametrize(
    "query",
    ["What happened on 10 May 2024?", "2024/05/10", "5月10日做了什么？", "上上周五"],
)
def test_days_are_found_however_they_are_written(db: sqlite3.Connection, query: str) -> None:
    add(db, Record("Fixed the bike.", at="2024-05-09T10:00:00"),
        Record("Swam in the lake.", at="2024-05-10T10:00:00"),
        Record("Baked bread.", at="2024-05-14T10:00:00"))  # fmt: skip
    assert found(db, query)[0] == "Swam in the lake."


def test_a_day_named_in_a_text_is_told_from_the_day_of_writing(db: sqlite3.Connection) -> None:
    add(db, Record("Yesterday I met Lena.", at="2024-05-10T10:00:00"),
        Record("昨天去了植物园。", at="2024-05-03T10:00:00"))  # fmt: skip
    assert found(db, "2024-05-09")[0] == "Yesterday I met Lena."
    assert found(db, "2024年5月2日")[0] == "昨天去了植物园。"


def test_the_latest_comes_first_only_where_it_is_asked_for(db: sqlite3.Connection) -> None:
    add(db, *(Record("Saw a film.", at=f"2024-0{month}-01T10:00:00") for month in range(1, 6)))
    newest = recall(db, "me", "the latest film?", now=NOW)[0].record.at
    assert newest == "2024-05-01T10:00:00"


def test_an_answer_is_found_by_the_question_before_it(db: sqlite3.Connection) -> None:
    said = [("Ann", "Did you take the new stove?"), ("Bo", "Yes, it broke on the first evening."),
            ("Ann", "What a pity."), ("Bo", "We had fun."), ("Ann", "Good night.")]  # fmt: skip
    add(db, *(Record(text, session="s", speaker=who) for who, text in said))
    assert "Yes, it broke on the first evening." in found(db, "What happened to Bo's stove?")[:2]


def test_what_the_best_memory_speaks_of_leads_to_the_next(db: sqlite3.Connection) -> None:
    add(db, Record("我同事的电话是15504351297。"), Record("我舅舅姓王。"), Record("我同事姓陈。"),
        Record("我表哥姓李。"))  # fmt: skip
    assert found(db, "那个电话是15504351297的人，姓什么？")[:2] == [
        "我同事的电话是15504351297。", "我同事姓陈。",
    ]  # fmt: skip


def test_speakers_and_tags_are_searchable(db: sqlite3.Connection) -> None:
    add(db, Record("Nice place.", tags=["travel"]), Record("Good food.", speaker="Priya"))
    assert found(db, "travel") == ["Nice place."]
    assert found(db, "Priya") == ["Good food."]


def test_filters_and_keywords_narrow_a_ranking(db: sqlite3.Connection) -> None:
    add(db, Record("tea with Lena", at="2024-01-01T10:00:00"),
        Record("tea with Omar", at="2024-02-01T10:00:00"))  # fmt: skip
    assert found(db, "tea", which=Filter(since="2024-01-15")) == ["tea with Omar"]
    assert found(db, "tea", keywords=["lena"]) == ["tea with Lena"]


def test_users_never_see_each_other(db: sqlite3.Connection) -> None:
    add(db, Record("my secret garden"), user="other")
    add(db, Record("nothing here"))
    assert found(db, "secret garden") == []


def test_deleted_memories_leave_nothing_in_the_index(db: sqlite3.Connection) -> None:
    ids = add(db, Record("Met Lena last Friday, 上周五。", speaker="Ann", tags=["friends"]))
    user = memories.user_id(db, "me")
    assert user is not None
    with transaction(db):
        memories.remove(db, user, ids)
    assert found(db, "Lena") == []
    assert db.execute("SELECT count(*) FROM words").fetchone()[0] == 0
    assert fts.postings(db, user, "d20240501", 10) == []


def test_common_terms_count_where_rarer_ones_are_held(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a budget for few postings, a term in every memory is joined with the rare one."""
    monkeypatch.setattr(candidates, "PROBE", 4)
    monkeypatch.setattr(candidates, "BUDGET", 12)
    common = [Record(f"coffee number{i}") for i in range(40)]
    add(db, Record("violin lesson"), Record("violin and coffee"), *common)
    user = memories.user_id(db, "me")
    assert user is not None
    ranking = rank(db, user, "violin coffee", Filter(), 5, NOW, SideNet())
    assert [(term.text, term.how) for term in ranking.found.terms] == [
        ("violin", "all"), ("coffe", "joined"),
    ]  # fmt: skip
    masks = {c.record.text: c.mask for c in ranking.found.candidates}
    assert masks == {"violin and coffee": 0b11, "violin lesson": 0b01}


def test_explanations_add_up(db: sqlite3.Connection) -> None:
    add(
        db, *(Record(t, session="s", speaker="Bo") for t in ("We sailed.", "To the island?", "Yes"))
    )
    for hit in recall(db, "me", "Where did Bo sail?", now=NOW, explain=True):
        assert hit.score == pytest.approx(hit.why["base"] + hit.why["learned"], abs=0.01)
        assert sum(hit.why["contributions"].values()) == pytest.approx(hit.why["learned"], abs=0.1)
        assert set(hit.why["plan"]) >= set(hit.why["terms"])
