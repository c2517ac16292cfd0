"""Everything that can go wrong in a way the user can do something about.

    LtmError                exit status
    ├── NothingFound             1   nothing matches, or "no memory of that"
    ├── UsageError               2   wrong usage
    ├── StoreError               3   locked, corrupt, newer than this program, disk full
    ├── ModelError               4   missing, broken, too small a context
    └── InputError               5   input that could not be read

An error is one line that says what is wrong (`str(error)`) and one that says what to do (`hint`).
"""

from __future__ import annotations

import errno
from enum import IntEnum

TYPE_CHECKING = False  # as typing has it, without the time to import it
if TYPE_CHECKING:
    from pathlib import Path


class Exit(IntEnum):
    """Exit statuses of the `ltm` command."""

    OK = 0
    NOTHING = 1
    USAGE = 2
    STORE = 3
    MODEL = 4
    INPUT = 5
    BUG = 70  # EX_SOFTWARE: a defect of ltm itself
    INTERRUPTED = 130


MEANING = {
    Exit.OK: "done",
    Exit.NOTHING: 'nothing found, or the answer is "I have no memory of that"',
    Exit.USAGE: "wrong usage",
    Exit.STORE: "problem with the store: locked, corrupt, newer than this program, or disk full",
    Exit.MODEL: "problem with the model: missing, broken, or its context is too small",
    Exit.INPUT: "unreadable input, such as a bad line of JSONL",
    Exit.BUG: "a bug in ltm; --debug shows where",
    Exit.INTERRUPTED: "interrupted",
}


class LtmError(Exception):
    """Base of the tree; `hint` is the second line the user sees."""

    exit = Exit.BUG

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NothingFound(LtmError):
    exit = Exit.NOTHING


class UsageError(LtmError):
    exit = Exit.USAGE


class StoreError(LtmError):
    exit = Exit.STORE


class ModelError(LtmError):
    exit = Exit.MODEL


class InputError(LtmError):
    exit = Exit.INPUT


def is_full(error: OSError) -> bool:
    """Whether something could not be written for want of space."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def unwritable(path: Path, error: OSError) -> StoreError:
    """What to raise when a file of the home cannot be written."""
    from ltm_cli.core.messages import text  # seldom needed

    if is_full(error):
        hint = text("free some space, then try again")
    else:
        hint = text("make it writable, or choose another folder with --home DIR or LTM_HOME")
    return StoreError(text("cannot write {path}: {reason}", path=path, reason=error.strerror), hint)
