"""Every promise of SECURITY.md names a test that is there; `make docs-update` says where."""

from __future__ import annotations

import re

from tests.docs.transcripts import ROOT, SECURITY, relocated


def test_every_promise_names_a_test_that_is_there() -> None:
    promises = SECURITY.read_text("utf-8")
    named = 0
    file = ""
    for path, test in re.findall(r"(tests/[\w/]+\.py)|\b(test_\w+)\b(?!\.py)", promises):
        file = path or file
        if path:
            assert (ROOT / path).exists(), f"{path}: make docs-update"
        if test:
            named += 1
            assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file}::{test}"
    assert named > 60


def test_a_test_that_has_moved_is_found() -> None:
    row = "| a | tests/test_old.py::test_a_test_that_has_moved_is_found, `make torture` |"
    assert relocated(row) == row.replace("tests/test_old.py", "tests/docs/test_security.py")
    nowhere = "tests/test_old.py::test_that_is_nowhere"
    assert relocated(nowhere) == nowhere
