"""Style: whose paragraph is it? And is a draft with memory closer to its author than one without?

    python bench/style.py

Three authors whose works are in the public domain (data/authors). Attribution: four fifths of an
author's paragraphs are measured, each fifth one is held out and given to the author whose style is
nearest. Drafts: for each English author, short requests are drafted by the bundled model with the
author's texts as memory, and without; the distance to the author's style is that of all drafts
together, cut to the same length.
Writes bench/results/style.md.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from stores import opened

from ltm_cli.features.style import measure

HERE = Path(__file__).parent
AUTHORS = {"austen": "Jane Austen", "carroll": "Lewis Carroll", "luxun": "鲁迅"}
RESULTS = HERE / "results" / "style.md"
REQUESTS = (
    "decline the invitation and propose Tuesday",
    "thank her for the letter and say the journey went well",
    "tell him that the garden is full of rabbits",
    "ask for a book and promise to return it on Friday",
)


def main() -> None:
    paragraphs = {
        name: (HERE / "data" / "authors" / f"{name}.txt").read_text("utf-8").splitlines()
        for name in AUTHORS
    }
    rows = attribution(paragraphs)
    if "--no-drafts" not in sys.argv:
        rows += ["", *drafts(paragraphs)]
    table = "\n".join(rows) + "\n"
    print(table, end="")
    RESULTS.write_text(table, "utf-8")


def attribution(paragraphs: dict[str, list[str]]) -> list[str]:
    rows = ["| held-out paragraphs of | n | given to the right author |", "|---|---:|---:|"]
    right = number = 0
    for author, title in AUTHORS.items():
        found = 0
        for fold in range(5):
            styles = {
                name: measure.measure(_others(texts, fold)) for name, texts in paragraphs.items()
            }
            for text in paragraphs[author][fold::5]:
                nearest = min(styles, key=lambda name: measure.distance(text, styles[name]))
                found += nearest == author
        count = len(paragraphs[author])
        rows.append(f"| {title} | {count} | {100 * found / count:.0f} % |")
        right, number = right + found, number + count
    return [*rows, f"| all | {number} | {100 * right / number:.0f} % |"]


def _others(texts: list[str], fold: int) -> list[str]:
    return [text for place, text in enumerate(texts) if place % 5 != fold]


def drafts(paragraphs: dict[str, list[str]]) -> list[str]:
    from ltm_cli.features.style import drafting, style
    from ltm_cli.llm import catalogue
    from ltm_cli.llm.llama import Llama

    choice = catalogue.bundled()
    if choice is None:
        return ["No model is installed: drafts were not measured."]
    rows = [
        "| drafts, distance to the author's style | n | with memory | without |",
        "|---|---:|---:|---:|",
    ]
    with Llama(choice.path) as model:
        for author in ("austen", "carroll"):
            with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
                style.learn(store, paragraphs[author])
                found = [
                    drafting.draft(store, request, model=model, compare=True)
                    for request in REQUESTS
                ]
            own = measure.measure(paragraphs[author])
            ours = " ".join(one.text for one in found)
            plain = " ".join(one.plain or "" for one in found)
            ours, plain = measure.same_length(ours, plain)
            rows.append(
                f"| {AUTHORS[author]} | {len(found)} | {measure.distance(ours, own):.2f}"
                f" | {measure.distance(plain, own):.2f} |"
            )
    return rows


if __name__ == "__main__":
    main()
