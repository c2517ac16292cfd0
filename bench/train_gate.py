"""Train the gate that ships with the program: whom to believe, of the passages that were recalled.

    python bench/train_gate.py DATA [--questions N] [--threads N] [--raw FILE]

From the frozen model's first distributions over each question of five conversations of LoCoMo, and
which passage holds the evidence (none of them: the lack of any is right). The residual is kept only
if, leaving one of these conversations out, it makes the right answer likelier than the untrained
gate does. Writes ltm_cli/data/sidenet.json and bench/results/gate.md. What it does to answers is
measured on the other five conversations, by bench/bank.py.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from reading import TAUGHT, interval, locomo

from ltm_cli.answer import gate
from ltm_cli.answer.reader import Reader
from ltm_cli.bank.bank import Bank
from ltm_cli.model.catalogue import bundled
from ltm_cli.model.llama import Llama
from ltm_cli.recall.features import GATE
from ltm_cli.recall.sidenet import SideNet, dump, shipped
from ltm_cli.recall.train import Config, Example, fit

ROOT = Path(__file__).resolve().parent.parent
PASSAGES = 5  # looked at for each question
ANSWER = 24  # tokens of the right answer that count
CONFIG = Config(temperature=1.0, fixed=True)


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
    parser.add_argument("--threads", type=int)
    parser.add_argument("--raw", type=Path, help="keep what the model said here, or read it there")
    chosen = parser.parse_args()
    if chosen.raw is not None and chosen.raw.exists():
        cases = pickle.loads(chosen.raw.read_bytes())
    else:
        cases = list(collect(chosen.data, chosen.questions, chosen.threads))
        if chosen.raw is not None:
            chosen.raw.write_bytes(pickle.dumps(cases))
    gains, believed = [], []
    zero = np.zeros(len(GATE))
    for user in sorted({case.user for case in cases}):
        weights = trained([case for case in cases if case.user != user])
        for case in cases:
            if case.user == user:
                gains.append(case.likelihood(weights) - case.likelihood(zero))
                believed.append((case.believed(zero), case.believed(weights)))
    gain, low, high = interval(gains)
    before, after = np.mean(believed, axis=0)
    untrained = np.mean([case.likelihood(zero) for case in cases])
    table = [
        "| gate | log-likelihood of the right answer | share of the passages with the evidence |",
        "|---|---|---:|",
        f"| untrained | {untrained:.2f} | {before:.1%} |",
        f"| trained, held back | {untrained + gain:.2f}, {gain:+.2f} ({low:+.2f} to {high:+.2f})"
        f" | {after:.1%} |",
    ]
    print("\n".join(table))
    (ROOT / "bench" / "results" / "gate.md").write_text("\n".join(table) + "\n", "utf-8")
    keep = low > 0
    print("kept" if keep else "not kept: not clearly better than the untrained gate")
    old = shipped()
    weights = {name: weight for name, weight in old.weights.items() if name not in GATE}
    about = {**old.about, "gate": f"LoCoMo, {len(cases)} questions; bench/train_gate.py"}
    if keep:
        weights |= dict(zip(GATE, trained(cases).tolist(), strict=True))
    path = ROOT / "ltm_cli" / "data" / "sidenet.json"
    path.write_text(dump(SideNet(weights, about)), "utf-8")


def trained(cases: list[Case]) -> np.ndarray:
    return fit([Example(case.features, case.base, case.gold) for case in cases], CONFIG)


def collect(data: Path, number: int, threads: int | None) -> Iterator[Case]:
    """What the model says of each question after each passage, and after none."""
    choice = bundled()
    assert choice is not None
    with tempfile.TemporaryDirectory() as folder, Llama(choice.path, threads=threads) as model:
        reader = Reader(model, Bank(Path(folder), choice.path))
        for asked in locomo(data, TAUGHT, number, model.size, PASSAGES):
            reading = reader.prepare(asked.text, asked.passages, [], "en", "fused")
            sequences, logits = reader.listen(reading)
            scores = [note.score for note in reading.notes]
            log, likely = gate.softmax(logits)
            rows = gate.features(scores, log, likely)
            gold = [any(one.ref in asked.gold for one, _ in note.lines) for note in reading.notes]
            answer = np.zeros(len(sequences))
            for token in model.tokenize(asked.answer)[:ANSWER]:
                answer += log[:, token]
                log, _ = gate.softmax(model.extend({one: [token] for one in sequences}))
            yield Case(
                asked.passages[0].record.user,
                np.array([[row[name] for name in GATE] for row in rows]),
                np.array(gate.base(scores)),
                np.array([*gold, not any(gold)]),
                answer,
                sum(map(len, reading.chunks)),
            )


if __name__ == "__main__":
    main()
