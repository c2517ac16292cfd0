"""Facts: what a text states, what holds now, and that nothing derived outlives its memory."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltm_cli.core.record import Record
from ltm_cli.features.facts import extraction as fact_extraction
from ltm_cli.features.facts import facts as known
from ltm_cli.features.importers import transfer
from ltm_cli.features.registry import INDEXER
from ltm_cli.indexing import writer
from ltm_cli.storage.sqlite import format, rebuild
from ltm_cli.storage.sqlite.store import SqliteStore
from tests.conftest import NOW, Ltm
from tests.soundness import faults

PIECES = st.sampled_from(
    "I|I'm|my|My sister|Tom|我|我的|我妹妹|张三|live in|moved to|love|hate|is|born|住在|喜欢"
    "|讨厌|对|过敏|的生日是|的电话是|叫|Lisbon|杭州|tea|花生|5 May|5月20日|13800138000|not|不"
    "|if|如果|?|？|,|，|.|。| and |和"
    '|🐈|\n|“|”|"'.split("|")
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=6), max_size=30).map(" ".join) | st.text())
@settings(max_examples=400, deadline=None)
def test_nothing_is_invented(text: str) -> None:
    for one in fact_extraction.find(text):
        assert one.value
        assert one.value in text
        assert one.subject == fact_extraction.ME or one.subject.casefold() in text.casefold()


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("We both enjoy cycling, jazz and old films.", ["cycling", "jazz", "old films"]),
        ("我喜欢爬山、游泳和摄影📷", ["爬山", "游泳", "摄影"]),
        ("I love it when you do that.", []),
        ("Unconditional love is rare. Sounds like a plan!", []),
        ("我喜欢他们的新歌", []),
        ("I like stories that scare me.", []),
    ],
)
def test_likings(text: str, stated: list[str]) -> None:
    assert [one.value for one in fact_extraction.find(text)] == stated


def test_who_speaks_is_who_it_is_about(store: SqliteStore) -> None:
    writer.remember(store, Record(text="I live in Rome.", speaker="Caroline"))
    writer.remember(store, Record(question="我住在杭州。明天天气？", answer="我住在云端。晴。"))
    assert {(one.subject, one.value) for one in known.current(store)} == {
        ("Caroline", "Rome"), ("me", "杭州"),
    }  # fmt: skip


def test_it_is_himself_within_one_sentence_and_nobody_across_sentences() -> None:
    found = fact_extraction.find("李雷是我的同事，其生日是5月6日。他住在北京。He lives in Rome.")
    assert [(one.subject, one.attribute, one.value) for one in found] == [
        ("李雷", "relation", "同事"), ("李雷", "birthday", "5月6日"),
    ]  # fmt: skip


BEFORE, MOVED = "2023-05-01", "2024-05-02"


def said(ltm: Ltm, *texts: tuple[str, str]) -> None:
    for at, text in texts:
        ltm("remember", text, "--at", at)


def test_a_new_value_takes_the_place_of_the_old_one(ltm: Ltm) -> None:
    said(ltm, ("2023-01-01", "I live in Leeds."), ("2024-02-01", "I moved to Lisbon!"),
         ("2023-06-01", "I'm living in Bristol now."))  # fmt: skip
    [home] = ltm.json("facts")
    assert list(home)[:6] == ["id", "subject", "attribute", "value", "from", "to"]
    assert (home["value"], home["memories"], home["to"]) == ("Lisbon", [2], None)
    chain = ltm.json("facts", "history", "me", "home")
    assert [(one["value"], (one["to"] or "")[:10]) for one in chain] == [
        ("Leeds", "2023-06-01"), ("Bristol", "2024-02-01"), ("Lisbon", ""),
    ]  # fmt: skip
    assert ltm.json("facts", "--history") == chain
    ltm("forget", "2", "--yes")
    assert ltm.json("facts")[0]["value"] == "Bristol"
    ltm("undo")
    assert ltm.json("facts")[0]["value"] == "Lisbon"


def test_love_and_hate_are_both_kept_with_their_dates(ltm: Ltm) -> None:
    said(ltm, ("2023-01-01", "I love olives."), ("2024-01-01", "I hate olives."))
    past, now = ltm.json("facts", "--history")
    assert (past["attribute"], past["to"]) == ("likes", "2024-01-01T00:00:00")
    assert (now["attribute"], now["to"]) == ("dislikes", None)


def test_set_drop_why_and_undo(ltm: Ltm) -> None:
    said(ltm, ("2024-05-01", "小屋的wifi密码是heron-42。"), ("2024-05-02", "Tom lives in Leeds."))
    ltm("facts", "set", "小屋", "wifi密码", "otter-17 🦦", "--at", "2024-05-03")
    old, new = ltm.json("facts", "history", "小屋")
    assert (old["value"], new["value"], new["attribute"]) == (
        "heron-42", "otter-17 🦦", "wifi password",
    )  # fmt: skip
    assert "heron-42。" in ltm("facts", "why", str(old["id"])).stdout
    [tom] = ltm.json("facts", "list", "Tom")
    assert ltm.json("facts", "why", str(tom["id"]))["memories"][0]["text"] == "Tom lives in Leeds."
    ltm("facts", "drop", str(tom["id"]))
    ltm("facts", "list", "Tom", status=1)
    ltm("facts", "history", "Tom", status=1)
    ltm("facts", "drop", str(tom["id"]), status=1)
    assert "Undone: facts drop (0 restored, 1 removed)." in ltm("undo").stderr
    assert ltm.json("facts", "list", "tom") == [tom]
    ltm("facts", "drop", str(tom["id"]))
    said(ltm, ("2024-06-01", "Tom lives in Leeds."))  # said again: it holds again
    assert ltm.json("facts", "list", "Tom")[0]["from"] == "2024-06-01T00:00:00"
    ltm("facts", "set", "小屋", "wifi密码", "lynx-3")
    undone = ltm.json("undo")
    assert (undone["action"], len(undone["removed"])) == ("facts set", 1)
    ltm("facts", "set", "a = b", "home", "x", status=2)
    ltm("facts", "set", "me", "home", " ", status=2)
    ltm("facts", "why", "999", status=1)


def test_what_contradicts_itself_on_one_day_is_not_preferred(ltm: Ltm) -> None:
    said(ltm, ("2024-05-01", "My phone number is 0612345678."),
         ("2024-05-01", "My phone number is 0687654321."))  # fmt: skip
    listed = ltm("facts")
    assert "contradict" in listed.stderr
    assert len(listed.stdout.splitlines()) == 2
    assert ltm.json("ask", "What is my phone number?", "--no-llm")["reader"] == "quote"
    ltm("facts", "set", "me", "phone", "0687654321", "--at", "2024-05-01")
    assert [one["value"] for one in ltm.json("facts")] == ["0687654321"]
    assert ltm.json("ask", "What is my phone number?", "--no-llm")["answer"] == (
        "0687654321, since 2024-05-01. Before: 0612345678 (2024-05-01 to 2024-05-01)."
    )


@pytest.mark.parametrize(
    ("question", "answer", "sources"),
    [
        ("Where do I live?", f"深圳, since {MOVED}. Before: Leeds ({BEFORE} to {MOVED}).", [2, 1]),
        ("我住哪？", f"深圳（{MOVED} 起）。之前：Leeds（2023-05-01 至 {MOVED}）。", [2, 1]),
        ("Where did I live before?", "Leeds (2023-05-01 to 2024-05-02).", [1]),
        ("我以前住在哪儿", "Leeds（2023-05-01 至 2024-05-02）。", [1]),
        ("张三的电话是多少？", "13800138000。", [3]),
        ("What's Tom's birthday?", "5 May.", [4]),
        ("what do I like?", "爬山, jazz.", [5, 6]),
        ("我喜欢什么", "爬山、jazz。", [5, 6]),
        ("What is the wifi password of the cabin?", "heron-42.", [7]),
    ],
)  # fmt: skip
def test_ask_answers_from_facts(ltm: Ltm, question: str, answer: str, sources: list[int]) -> None:
    said(ltm, ("2023-05-01", "I live in Leeds."), ("2024-05-02", "我搬到深圳了"),
         ("2024-05-03", "张三的电话是 13800138000。"), ("2024-05-04", "Tom's birthday is 5 May"),
         ("2024-05-05", "我喜欢爬山"), ("2024-05-06", "I love jazz."),
         ("2024-05-07", "The wifi password of the cabin is heron-42."))  # fmt: skip
    found = ltm.json("ask", question, "--new", "--no-remember")
    assert (found["answer"], found["reader"]) == (answer, "facts")
    assert [source["id"] for source in found["sources"]] == sources


def test_as_of_a_day_what_came_later_is_not_known(ltm: Ltm) -> None:
    said(ltm, ("2023-05-01", "I live in Leeds."), ("2024-05-02", "I moved to Lisbon."))
    then = ltm.json("ask", "Where do I live?", "--at", "2023-06-01", "--no-remember")
    assert then["answer"] == "Leeds."


def test_facts_of_one_user_are_not_another_s(ltm: Ltm) -> None:
    ltm("remember", "I live in Leeds.", "--user", "anna")
    ltm("facts", status=1)
    ltm("facts", "why", "1", status=1)
    assert ltm.json("facts", "--user", "anna")[0]["value"] == "Leeds"


def test_what_is_forgotten_at_once_leaves_no_byte(ltm: Ltm) -> None:
    ltm("remember", "I live in Zyxwvut. 我对摩羯花粉过敏。")
    assert len(ltm.json("facts")) == 2
    ltm("forget", "1", "--now", "--yes")
    everything = b"".join(p.read_bytes() for p in ltm.home.rglob("*") if p.is_file())
    for secret in ("Zyxwvut", "zyxwvut", "摩羯"):
        assert secret.encode() not in everything


def test_facts_are_a_function_of_the_memories(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTM_NOW", NOW)  # what happens at the same time, import takes for the same
    texts = [
        "I live in Leeds.",
        "我住在杭州。",
        "no fact 🐈",
        "I love tea and jazz",
        "Tom's age is 9",
    ]
    rng = random.Random(1)
    for _ in range(60):
        mine = [row[0] for row in store.execute("SELECT id FROM memories")]
        action = rng.choice("remember edit forget undo import".split())
        if action == "remember" or not mine:
            writer.remember(store, Record(text=rng.choice(texts)))
        elif action == "edit":
            writer.edit(store, rng.choice(mine), text=rng.choice(texts))
        elif action == "forget":
            writer.forget(store, [rng.choice(mine)])
        elif action == "undo":
            writer.undo(store)
        else:
            transfer.import_lines(store, [f'{{"text": "{rng.choice(texts)}"}}'.encode()])
        assert faults(store) == []
    before = known.history(store)
    store.execute("DELETE FROM meta WHERE key = 'derived:facts'")
    assert not format.is_derived_by(store.db, INDEXER.versions())
    store.execute("UPDATE facts SET value = 'wrong' WHERE id = (SELECT min(id) FROM facts)")
    rebuild.rebuild(store.db, INDEXER)
    assert faults(store) == []
    # A fact that is made anew has a new id, by which those of the same moment are in order.
    assert sorted((f.subject, f.value, f.since) for f in known.history(store)) == sorted(
        (f.subject, f.value, f.since) for f in before
    )


def test_ten_thousand_facts_on_one_subject(store: SqliteStore) -> None:
    start = datetime(2000, 1, 1, 9)
    lines = [
        f'{{"text": "I moved to Town{i}.", "at": "{start + timedelta(hours=i)}"}}'.encode()
        for i in range(10_000)
    ]
    transfer.import_lines(store, lines)
    assert len(known.history(store)) == 10_000
    assert len(known.current(store)) == 1


def test_books_and_drafts_state_nothing(ltm: Ltm, tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("I live in Wuthering. My name is Catherine Earnshaw.")
    ltm("read", str(tmp_path / "novel.txt"))
    ltm("remember", "Hi Ana, I live in Leeds.", "--kind", "style")
    ltm("ask", "I live in Paris. Where is my bicycle?", "--no-llm", status=1)
    ltm("facts", "--history", status=1)
    ltm("suggest", "I live in Wuth", status=1)
