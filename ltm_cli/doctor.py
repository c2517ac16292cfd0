"""What `ltm doctor` examines: everything that could keep ltm from working, one finding each."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from ltm_cli.errors import Exit, LtmError
from ltm_cli.settings import Settings


@dataclass(frozen=True)
class Finding:
    """`state` is ok, note or broken; `exit` is the status a broken one gives the command."""

    check: str
    state: str
    detail: str
    exit: int = 0


def examine(settings: Settings) -> list[Finding]:
    return [
        *_sqlite(),
        *_store(settings),
        *_permissions(settings),
        *_model(settings),
        *_embedding(settings),
    ]


def _ok(check: str, detail: str) -> Finding:
    return Finding(check, "ok", detail)


def _broken(check: str, detail: str, exit: Exit) -> Finding:
    return Finding(check, "broken", detail, int(exit))


def _sqlite() -> Iterator[Finding]:
    with sqlite3.connect(":memory:") as db:
        options = {row[0] for row in db.execute("PRAGMA compile_options")}
    db.close()
    if "ENABLE_FTS5" in options:
        yield _ok("sqlite", f"{sqlite3.sqlite_version} with FTS5")
    else:
        yield _broken("sqlite", f"{sqlite3.sqlite_version} without FTS5", Exit.STORE)


def _store(settings: Settings) -> Iterator[Finding]:
    from ltm_cli.store import connection, derived

    path = settings.database
    if not path.exists():
        yield Finding("store", "note", f"{path} is not there yet: nothing is remembered")
        return
    try:
        with connection.errors(path):
            db = connection.connect(path, write=False)
            try:
                faults = derived.faults(db)
                users, memories = derived.counts(db)
            finally:
                db.close()
    except LtmError as error:
        yield _broken("store", str(error), Exit.STORE)
        return
    size = path.stat().st_size / 1e6
    yield _ok("store", f"{path}: {memories} memories of {users} users, {size:.1f} MB")
    if faults:
        yield _broken("integrity", "; ".join(faults[:3]), Exit.STORE)
    else:
        yield _ok("integrity", "file sound, index and text agree")


def _permissions(settings: Settings) -> Iterator[Finding]:
    open_to_others = [
        str(path)
        for path in (settings.home, settings.database, settings.config)
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to_others:
        yield _broken(
            "permissions", f"others can read: chmod go= {' '.join(open_to_others)}", Exit.STORE
        )
    else:
        yield _ok("permissions", "only you can read your memories")


def _model(settings: Settings) -> Iterator[Finding]:
    from ltm_cli.model import catalogue, gguf, library

    try:
        choice = catalogue.choose(settings)
        if not library.is_installed() or choice is None:
            yield Finding(
                "model", "note", "none: answers quote the memories (pip install 'ltm-cli[model]')"
            )
            return
        about = gguf.info(choice.path)
    except LtmError as error:
        yield _broken("model", str(error), Exit.MODEL)
        return
    spoken = " ".join(choice.languages or about.languages) or "languages not stated"
    yield _ok("model", f"{about.name}, {about.bytes / 1e6:.0f} MB, {spoken} ({choice.path})")
    state = "ok" if library.offloads() else "note"
    yield from (Finding("gpu", state, line) for line in library.gpu())


def _embedding(settings: Settings) -> Iterator[Finding]:
    """Of dense recall, where it is chosen: whether the model is there and has embedded all."""
    from ltm_cli.model import catalogue, embedder, gguf
    from ltm_cli.store import connection, vectors

    try:
        path = catalogue.embedding(settings)
        if path is None:
            return
        about = gguf.info(path)
        with connection.errors(settings.database):
            db = connection.connect(settings.database, write=False)
            try:
                current = vectors.model(db) == embedder.identity(path, settings.bank)
                embedded, memories = vectors.count(db) if current else (0, vectors.count(db)[1])
            finally:
                db.close()
    except LtmError as error:
        yield _broken("embedding", str(error), error.exit)
        return
    detail = f"{about.name}: {embedded} of {memories} memories ({path})"
    if embedded < memories:
        yield Finding("embedding", "note", f"{detail}; ltm model use --embed FILE does the rest")
    else:
        yield _ok("embedding", detail)
