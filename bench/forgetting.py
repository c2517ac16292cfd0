#!/usr/bin/env python3
"""Measure whether learning forgets: recall of old memories before and after 1,000 new ones.

    python bench/forgetting.py DATA

The first conversation of LoCoMo is the past. Then 1,000 turns of the last are stored,
their questions are given as feedback, and the user's residual is trained. Prints recall@10 of
the questions of the past: with the residual as `ltm learn` decides, and kept in any case.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sets import lines, questions
from stores import keep, opened

from ltm_cli.core.record import from_dict
from ltm_cli.retrieval import learning, reranker
from ltm_cli.retrieval.recall import recall
from ltm_cli.retrieval.reranker import SideNet
from ltm_cli.storage.store import Store

NEW = 1_000
K = 10
JUDGED = 150  # questions of the new conversations that get feedback


def remember(store: Store, rows: list[dict[str, str]]) -> None:
    keep(store, [from_dict({**row, "user": "me"}) for row in rows])


def main(data: Path) -> None:
    folder = data / "locomo"
    turns = list(lines(folder / "memories.jsonl"))
    users = list(dict.fromkeys(turn["user"] for turn in turns))
    past, others = users[0], users[-3:]
    asked = questions(folder)
    with tempfile.TemporaryDirectory() as scratch, opened(Path(scratch)) as store:

        def score(net: SideNet | None) -> float:
            recalls = []
            for question in asked:
                if question.user == past:
                    hits = recall(store, question.text, limit=K, now=question.now, net=net)
                    found = question.gold.intersection(hit.record.ref or "" for hit in hits)
                    recalls.append(len(found) / len(question.gold))
            return 100 * sum(recalls) / len(recalls)

        remember(store, [turn for turn in turns if turn["user"] == past])
        print(f"the past alone                   R@{K} {score(None):.1f}")
        remember(store, [turn for turn in turns if turn["user"] in others][:NEW])
        print(f"after {NEW:,} new memories         R@{K} {score(None):.1f}")
        ids = {record.ref: record.id for record in store.memories.select()}
        judged = [q for q in asked if q.user != past and q.gold <= ids.keys()][:JUDGED]
        with store.transaction():
            for question in judged:
                for ref in question.gold:
                    store.feedback.give(question.text, ids[ref], good=True)
        path = Path(scratch) / "me.json"
        done = learning.learn(store, path)
        print(
            f"after `learn` from {len(judged)} questions "
            f" R@{K} {score(reranker.load_combined(path)):.1f}",
            end=" ",
        )
        print(f"(held back: {done.before:.3f} before, {done.after:.3f} after; {done.reason})")
        cases = [learning.build_case(store, one) for one in store.feedback.judged()]
        own = learning.train([case for case in cases if case], reranker.load_shipped())
        print(
            f"had it been kept in any case     R@{K} {score(reranker.load_shipped().plus(own)):.1f}"
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
