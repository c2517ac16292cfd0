"""What the README and the pages show of the program is what it prints.

`make docs-update` writes into them what is printed now.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.transcripts import DOCS, FIGURE, ROOT, Person, pages, plain_words, refreshed

PAGES = [str(page.relative_to(ROOT)) for page in pages()]
RESULTS = ROOT / "bench" / "results"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_is_printed(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert refreshed(text) == text, "make docs-update"


def test_most_pages_of_the_guide_show_a_transcript() -> None:
    without = [
        page.stem for page in (DOCS / "guide").glob("*.md") if "$ ltm" not in page.read_text()
    ]
    assert sorted(without) == ["python", "recipes"]  # which have their own tests


def test_every_result_is_shown() -> None:
    shown = (DOCS / "benchmarks.md").read_text("utf-8")
    for results in (*RESULTS.glob("*.md"), *RESULTS.glob("*.txt")):
        assert shown.count(f"<!-- bench/results/{results.name} -->\n") == 1
    assert (DOCS / FIGURE).read_bytes() == (RESULTS / FIGURE).read_bytes(), "make docs-update"


def test_a_stale_page_is_brought_up_to_date() -> None:
    """The check would be worth nothing if it let everything pass."""
    page = (
        "<!-- setup: ltm remember Mochi -->\n"
        "```console\n$ ltm recall -k Mochi\nsomething else\n```\n"
        "<!-- fresh home -->\n```console\n$ ltm list\n$ echo $((1 + 2))\n```\n"
        "```python\nprint(1)\n```\n\n```text\n2\n```\n"
        "<!-- bench/results/dates.md -->\nold\n<!-- end -->\n"
    )
    new = refreshed(page)
    assert "$ ltm recall -k Mochi\n1\t2024-06-10 20:00\tMochi\n```" in new
    assert "$ ltm list\nltm: nothing" in new
    assert "$ echo $((1 + 2))\n3\n```" in new
    assert "```text\n1\n```" in new
    assert (RESULTS / "dates.md").read_text("utf-8") in new
    assert refreshed(new) == new


def test_what_needs_a_shell_is_told() -> None:
    assert plain_words("ltm remember '周五之前 交表'") == ["ltm", "remember", "周五之前 交表"]
    assert plain_words("ltm list | wc -l") == []
    assert plain_words("ltm export > all.jsonl") == []
    assert plain_words("ltm remember '1 | 2 > 3'") == ["ltm", "remember", "1 | 2 > 3"]


def test_a_person_sees_errors_and_their_status(tmp_path: Path) -> None:
    person = Person(tmp_path / "home")
    assert "ltm --help" in person.types("ltm nonsense")
    assert person.status == 2
    person.types("ltm path && exit 5")
    assert person.status == 5
