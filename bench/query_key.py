"""Would the model's own queries and keys rank memories better? LONGMEM's retrieval, on LoCoMo.

    python bench/query_key.py DATA [--conversations N] [--threads N] [--raw FILE]

For each turn the mean keys of 4-token chunks, all heads, before RoPE; for each question the queries
of its tokens, caught during its prefill. MaxSim per query head (the mean over the question's tokens
of the best chunk's product) re-ranks the top 50 of the ranking: a residual trained on the other
conversations, with an L2 fixed beforehand. Heads are chosen on the other conversations too: as many
as keep a memory's keys within 16 KB. N are the conversations with the fewest questions. Writes
bench/results/query_key.md.
"""

from __future__ import annotations

import argparse
import ctypes
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from reading import interval
from sets import lines
from train_sidenet import Case, cases, examples

from ltm_cli.answering import prompt
from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.reader import Reader
from ltm_cli.core.record import from_dict
from ltm_cli.kvcache import layout
from ltm_cli.llm.backend import load_backend
from ltm_cli.llm.catalogue import bundled
from ltm_cli.llm.llama import Llama
from ltm_cli.retrieval.training import Config, Example, fit

CHUNK = 4  # tokens
TOP = 50
MOST = 16 * 1024  # bytes of keys for one memory
L2 = 0.1  # strong, fixed beforehand: hundreds of weights for a thousand questions
KS = (5, 10, 25)


class _Tensor(ctypes.Structure):
    """The head of ggml's struct of a tensor."""

    _fields_ = [
        ("type", ctypes.c_int), ("buffer", ctypes.c_void_p), ("ne", ctypes.c_int64 * 4),
        ("nb", ctypes.c_size_t * 4), ("op", ctypes.c_int), ("op_params", ctypes.c_int32 * 16),
        ("flags", ctypes.c_int32), ("src", ctypes.c_void_p * 10), ("view_src", ctypes.c_void_p),
        ("view_offs", ctypes.c_size_t), ("data", ctypes.c_void_p), ("name", ctypes.c_char * 64),
    ]  # fmt: skip


class Queries:
    """Catches what each layer asks, as the model reads."""

    def __init__(self) -> None:
        self.wanted = False
        self.caught: dict[int, np.ndarray] = {}  # by layer: (tokens, heads * dimensions)
        llama = load_backend()
        make = llama.llama_context_default_params
        kind = dict(llama.llama_context_params._fields_)["cb_eval"]
        self._callback = kind(self._see)

        def params() -> Any:
            found = make()
            found.cb_eval = self._callback
            return found

        llama.llama_context_default_params = params

    def _see(self, pointer: Any, asked: bool, _: Any) -> bool:
        address = (
            pointer if isinstance(pointer, int) else ctypes.cast(pointer, ctypes.c_void_p).value
        )
        tensor = _Tensor.from_address(address)
        name = tensor.name
        if not self.wanted or not name.startswith(b"Qcur-") or not name[5:].isdigit():
            return not asked
        layer = int(name[5:])
        if layer in self.caught:  # the same name again, after RoPE
            return not asked
        if not asked:
            width, tokens = tensor.ne[0], tensor.ne[1]
            values = (ctypes.c_float * (width * tokens)).from_address(tensor.data)
            self.caught[layer] = np.array(values, np.float32).reshape(tokens, width)
        return True


def keys(model: Llama, reader: Reader, row: dict[str, Any]) -> np.ndarray:
    """Mean keys of the chunks of a memory: (chunks, layers, heads, dimensions)."""
    record = from_dict(row)
    record.id = 1
    tokens = model.tokenize(prompt.note(Passage(record, record.content, 0.0), "en"))
    begin = len(reader.encoder.prefix)
    model.clear(1)
    model.share(0, 1)
    model.extend({1: tokens}, wanted=False)
    state = layout.parse(model.save(1)).cut(begin, begin + len(tokens))
    rope = model.rope
    assert rope is not None
    layers = len(state.tensors) // 2
    back = -np.array(state.positions)
    turned = np.stack(
        [rope.move(rows, back).view(np.float16) for rows in state.tensors[:layers]], 1
    )
    turned = turned.reshape(len(tokens), layers, -1, rope.head).astype(np.float32)
    chunks = [turned[i : i + CHUNK].mean(axis=0) for i in range(0, len(tokens), CHUNK)]
    return np.stack(chunks).astype(np.float16)


def queries(model: Llama, reader: Reader, catch: Queries, text: str) -> np.ndarray:
    """(tokens, layers, query heads, dimensions) of a question after the prefix."""
    rope = model.rope
    assert rope is not None
    model.clear(1)
    model.share(0, 1)
    catch.caught, catch.wanted = {}, True
    model.extend(
        {1: model.tokenize(prompt.lead("en") + prompt.asking(text, [], "en"))}, wanted=False
    )
    catch.wanted = False
    # The last layer reads only the tokens whose logits are wanted: it may have seen none.
    found = [catch.caught[layer] for layer in sorted(catch.caught) if len(catch.caught[layer]) > 1]
    stacked = np.stack(found, 1)
    return stacked.reshape(stacked.shape[0], stacked.shape[1], -1, rope.head)


def similarity(asked: np.ndarray, means: np.ndarray) -> np.ndarray:
    """MaxSim of each query head: (layers * query heads,)."""
    layers, heads = asked.shape[1], asked.shape[2]
    shared = heads // means.shape[2]
    known = np.repeat(means[:, :layers].astype(np.float32), shared, axis=2)
    products = np.einsum("tlhd,clhd->tclh", asked, known, optimize=True)
    return products.max(axis=1).mean(axis=0).reshape(-1) / np.sqrt(asked.shape[3])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--conversations", type=int, default=10)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--raw", type=Path, help="keep the products here, or read them there")
    chosen = parser.parse_args()
    ranked = cases(chosen.data)
    number = Counter(case.question.user for case in ranked)
    users = sorted(number, key=lambda user: number[user])[: chosen.conversations]
    products = measured(chosen.data, ranked, users, chosen.threads, chosen.raw)
    table = report(ranked, users, products)
    print("\n".join(table))
    path = Path(__file__).parent / "results" / "query_key.md"
    path.write_text("\n".join(table) + "\n", "utf-8")


def measured(
    data: Path, ranked: list[Case], users: list[str], threads: int | None, raw: Path | None
) -> dict[str, np.ndarray]:
    """By question: MaxSim (candidates, heads) of all its candidates; NaN beyond the top ones."""
    if raw is not None and raw.exists():
        return dict(np.load(raw))
    choice = bundled()
    assert choice is not None
    rows = {row["ref"]: row for row in lines(data / "locomo" / "memories.jsonl")}
    catch = Queries()
    found: dict[str, np.ndarray] = {}
    with Llama(choice.path, threads=threads) as model:
        reader = Reader(model, None)
        reader.speak("en")
        model.extend({0: reader.encoder.prefix}, wanted=False)
        for user in users:
            known: dict[str, np.ndarray] = {}
            for case in ranked:
                if case.question.user != user:
                    continue
                asked = queries(model, reader, catch, case.question.text)
                values = []
                for ref in case.refs[:TOP]:
                    if ref not in known:
                        known[ref] = keys(model, reader, rows[ref])
                    values.append(similarity(asked, known[ref]))
                found[case.question.qid] = np.stack(values)
            print(user, len(known), "turns", flush=True)
            if raw is not None:
                np.savez(raw, **found)
    return found


def report(ranked: list[Case], users: list[str], products: dict[str, np.ndarray]) -> list[str]:
    """Recall by the ranking and with the products, each conversation held back in turn."""
    by_user = {user: [case for case in ranked if case.question.user == user] for user in users}
    others = {
        frozenset(pair): fit(examples([c for c in ranked if c.question.user not in pair]))
        for pair in {frozenset((a, b)) for a in users for b in users}
    }
    rows = []
    for user in users:
        taught = [
            (case, case.base + case.features @ others[frozenset((user, other))])
            for other in users if other != user for case in by_user[other]
        ]  # fmt: skip
        heads, weights = trained(taught, products)
        for case in by_user[user]:
            score = case.base + case.features @ others[frozenset((user,))]
            table = products[case.question.qid]
            top = len(table)
            residual = np.full(len(score), -np.inf)
            residual[:top] = (table[:, heads] - table[:, heads].mean(axis=0)) @ weights
            both = np.where(np.isfinite(residual), score + residual, score - 1e6)
            rows.append((case.question.category, recalls(case, score), recalls(case, both)))
    table = [
        f"| LoCoMo, {len(users)} conversations | questions | the ranking R@5/10/25 |"
        " with query·key | gain at 5 (95 %) |",
        "|---|---:|---|---|---|",
    ]
    for category in [*sorted({row[0] for row in rows}), "all"]:
        part = [row for row in rows if category in (row[0], "all")]
        shown = [
            " / ".join(f"{100 * value:.1f}" for value in np.mean([row[i] for row in part], axis=0))
            for i in (1, 2)
        ]
        gain, low, high = interval([100 * (row[2][0] - row[1][0]) for row in part])
        table.append(
            f"| {category} | {len(part)} | {shown[0]} | {shown[1]}"
            f" | {gain:+.1f} ({low:+.1f} to {high:+.1f}) |"
        )
    return table


def trained(
    taught: list[tuple[Case, np.ndarray]], products: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The heads that tell most, and their weights on top of the ranking's scores."""

    def training(heads: np.ndarray | slice) -> list[Example]:
        found = []
        for case, score in taught:
            table = products[case.question.qid][:, heads]
            gold = case.gold[: len(table)]
            if gold.any():
                found.append(Example(table.astype(np.float64), score[: len(table)], gold))
        return found

    every = training(slice(None))
    spread = np.concatenate([one.features for one in every]).std(axis=0)
    rough = fit(every, Config(l2=L2)) * spread
    bytes_each = 12 * 64 * 2  # about twelve chunks of a turn, one key head, f16
    heads = np.argsort(-np.abs(rough))[: MOST // bytes_each]
    return heads, fit(training(heads), Config(l2=L2))


def recalls(case: Case, score: np.ndarray) -> list[float]:
    found = case.gold[np.argsort(-score, kind="stable")]
    return [float(found[:k].sum()) / len(case.question.gold) for k in KS]


if __name__ == "__main__":
    main()
