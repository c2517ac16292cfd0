"""Transactions: a writer takes the write lock at once, so that it never fails half-way."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator

from ltm_cli.storage.sqlite.format import version_of

WAIT = 60.0  # seconds a writer waits for others
_LOOK = 0.001, 0.01  # seconds between two looks of one who waits, drawn anew each time


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: committed and synced on leaving, rolled back on any exception.

    Raises StoreError when a newer ltm has migrated the store since it was opened.
    """
    _begin(connection)
    try:
        version_of(connection)
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _begin(connection: sqlite3.Connection) -> None:
    """Take the write lock, waiting for others at most `WAIT`.

    SQLite's own waiting looks less and less often, so that of many writers who has waited longest
    waits on. Here all who wait have the same chance.
    """
    from ltm_cli.storage.sqlite import driver  # `ltm suggest` has milliseconds, and never waits

    (timeout,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        until = time.monotonic() + timeout / 1000
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except driver.errors() as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
            from random import uniform  # nobody has to wait as a rule

            time.sleep(uniform(*_LOOK))
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout}")
