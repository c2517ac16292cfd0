"""ltm backup, restore"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console

if TYPE_CHECKING:
    from ltm_cli.storage.sqlite.snapshots import Contents

app = typer.Typer(rich_markup_mode=None)


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, or a folder.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file.")] = False,
    json: options.Json = False,
) -> None:
    """Copy the memories of all users to one file, and check the copy.

    Other commands may run meanwhile. In a folder the file is named for the time. What was forgotten
    is not in it; config.toml and what `ltm learn` trained are.

    \b
    Examples:
      ltm backup /mnt/usb/ltm.db
      ltm backup ~/backups
    """
    from ltm_cli.maintenance import backup as backups

    target = backups.named(file)
    done = backups.back_up(options.chosen(context), target, force=force)
    if json:
        console.document({"file": str(target), **asdict(done)})
    else:
        console.note(f"Backed up {_counted(done)} to {target} ({done.bytes / 1e6:.1f} MB).")


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As ltm backup wrote it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: options.Json = False,
) -> None:
    """Put a backup in the place of all memories. What is there now is kept beside it.

    The backup is checked first; one of an older ltm is brought up to date.

    \b
    Examples:
      ltm restore /mnt/usb/ltm.db
      ltm --home /tmp/look restore ltm.db --yes
    """
    from ltm_cli.maintenance import backup as backups
    from ltm_cli.storage.sqlite.snapshots import KEPT

    home = options.chosen(context)
    found = backups.look(home, file)
    if not options.confirmed(f"Replace all memories by {_counted(found)}?", yes=yes):
        raise typer.Abort
    done = backups.restore(home, file)
    kept = str(done.kept) if done.kept else None
    if json:
        console.document({"file": str(file), **asdict(done.contents), "kept": kept,
                       "config": done.config})  # fmt: skip
        return
    console.note(f"Restored {_counted(done.contents)}.")
    if kept:
        console.note(f"What was there is {kept}")
        console.note(f"  for {KEPT.days} days, or until something is forgotten for good.")
    if done.config:
        console.note("config.toml came from the backup: ltm config list shows it")


def _counted(found: Contents) -> str:
    memories = "memory" if found.memories == 1 else "memories"
    users = "user" if found.users == 1 else "users"
    return f"{found.memories} {memories} of {found.users} {users}"
