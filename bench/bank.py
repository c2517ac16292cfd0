"""Readers side by side, on the same recalled memories: what is right, how fast, on how much disk.

    python bench/bank.py DATA [--facts N] [--questions N] [--threads N] [--raw FILE] [--only PART]

right   facts are synthetic (fixed seed): notes about people, right is an answer that holds the
        value. LoCoMo's questions are of the five conversations on which nothing of the reading was
        chosen or trained, scored by token F1. What counts is the model's own answer, before
        anything is withheld. All passages are in the bank beforehand. The paired bootstrap interval
        is of the difference to `text`.
fast    five memories of 80, then of 300 tokens, in turns, and `ltm ask` as a process of its own.
exact   what is restored against what is computed, and the bytes of an entry as it lies on disk.

Writes bench/results/readers.md, readers_time.md, readers_exact.md and readers.svg. Answers that
stand in the file of --raw are not asked for again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean, median

import numpy as np
from reading import HELD_BACK, Asked, contains, f1, facts, interval, locomo

from ltm_cli.answering import reader
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.reader import Reader
from ltm_cli.core.record import Record
from ltm_cli.kvcache import layout
from ltm_cli.kvcache.cache import KVCache
from ltm_cli.llm.catalogue import bundled
from ltm_cli.llm.llama import SEQUENCES, Llama
from ltm_cli.retrieval.features import GATE
from ltm_cli.retrieval.reranker import SideNet, load_shipped

PASSAGES = 3  # read for each question
ROUNDS = 5
LENGTHS = (80, 300)  # tokens of each of five memories
RESULTS = Path(__file__).parent / "results"
UNTRAINED = SideNet({k: w for k, w in load_shipped().weights.items() if k not in GATE})
# What is compared: its name, the reader, the gate, whether keys and values lie quantised.
READERS = (
    ("text", "text", load_shipped(), False),
    ("joint", "joint", load_shipped(), False),
    ("fused, untrained gate", "fused", UNTRAINED, False),
    ("fused (auto)", "fused", load_shipped(), False),
    ("fused, q8_0 on disk", "fused", load_shipped(), True),
)
SHOWN = ("text", "joint", "fused (auto)")  # in the figure
COLOURS = {"text": "#888888", "joint": "#d08030", "fused": "#2060c0"}

Row = dict[str, object]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--facts", type=int, default=200)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--raw", type=Path)
    parser.add_argument("--only", choices=["right", "fast", "exact"])
    chosen = parser.parse_args()
    choice = bundled()
    assert choice is not None
    RESULTS.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Llama(choice.path, threads=chosen.threads) as model,
    ):
        banks = [KVCache(Path(folder), choice.path, quantised=form) for form in (False, True)]
        if chosen.only in (None, "right"):
            sets = {
                "facts, exact": (facts(chosen.facts, model.size, PASSAGES), contains),
                "LoCoMo, token F1": (
                    locomo(chosen.data, HELD_BACK, chosen.questions, model.size, PASSAGES), f1,
                ),
            }  # fmt: skip
            right(sets, model, banks, chosen.raw)
        if chosen.only in (None, "fast"):
            fast(model, banks, chosen.threads)
        if chosen.only in (None, "exact"):
            write("readers_exact.md", exact(model, banks))


def right(
    sets: dict[str, tuple[Iterable[Asked], Callable[[str, str], float]]],
    model: Llama,
    banks: list[KVCache],
    raw: Path | None,
) -> None:
    readers = [Reader(model, banks[quantised], net) for _, _, net, quantised in READERS]
    done = {}
    if raw is not None and raw.exists():
        done = {(row["set"], row["n"]): row for row in map(json.loads, raw.open())}
    table = [
        "| set | reader | score | against text (95 %) | first token ms | tokens/s |",
        "|---|---|---:|---|---:|---:|",
    ]
    points: dict[str, list[tuple[str, float, float]]] = {}
    for name, (questions, score) in sets.items():
        rows = []
        for n, asked in enumerate(questions):
            row = done.get((name, n))
            if row is None:
                row = {"set": name, "n": n, "answer": asked.answer, "question": asked.text}
                row |= answers(asked, model, banks, readers)
                if raw is not None:
                    with raw.open("a") as file:
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")
            rows.append(row)
        scores = {
            label: [score(row[label]["said"], row["answer"]) for row in rows]
            for label, *_ in READERS
        }
        for label, *_ in READERS:
            gains = [a - b for a, b in zip(scores[label], scores["text"], strict=True)]
            gain, low, high = interval(gains)
            against = "" if label == "text" else f"{gain:+.3f} ({low:+.3f} to {high:+.3f})"
            first = median(row[label]["first"] for row in rows)
            speed = median(row[label]["speed"] for row in rows)
            points.setdefault(name, []).append((label, first, mean(scores[label])))
            table.append(
                f"| {name}, n={len(rows)} | {label} | {mean(scores[label]):.3f} | {against}"
                f" | {first:.0f} | {speed:.0f} |"
            )
    write("readers.md", table)
    draw(points)


def answers(asked: Asked, model: Llama, banks: list[KVCache], readers: list[Reader]) -> Row:
    """What each reader says, its passages being in both banks."""
    for passage in asked.passages:
        readers[0].encode(passage, "en")
    one = readers[0].prepare(asked.text, asked.passages, [], "en", "joint")
    prefix, lead = readers[0].encoder.prefix, readers[0].encoder.lead
    kept = [
        (chunk + lead, prefix, note.ids) for note, chunk in zip(one.notes, one.chunks, strict=True)
    ]
    for chunk, before, ids in [*kept, (lead, prefix, []), (prefix, [], [])]:
        state = banks[0].get(chunk, before, ids)
        if state is not None and banks[1].get(chunk, before, ids) is None:
            banks[1].put(chunk, before, ids, state)
    found: Row = {}
    for (label, kind, *_), reading_with in zip(READERS, readers, strict=True):
        one = reading_with.prepare(asked.text, asked.passages, [], "en", kind, most=10_000)
        assert one.kind == kind, one.fallback
        said = " ".join(reading_with.sentences(one))
        speed = one.timings.get("tokens_per_second", 0.0)
        found[label] = {"said": said, "first": one.timings["first_token"], "speed": speed}
    return found


def fast(model: Llama, banks: list[KVCache], threads: int | None) -> None:
    table = [
        "| memories | reader | first token ms | against text | tokens/s |",
        "|---|---|---:|---:|---:|",
    ]
    readers = {kind: Reader(model, banks[0]) for kind in reader.READERS}
    firsts: dict[tuple[int, str], float] = {}
    for length in LENGTHS:
        passages = [memory(i, length, model) for i in range(5)]
        took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in readers}
        for turn in range(ROUNDS + 1):
            for kind, reading_with in readers.items():
                question = "Tell me all that is said about the harbour and the lighthouse."
                one = reading_with.prepare(question, passages, [], "en", kind, most=10_000)
                for _ in reading_with.read(one):
                    pass
                if turn:  # the first one fills the bank
                    speed = one.timings.get("tokens_per_second", 0.0)
                    took[kind].append((one.timings["first_token"], speed))
        for kind, values in took.items():
            first = firsts[length, kind] = median(value for value, _ in values)
            times = "" if kind == "text" else f"{firsts[length, 'text'] / first:.1f}×"
            speed = median(value for _, value in values)
            table.append(f"| 5 of {length} tokens | {kind} | {first:.0f} | {times} | {speed:.0f} |")
    growth = firsts[LENGTHS[1], "fused"] / firsts[LENGTHS[0], "fused"]
    table.append(f"| from 5 × {LENGTHS[0]} to 5 × {LENGTHS[1]} | fused | grows {growth:.2f}× | | |")
    write("readers_time.md", [*table, "", *cold(threads)])


def memory(number: int, length: int, model: Llama) -> Passage:
    """A passage of so many tokens."""
    text = ""
    said = iter(range(1000))
    while model.size(text) < length:
        text += f"Day {next(said)}: the keeper {number} of the lighthouse rowed to the harbour. "
    while model.size(text) > length:
        text = text[:-1]
    record = Record(id=number + 1, text=text, at=f"2024-05-0{number + 1}T10:00:00")
    return Passage(record, text, 1.0 - number / 10)


def cold(threads: int | None) -> list[str]:
    """`ltm ask` as a new process, its memories being in the bank."""
    parts: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"LTM_HOME": home, "LTM_THREADS": str(threads or "")}

        def ltm(*arguments: str) -> str:
            run = [sys.executable, "-m", "ltm_cli", *arguments]
            return subprocess.run(run, env=environment, capture_output=True, text=True).stdout

        for who, what in (("cabin", "heron-42"), ("office", "crane-17"), ("boat", "gull-63")):
            ltm("remember", f"The wifi password of the {who} is {what}.")
        ltm("bank", "warm")
        asked = (
            "ask",
            "--new",
            "--no-remember",
            "--reader",
            "fused",
            "--json",
            "What is the password of the cabin?",
        )
        for turn in range(ROUNDS + 1):
            answer = json.loads(ltm(*asked))
            if turn:
                parts.append(answer["timings"])
    names = ("cold_first_token", "load", "recall", "restore", "prefill", "tokens_restored",
             "tokens_computed")  # fmt: skip
    values = [f"{median(part[name] for part in parts):.0f}" for name in names]
    head = "| `ltm ask`, new process, warm bank: | ms to the first token | load | recall |"
    return [
        head + " restore | prefill | tokens restored | computed |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        f"| median of {ROUNDS} | {' | '.join(values)} |",
    ]


def exact(model: Llama, banks: list[KVCache]) -> list[str]:
    """What is restored against what is computed, and the size of both forms on disk."""
    passage = memory(7, 100, model)
    logits = []
    for _ in range(2):
        for sequence in range(SEQUENCES):  # cells in another order add up to other roundings
            model.clear(sequence)
        reading_with = Reader(model, banks[0])
        one = reading_with.prepare("Who rowed to the harbour?", [passage], [], "en", "fused")
        logits.append(reading_with.listen(one)[1].copy())
    apart = float(np.abs(logits[0] - logits[1]).max())
    encoder = reading_with.encoder
    tokens = one.chunks[0] + encoder.lead
    state = banks[0].get(tokens, encoder.prefix, passage.ids)
    assert state is not None
    before = {path: path.stat().st_size for path in banks[0].folder.glob("*.kv")}
    banks[1].put(tokens, encoder.prefix, passage.ids, state)
    [small] = [path for path in banks[0].folder.glob("*.kv") if path not in before]
    return [
        "| | bytes for each token of a memory |",
        "|---|---:|",
        f"| f16 | {len(layout.serialise(state)) / len(tokens):,.0f} |",
        f"| q8_0 | {small.stat().st_size / len(tokens):,.0f} |",
        "",
        f"Restored against computed with the same batches, one memory: max. difference of a logit"
        f" {apart:g}.",
    ]


def draw(points: dict[str, list[tuple[str, float, float]]]) -> None:
    """The figure: what is right against the time to the first token."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "ltm"
    figure, axes = plt.subplots(1, len(points), figsize=(9, 3.6), layout="constrained")
    for axis, (name, found) in zip(np.atleast_1d(axes), points.items(), strict=True):
        for label, first, right in found:
            if label not in SHOWN:
                continue
            colour = COLOURS[label.split()[0].strip(",")]
            axis.scatter(first, right, s=60, color=colour, zorder=3)
            axis.annotate(label, (first, right), textcoords="offset points", xytext=(6, 5))
        axis.set(title=name, xlabel="time to the first token, ms", ylabel="score", xscale="log")
        low, high = min(p[1] for p in found), max(p[1] for p in found)
        axis.set_xticks([500, 1000, 2000, 5000, 10_000, 20_000])
        axis.set_xlim(low / 1.5, high * 2.5)
        axis.xaxis.set_major_formatter("{x:,.0f}")
        axis.minorticks_off()
        axis.set_ylim(0, max(p[2] for p in found) * 1.25)
        axis.grid(alpha=0.3)
    figure.savefig(RESULTS / "readers.svg", metadata={"Date": None})


def write(name: str, table: list[str]) -> None:
    print("\n".join(table))
    (RESULTS / name).write_text("\n".join(table) + "\n", "utf-8")


if __name__ == "__main__":
    main()
