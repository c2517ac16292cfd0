"""The side of `ltm ask`: where somebody serves, hand the command line over before typer is loaded.

Anything unusual (help, a shell's completion, no server, one of another version) goes the usual way.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import BinaryIO, cast

import ltm_cli
from ltm_cli.core.errors import Exit
from ltm_cli.core.messages import text
from ltm_cli.server import protocol

SERVED = "ask"
NAMES = ("TZ", "COLUMNS", "LINES", "NO_COLOR", "TERM", "COLORTERM", "LANG", "LC_ALL",
         "LC_MESSAGES")  # fmt: skip


def answered(arguments: Sequence[str]) -> int | None:
    """The exit status of a command line that a server has run; None if it is not run yet."""
    home = _home(arguments)
    if home is None:
        return None
    connection = protocol.connected(home)
    if connection is None:
        return None
    with connection, cast("BinaryIO", connection.makefile("rwb")) as stream:
        try:
            protocol.send(stream, _request(arguments, home))
        except OSError:
            return None
        try:
            return _shown(stream)
        except KeyboardInterrupt:  # the server stops when the connection is closed
            sys.stderr.write("\n" + text("interrupted") + "\n")
            return Exit.INTERRUPTED
        except BrokenPipeError:  # `ltm ask … | head`: nobody reads on, and that is fine
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.OK


def asked(home: str, frame: protocol.Frame) -> protocol.Frame | None:
    """What the server of a home says to one frame; None when nobody serves."""
    connection = protocol.connected(home)
    if connection is None:
        return None
    with connection, cast("BinaryIO", connection.makefile("rwb")) as stream:
        try:
            protocol.send(stream, frame)
            return protocol.receive(stream)
        except OSError:
            return None


def _home(arguments: Sequence[str]) -> str | None:
    """The home of a command line that may be served, else None."""
    rest, home = list(arguments), ""
    if rest[:1] == ["--home"] and len(rest) > 1:
        home, rest = rest[1], rest[2:]
    if rest[:1] != [SERVED] or {"-h", "--help"} & set(rest) or "_LTM_COMPLETE" in os.environ:
        return None
    if not home:
        from ltm_cli.core.home import default_home

        home = default_home()
    return os.path.expanduser(home)  # noqa: PTH111


def _request(arguments: Sequence[str], home: str) -> protocol.Frame:
    environment = {
        key: value for key, value in os.environ.items() if key.startswith("LTM_") or key in NAMES
    }
    environment["LTM_HOME"] = os.path.abspath(home)  # noqa: PTH100
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if sys.stdout.isatty() and "COLUMNS" not in environment:
        environment["COLUMNS"] = str(os.get_terminal_size(sys.stdout.fileno()).columns)
    return {
        "do": "run",
        "version": ltm_cli.__version__,
        "arguments": list(arguments),
        "folder": os.getcwd(),  # noqa: PTH109
        "environment": environment,
        "started": ltm_cli.STARTED,
        "terminal": [stream.isatty() for stream in streams],
    }


def _shown(stream: BinaryIO) -> int | None:
    """Show what comes; the exit status, or None if the server did not run the command."""
    shown = False
    while (frame := protocol.receive(stream)) is not None:
        if "out" in frame or "err" in frame:
            target = sys.stdout if "out" in frame else sys.stderr
            target.buffer.write(str(frame.get("out", frame.get("err"))).encode("utf-8", "replace"))
            target.buffer.flush()
            shown = True
        elif "read" in frame:
            given = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
            protocol.send(stream, {"in": given})
        elif "status" in frame:
            return int(frame["status"])
        else:
            return None
    if not shown:
        return None
    wrong, hint = text("the server stopped before it had answered"), text("ask again")
    sys.stderr.write(f"ltm: {wrong}\n     {hint}\n")
    return Exit.MODEL
