#!/usr/bin/env python3
"""Long documents: are facts found in them, and does an answer cost more the longer they are?

    python bench/document.py [--en FILE…] [--zh FILE…] [--sizes N…] [--no-llm]

Documents of 10,000, 100,000 and 300,000 characters of filler in 20 chapters (bench/data; repeated
where it is too short), with 60 facts planted one by one, and 30 pairs of facts of which one stands
in the first seven chapters and the other in the last seven (fixed seed). Each is read as `ltm read`
does and asked as `ltm ask --in` does. A fact is found when a passage that holds it is among the
five that the answer may rest on; a pair, when both are. Beside it: the same of the first five that
recall ranks, before those are left out that are too far from the question.

With the bundled model, four questions on each English document: each twice in turn, so that the
bank is warm, on one thread; times are the medians of the second. Writes bench/results/document.md.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from ltm_cli.answering.pipeline import Pipeline
from ltm_cli.answering.question import Question
from ltm_cli.answering.result import LIMIT, Answer, Options
from ltm_cli.answering.thread import Thread
from ltm_cli.core import settings
from ltm_cli.core.record import Record
from ltm_cli.features.documents import documents, formats, passages
from ltm_cli.features.registry import FEATURES, INDEXER
from ltm_cli.llm.catalogue import bundled
from ltm_cli.retrieval.recall import recall
from ltm_cli.storage.sqlite.connection import in_memory
from ltm_cli.storage.store import Store

DATA = Path(__file__).parent / "data"
RESULTS = Path(__file__).parent / "results" / "document.md"
SIZES = (10_000, 100_000, 300_000)
CHAPTERS = 20
APART = 7  # the chapters at each end that the two facts of a pair stand in
TIMED = 4  # questions asked of the model
HEADINGS = {"en": "Chapter {}", "zh": "第{}章"}


@dataclass(frozen=True)
class Asked:
    """What is asked, and the sentences that are both (or, of a fact, the one) needed."""

    text: str
    said: list[str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--en", nargs="+", type=Path, default=[DATA / "alice.txt"])
    parser.add_argument("--zh", nargs="+", type=Path, default=[DATA / "nahan.txt"])
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--no-llm", action="store_true", help="without the times of the model")
    parser.add_argument("--verbose", action="store_true", help="name what was not found")
    chosen = parser.parse_args()
    lines = [
        "| document | filler | all | passages | facts found | of recall's 5 | pairs, both"
        " | of recall's 5 | recall ms |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    timed: dict[int, Store] = {}
    for language, files in (("en", chosen.en), ("zh", chosen.zh)):
        facts, pairs = questions("planted", language), questions("pairs", language)
        for size in chosen.sizes:
            store = in_memory(INDEXER, "me")
            text = document(language, files, size, facts, pairs)
            cut = list(passages.cut(formats.read(text.encode(), language).blocks))
            documents.store(store, "book", cut)
            began = perf_counter()
            found = [measured(store, asked, chosen.verbose) for asked in (facts, pairs)]
            each = 1000 * (perf_counter() - began) / 2 / (len(facts) + len(pairs))
            shares = " | ".join(f"{100 * share:.0f} %" for both in found for share in both)
            lines.append(
                f"| {language} | {size:,} | {len(text):,} | {len(cut):,} | {shares} | {each:.0f} |"
            )
            print(lines[-1], flush=True)
            if language == "en":
                timed[size] = store
    if not chosen.no_llm:
        lines += ["", *times(timed, questions("planted", "en")[:TIMED])]
    print("\n".join(lines))
    if tuple(chosen.sizes) == SIZES and not chosen.no_llm:
        RESULTS.write_text("\n".join(lines) + "\n", "utf-8")


def questions(kind: str, language: str) -> list[Asked]:
    rows = (DATA / f"{kind}.{language}.txt").read_text("utf-8").splitlines()
    return [Asked(parts[-1], parts[:-1]) for parts in (row.split(" || ") for row in rows)]


def document(
    language: str, files: list[Path], size: int, facts: list[Asked], pairs: list[Asked]
) -> str:
    """Filler of `size` characters in chapters, with everything planted at the end of paragraphs."""
    paragraphs = [p for file in files for p in file.read_text("utf-8").split("\n\n") if p.strip()]
    taken: list[str] = []
    length = 0
    while length < size:
        taken.append(paragraphs[len(taken) % len(paragraphs)].strip()[: size - length])
        length += len(taken[-1])
    chapters: list[list[str]] = [[] for _ in range(CHAPTERS)]
    reached = 0
    for paragraph in taken:
        chapters[min(CHAPTERS - 1, reached * CHAPTERS // size)].append(paragraph)
        reached += len(paragraph)
    chapters = [chapter or [""] for chapter in chapters]
    rng = random.Random(11)
    space = "" if language == "zh" else " "

    def plant(sentence: str, chapter: list[str]) -> None:
        place = rng.randrange(len(chapter))
        chapter[place] = f"{chapter[place]}{space}{sentence}".strip()

    for fact in facts:
        plant(fact.said[0], rng.choice(chapters))
    for pair in pairs:
        plant(pair.said[0], rng.choice(chapters[:APART]))
        plant(pair.said[1], rng.choice(chapters[-APART:]))
    return "\n\n".join(
        "\n\n".join([HEADINGS[language].format(number), *chapter])
        for number, chapter in enumerate(chapters, 1)
    )


def measured(store: Store, asked: list[Asked], verbose: bool) -> tuple[float, float]:
    """The share of questions whose facts are all among what an answer rests on, and recall's."""
    which = documents.within(store, "book")
    options = Options(now=settings.now(), new=True, which=which, remember=False)
    used = ranked = 0
    with Pipeline(store, features=FEATURES) as pipeline:
        for question in asked:
            hits = recall(store, question.text, which=which, limit=LIMIT, now=options.now)
            first = holds([hit.record for hit in hits], question)
            read = Question(question.text, options.now, Thread(""))
            rests = pipeline.recalled(read, options).hits[:LIMIT]
            held = holds([hit.record for hit in rests], question)
            ranked += first
            used += held
            if verbose and not held:
                print(f"  {'select' if first else 'recall'}: {question.text} <- {question.said}")
    return used / len(asked), ranked / len(asked)


def holds(records: list[Record], question: Asked) -> bool:
    """Whether all that a question needs stands in these passages."""
    texts = ["".join((record.text or "").split()) for record in records]
    return all(any("".join(said.split()) in text for text in texts) for said in question.said)


def times(stores: dict[int, Store], asked: list[Asked]) -> list[str]:
    """What a warm answer costs on each document, one question on all of them after the other."""
    choice = bundled()
    assert choice is not None
    spent: dict[int, list[Answer]] = {size: [] for size in stores}
    with tempfile.TemporaryDirectory() as bank:
        pipelines = {size: Pipeline(store, features=FEATURES) for size, store in stores.items()}
        options = {
            size: Options(
                now=settings.now(), new=True, which=documents.within(store, "book"),
                model=choice.path, speaks=choice.languages, home=settings.Settings(Path(bank)),
                threads=1, remember=False,
            )
            for size, store in stores.items()
        }  # fmt: skip
        for question in asked:
            for size, pipeline in pipelines.items():
                pipeline.answer(question.text, options[size])
                spent[size].append(pipeline.answer(question.text, options[size]))
        for pipeline in pipelines.values():
            pipeline.close()
    lines = ["| English, filler | first token ms | against the shortest | recall ms |",
             "|---|---:|---:|---:|"]  # fmt: skip
    base = None
    for size, answers in spent.items():
        first = median(a.timings["first_token"] for a in answers if "first_token" in a.timings)
        base = base or first
        found = median(a.timings["recall"] for a in answers)
        lines.append(f"| {size:,} | {first:.0f} | {first / base:.2f}× | {found:.0f} |")
    return lines


if __name__ == "__main__":
    main()
