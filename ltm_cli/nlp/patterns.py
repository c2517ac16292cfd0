"""Regular expressions that are compiled when they are first used: most texts need none of them."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, method: str) -> Any:
        found = getattr(re.compile(self._source, self._flags), method)
        self.__dict__[method] = found
        return found


def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern like re.compile's."""
    return cast("re.Pattern[str]", _Lazy(source, flags))
