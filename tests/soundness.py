"""All that can be wrong with a store: everything is derived again and compared."""

from __future__ import annotations

from ltm_cli.maintenance.doctor import store as doctor
from ltm_cli.storage.sqlite.store import SqliteStore


def faults(store: SqliteStore) -> list[str]:
    """What is wrong with a store, of all users, in words; empty for a sound one."""
    return [one.detail for one in doctor.inspect(store, full=True) if one.state == "broken"]
