"""`ltm ARGUMENTS` without a process of its own, where hundreds of them would take minutes."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from ltm_cli.cli.app import app


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


def ltm(home: Path, *arguments: str, stdin: str = "", **environment: str) -> Done:
    """Run one command on a home, with nothing of LTM_* but what is given here."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("LTM_")}
    given |= {"LTM_HOME": str(home), "COLUMNS": "200"} | environment
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    status = 0
    with (
        mock.patch.dict(os.environ, given, clear=True),
        mock.patch.object(sys, "argv", ["ltm", *arguments]),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            app()
        except SystemExit as ended:
            status = int(ended.code or 0)
    return Done(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))
