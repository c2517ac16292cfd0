"""ltm timeline: a picture of a life, on a terminal, as SVG and as a page in a real browser."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import Ltm

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def year(ltm: Ltm) -> Ltm:
    """A year with a habit, a deadline, a busy day, a document and hostile texts."""
    for month in range(1, 7):
        ltm("remember", "买了猫粮 🐈", "--at", f"2024-{month:02}-03")
    for text in ("a first thing", "a second thing 🎂", "third", "fourth"):
        ltm("remember", text, "--at", "2024-05-20")
    ltm("remember", "周五之前交季度报告", "--at", "2024-06-10")
    ltm("remember", f"{SCRIPT} \x1b[31mred\x1b[0m & \"quoted\" 'text'", "--at", "2023-12-24")
    ltm("remember", "years ago", "--at", "2019-01-01")
    return ltm


def test_the_picture_on_a_terminal_and_in_a_pipe(year: Ltm) -> None:
    shown = year("timeline").stdout
    lines = shown.splitlines()
    assert lines[0].startswith("2023")
    assert [line[0] for line in lines[1:8]] == list("MTWTFSS")
    assert all(len(line) <= 80 for line in lines)
    assert "▲" in next(line for line in lines if line.startswith("Due"))
    assert next(line for line in lines if line.startswith("猫粮")).count("●") == 6
    assert "█" in lines[1]  # the full Monday
    assert "May 2024" in shown
    assert "5 memories" in shown
    assert "a first thing" in shown
    assert "years ago" not in shown
    assert "\x1b" not in shown
    chinese = year("timeline", "--lang", "zh").stdout
    assert "2024年5月" in chinese
    assert "5 条记忆" in chinese
    terminal, other = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "ltm_cli", "timeline"],
        env=year.environment | {"TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL, stdout=other, check=True,
    )  # fmt: skip
    os.close(other)
    coloured = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert not done.returncode
    assert "\x1b[" in coloured
    assert "\x1b[31mred" not in coloured


def test_what_it_knows_as_json(year: Ltm) -> None:
    found = year.json("timeline", "--since", "2024-05", "--until", "2024-05")
    assert found["days"] == {"2024-05-03": 1, "2024-05-20": 4}
    assert [month["month"] for month in found["months"]] == ["2024-05"]
    assert found["months"][0]["count"] == 5
    whole = year.json("timeline", "--since", "2019")
    assert whole["first"] == "2019-01-01"
    assert [one["text"] for one in whole["tasks"]] == ["交季度报告"]
    assert [one["what"] for one in whole["habits"]] == ["猫粮"]
    assert "an earlier --since" in year("timeline", "--since", "2030", status=1).stderr
    year("timeline", "--user", "nobody", status=1)
    assert "cannot be combined" in year("timeline", "--svg", "-", "--json", status=2).stderr
    assert "cannot write" in year("timeline", "--html", "/nowhere/x.html", status=5).stderr
    assert "use zh or en" in year("timeline", "--lang", "fr", status=2).stderr


def test_a_document_is_no_day_of_a_life(year: Ltm, tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text("A long story. " * 200)
    before = year.json("timeline")
    year("read", str(book))
    assert year.json("timeline")["days"] == before["days"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_svg_and_page_hold_no_script_and_no_address(year: Ltm, lang: str, tmp_path: Path) -> None:
    drawn = year("timeline", "--svg", "-", "--lang", lang).stdout
    assert ElementTree.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
    page = tmp_path / "life.html"
    year("timeline", "--html", str(page), "--lang", lang)
    written = page.read_text("utf-8")
    for text in (drawn, written):
        assert "<script" not in text
        assert "\x1b" not in text
        addresses = set(re.findall(r"(?:https?:)?//[\w.]+", text))
        assert addresses <= {"http://www.w3.org"}  # the name of SVG, which nobody fetches
        assert not re.search(r"\b(?:src|href|url|@import)\b", text)
    assert "&lt;script&gt;alert(1)" in written
    assert "买了猫粮 🐈" in written


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
@pytest.mark.parametrize(("scheme", "dark"), [("0", True), ("1", False)])
def test_the_page_in_a_browser(year: Ltm, tmp_path: Path, scheme: str, dark: bool) -> None:
    """On a phone's width nothing is cut off, dark is dark, and the browser has no complaint."""
    page = tmp_path / "life.html"
    year("timeline", "--since", "2019", "--html", str(page))
    looked = tmp_path / "looked.html"
    looked.write_text(
        page.read_text("utf-8")
        + "<script>document.title = [document.documentElement.scrollWidth, innerWidth,"
        " getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0],"
        " getComputedStyle(document.querySelector('li')).fontSize].join()</script>",
        "utf-8",
    )
    done = subprocess.run(
        [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--window-size=390,800",
         f"--user-data-dir={tmp_path / 'profile'}",
         f"--blink-settings=preferredColorScheme={scheme}",
         "--enable-logging=stderr", "--dump-dom", looked.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    title = re.search(r"<title>([\d,px]+)</title>", done.stdout)
    assert title is not None
    width, window, red, size = title[1].split(",")
    assert int(width) <= int(window)
    assert (int(red) < 60) is dark
    assert size == "16px"
