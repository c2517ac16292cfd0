"""The site builds without a warning, and its pages load nothing from anywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.transcripts import DOCS, ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with proxies that lead nowhere: nothing is fetched for it."""
    folder = tmp_path_factory.mktemp("site")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env=os.environ | nowhere | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_every_page_is_built(site: Path) -> None:
    for page in DOCS.rglob("*.md"):
        assert (site / page.relative_to(DOCS).with_suffix(".html")).stat().st_size > 1000


def test_pages_load_nothing_from_anywhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|link)[^>]*(?:src|href)=\"(https?:[^\"]+)", text)
        assert [one for one in loaded if not one.startswith("https://squidfunk.github.io")] == []


def test_nothing_of_markdown_is_left_in_a_page(site: Path) -> None:
    """A table or list that the site's Markdown reads in another way than a forge does."""
    for page in site.rglob("*.html"):
        text = re.sub(
            r"<(pre|code)\b.*?</\1>|<!--.*?-->", "", page.read_text("utf-8"), flags=re.DOTALL
        )
        assert re.findall(r"\|\s*-{3,}|^```|\*\*\w|\]\(", text, re.MULTILINE) == [], page
