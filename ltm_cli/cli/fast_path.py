"""`ltm suggest PREFIX` at the press of a key: answered before anything slow is imported.

Only the plain call is taken here; help, JSON, wrong usage, a store that is missing, of another
version or opened by a passphrase go the usual way (cli/suggest.py), which says what is to be said.
"""

from __future__ import annotations

import os
import sys


def answered(arguments: list[str]) -> bool:
    """Whether the command line was a plain `suggest` that found something, and is done."""
    parsed = _parsed(arguments)
    if parsed is None:
        return False
    home, user, limit, prefix = parsed
    path = os.path.join(os.path.expanduser(home), "memory.db")  # noqa: PTH111, PTH118
    if not os.path.exists(path):  # noqa: PTH110
        return False
    from ltm_cli.core.sanitize import one_line
    from ltm_cli.features.suggest.suggest import suggest
    from ltm_cli.storage.sqlite import reading

    try:
        store = reading.opened(path, user)
        if store is None:
            return False
        try:
            found = suggest(store, prefix, limit)
        finally:
            store.close()
    except Exception:  # of either SQLite; the usual way says what it is
        return False
    lines = "".join(f"{one_line(line)}\n" for line in found)
    sys.stdout.buffer.write(lines.encode("utf-8", "replace"))
    sys.stdout.flush()
    return bool(found)


def _parsed(arguments: list[str]) -> tuple[str, str, int, str] | None:
    """(home, user, limit, prefix) of [--home DIR] suggest [-n N] [--user NAME] [--] PREFIX."""
    rest = list(arguments)
    home = ""
    if rest[:1] == ["--home"] and len(rest) > 2:
        home, rest = rest[1], rest[2:]
    if rest[:1] != ["suggest"]:
        return None
    if not home:
        from ltm_cli.core.home import default_home

        home = default_home()
    from ltm_cli.features.suggest.suggest import LIMIT

    user, limit, words = os.environ.get("LTM_USER") or "me", LIMIT, rest[1:]
    while len(words) > 2 and words[0] in ("-n", "--limit", "--user"):
        if words[0] == "--user":
            user = words[1]
        elif words[1].isdecimal() and int(words[1]):
            limit = int(words[1])
        else:
            return None
        words = words[2:]
    if words[:1] == ["--"]:
        words = words[1:]
    elif any(word.startswith("-") for word in words):
        return None
    return (home, user, limit, " ".join(words)) if words else None
