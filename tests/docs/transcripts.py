"""What the README and the pages of docs/ show of the program is what it prints.

    python -m tests.docs.transcripts             # names the pages that differ
    python -m tests.docs.transcripts --update    # writes what is printed now into them

A ```console block is typed line by line, each line that begins with "$ ". One page is one
person: all its blocks share a home and a shell, until a line `<!-- fresh home -->` begins another.
What should have happened before, but is not worth showing, stands in `<!-- setup: COMMAND -->`.
`$ export NAME=VALUE` holds for the rest of the home.

Plain `ltm` commands run in this process, on the typer app, so that Python and the model's library
are loaded once for all pages; a line with a pipe or another feature of the shell runs in bash.

A ```python block is run as well, in the process of the page, and what it prints is the ```text
block after it.

The files of the tests that SECURITY.md names are those in which they are now.

The tables of bench/results and the topics of `ltm help` are copied between two comments:
`<!-- bench/results/NAME.md -->` or `<!-- help TOPIC -->`, and `<!-- end -->`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.conftest import NOW

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SECURITY = ROOT / "SECURITY.md"
FIGURE = "readers.svg"  # drawn by bench/bank.py; the site shows a copy, for it holds docs/ alone

_STEP = re.compile(
    r"^<!-- (?P<fresh>fresh home) -->$"
    r"|^<!-- setup: (?P<setup>[^\n]+) -->$"
    r"|(?<=^```console\n)(?P<console>.*?)(?=^```$)"
    r"|(?<=^```python\n)(?P<python>.*?)(?P<between>^```\n\n```text\n)(?P<text>.*?)(?=^```$)",
    re.DOTALL | re.MULTILINE,
)
_COPY = re.compile(
    r"(?<=^<!-- )(?P<what>bench/results/\S+|help \S+)(?P<head> -->\n).*?(?=^<!-- end -->$)",
    re.DOTALL | re.MULTILINE,
)
_NAMED = re.compile(r"(?P<file>tests/[\w/]+\.py)(?P<tests>(?:(?:,? ?::|, )test_\w+(?:\[\w+\])?)+)")
_COMMENT = re.compile(r"^<!--.*?-->\n?", re.DOTALL | re.MULTILINE)
_SHELL_ONLY = frozenset("$`*~\\")
_HEADS = {"exit-codes": "Status", "environment": "Variable", "json": "Printed by"}


def pages() -> list[Path]:
    """The README and every page of the site, in order."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


class Person:
    """Somebody with a home of their own, who types commands and runs Python."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True)
        self.home = home
        self.names: dict[str, object] = {}  # of their Python
        self.status = 0  # of what they typed last
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "LTM_HOME": str(home / ".local/share/ltm"),
            "LTM_NOW": NOW,
            "COLUMNS": "80",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }

    def types(self, command: str) -> str:
        """What a person sees: standard output and standard error, in the order of a terminal."""
        if command.startswith("export "):
            for word in shlex.split(command)[1:]:
                name, _, value = word.partition("=")
                self.environment[name] = value
            return ""
        words = plain_words(command)
        seen = self._here(words[1:]) if words[:1] == ["ltm"] else self._in_bash(command)
        return seen.replace(str(self.home), "~")

    def runs(self, code: str) -> str:
        """What Python code prints; its names are known to the code that follows."""
        return self._shown(lambda: exec(compile(code, "<page>", "exec"), self.names))

    def _here(self, arguments: list[str]) -> str:
        from ltm_cli.cli.app import app

        return self._shown(lambda: app(arguments))

    def _shown(self, call: Callable[[], object]) -> str:
        with _surroundings(self.environment), _output() as seen, warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # llama_cpp leaves /dev/null open
            self.status = 0
            try:
                call()
            except SystemExit as ended:
                self.status = int(ended.code or 0)
            sys.stdout.flush()
            sys.stderr.flush()
            seen.seek(0)
            return seen.read().decode("utf-8")

    def _in_bash(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False,
        )  # fmt: skip
        self.status = done.returncode
        return done.stdout


def plain_words(command: str) -> list[str]:
    """The words of a command that needs no shell; none for any other."""
    if _SHELL_ONLY & set(command):
        return []
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words = list(lexer)
    return [] if any(set(word) <= set("();<>|&") for word in words if word) else words


@contextmanager
def _surroundings(environment: dict[str, str]) -> Iterator[None]:
    """The environment, folder and time zone that a process of its own would have."""
    before, folder = dict(os.environ), Path.cwd()
    try:
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        os.chdir(ROOT)
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)
        time.tzset()


@contextmanager
def _output() -> Iterator[IO[bytes]]:
    """A file that gets everything written to standard output and error, also by C code."""
    streams = sys.stdin, sys.stdout, sys.stderr
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with tempfile.NamedTemporaryFile() as seen, Path(os.devnull).open() as nothing:
        os.dup2(seen.fileno(), 1)
        os.dup2(seen.fileno(), 2)
        try:
            sys.stdin = nothing
            sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
            yield seen
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
            for number, descriptor in zip((1, 2), saved, strict=True):
                os.dup2(descriptor, number)
                os.close(descriptor)


def refreshed(text: str) -> str:
    """A page with everything that programs print brought up to date."""
    text = _COPY.sub(
        lambda match: f"{match['what']}{match['head']}\n{copied(match['what'])}\n", text
    )
    with tempfile.TemporaryDirectory() as folder:
        homes = (Path(folder) / f"home{number}" for number in range(1000))
        person = Person(next(homes))

        def typed(match: re.Match[str]) -> str:
            nonlocal person
            if match["fresh"]:
                person = Person(next(homes))
            elif match["setup"]:
                person.types(match["setup"])
            elif match["python"]:
                return f"{match['python']}{match['between']}{person.runs(match['python'])}"
            else:
                lines = match["console"].splitlines()
                commands = [line[2:] for line in lines if line.startswith("$ ")]
                return "".join(f"$ {command}\n{person.types(command)}" for command in commands)
            return match.group()

        return _STEP.sub(typed, text)


def copied(what: str) -> str:
    """The table of a file of bench/results (without its comments), or of a topic of `ltm help`."""
    kind, _, name = what.partition(" ")
    if kind != "help":
        table = _COMMENT.sub("", (ROOT / what).read_text("utf-8")).strip("\n") + "\n"
        return table if what.endswith(".md") else f"```text\n{table}```\n"
    with tempfile.TemporaryDirectory() as home:
        printed = Person(Path(home) / "home").types(f"ltm help {name} --json")
    rows: dict[str, str] = json.loads(printed)["rows"]
    table = "".join(
        f"| {_key(name, key)} | {_code(value) if name == 'json' else value} |\n"
        for key, value in rows.items()
    )
    return f"| {_HEADS[name]} | Meaning |\n|---|---|\n{table}"


def _key(topic: str, key: str) -> str:
    return ", ".join(map(_code, key.split(", "))) if topic == "environment" else key


def _code(text: str) -> str:
    return f"`{text}`"


def relocated(promises: str) -> str:
    """SECURITY.md with each test in the file in which it is now."""
    where: dict[str, set[str]] = {}
    for file in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"^ *def (test_\w+)\(", file.read_text("utf-8"), re.MULTILINE):
            where.setdefault(name, set()).add(str(file.relative_to(ROOT)))

    def found(match: re.Match[str]) -> str:
        names = re.findall(r"test_\w+", match["tests"])
        files = set.intersection(*(where.get(name, set()) for name in names))
        if match["file"] not in files and len(files) == 1:
            return f"{files.pop()}{match['tests']}"
        return match.group()

    def moved(match: re.Match[str]) -> str:
        files = list((ROOT / "tests").rglob(Path(match.group()).name))
        gone = not (ROOT / match.group()).exists()
        return str(files[0].relative_to(ROOT)) if gone and len(files) == 1 else match.group()

    return re.sub(r"tests/[\w/]+\.py(?!::)", moved, _NAMED.sub(found, promises))


def stale(*, update: bool) -> list[Path]:
    """The files that do not show what is printed now; with `update` they do afterwards."""
    different = []
    for page in (*pages(), SECURITY):
        text = page.read_text("utf-8")
        new = relocated(text) if page == SECURITY else refreshed(text)
        if new != text:
            different.append(page)
            if update:
                page.write_text(new, "utf-8")
    drawn, shown = ROOT / "bench" / "results" / FIGURE, DOCS / FIGURE
    if drawn.read_bytes() != shown.read_bytes():
        different.append(shown)
        if update:
            shutil.copyfile(drawn, shown)
    return different


def main() -> None:
    update = "--update" in sys.argv
    try:
        import llama_cpp  # noqa: F401
    except ImportError:
        sys.exit("some pages show answers of the model, which is not installed: make install")
    found = stale(update=update)
    for page in found:
        print("updated" if update else "differs", page.relative_to(ROOT))
    sys.exit(0 if update else bool(found))


if __name__ == "__main__":
    main()
