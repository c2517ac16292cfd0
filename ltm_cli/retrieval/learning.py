"""Learning from use: a user's own residual, trained on feedback on top of the shipped weights.

    1. split      a quarter of the judged questions is held back, chosen by their text
    2. train      on the others, with strong L2 towards the shipped ranking
    3. check      on the held-back questions, and on the shipped self-check set
    4. keep       the new weights only if they are no worse on either

Nothing in the memories or in a model changes: what was learned is one small file, and deleting it
goes back to the shipped ranking exactly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ltm_cli.core import atomic
from ltm_cli.core.errors import unwritable
from ltm_cli.core.filter import EVERYTHING
from ltm_cli.core.messages import text
from ltm_cli.core.record import from_dict, moment
from ltm_cli.retrieval import reranker
from ltm_cli.retrieval.features import CHAT, GENERAL
from ltm_cli.retrieval.query import parse_query
from ltm_cli.retrieval.rank import Ranking, rank
from ltm_cli.retrieval.reranker import SideNet
from ltm_cli.storage.values import Judged

if TYPE_CHECKING:
    from ltm_cli.storage.store import Indexer, Store

LEAST = 8  # judged questions before there is anything to learn from
HELD_BACK = 4  # every so many of them
# Strong: a user judges tens of questions, the shipped weights saw two thousand. Chosen with
# bench/forgetting.py: 1 forgets two points of recall@10, 10 one, 30 half a point.
L2 = 30.0
TOP = 50  # candidates of a question that are trained on
FIRST = 3  # results in which a self-check question must find its answer
TRUSTED = 10  # where only a bad result was named, the others among so many count as good
NAMES = (*GENERAL, "recent", *CHAT)


@dataclass(frozen=True)
class Learned:
    """What `learn` did.

    `before` and `after` are mean reciprocal ranks of the good memories of held-back questions, the
    checks shares of the self-check questions with the answer among the first `FIRST`.
    """

    questions: int
    held_back: int
    before: float
    after: float
    check_before: float
    check_after: float
    kept: bool
    reason: str


@dataclass(frozen=True)
class Case:
    """A judged question, with at least one good candidate."""

    ranking: Ranking
    good: frozenset[int]  # places among the candidates

    def rank(self, net: SideNet) -> int:
        """At which place, from 1, the first good candidate stands."""
        scores = [
            base + net.residual(row)
            for base, row in zip(self.ranking.base, self.ranking.rows, strict=True)
        ]
        order = sorted(self.ranking.order, key=lambda i: -scores[i])
        return next(place for place, i in enumerate(order, 1) if i in self.good)


def reset(path: Path) -> bool:
    """Forget what was learned; False when there was nothing."""
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed


def learn(
    store: Store,
    path: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Learned:
    """Train the user's residual from all feedback and write it to `path` if it is no worse."""
    questions = store.feedback.judged()
    shipped = reranker.load_shipped()
    atomic.sweep(path.parent)  # what is learned below may not be kept, and sweep nothing
    if len(questions) < LEAST:
        reason = text(
            "feedback on at least {least} questions is needed; there is feedback on {count}",
            count=len(questions),
            least=LEAST,
        )
        return Learned(len(questions), 0, 0.0, 0.0, 0.0, 0.0, False, reason)
    training: list[Case] = []
    held: list[Case] = []
    for done, one in enumerate(questions):
        progress(done, len(questions))
        case = build_case(store, one)
        if case is not None:
            (held if _is_held_back(one.question) else training).append(case)
    progress(len(questions), len(questions))
    if not training or not held:
        reason = text("too few of the memories with feedback are found by their questions")
        return Learned(len(questions), len(held), 0.0, 0.0, 0.0, 0.0, False, reason)
    old = reranker.load_combined(path)
    own = train(training, shipped)
    new = shipped.plus(own)
    before, after = mean_reciprocal_rank(held, old), mean_reciprocal_rank(held, new)
    checks = self_check(store.indexer)
    check_before, check_after = success_at_first(checks, shipped), success_at_first(checks, new)
    worse = after < before or check_after < check_before
    if not worse:
        about = {"questions": len(training), "held back": len(held), "after": round(after, 4)}
        _save(store, path, SideNet(own.weights, about))
    reason = (
        text("the new ranking was worse on the test questions")
        if worse
        else text("the new ranking is in use")
    )
    return Learned(
        len(questions), len(held), before, after, check_before, check_after, not worse, reason
    )


def build_case(store: Store, judged: Judged) -> Case | None:
    """A judged question with its candidates; None when none of them was judged."""
    query = parse_query(judged.question, moment(judged.asked))
    ranking = rank(store, query, EVERYTHING, TOP, SideNet())
    ids = [candidate.record.id for candidate in ranking.found.candidates]
    good = {place for place, id in enumerate(ids) if id in judged.good}
    if not good and judged.bad.intersection(ids):
        good = {i for i in ranking.order[:TRUSTED] if ids[i] not in judged.bad}
    return Case(ranking, frozenset(good)) if good else None


def train(cases: Sequence[Case], shipped: SideNet) -> SideNet:
    """A residual on top of the shipped one that fits what was judged."""
    import numpy as np

    from ltm_cli.retrieval.training import Config, Example, fit

    examples = []
    for case in cases:
        kept = sorted({*case.ranking.order[:TOP], *case.good})
        rows = [case.ranking.rows[i] for i in kept]
        base = [case.ranking.base[i] for i in kept]
        examples.append(
            Example(
                np.array([[row.get(name, 0.0) for name in NAMES] for row in rows]),
                np.array([b + shipped.residual(row) for b, row in zip(base, rows, strict=True)]),
                np.array([i in case.good for i in kept]),
            )
        )
    weights = fit(examples, Config(l2=L2)).tolist()
    return SideNet({name: w for name, w in zip(NAMES, weights, strict=True) if w})


def self_check(indexer: Indexer) -> list[Case]:
    """The questions that ship with the program, over memories of their own."""
    from ltm_cli.storage.sqlite.connection import in_memory

    document = json.loads(files("ltm_cli").joinpath("data/selfcheck.json").read_text("utf-8"))
    with in_memory(indexer, "check") as store:
        records = [from_dict(values) for values in document["memories"]]
        for record in records:
            record.recorded = record.at
        ids = dict(zip([r.ref for r in records], store.memories.add(records, 0), strict=True))
        cases = []
        for values in document["questions"]:
            good = {ids[ref] for ref in values["gold"]}
            case = build_case(store, Judged(values["query"], values["at"], good))
            if case is not None:
                cases.append(case)
        return cases


def mean_reciprocal_rank(cases: Sequence[Case], net: SideNet) -> float:
    return sum(1 / case.rank(net) for case in cases) / len(cases)


def success_at_first(cases: Sequence[Case], net: SideNet) -> float:
    """The share of questions with a good candidate among the first `FIRST`."""
    return sum(case.rank(net) <= FIRST for case in cases) / len(cases)


def _is_held_back(question: str) -> bool:
    """Chosen by the text, so that a question never changes sides."""
    return hashlib.blake2b(question.encode(), digest_size=4).digest()[0] % HELD_BACK == 0


def _save(store: Store, path: Path, net: SideNet) -> None:
    """Keep what was learned, unless the user was forgotten meanwhile. Raises StoreError."""
    with store.transaction():
        if not store.owner:
            return
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.replace(path, reranker.serialise(net).encode())
        except OSError as error:
            raise unwritable(path, error) from None
