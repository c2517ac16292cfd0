"""One thing that was examined."""

from __future__ import annotations

from dataclasses import dataclass

from ltm_cli.core.errors import Exit


@dataclass(frozen=True)
class Finding:
    """`state` is ok, note, broken or fixed; `exit` is the status a broken one gives the command.

    `fixable`: `ltm doctor --fix` repairs it.
    """

    check: str
    state: str
    detail: str
    exit: int = 0
    fixable: bool = False


def ok(check: str, detail: str) -> Finding:
    return Finding(check, "ok", detail)


def note(check: str, detail: str, *, fixable: bool = False) -> Finding:
    return Finding(check, "note", detail, fixable=fixable)


def broken(check: str, detail: str, exit: int = Exit.STORE, *, fixable: bool = False) -> Finding:
    return Finding(check, "broken", detail, int(exit), fixable)
