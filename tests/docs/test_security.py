"""Every promise of SECURITY.md names a test that is there."""

from __future__ import annotations

import re

from tests.docs.transcripts import ROOT


def test_every_promise_names_a_test_that_is_there() -> None:
    promises = (ROOT / "SECURITY.md").read_text("utf-8")
    named = 0
    file = ""
    for path, test in re.findall(r"(tests/[\w/]+\.py)|\b(test_\w+)\b(?!\.py)", promises):
        file = path or file
        if test:
            named += 1
            assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file}::{test}"
    assert named > 60
