"""Proposals: whatever a model would say, a value is a piece of its memory, and the user decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltm_cli.answering.constrained_decoding import Names, Pieces, Writer
from ltm_cli.core.record import Record
from ltm_cli.features.facts import facts
from ltm_cli.features.facts import proposals as fact_proposals
from ltm_cli.features.facts.extraction import ME, attributes
from ltm_cli.features.registry import INDEXER
from ltm_cli.indexing import writer
from ltm_cli.llm.llama import Llama
from ltm_cli.storage.sqlite.connection import in_memory
from ltm_cli.storage.sqlite.store import SqliteStore
from tests import tiny
from tests.conftest import Ltm

TEXTS = st.text(max_size=40) | st.lists(
    st.sampled_from("Tom|met|in|Leeds|李娜|住在|杭州|🐈|é|\n|5 May|.|。".split("|")),
    max_size=12,
).map(" ".join)  # fmt: skip


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose weights are random: what it would say is in no text. It finds much to say."""
    return tiny.write(tmp_path_factory.mktemp("model") / "model.gguf", "llama", seed=8)


@pytest.fixture(scope="module")
def model(talkative: Path) -> Iterator[Llama]:
    with Llama(talkative, context=4096) as opened:
        yield opened


@pytest.fixture(scope="module")
def proposer(model: Llama) -> Iterator[fact_proposals.Proposer]:
    with in_memory(INDEXER, "me") as empty:
        yield fact_proposals.Proposer(empty, model)


@given(TEXTS, st.text(max_size=8))
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_a_piece_of_the_text(model: Llama, text: str, before: str) -> None:
    model.clear(1)
    writer = Writer(model, 1)
    writer.read(model.tokenize(f"-{before}"))
    said = writer.write(Pieces(text, lambda value: True), b"\n")
    assert said is None or (said and said in text and said == said.strip() and "\n" not in said)


def test_something_is_proposed(proposer: fact_proposals.Proposer) -> None:
    """So that what follows says something."""
    assert list(proposer.propose(Record(text="Our flat in Porto got new windows 🪟", id=1)))


@given(TEXTS)
@settings(max_examples=20, deadline=None)
def test_nothing_is_invented(proposer: fact_proposals.Proposer, text: str) -> None:
    proposer._known.clear()
    for one in proposer.propose(Record(text=text, id=1)):
        assert one.value in text
        assert one.subject == ME or one.subject.casefold() in text.casefold()
        assert one.attribute in attributes()


def test_a_name_is_one_of_those_allowed(model: Llama) -> None:
    names = ["home", "home town", "生日", "🐈"]
    for before in "abcdefghij":
        model.clear(1)
        writer = Writer(model, 1)
        writer.read(model.tokenize(before))
        assert writer.write(Names(names), b"|") in names
        assert writer.write(Names([]), b"|") is None


def test_a_model_without_a_bank_proposes_too(tmp_path: Path, store: SqliteStore) -> None:
    path = tiny.write(tmp_path / "model.gguf", "mamba")
    with Llama(path, context=4096) as one:
        proposer = fact_proposals.Proposer(store, one)
        for found in proposer.propose(Record(text="Met Tom in Leeds 见面", id=1)):
            assert found.value in "Met Tom in Leeds 见面"


def test_what_is_kept_names_its_memory_and_goes_with_it(store: SqliteStore) -> None:
    one = writer.remember(store, Record(text="All boxes are in 杭州 now 📦", at="2024-05-01"))
    two = writer.remember(store, Record(text="杭州 is warm"))
    said = facts.Statement("me", "home", "杭州", one.at, one.id)
    [kept] = facts.state(store, [said], "facts find")
    assert (kept.subject, kept.attribute, kept.value, kept.since) == ("me", "home", "杭州", one.at)
    assert [source.id for source in facts.sources(store, kept)] == [kept.memories[0], one.id]
    writer.forget(store, [two.id])
    assert facts.current(store) == [kept]
    gone = writer.forget(store, [one.id])
    assert [record.id for record in gone] == [one.id, kept.memories[0]]
    assert facts.history(store) == []
    writer.undo(store)
    assert [fact.value for fact in facts.current(store)] == ["杭州"]
    for _ in range(2):
        undone = writer.undo(store)
    assert undone is not None
    assert undone.action == "facts find"
    assert facts.history(store) == []


def test_an_id_of_another_store_is_not_believed(store: SqliteStore) -> None:
    other = writer.remember(store, Record(text="It rained."))
    [kept] = facts.state(store, [facts.Statement("me", "home", "Leeds", "", other.id)])
    assert [source.id for source in facts.sources(store, kept)] == kept.memories
    writer.forget(store, [other.id])
    assert [fact.value for fact in facts.current(store)] == ["Leeds"]


def test_find_proposes_and_keeps_only_what_is_agreed_to(ltm: Ltm, talkative: Path) -> None:
    ltm.environment["LTM_MODEL"] = str(talkative)
    ltm("facts", "find", status=1)
    ltm("remember", "I live in Leeds.")
    ltm("facts", "find", status=1)  # the patterns have read it
    shown = ltm("remember", "Our flat in Porto got new windows 🪟", "--with-model").stderr
    found = ltm.json("facts", "find", "2")
    assert all(one["value"] in "Our flat in Porto got new windows 🪟" for one in found)
    assert all(one["id"] is None and one["memories"] == [2] for one in found)
    assert all(f"{one['attribute']} = {one['value']}" in shown for one in found)
    assert "--yes" in shown
    assert len(ltm.json("facts")) == 1
    kept = ltm.json("facts", "find", "2", "--yes")
    assert [one["value"] for one in kept] == [one["value"] for one in found]
    assert "Porto" in ltm("facts", "why", str(kept[0]["id"])).stdout
    ltm("facts", "find", "2", status=1)  # what is known is not proposed again
    assert ltm.json("undo")["action"] == "facts find"
    assert len(ltm.json("facts")) == 1
    ltm("facts", "find", "99", status=1)
    ltm("facts", "find", "--model", "none.gguf", status=4)
