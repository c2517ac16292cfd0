"""What each extra is for, and what it costs: read from pyproject.toml and measured as installed.

    python bench/extras.py

Size is that of all files of the distributions that an extra brings and that ltm without extras does
not have (importlib.metadata). Start-up is the median time of the very imports that ltm makes of
them, in a process of their own less one that imports nothing, in turn; they are made when the
feature is used. Fails if `ltm --version` imports any of them. Writes bench/results/extras.md.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from time import perf_counter

import tomlkit
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results" / "extras.md"
TOOLS = {"dev", "docs", "bench", "oracle", "fuzz"}  # extras for work on ltm itself
ROUNDS = 5


def main() -> None:
    document = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomlkit.parse(document).unwrap()["project"]
    base = closure(project["dependencies"])
    imports = statements()
    rows = [("none", "all but what is below (ms: typer)", len(base), size(base), ["import typer"])]
    missing, brought = [], set()
    for extra, requirements in project["optional-dependencies"].items():
        if extra in TOOLS:
            continue
        try:
            own = closure(requirements) - base
        except metadata.PackageNotFoundError as error:
            missing.append(f"`{extra}` ({error.name} is not installed here)")
            continue
        theirs = modules(own)
        brought |= theirs
        used = [line for module, line in imports if module in theirs]
        rows.append((f"`{extra}`", about(document, extra), len(own), size(own), used))
    at_start = (loaded("-m", "ltm_cli", "--version") - loaded("-c", "")) & brought
    assert not at_start, f"ltm --version imports {at_start}"
    times = seconds({row[0]: row[4] for row in rows if row[4]})
    table = "| extra | what it is for | packages | MB installed | ms to import, when used |\n"
    table += "|---|---|---:|---:|---:|\n"
    for name, what, count, bytes, _ in rows:
        ms = f"{1000 * times[name]:.0f}" if name in times else ""
        table += f"| {name} | {what} | {count} | {bytes / 1e6:.0f} | {ms} |\n"
    table += "\n`ltm --version` imports none of them."
    if missing:
        table += f" Not measured: {', '.join(missing)}."
    RESULTS.write_text(table + "\n", "utf-8")
    print(table)


def closure(requirements: Iterable[str]) -> set[str]:
    """The names of all distributions that these requirements bring, as far as they apply here."""
    found: set[str] = set()
    left = [(Requirement(one), "") for one in requirements]
    seen = set()
    while left:
        one, extra = left.pop()
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(one.name)
        for wanted in (*one.extras, ""):
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                brought = metadata.distribution(name).requires or ()
                left += [(Requirement(inner), wanted) for inner in brought]
        found.add(name)
    return found


def size(names: Iterable[str]) -> int:
    """Bytes of all files of these distributions."""
    files = (file for name in names for file in metadata.files(name) or ())
    return sum(path.stat().st_size for file in files if (path := Path(file.locate())).is_file())


def modules(names: Iterable[str]) -> set[str]:
    """The top-level modules of these distributions."""
    of = metadata.packages_distributions()
    return {
        module for module, holders in of.items()
        if not {canonicalize_name(one) for one in holders}.isdisjoint(names)
    }  # fmt: skip


def statements() -> list[tuple[str, str]]:
    """(top-level module, statement) of each import of ltm."""
    found = {}
    for path in sorted((ROOT / "ltm_cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {ast.unparse(node): one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found[ast.unparse(node)] = node.module
    return [(name.partition(".")[0], line) for line, name in found.items()]


def about(document: str, extra: str) -> str:
    """What pyproject.toml says an extra is for: the comment at it, its first part."""
    match = re.search(rf"((?:^#.*\n)*)^{extra} = \[[^]]*\](.*)$", document, re.MULTILINE)
    assert match is not None, extra
    text = " ".join((match[2].strip(" #") or match[1].replace("#", " ")).split())
    return re.split(r"; |\. | \(|\.$", text)[0]


def loaded(*program: str) -> set[str]:
    """The top-level modules that a program of Python imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *program],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = (line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line)
    return {name.partition(".")[0] for name in names}


def seconds(programs: dict[str, list[str]]) -> dict[str, float]:
    """The median time of each program, less that of an empty one."""
    times: dict[str, list[float]] = {name: [] for name in ("", *programs)}
    for _ in range(ROUNDS + 1):  # the first fills the page cache
        for name in times:
            code = "\n".join(programs.get(name, ()))
            began = perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
            times[name].append(perf_counter() - began)
    middle = {name: statistics.median(found[1:]) for name, found in times.items()}
    return {name: middle[name] - middle[""] for name in programs}


if __name__ == "__main__":
    main()
