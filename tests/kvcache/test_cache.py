"""The bank: restored keys and values are the computed ones, and nothing unverified is trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ltm_cli.answering import prompt, reader
from ltm_cli.answering.evidence import Passage
from ltm_cli.core.errors import ModelError
from ltm_cli.core.record import Record
from ltm_cli.kvcache import cache as kv
from ltm_cli.kvcache import entries, layout
from ltm_cli.kvcache.cache import KVCache
from ltm_cli.llm.llama import Llama
from tests.conftest import Ltm

NOTES = [
    Passage(Record(id=1, text="The wifi password is heron-42.", at="2024-05-01T10:00:00"), "", 2.0),
    Passage(
        Record(id=2, text="Tom moved to Lisbon 去了里斯本 🍰.", at="2024-05-02T10:00:00"), "", 1.0
    ),
]
PASSAGES = [Passage(note.record, note.record.content, note.score) for note in NOTES]


@pytest.fixture
def model(tiny_gguf: Path) -> Iterator[Llama]:
    """A model whose weights are random: how it computes is real, what it says is chance."""
    with Llama(tiny_gguf, context=4096) as opened:
        yield opened


@pytest.fixture
def bank(tmp_path: Path, model: Llama) -> KVCache:
    return KVCache(tmp_path / "bank", model.path)


def said(model: Llama, bank: KVCache | None, kind: str) -> tuple[str, reader.Reading]:
    reading_with = reader.Reader(model, bank)
    model.clear(0)
    one = reading_with.prepare("What is the wifi password?", PASSAGES, [], "en", kind)
    text = b"".join(map(model.piece, reading_with.read(one))).decode("utf-8", "replace")
    assert len(text) > 10
    return text, one


def test_a_restored_memory_gives_the_same_logits_bit_for_bit(
    bundled: Llama, tmp_path: Path
) -> None:
    model, bank = bundled, KVCache(tmp_path / "bank", bundled.path)
    prefix = model.tokenize("You answer questions from notes. " * 8)
    chunk = model.tokenize(prompt.note(PASSAGES[1], "en"))
    question = model.tokenize("\nQuestion: Where did Tom move to?")
    for sequence in (0, 1, 2):
        model.clear(sequence)
    model.extend({0: prefix})
    model.share(0, 1)
    model.extend({1: chunk})
    state = layout.parse(model.save(1)).cut(len(prefix), len(prefix) + len(chunk))
    bank.put(chunk, prefix, [2], state)
    computed = model.extend({1: question})
    restored = bank.get(chunk, prefix, [2])
    assert restored is not None
    assert model.restore(2, layout.serialise(restored), len(chunk))
    model.share(0, 2)
    assert np.array_equal(model.extend({2: question}), computed)


@pytest.mark.parametrize("kind", reader.READERS)
def test_a_warm_bank_gives_the_same_answer_without_computing(
    model: Llama, bank: KVCache, kind: str
) -> None:
    plain, _ = said(model, None, kind)
    cold, first = said(model, bank, kind)
    warm, second = said(model, bank, kind)
    assert plain == cold == warm
    assert first.timings["tokens_restored"] == 0
    assert second.timings["tokens_restored"] > 200
    assert second.timings["tokens_computed"] < first.timings["tokens_computed"] / 2


def test_more_notes_than_sequences_and_none_at_all_are_read(model: Llama) -> None:
    reading = reader.Reader(model, None)
    many = [PASSAGES[0]] * 30
    one = reading.prepare("What is the wifi password?", many, [], "en", "auto")
    assert (one.kind, one.fallback) == ("fused", None)
    assert 1 < len(one.notes) < len(many)
    assert len(list(reading.read(one))) > 0
    none = reading.prepare("Who?", [], [], "en", "fused")
    assert (none.kind, none.fallback) == ("text", "there is no memory to restore")
    long = Passage(NOTES[0].record, "word " * 5000, 1.0)
    with pytest.raises(ModelError, match=str(model.context)):
        reading.prepare("Who?", [long], [], "en", "fused")


def test_what_does_not_verify_is_computed_again(model: Llama, bank: KVCache) -> None:
    right, _ = said(model, bank, "fused")
    for harm in ("flip", "cut", "foreign"):
        for path in bank.folder.glob("*.kv"):
            data = bytearray(path.read_bytes())
            if harm == "flip":
                data[len(data) // 2] ^= 1
            elif harm == "cut":
                del data[len(data) // 2 :]
            else:
                data = bytearray(b"GGUF" * 100)
            path.write_bytes(data)
        again, reading = said(model, bank, "fused")
        assert again == right
        assert reading.timings["tokens_restored"] == 0


def test_an_entry_of_another_model_or_library_is_no_entry(tmp_path: Path) -> None:
    header = {"model": "a", "library": "1", "tokens": [1, 2]}
    path = tmp_path / "x.kv"
    entries.save(path, header, b"state")
    assert entries.load(path, header) == b"state"
    whole = path.read_bytes()
    for harmed in (b"", whole[:-1], whole + b"x", whole[:20], bytes(len(whole))):
        path.write_bytes(harmed)
        assert entries.load(path, header) is None
    path.write_bytes(whole)
    for key, value in (("model", "b"), ("library", "2"), ("tokens", [1, 3])):
        assert entries.load(path, {**header, key: value}) is None
    assert entries.load(tmp_path / "missing", header) is None
    assert path.stat().st_mode & 0o077 == 0


def test_the_budget_drops_the_least_recently_used(tmp_path: Path, model: Llama) -> None:
    bank = KVCache(tmp_path / "bank", model.path, budget=4500)
    state = layout.State(1, [0], [1, 1], [np.zeros((1, 450), np.uint8)] * 2)
    for i in range(3):
        bank.put([i], [], [i], state)
    assert bank.get([0], [], [0]) is not None  # used again, so 1 is the oldest
    bank.put([3], [], [3], state)
    assert bank.get([1], [], [1]) is None
    assert bank.get([0], [], [0]) is not None
    assert kv.status(bank.folder).bytes <= 4500


def test_a_full_or_readonly_disk_only_costs_time(model: Llama, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = KVCache(tmp_path / "file" / "bank", model.path)
    assert said(model, blocked, "fused")[0] == said(model, None, "fused")[0]


@pytest.mark.parametrize("harm", [slice(0, 10), slice(0, -1), slice(0, 100)])
def test_a_broken_state_is_refused(model: Llama, harm: slice) -> None:
    model.clear(3)
    model.extend({3: [1, 2, 3]})
    state = model.save(3)
    with pytest.raises(layout.LayoutError):
        layout.parse(state[harm])
    with pytest.raises(layout.LayoutError):
        layout.parse(state + b"x")


def test_cells_are_taken_by_position_in_whatever_order_they_lie() -> None:
    rows = np.arange(8, dtype=np.uint8).reshape(4, 2)
    state = layout.State(1, [3, 0, 2, 1], [1, 1], [rows, rows + 10])
    part = layout.parse(layout.serialise(state)).cut(1, 3)
    assert part.positions == [1, 2]
    assert part.tensors[0].tolist() == [[6, 7], [4, 5]]
    with pytest.raises(layout.LayoutError):
        state.cut(2, 5)


def test_edit_forget_and_undo_leave_no_entry_of_a_memory(ltm: Ltm, tiny_gguf: Path) -> None:
    ltm.environment["LTM_MODEL"] = str(tiny_gguf)
    ltm("remember", "The wifi password of the cabin is heron-42.")
    ltm("remember", "Tom moved to Lisbon.")
    assert ltm.json("bank", "warm")["encoded"] == 3  # the prefix is one
    assert ltm.json("bank", "warm") == {"encoded": 0, "there": 3}
    ltm("edit", "1", "The wifi password of the cabin is heron-43.")
    assert ltm.json("bank", "status")["memories"] == 1
    ltm("ask", "What is the wifi password of the cabin?", "--reader", "fused")
    assert ltm.json("bank", "status")["memories"] == 2
    ltm("undo")
    ltm("undo")
    assert ltm.json("bank", "status")["memories"] == 1
    ltm("forget", "2", "--yes")
    assert ltm.json("bank", "status")["memories"] == 0
    assert ltm.json("bank", "clear")["cleared"] == 2  # the prefix, and the lead
    assert ltm.json("bank", "status")["entries"] == 0


def test_readers_by_name_and_the_gate_in_json(primed: Ltm) -> None:
    ltm = primed
    ltm("remember", "The wifi password of the cabin is heron-42.")
    ltm("remember", "The wifi password of the office is crane-17.")
    question = ["ask", "--new", "--no-remember", "What is the wifi password of the cabin?"]
    ltm(*question, "--reader", "oracle", status=2)
    for name in reader.READERS:
        answer = ltm.json(*question, "--reader", name)
        assert answer["reader"] == name
        assert "heron-42" in answer["answer"]
    assert "1" in answer["shares"]
    assert answer["fallback"] is None
    fused = ltm(*question, "--reader", "fused", "--json")
    assert json.loads(fused.stdout)["timings"]["tokens_restored"] > 200
