"""What the package imports is declared in pyproject.toml."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
import tomlkit
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
TOOLS = {"dev", "bench", "oracle", "fuzz", "docs"}  # extras for work on ltm itself


def declared() -> set[str]:
    """The distributions that ltm and its extras for users name."""
    project = tomlkit.parse((ROOT / "pyproject.toml").read_text("utf-8")).unwrap()["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"]]
    for name in extras.keys() - TOOLS:
        wanted += extras[name]
    return {canonicalize_name(Requirement(one).name) for one in wanted}


def running(node: ast.AST) -> Iterator[ast.AST]:
    """What is run: all but what is under `if TYPE_CHECKING`."""
    if not (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"):
        yield node
        for inner in ast.iter_child_nodes(node):
            yield from running(inner)


def imported() -> dict[str, Path]:
    """Top-level modules that are neither ours nor Python's, each with a file that imports it."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / "ltm_cli").rglob("*.py")):
        for node in running(ast.parse(path.read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            found |= {name.partition(".")[0]: path for name in names}
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names}


@pytest.mark.parametrize("module", sorted(imported().keys() - {"ltm_cli", "tomllib"}))
def test_every_import_is_declared(module: str) -> None:
    holders = metadata.packages_distributions().get(module, [module])
    named = {canonicalize_name(one) for one in holders} & declared()
    assert named, f"{imported()[module]} imports {module}, which pyproject.toml does not name"
