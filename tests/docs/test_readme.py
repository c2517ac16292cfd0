"""The README is short, and its first screen shows what works."""

from __future__ import annotations

import re

import pytest

from tests.docs.transcripts import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_it_is_read_in_two_minutes() -> None:
    assert len(README.splitlines()) <= 200


def test_the_first_screen_shows_success_in_both_languages() -> None:
    """What it shows is what is printed: test_transcripts.py."""
    [first, *_] = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    assert README[: README.index(first)].count("\n") < 20
    assert first.count("$ ltm") >= 5
    for trouble in ("quoted", "no memory", "没有关于这件事的记忆", "\nltm: "):
        assert trouble not in first
    asked = re.findall(r"^\$ ltm ask (.*)\n(.*)\n  \[\d+\] ", first, re.MULTILINE)
    assert {bool(re.search("[一-鿿]", question)) for question, _ in asked} == {True, False}


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page: str) -> None:
    """Those between the pages of the site are checked when it is built."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text("utf-8")):
        assert (ROOT / target).exists(), target


def test_every_page_of_the_guide_is_in_the_table() -> None:
    for page in (ROOT / "docs" / "guide").glob("*.md"):
        assert f"(docs/guide/{page.name})" in README, page.name


def test_the_quick_way_to_the_library_is_named() -> None:
    assert "https://abetlen.github.io/llama-cpp-python/whl/cpu" in README
