"""Readers: moved and quantised keys, passages of neighbouring turns, a model that stays frozen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ltm_cli.answering import reader
from ltm_cli.answering.evidence import Passage
from ltm_cli.core.record import Record
from ltm_cli.kvcache import layout, quantise
from ltm_cli.kvcache.cache import KVCache
from ltm_cli.llm.llama import Llama
from ltm_cli.llm.rope import Rope
from tests import tiny
from tests.conftest import Ltm

NOTES = [
    "The wifi password of the cabin is heron-42.",
    "Tom moved to Lisbon last spring with his dog 🐕.",
    "今天和李娜去了杭州，很开心。 Lovely day!",
]
PASSAGES = [
    Passage(Record(id=i, text=text, at=f"2024-05-0{i}T10:00:00"), text, 3.0 - i)
    for i, text in enumerate(NOTES, 1)
]


# A reader that is named reads, even what a fact would answer.
MODEL = ("ask", "--new", "--no-remember", "--reader", "fused")


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Llama]:
    """A model whose weights are random: how it computes is real, what it says is chance."""
    with Llama(tiny.write(tmp_path / "model.gguf", "llama"), context=4096) as opened:
        yield opened


def encoded(model: Llama, sequence: int, tokens: list[int]) -> layout.State:
    """The state of tokens at the beginning of a sequence."""
    model.clear(sequence)
    model.extend({sequence: tokens})
    return layout.parse(model.save(sequence)).cut(0, len(tokens))


def f16(rows: np.ndarray) -> np.ndarray:
    return rows.view(np.float16).astype(np.float32)


def test_a_key_moved_in_numpy_is_the_key_computed_there(model: Llama) -> None:
    rope = model.rope
    assert rope is not None
    tokens = model.tokenize("Tom moved to Lisbon.")
    here = encoded(model, 1, tokens)
    there = encoded(model, 1, tokens * 40).cut(39 * len(tokens), 40 * len(tokens))
    moved = here.moved(39 * len(tokens), rope)
    assert moved.positions == there.positions
    # What the first layer's keys are depends on their token and their place alone.
    assert np.abs(f16(moved.tensors[0]) - f16(there.tensors[0])).max() < 0.02
    assert np.abs(f16(here.tensors[0]) - f16(there.tensors[0])).max() > 1


@pytest.mark.parametrize("neox", [False, True])
def test_moving_is_a_turn(neox: bool) -> None:
    rope = Rope(neox, 10_000.0, dimensions=4, head=8)
    keys = np.random.default_rng(1).normal(size=(5, 16)).astype(np.float16)
    rows = keys.view(np.uint8)
    there = rope.move(rows, 7)
    assert np.abs(f16(rope.move(there, -7)) - keys).max() < 0.01
    assert np.abs(f16(rope.move(rope.move(rows, 3), 4)) - f16(there)).max() < 0.01
    untouched = f16(there).reshape(5, 2, 8)[..., 4:]
    assert np.array_equal(untouched, keys.astype(np.float32).reshape(5, 2, 8)[..., 4:])


def test_joint_reads_what_stands_in_any_passage(model: Llama, tmp_path: Path) -> None:
    reading = reader.Reader(model, KVCache(tmp_path / "bank", model.path))
    answers = []
    for _ in range(3):
        one = reading.prepare(
            "What is the wifi password of the cabin?", PASSAGES, [], "en", "joint"
        )
        assert (one.kind, one.fallback) == ("joint", None)
        answers.append(list(reading.read(one)))
    assert answers[1] == answers[2]  # computing leaves cells in another order: nearly the same
    assert one.timings["tokens_computed"] == len(one.question) + 2 * reader.AGAIN
    assert one.timings["tokens_restored"] == sum(map(len, one.chunks))


def test_joint_with_all_read_again_is_the_text(
    model: Llama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With only the first passage restored, all cells are where reading would have put them."""
    monkeypatch.setattr(reader, "AGAIN", 1000)
    reading = reader.Reader(model, None)
    said = {}
    for kind in ("text", "joint"):
        one = reading.prepare("Where did Tom move to?", PASSAGES, [], "en", kind)
        said[kind] = list(reading.read(one))
    assert said["joint"] == said["text"]


@pytest.mark.parametrize(
    ("architecture", "kind", "read_as", "reason"),
    [
        ("llama", "joint", "joint", None),
        ("llama3", "fused", "fused", None),
        ("llama3", "joint", "text", "the model's keys cannot be shifted"),  # scaled frequencies
        ("mamba", "auto", "text", "the model is recurrent"),
        ("gemma2", "auto", "text", "the model uses sliding-window attention"),
        ("qwen2vl", "auto", "text", "the model's positions cannot be shifted"),
    ],
)
def test_what_a_model_cannot_do_is_read_as_text(
    tmp_path: Path, architecture: str, kind: str, read_as: str, reason: str | None
) -> None:
    path = tiny.write(tmp_path / "model.gguf", architecture)
    with Llama(path, context=2048) as one:
        bank = None if one.uncacheable else KVCache(tmp_path / "bank", path)
        reading_with = reader.Reader(one, bank)
        reading = reading_with.prepare("Where is Tom? 汤姆在哪里？", PASSAGES, [], "en", kind)
        assert (reading.kind, reading.fallback) == (read_as, reason)
        assert len(list(reading_with.read(reading))) > 0


def test_ask_with_a_model_that_has_no_bank_says_why(ltm: Ltm, tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "mamba.gguf", "mamba")
    ltm("remember", NOTES[0])
    question = [*MODEL, "What is the wifi password of the cabin?"]
    said = ltm(*question, "--model", str(path), "--timings")
    assert "heron-42" in said.stdout  # quoted: it has learned nothing
    assert "the model is recurrent" in said.stderr
    ltm("model", "use", str(path))
    assert "recurrent" in ltm("bank", "warm", status=4).stderr


def test_a_quantised_state_is_half_as_large_and_nearly_the_same(bundled: Llama) -> None:
    state = encoded(bundled, 1, bundled.tokenize(NOTES[1]))
    small = quantise.quantise(state)
    assert len(layout.serialise(small)) < 0.54 * len(layout.serialise(state))
    back = quantise.dequantise(layout.parse(layout.serialise(small)))
    assert back.types == state.types
    for rows, again in zip(state.tensors, back.tensors, strict=True):
        # Half a step of a block's scale, and the rounding of both to f16.
        assert np.abs(f16(rows) - f16(again)).max() <= np.abs(f16(rows)).max() / 127 * 0.52 + 0.01
    odd = layout.State(1, [0], [1], [np.zeros((1, 10), np.uint8)])
    assert quantise.quantise(odd) == odd
    nothing = layout.State(1, [0], [1], [np.zeros((1, 64), np.uint8)])
    assert np.array_equal(
        quantise.dequantise(quantise.quantise(nothing)).tensors[0], nothing.tensors[0]
    )


def test_a_quantised_bank_is_restored_too(ltm: Ltm, tiny_gguf: Path) -> None:
    ltm.environment |= {"LTM_BANK_FORM": "q8_0", "LTM_MODEL": str(tiny_gguf)}
    ltm("remember", "The wifi password of the cabin is heron-42.")
    question = [*MODEL, "What is the wifi password of the cabin?"]
    first, again = ltm.json(*question), ltm.json(*question)
    assert first["answer"] == again["answer"]
    assert first["timings"]["tokens_restored"] == 0
    assert again["timings"]["tokens_restored"] > 700
    sizes = {path.stat().st_size for path in (ltm.home / "bank").glob("*.kv")}
    ltm("bank", "clear")
    ltm(*question, LTM_BANK_FORM="f16")
    whole = {path.stat().st_size for path in (ltm.home / "bank").glob("*.kv")}
    assert max(sizes) < 0.6 * max(whole)
    ltm.environment["LTM_BANK_FORM"] = "q3"
    assert "q8_0" in ltm(*question, status=2).stderr


def test_an_answer_is_found_in_a_neighbour_and_it_is_the_source(primed: Ltm) -> None:
    ltm = primed
    turns = [
        ("Ana", "Which colour did you paint the kitchen door in the end?"),
        ("Ben", "We painted it teal 🎨."),
    ]
    for minute, (who, text) in enumerate(turns):
        ltm(
            "remember",
            text,
            "--session",
            "chat",
            "--speaker",
            who,
            "--at",
            f"2024-05-01 10:0{minute}",
        )
    found = ltm.json("ask", "--no-remember", "Which colour is the kitchen door?")
    assert "teal" in found["answer"].lower()
    assert 2 in [source["id"] for source in found["sources"]]
    status = ltm.json("bank", "status")
    assert status["memories"] == 2
    ltm("edit", "2", "We painted it crimson.")
    assert ltm.json("bank", "status")["memories"] == 0  # the passage held both
    again = ltm.json("ask", "--new", "--no-remember", "Which colour is the kitchen door?")
    assert "crimson" in again["answer"].lower()


def test_nothing_that_is_remembered_changes_the_model(primed: Ltm, bundled: Llama) -> None:
    ltm, path = primed, bundled.path
    before = path.read_bytes()
    written = path.stat().st_mtime_ns

    def logits() -> np.ndarray:
        with Llama(path, threads=1, context=256) as opened:
            return opened.extend({1: opened.tokenize("The capital of France is")}).copy()

    first = logits()
    ltm("remember", "The wifi password of the cabin is heron-42.")
    old = ltm.json(*MODEL, "What is the wifi password of the cabin?")
    lines = "\n".join(
        f'{{"text": "Person {i} keeps a {word} in box {i * 7}.", "at": "2024-01-01T00:00:00"}}'
        for i, word in enumerate(["violin", "茶壶", "ladder 🪜", "kayak", "lamp"] * 20)
    )
    ltm("import", "-", stdin=lines)
    ltm("bank", "warm", "--limit", "3")
    for id in (2, 7, 12, 17, 22):
        ltm("feedback", str(id), "good", "--question", f"Who keeps violin {id}?")
    ltm("learn")
    assert np.array_equal(first, logits())
    again = ltm.json(*MODEL, "What is the wifi password of the cabin?")
    assert again["answer"] == old["answer"]
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == written


def test_explain_and_timings_tell_who_spoke_and_what_it_took(primed: Ltm) -> None:
    ltm = primed
    ltm("remember", "The wifi password of the cabin is heron-42.")
    question = [*MODEL, "What is the wifi password of the cabin?"]
    said = ltm(*question, "--explain", "--timings").stderr
    assert "[1]" in said
    assert "no memory" in said
    assert "bytes_restored" in said
    assert "reader: fused" in said
    ltm.environment["LTM_CONTEXT"] = "512"
    assert "too small for the fused reader" in ltm(*question, "--timings").stderr


def test_two_processes_may_warm_one_bank(ltm: Ltm, tiny_gguf: Path) -> None:
    ltm.environment["LTM_MODEL"] = str(tiny_gguf)
    for i in range(6):
        ltm("remember", f"Box {i} holds the number {i * 31}.")
    run = [sys.executable, "-m", "ltm_cli", "bank", "warm"]
    both = [subprocess.Popen(run, env=ltm.environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert ltm.json("bank", "status")["memories"] == 6
    assert ltm.json("bank", "warm")["encoded"] == 0
    assert not list((ltm.home / "bank").glob("*.new"))
