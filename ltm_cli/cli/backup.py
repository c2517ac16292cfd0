"""ltm backup, restore"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.messages import text

if TYPE_CHECKING:
    from ltm_cli.storage.sqlite.snapshots import Contents

app = typer.Typer(rich_markup_mode=None)


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new file, or an existing folder.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    json: options.Json = False,
) -> None:
    """Back up the memories of all users to one file, and verify it.

    Other commands may run meanwhile. In a folder, the file is named after the current time. The
    backup includes config.toml and what `ltm learn` trained, but nothing that was forgotten.

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
        console.note(
            text(
                "Backed up {what} to {file} ({size} MB).",
                what=_counted(done),
                file=target,
                size=f"{done.bytes / 1e6:.1f}",
            )
        )


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file written by ltm backup.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    json: options.Json = False,
) -> None:
    """Replace all memories with those of a backup.

    The backup is checked first; one made by an older version is migrated. The memories that were
    there are kept in a file beside the store.

    \b
    Examples:
      ltm restore /mnt/usb/ltm.db
      ltm --home /tmp/look restore ltm.db --yes
    """
    from ltm_cli.maintenance import backup as backups
    from ltm_cli.storage.sqlite.snapshots import KEPT

    home = options.chosen(context)
    found = backups.look(home, file)
    if not options.confirmed(
        text("Replace all memories with {what}?", what=_counted(found)), yes=yes
    ):
        raise typer.Abort
    done = backups.restore(home, file)
    kept = str(done.kept) if done.kept else None
    if json:
        console.document({"file": str(file), **asdict(done.contents), "kept": kept,
                       "config": done.config})  # fmt: skip
        return
    console.note(text("Restored {what}.", what=_counted(done.contents)))
    if kept:
        console.note(text("The previous memories are kept in {file}", file=kept))
        console.note(
            text("  for {days} days, or until you forget something permanently.", days=KEPT.days)
        )
    if done.config:
        console.note(
            text("config.toml was restored from the backup too: ltm config list shows it.")
        )


def _counted(found: Contents) -> str:
    memories = (
        text("1 memory") if found.memories == 1 else text("{count} memories", count=found.memories)
    )
    users = text("1 user") if found.users == 1 else text("{count} users", count=found.users)
    return text("{memories} of {users}", memories=memories, users=users)
