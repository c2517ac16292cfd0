"""Texts that make a regular expression slow, read off the expression itself.

Each part that may repeat is led up to and then repeated, in each of its alternatives, before an end
that does not fit: where a text can be matched in two ways, every repetition doubles the work.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from types import ModuleType
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    parser: Any = importlib.import_module("re._parser" if hasattr(re, "_parser") else "sre_parse")

OFTEN = 10  # a part that may repeat so often is worth repeating
MOST = 60  # alternatives of one part that are tried
_CHARACTERS = "a1 A-.。天二,'\"(🍰_\n\t:/@#%+*=<>[]|！？“你是é"
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

Node = tuple[Any, Any]


def patterns(package: ModuleType) -> dict[str, re.Pattern[str]]:
    """The expressions for text that the modules of a package hold, by what they are."""
    found: dict[str, re.Pattern[str]] = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not info.name.endswith("__main__"):
            for value in vars(importlib.import_module(info.name)).values():
                for pattern in _held(value, 4):
                    found[pattern.pattern] = pattern
    return found


def _held(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    """The expressions in a value: itself, or what stands in its tables."""
    if isinstance(getattr(value, "pattern", None), str) and hasattr(value, "finditer"):
        yield value
    elif depth and isinstance(value, (tuple, list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _held(one, depth - 1)


def pumps(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """(what leads up to a part that may repeat, the part once)."""
    yield from dict.fromkeys(_pumps(parser.parse(pattern.pattern, pattern.flags), ""))


def _pumps(nodes: Sequence[Node], before: str) -> Iterator[tuple[str, str]]:
    for kind, value in nodes:
        inner: list[Sequence[Node]] = []
        if str(kind) in _REPEATS:
            _, most, body = value
            inner = [body]
            if most >= OFTEN:
                parts = list(islice(_texts(body), MOST))
                parts += [one + other for one, other in islice(permutations(parts, 2), MOST)]
                yield from ((before, part) for part in parts if part)
        elif str(kind) == "BRANCH":
            inner = value[1]
        elif str(kind) in ("SUBPATTERN", "ATOMIC_GROUP"):
            inner = [value[-1] if str(kind) == "SUBPATTERN" else value]
        elif str(kind) in ("ASSERT", "ASSERT_NOT"):
            inner = [value[1]]
        for one in inner:
            yield from _pumps(one, before)
        before += next(_texts([(kind, value)]), "")


def _texts(nodes: Sequence[Node]) -> Iterator[str]:
    """Short texts that match, one for each alternative; those beyond the first node vary little."""
    if not nodes:
        yield ""
        return
    (kind, value), *rest = nodes
    after = next(_texts(rest), "")
    first = True
    for text in _node(str(kind), value):
        yield text + after
        if first:  # the alternatives of what follows, once
            first = False
            yield from (text + other for other in islice(_texts(rest), 1, MOST))


def _node(kind: str, value: Any) -> Iterator[str]:
    if kind == "LITERAL":
        yield chr(value)
    elif kind in ("NOT_LITERAL", "ANY", "IN"):
        fits = re.compile(_class(kind, value), re.DOTALL).fullmatch
        likely = [c for c in _CHARACTERS if fits(c)]
        if kind == "IN":
            likely += [chr(v if str(k) == "LITERAL" else v[0]) for k, v in value
                       if str(k) in ("LITERAL", "RANGE")]  # fmt: skip
        yield from [c for c in dict.fromkeys(likely) if fits(c)][:4]
    elif kind == "BRANCH":
        for one in value[1]:
            yield from islice(_texts(one), 4)
    elif kind == "SUBPATTERN":
        yield from _texts(value[-1])
    elif kind == "ATOMIC_GROUP":
        yield from _texts(value)
    elif kind in _REPEATS:
        least, _, body = value
        yield from (text * max(least, 1) for text in _texts(body))
        if not least:
            yield ""
    else:  # an edge, a look around, a group again: no text of its own
        yield ""


def _class(kind: str, value: Any) -> str:
    """The expression of one character again, of its parse."""
    if kind == "ANY":
        return "."
    if kind == "NOT_LITERAL":
        return f"[^{re.escape(chr(value))}]"
    inner = ""
    for name, one in value:
        if str(name) == "NEGATE":
            inner += "^"
        elif str(name) == "LITERAL":
            inner += re.escape(chr(one))
        elif str(name) == "RANGE":
            inner += f"{re.escape(chr(one[0]))}-{re.escape(chr(one[1]))}"
        else:
            inner += _CATEGORIES[str(one).removeprefix("CATEGORY_").removeprefix("UNI_")]
    return f"[{inner}]"


_CATEGORIES = {
    "DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w",
    "NOT_WORD": r"\W",
}  # fmt: skip
