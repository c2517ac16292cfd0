"""What is derived of some hundred texts is what derived.jsonl says, or the version is another one.

A store keeps what was derived when a memory was written, until a program comes whose tables are of
another version. So whoever changes what a rule gives raises the version of its table:

    python -m tests.indexing.test_derived --update     # then read what `git diff` shows

Each line of derived.jsonl holds the rows of one table for one text, but for ids; the first names
the version of each table.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ltm_cli.core.record import from_json
from ltm_cli.features.registry import INDEXER

FOLDER = Path(__file__).parents[1] / "data" / "derived"
TEXTS, GOLDEN = FOLDER / "texts.jsonl", FOLDER / "derived.jsonl"
IDS = ("memory_id", "user_id")

Versions = dict[str, str]  # by table
Rows = dict[tuple[str, str], list[Any]]  # by (ref of the text, table)


def derived() -> tuple[Versions, Rows]:
    """What the rules of this program give."""
    found: Rows = {}
    for line in TEXTS.read_text("utf-8").splitlines():
        record = from_json(line)
        for name, rows in INDEXER.derive(record).items():
            table = INDEXER.tables[name]
            found[str(record.ref), name] = [
                [value for column, value in zip(table.columns, row, strict=True)
                 if column not in IDS]
                for row in map(table.comparable, rows)
            ]  # fmt: skip
    versions = {key.removeprefix("derived:"): value for key, value in INDEXER.versions().items()}
    return versions, json_of(found)


def json_of(found: Rows) -> Rows:
    """As it is read again: tuples become lists."""
    return {key: json.loads(json.dumps(rows)) for key, rows in found.items()}


def golden() -> tuple[Versions, Rows]:
    """What derived.jsonl says; a text that it knows has rows in each table, if only none."""
    head, *lines = map(json.loads, GOLDEN.read_text("utf-8").splitlines())
    known = {(line["ref"], line["table"]): line["rows"] for line in lines}
    refs = dict.fromkeys(ref for ref, _ in known)
    versions: Versions = head["versions"]
    return versions, {(ref, name): known.get((ref, name), []) for ref in refs for name in versions}


def write(versions: Versions, rows: Rows) -> None:
    head = json.dumps({"versions": versions})
    lines = [
        json.dumps({"ref": ref, "table": name, "rows": some}, ensure_ascii=False)
        for (ref, name), some in rows.items()
        if some
    ]
    GOLDEN.write_text("\n".join([head, *lines, ""]), "utf-8")


def changed(before: Rows, after: Rows) -> dict[str, list[str]]:
    """The refs of the texts, known to both, of which a table holds something else now."""
    found: dict[str, list[str]] = {}
    for (ref, name), rows in before.items():
        if (ref, name) in after and after[ref, name] != rows:
            found.setdefault(name, []).append(ref)
    return found


def advice(name: str) -> str:
    """What to do where a table holds something else, and its version is still the same."""
    module = type(INDEXER.tables[name]).__module__.split(".")
    place = "INDEX in indexing/derived.py"
    if module[1] == "features":
        place = f"{'/'.join(module[1:-1])}/__init__.py"
    return (
        f"raise the version of {name} in {place}, then run"
        " python -m tests.indexing.test_derived --update"
    )


def refused(before: tuple[Versions, Rows], after: tuple[Versions, Rows]) -> list[str]:
    """Why derived.jsonl may not be written anew: a table holds other rows in the same version."""
    return [
        f"{', '.join(refs[:5])}: {advice(name)}"
        for name, refs in changed(before[1], after[1]).items()
        if before[0].get(name) == after[0].get(name)
    ]


def test_what_is_derived_is_what_the_golden_file_says() -> None:
    before, after = golden(), derived()
    assert refused(before, after) == []
    update = "run python -m tests.indexing.test_derived --update"
    assert before[0] == after[0], update
    assert sorted(before[1].keys() ^ after[1].keys()) == [], update


def test_other_rows_in_the_same_version_are_refused_and_it_is_said_what_to_do() -> None:
    versions, rows = golden()
    (ref, name), some = next(
        (key, some) for key, some in rows.items() if key[1] == "facts" and some
    )
    other = versions, {**rows, (ref, name): some[1:]}
    [said] = refused((versions, rows), other)
    assert said.startswith(f"{ref}: raise the version of facts in features/facts/__init__.py, then")
    [said] = refused((versions, rows), (versions, {**rows, (ref, "terms"): []}))
    assert "raise the version of terms in INDEX in indexing/derived.py" in said
    assert refused((versions, rows), ({**versions, "facts": "another"}, other[1])) == []
    assert refused((versions, rows), (versions, {**rows, ("a new text", "facts"): some})) == []


def test_each_table_holds_something_of_some_text() -> None:
    versions, rows = golden()
    assert {name for (_, name), some in rows.items() if some} == versions.keys() - {"vectors"}


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: python -m tests.indexing.test_derived --update")
    now = derived()
    if GOLDEN.exists() and (reasons := refused(golden(), now)):
        sys.exit("\n".join(reasons))
    write(*now)
