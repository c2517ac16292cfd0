"""Models that stay open where one process answers many questions (`ltm serve`).

Elsewhere nothing is kept: whoever has taken a model closes it by giving it back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterator
from typing import Protocol, TypeVar


class Closable(Protocol):
    def close(self) -> None: ...


Model = TypeVar("Model", bound=Closable)

_idle: dict[type, tuple[Hashable, Closable]] = {}  # the last of each kind
_keeping: list[bool] = []


@contextlib.contextmanager
def keep_open() -> Iterator[None]:
    """Meanwhile models that are given back stay open."""
    _keeping.append(True)
    try:
        yield
    finally:
        _keeping.clear()
        for _, model in _idle.values():
            model.close()
        _idle.clear()


def acquire(kind: type[Model], key: Hashable, open: Callable[[], Model]) -> Model:
    """The model of this kind that was opened with this key, else a new one."""
    known, model = _idle.pop(kind, (None, None))
    if isinstance(model, kind):
        if known == key:
            return model
        model.close()  # two would not fit the memory that one was chosen for
    return open()


def release(key: Hashable, model: Closable, *, sound: bool = True) -> None:
    """Give back what was taken; what was interrupted in the middle is not `sound`."""
    if _keeping and sound:
        _idle[type(model)] = key, model
    else:
        model.close()
