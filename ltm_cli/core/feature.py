"""What a feature adds to ltm, said in the `__init__.py` of its folder.

Everything is named by its module and loaded when it is needed: naming the features costs no time.
"""

from __future__ import annotations

from typing import NamedTuple


class Derived(NamedTuple):
    """A derived table: what its rules give is of this version; raise it when they give other."""

    name: str
    version: str
    module: str
    cls: str


class Feature(NamedTuple):
    """A kind of memory or a use of it, whole in its folder."""

    name: str
    derived: tuple[Derived, ...] = ()
    answers: str = ""  # the module whose `answer` knows questions that need no reading
    commands: tuple[tuple[str, str], ...] = ()  # (command, its module under ltm_cli.cli)
