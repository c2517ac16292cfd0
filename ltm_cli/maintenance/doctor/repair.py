"""What `ltm doctor --fix` does: what is derived is made again, what is left over is deleted.

No memory is changed or deleted. A file whose memories cannot all be read is left as it is.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from ltm_cli.core.errors import LtmError, StoreError, UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings
from ltm_cli.features.registry import INDEXER
from ltm_cli.maintenance.doctor import home, store
from ltm_cli.maintenance.doctor.finding import Finding, broken
from ltm_cli.storage.sqlite import connection, driver, files, integrity, rebuild, schema, snapshots


def repair(settings: Settings, findings: Iterable[Finding]) -> list[Finding]:
    """Repair what can be; says what was done, and what could not be."""
    wrong = {finding.check for finding in findings if finding.fixable}
    done: list[Finding] = []
    try:
        for check, what in _repaired(settings, wrong):
            done.append(Finding(check, "fixed", what))
    except LtmError as error:
        done.append(
            broken("repair", text("{wrong}; {hint}", wrong=error, hint=error.hint), error.exit)
        )
    except OSError as error:
        done.append(broken("repair", str(error)))
    return done


def salvage(settings: Settings, file: Path) -> Finding:
    """Save what can be read of a damaged store to a new one. Raises UsageError, StoreError."""
    from ltm_cli.storage.sqlite import salvage as saving

    if file.exists():
        raise UsageError(text("{path} already exists", path=file), text("choose another file"))
    if not file.parent.is_dir():
        raise UsageError(
            text("the folder {path} does not exist", path=file.parent), text("create it first")
        )
    saved = saving.salvage(settings.database, file, INDEXER)
    if saved == 1:
        detail = text(
            "1 memory saved to {path}; put it in place with ltm restore {path}", path=file
        )
    else:
        detail = text(
            "{count} memories saved to {path}; put them in place with ltm restore {path}",
            count=saved,
            path=file,
        )
    return Finding("salvage", "fixed", detail)


def _repaired(settings: Settings, wrong: set[str]) -> Iterator[tuple[str, str]]:
    if "permissions" in wrong:
        paths = home.exposed(settings)
        for path in paths:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
        if len(paths) == 1:
            yield "permissions", text("made 1 file or folder private")
        else:
            yield "permissions", text("made {count} files and folders private", count=len(paths))
    for check, find in ("leftovers", home.left_behind), ("orphans", home.orphans):
        if check in wrong:
            paths = find(settings)
            for path in paths:
                path.unlink(missing_ok=True)
            if len(paths) == 1:
                yield check, text("deleted 1 file")
            else:
                yield check, text("deleted {count} files", count=len(paths))
    if wrong & {"file", "texts", "rows", "index"}:
        yield "index", _rebuilt(settings, damaged="file" in wrong)


def _rebuilt(settings: Settings, *, damaged: bool) -> str:
    """Make all that is derived again, the indices of a damaged file too."""
    path = settings.database
    with (
        files.errors(path),
        contextlib.closing(connection.connect(path, INDEXER, write=True)) as db,
    ):
        try:
            if damaged:
                db.execute("REINDEX")
            rebuild.rebuild(db, INDEXER)
            schema.compact(db)
        except driver.errors() as error:
            if driver.is_transient(error):  # locked, the disk is full, …
                raise
            raise StoreError(
                text("not all memories can be read: {reason}", reason=error), text(store.SALVAGE)
            ) from None
        if damaged and (rest := integrity.damage(db)):
            raise StoreError(text("still damaged: {reason}", reason=rest[0]), text(store.SALVAGE))
        _, memories = snapshots.counts(db)
    if memories == 1:
        return text("rebuilt the index, facts, tasks and times of 1 memory")
    return text("rebuilt the index, facts, tasks and times of {count} memories", count=memories)
