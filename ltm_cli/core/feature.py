"""What a feature adds to ltm, said in the `__init__.py` of its folder.

Everything is named by its module and loaded when it is needed: naming the features costs no time,
not even that of importing dataclasses or typing.
"""

from __future__ import annotations


class Derived:
    """A derived table: what its rules give is of this version; raise it when they give other."""

    def __init__(self, name: str, version: str, module: str, cls: str) -> None:
        self.name, self.version, self.module, self.cls = name, version, module, cls


class Feature:
    """A kind of memory or a use of it, whole in its folder."""

    def __init__(
        self,
        name: str,
        *,
        derived: tuple[Derived, ...] = (),
        answers: str = "",
        commands: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """`answers` is the module whose `answer` knows questions that need no reading; `commands`
        are names, each with its module under ltm_cli.cli."""
        self.name, self.derived, self.answers, self.commands = name, derived, answers, commands
