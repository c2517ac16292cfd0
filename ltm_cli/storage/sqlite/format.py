"""The format of a store: PRAGMA user_version holds the number of migrations it has seen."""

from __future__ import annotations

import sqlite3

from ltm_cli.core.errors import StoreError
from ltm_cli.core.messages import text

APPLICATION_ID = 0x4C544D31  # "LTM1"
FORMAT = 8  # how many migrations there are (migrations.py)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether a store is of the format of this program."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == FORMAT


def is_derived_by(connection: sqlite3.Connection, versions: dict[str, str]) -> bool:
    """Whether all that is derived was made by rules of these versions."""
    made_by = dict(connection.execute("SELECT key, value FROM meta"))
    return all(made_by.get(key) == value for key, value in versions.items())


def version_of(connection: sqlite3.Connection) -> int:
    """The format of a store, 0 of an empty file. Raises StoreError for one that cannot be read."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > FORMAT:
        raise StoreError(
            text(
                "the store has format {version}, but this program supports only {known}",
                version=version,
                known=FORMAT,
            ),
            text("upgrade ltm: pip install --upgrade ltm-cli"),
        )
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID and (
        version or connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    ):
        raise StoreError(
            text("this SQLite file belongs to another program"),
            text("choose another folder with --home DIR"),
        )
    return version
