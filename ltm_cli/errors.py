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

from enum import IntEnum


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
    Exit.STORE: "the store: locked, corrupt, newer than this program, disk full",
    Exit.MODEL: "the model: missing, broken, too small a context",
    Exit.INPUT: "input that could not be read, such as a bad line of JSONL",
    Exit.BUG: "a defect of ltm itself; --debug shows where",
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
