"""The map of the project, kept true: rooms, one direction of imports, no circles, a light start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ltm_cli"
# Each room may import those below it, and itself; those of one line do not know each other.
ROOMS = [
    {"__main__"},
    {"cli"},
    {"mcp", "server"},
    {"api"},
    {"session"},
    {"maintenance"},
    {"features"},
    {"answering"},
    {"retrieval", "kvcache"},
    {"indexing"},
    {"storage", "llm", "nlp"},
    {"core"},
]
HEAVY = """numpy llama_cpp rich sqlite_utils dateparser tomlkit jinja2 platformdirs hypothesis
    markdown_it charset_normalizer pypdf docx yaml huggingface_hub sqlcipher3 cryptography keyring
    openai mcp stdnum""".split()
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imports(module: str) -> Iterator[tuple[str, int]]:
    """(module of ours, line) of each import that runs, those within functions too."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports relatively"
            name = node.module or ""
            if name.split(".")[0] == "ltm_cli":
                for alias in node.names:
                    whole = f"{name}.{alias.name}"
                    yield (whole if whole in MODULES else name), node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name in MODULES)


def floor(module: str) -> int:
    name = module.split(".")[1]
    return next(i for i, names in enumerate(ROOMS) if name in names)


@pytest.mark.parametrize("module", [name for name in MODULES if name != "ltm_cli"])
def test_imports_point_downwards(module: str) -> None:
    for other, line in imports(module):
        if other == "ltm_cli":  # the version, and when the process began
            continue
        same = other.split(".")[1] == module.split(".")[1]
        assert same or floor(other) > floor(module), f"{module}:{line} imports {other}"


def test_there_are_no_circles() -> None:
    graph = {name: {other for other, _ in imports(name)} - {"ltm_cli"} for name in MODULES}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path[path.index(name) :], name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_dates_could_be_published_alone() -> None:
    for module in MODULES:
        if module.startswith("ltm_cli.nlp.dates"):
            assert all(other.startswith("ltm_cli.nlp.dates") for other, _ in imports(module)), (
                module
            )


# A statement of SQL, as it stands in a string.
SQL = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|CREATE (\w+ )?TABLE"
    r"|PRAGMA \w+)\b",
    re.DOTALL,
)


def is_room_of_sql(path: Path) -> bool:
    room = path.relative_to(PACKAGE).parts
    # llm.py reads the database of another program.
    alone = {("features", "importers", "llm.py")}
    return room[0] in ("storage", "indexing") or path.name == "table.py" or room in alone


@pytest.mark.parametrize("path", [p for p in MODULES.values() if not is_room_of_sql(p)], ids=str)
def test_sql_is_in_its_rooms(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            assert not SQL.search(node.value), f"{path}:{node.lineno}"
        if isinstance(node, ast.Attribute) and node.attr == "Connection":
            assert ast.unparse(node) != "sqlite3.Connection", f"{path}:{node.lineno}"


@pytest.mark.parametrize(
    ("module", "places"),
    [
        ("rich", {"core/console.py"}),
        ("llama_cpp", {"llm/backend.py"}),
        ("huggingface_hub", {"llm/download.py"}),
        ("openai", {"llm/openai.py"}),
        ("typer", {"cli"}),
    ],
)
def test_one_place_imports(module: str, places: set[str]) -> None:
    for path in MODULES.values():
        where = path.relative_to(PACKAGE).as_posix()
        if re.search(rf"^\s*(import|from) {module}\b", path.read_text("utf-8"), re.MULTILINE):
            assert where in places or where.split("/")[0] in places, where


def test_what_runs_for_all_features_names_none() -> None:
    features = {path.name for path in (PACKAGE / "features").iterdir() if path.is_dir()}
    for name in ("indexing/derived.py", "answering/pipeline.py", "cli/app.py",
                 "storage/sqlite/rebuild.py"):  # fmt: skip
        text = (PACKAGE / name).read_text("utf-8")
        assert not [one for one in features if re.search(rf"features[./]{one}\b", text)], name


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
    apart = {PACKAGE / "storage/sqlite/driver.py", PACKAGE / "features/importers/llm.py"}
    for path in set(MODULES.values()) - apart:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "sqlite3":
                assert not node.attr.endswith("Error"), f"{path}:{node.lineno}"


def test_no_module_is_long() -> None:
    for path in MODULES.values():
        assert len(path.read_text("utf-8").splitlines()) <= 350, path
