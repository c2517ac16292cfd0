"""The map of the project, kept true: imports point downwards, and starting is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ltm_cli"
# Each layer may import those below it, and itself.
LAYERS = [
    {"cli", "api", "__main__", "mcp_server"},
    {"show", "doctor", "serve", "picture"},
    {"answer"},
    {"memory"},
    {"recall", "bank"},
    {"store", "model"},
    {"text"},
    {"settings"},
    {"atomic", "errors"},
]
HEAVY = """numpy llama_cpp rich sqlite_utils dateparser tomlkit jinja2 platformdirs hypothesis
    markdown_it charset_normalizer pypdf docx yaml huggingface_hub sqlcipher3 cryptography keyring
    openai mcp stdnum""".split()


def layer(module: str) -> int:
    return next(i for i, names in enumerate(LAYERS) if module in names)


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_imports_point_downwards(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or id(node) in typing_only:
            continue
        parts = (node.module or "").split(".")
        if parts[0] != "ltm_cli":
            continue
        names = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        for name in names:
            if name != "__version__":
                assert layer(name) >= layer(own), f"{path} imports {name}, which is above it"


@pytest.mark.parametrize("module", ["rich", "llama_cpp", "typer", "huggingface_hub"])
def test_one_place_imports(module: str) -> None:
    allowed = {"rich": {"show.py"}, "llama_cpp": {"library.py"}, "typer": {"cli"},
               "huggingface_hub": {"pull.py"}}[module]  # fmt: skip
    for path in PACKAGE.rglob("*.py"):
        if f"import {module}" in path.read_text("utf-8") or f"from {module}" in path.read_text(
            "utf-8"
        ):
            assert path.name in allowed or path.parent.name in allowed, path


@pytest.mark.parametrize(
    "arguments", [["--version"], ["recall", "--keyword", "天气"], ["remember", "again"], ["list"]]
)
def test_nothing_heavy_is_imported_by(arguments: list[str], tmp_path: Path) -> None:
    home = str(tmp_path)
    run = [sys.executable, "-m", "ltm_cli", "--home", home]
    subprocess.run([*run, "remember", "今天天气好"], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *run[1:], *arguments],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert not imported & set(HEAVY)


def test_errors_of_sqlite_are_caught_in_one_way() -> None:
    """SQLCipher's are not those of sqlite3: driver.errors() names both."""
    apart = {
        PACKAGE / "storage/sqlite/driver.py",
        PACKAGE / "features/importers/llm.py",
    }  # no store of ours
    for path in set(PACKAGE.rglob("*.py")) - apart:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "sqlite3":
                assert not node.attr.endswith("Error"), f"{path}:{node.lineno}"


def test_no_module_is_long() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 350, path
