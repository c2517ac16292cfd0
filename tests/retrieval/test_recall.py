"""Ranked recall: real stores, both languages."""

from __future__ import annotations

from datetime import datetime

import pytest

from ltm_cli.core.filter import EVERYTHING, Filter
from ltm_cli.core.record import Record
from ltm_cli.indexing import fts
from ltm_cli.retrieval import candidates, query
from ltm_cli.retrieval.rank import rank
from ltm_cli.retrieval.recall import recall
from ltm_cli.retrieval.reranker import SideNet
from ltm_cli.storage.sqlite.store import SqliteStore

NOW = datetime(2024, 5, 25, 12)


def add(store: SqliteStore, *records: Record) -> list[int]:
    for number, record in enumerate(records):
        record.at = record.at or f"2024-05-01T10:{number:02}:00"
        record.recorded = record.at
    with store.transaction():
        return store.memories.add(records, 0)


def found(store: SqliteStore, query: str, **options: object) -> list[str]:
    hits = recall(store, query, now=NOW, **options)  # type: ignore[arg-type]
    return [hit.record.content for hit in hits]


def test_a_question_finds_its_answer_first(store: SqliteStore) -> None:
    add(store, Record("The rent is 900 euros."), Record("Mochi the cat weighs 3.8 kg."),
        Record("备用钥匙放在花盆下面。"), Record("妈妈的生日是六月十二日。"))  # fmt: skip
    assert found(store, "So how much does my cat weigh, then?")[0] == "Mochi the cat weighs 3.8 kg."
    assert found(store, "请问备用钥匙放在哪里来着？")[0] == "备用钥匙放在花盆下面。"


@pytest.mark.parametrize("query", ["", "?!", "。", "the of and", "不存在的吗", "\x00", '" OR *'])
def test_a_query_without_content_is_no_error(store: SqliteStore, query: str) -> None:
    add(store, Record("Dinner with Priya."))
    assert len(found(store, query)) <= 1


def test_a_very_long_query(store: SqliteStore) -> None:
    add(store, Record("Dinner with Priya."), Record("和小王吃了晚饭。"))
    filler = " ".join(f"word{i}" for i in range(12_000))
    assert found(store, "dinner with priya " + filler)[0] == "Dinner with Priya."
    assert found(store, "和小王吃晚饭" * 5000)[0] == "和小王吃了晚饭。"


@pytest.mark.parametrize(
    "query",
    ["What happened on 10 May 2024?", "2024/05/10", "5月10日做了什么？", "上上周五"],
)
def test_days_are_found_however_they_are_written(store: SqliteStore, query: str) -> None:
    add(store, Record("Fixed the bike.", at="2024-05-09T10:00:00"),
        Record("Swam in the lake.", at="2024-05-10T10:00:00"),
        Record("Baked bread.", at="2024-05-14T10:00:00"))  # fmt: skip
    assert found(store, query)[0] == "Swam in the lake."


def test_a_day_named_in_a_text_is_told_from_the_day_of_writing(store: SqliteStore) -> None:
    add(store, Record("Yesterday I met Lena.", at="2024-05-10T10:00:00"),
        Record("昨天去了植物园。", at="2024-05-03T10:00:00"))  # fmt: skip
    assert found(store, "2024-05-09")[0] == "Yesterday I met Lena."
    assert found(store, "2024年5月2日")[0] == "昨天去了植物园。"


def test_the_latest_comes_first_only_where_it_is_asked_for(store: SqliteStore) -> None:
    add(store, *(Record("Saw a film.", at=f"2024-0{month}-01T10:00:00") for month in range(1, 6)))
    newest = recall(store, "the latest film?", now=NOW)[0].record.at
    assert newest == "2024-05-01T10:00:00"


def test_an_answer_is_found_by_the_question_before_it(store: SqliteStore) -> None:
    said = [("Ann", "Did you take the new stove?"), ("Bo", "Yes, it broke on the first evening."),
            ("Ann", "What a pity."), ("Bo", "We had fun."), ("Ann", "Good night.")]  # fmt: skip
    add(store, *(Record(text, session="s", speaker=who) for who, text in said))
    assert "Yes, it broke on the first evening." in found(store, "What happened to Bo's stove?")[:2]


def test_what_the_best_memory_speaks_of_leads_to_the_next(store: SqliteStore) -> None:
    add(store, Record("我同事的电话是15504351297。"), Record("我舅舅姓王。"),
        Record("我同事姓陈。"), Record("我表哥姓李。"))  # fmt: skip
    assert found(store, "那个电话是15504351297的人，姓什么？")[:2] == [
        "我同事的电话是15504351297。", "我同事姓陈。",
    ]  # fmt: skip


def test_speakers_and_tags_are_searchable(store: SqliteStore) -> None:
    add(store, Record("Nice place.", tags=["travel"]), Record("Good food.", speaker="Priya"))
    assert found(store, "travel") == ["Nice place."]
    assert found(store, "Priya") == ["Good food."]


def test_filters_and_keywords_narrow_a_ranking(store: SqliteStore) -> None:
    add(store, Record("tea with Lena", at="2024-01-01T10:00:00"),
        Record("tea with Omar", at="2024-02-01T10:00:00"))  # fmt: skip
    assert found(store, "tea", which=Filter(since="2024-01-15")) == ["tea with Omar"]
    assert found(store, "tea", keywords=["lena"]) == ["tea with Lena"]


def test_users_never_see_each_other(store: SqliteStore) -> None:
    add(store.of("other"), Record("my secret garden"))
    add(store, Record("nothing here"))
    assert found(store, "secret garden") == []


def test_deleted_memories_leave_nothing_in_the_index(store: SqliteStore) -> None:
    ids = add(store, Record("Met Lena last Friday, 上周五。", speaker="Ann", tags=["friends"]))
    with store.transaction():
        store.memories.remove(ids)
    assert found(store, "Lena") == []
    assert store.execute("SELECT count(*) FROM words").fetchone()[0] == 0
    assert fts.postings(store, "d20240501", 10) == []


def test_common_terms_count_where_rarer_ones_are_held(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a budget for few postings, a term in every memory is joined with the rare one."""
    monkeypatch.setattr(candidates, "PROBE", 4)
    monkeypatch.setattr(candidates, "BUDGET", 12)
    common = [Record(f"coffee number{i}") for i in range(40)]
    add(store, Record("violin lesson"), Record("violin and coffee"), *common)
    ranking = rank(store, query.parse_query("violin coffee", NOW), EVERYTHING, 5, SideNet())
    assert [(term.text, term.how) for term in ranking.found.terms] == [
        ("violin", "all"), ("coffe", "joined"),
    ]  # fmt: skip
    masks = {c.record.text: c.mask for c in ranking.found.candidates}
    assert masks == {"violin and coffee": 0b11, "violin lesson": 0b01}


def test_explanations_add_up(store: SqliteStore) -> None:
    add(
        store,
        *(Record(t, session="s", speaker="Bo") for t in ("We sailed.", "To the island?", "Yes")),
    )
    for hit in recall(store, "Where did Bo sail?", now=NOW, explain=True):
        assert hit.score == pytest.approx(hit.why["base"] + hit.why["learned"], abs=0.01)
        assert sum(hit.why["contributions"].values()) == pytest.approx(hit.why["learned"], abs=0.1)
        assert set(hit.why["plan"]) >= set(hit.why["terms"])
