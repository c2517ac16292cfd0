"""Train the gate that ships with the program: whom to believe, of the passages that were recalled.

    python bench/train_gate.py DATA [--questions N] [--facts N] [--threads N] [--raw FILE]

From the frozen model's distributions: the right answers of five conversations of LoCoMo and of
synthetic facts are to become likely under the mixture,

    loss = -mean log Σ_i g_i P_i(answer)        g = softmax(base + w · features)

where P_i is how likely passage i makes the answer. The residual is kept only if, leaving one
conversation (or a quarter of the facts) out, it makes them likelier than the untrained gate does.
Writes ltm_cli/data/sidenet.json and bench/results/gate.md. What it does to answers is measured on
the other five conversations and on other facts, by bench/bank.py.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from reading import TAUGHT, Asked, facts, interval, locomo

from ltm_cli.answering import gate
from ltm_cli.answering.reader import Reader
from ltm_cli.kvcache.cache import KVCache
from ltm_cli.llm.catalogue import bundled
from ltm_cli.llm.llama import Llama
from ltm_cli.retrieval.features import GATE
from ltm_cli.retrieval.reranker import SideNet, load_shipped, serialise

ROOT = Path(__file__).resolve().parent.parent
PASSAGES = 5  # looked at for each question
FACTS = "facts"  # in place of a conversation's name
ANSWER = 24  # tokens of the right answer that count
L2, STEPS, RATE = 3e-3, 200, 0.05


@dataclass
class Case:
    """One question: its n passages, and last the lack of any."""

    user: str
    features: np.ndarray  # (n + 1, d)
    base: np.ndarray  # (n + 1,) logits of the untrained gate
    gold: np.ndarray  # (n + 1,) who holds the evidence
    answer: np.ndarray  # (n + 1,) log-likelihood of the right answer, as each one would say it
    tokens: int  # of all passages

    def first(self, number: int) -> Case:
        """The same question with the best `number` passages only."""
        kept = [*range(min(number, len(self.base) - 1)), len(self.base) - 1]
        gold = self.gold[kept]
        gold[-1] = not gold[:-1].any()
        return Case(
            self.user, self.features[kept], self.base[kept], gold, self.answer[kept], self.tokens
        )

    def likelihood(self, weights: np.ndarray) -> float:
        """The logarithm of the right answer's probability under the mixture."""
        logits = self.base + self.features @ weights
        return float(np.logaddexp.reduce(logits + self.answer) - np.logaddexp.reduce(logits))

    def believed(self, weights: np.ndarray) -> float:
        """The share of those that hold the evidence."""
        logits = self.base + self.features @ weights
        return float(np.exp(logits - np.logaddexp.reduce(logits)) @ self.gold)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=160)
    parser.add_argument("--facts", type=int, default=80)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--raw", type=Path, help="keep what the model said here, or read it there")
    chosen = parser.parse_args()
    if chosen.raw is not None and chosen.raw.exists():
        cases = pickle.loads(chosen.raw.read_bytes())
    else:
        cases = list(collect(chosen.data, chosen.questions, chosen.facts, chosen.threads))
        if chosen.raw is not None:
            chosen.raw.write_bytes(pickle.dumps(cases))
    table = [
        "| held back | questions | log-likelihood of the right answer | trained | gain (95 %) |"
        " share of the evidence | trained |",
        "|---|---:|---:|---:|---|---:|---:|",
    ]
    zero = np.zeros(len(GATE))
    before: list[tuple[float, float]] = []
    after: list[tuple[float, float]] = []
    kinds: list[str] = []
    for user in sorted({case.user for case in cases}):
        held = [case for case in cases if case.user == user]
        weights = trained([case for case in cases if case.user != user])
        before += [(case.likelihood(zero), case.believed(zero)) for case in held]
        after += [(case.likelihood(weights), case.believed(weights)) for case in held]
        kinds += [FACTS if user.startswith(FACTS) else "LoCoMo"] * len(held)
    for kind in ("LoCoMo", FACTS):
        chosen_ones = [i for i, one in enumerate(kinds) if one == kind]
        table.append(row(kind, [before[i] for i in chosen_ones], [after[i] for i in chosen_ones]))
    table.append(row("all", before, after))
    low = interval([b[0] - a[0] for a, b in zip(before, after, strict=True)])[1]
    print("\n".join(table))
    (ROOT / "bench" / "results" / "gate.md").write_text("\n".join(table) + "\n", "utf-8")
    keep = low > 0
    print("kept" if keep else "not kept: not clearly better than the untrained gate")
    old = load_shipped()
    weights = {name: weight for name, weight in old.weights.items() if name not in GATE}
    about = {**old.about, "gate": f"LoCoMo and facts, {len(cases)} questions; bench/train_gate.py"}
    if keep:
        weights |= dict(zip(GATE, trained(cases).tolist(), strict=True))
    path = ROOT / "ltm_cli" / "data" / "sidenet.json"
    path.write_text(serialise(SideNet(weights, about)), "utf-8")


def row(name: str, before: list[tuple[float, float]], after: list[tuple[float, float]]) -> str:
    """One line of the table: (log-likelihood, share of the evidence) by each gate."""
    gain, low, high = interval([b[0] - a[0] for a, b in zip(before, after, strict=True)])
    untrained, learned = np.mean(before, axis=0), np.mean(after, axis=0)
    return (
        f"| {name} | {len(before)} | {untrained[0]:.2f} | {learned[0]:.2f}"
        f" | {gain:+.2f} ({low:+.2f} to {high:+.2f}) | {untrained[1]:.1%} | {learned[1]:.1%} |"
    )


def trained(cases: list[Case]) -> np.ndarray:
    """The weights (d,) by Adam from zero; features are scaled by their standard deviation."""
    most = max(len(case.base) for case in cases)

    def padded(rows: list[np.ndarray], value: float) -> np.ndarray:
        missing = [((0, most - len(row)), *[(0, 0)] * (row.ndim - 1)) for row in rows]
        pairs = zip(rows, missing, strict=True)
        return np.stack([np.pad(row, width, constant_values=value) for row, width in pairs])

    scale = np.concatenate([case.features for case in cases]).std(axis=0)
    features = padded([case.features for case in cases], 0.0) / scale  # (q, n, d)
    base = padded([case.base for case in cases], -1e9)  # (q, n)
    answer = padded([case.answer for case in cases], 0.0)
    weights, mean, square = np.zeros((3, features.shape[2]))
    for step in range(1, STEPS + 1):
        logits = base + features @ weights
        # d loss / d logits: who is believed, less who ought to be, given the answer
        error = _softmax(logits) - _softmax(logits + answer)
        gradient = np.einsum("qnd,qn->d", features, error) / len(cases) + L2 * weights
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        rate = RATE * (1 - (step - 1) / STEPS)
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights / scale


def _softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))


def collect(data: Path, number: int, synthetic: int, threads: int | None) -> Iterator[Case]:
    """What the model says of each question after each passage, and after none."""
    choice = bundled()
    assert choice is not None
    with tempfile.TemporaryDirectory() as folder, Llama(choice.path, threads=threads) as model:
        reader = Reader(model, KVCache(Path(folder), choice.path))
        for i, asked in enumerate(facts(synthetic, model.size, PASSAGES, taught=True)):
            yield case(f"{FACTS} {i % 4}", asked, model, reader)
        for asked in locomo(data, TAUGHT, number, model.size, PASSAGES):
            yield case(asked.passages[0].record.user, asked, model, reader)


def case(user: str, asked: Asked, model: Llama, reader: Reader) -> Case:
    reading = reader.prepare(asked.text, asked.passages, [], "en", "fused")
    sequences, logits = reader.listen(reading)
    scores = [note.score for note in reading.notes]
    log, likely = gate.softmax(logits)
    rows = gate.features(log, likely)
    gold = [any(one.ref in asked.gold for one, _ in note.lines) for note in reading.notes]
    answer = np.zeros(len(sequences))
    for token in model.tokenize(asked.answer)[:ANSWER]:
        answer += log[:, token]
        log, _ = gate.softmax(model.extend({one: [token] for one in sequences}))
    return Case(
        user,
        np.array([[row[name] for name in GATE] for row in rows]),
        np.array(gate.base(scores)),
        np.array([*gold, not any(gold)]),
        answer,
        sum(map(len, reading.chunks)),
    )


if __name__ == "__main__":
    main()
