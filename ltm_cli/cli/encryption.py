"""ltm encrypt, decrypt"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.core.messages import text

app = typer.Typer(rich_markup_mode=None)


@app.command()
def encrypt(
    context: typer.Context,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            metavar="FILE",
            help="File with the passphrase; if it does not exist, a random key is written to it.",
        ),
    ] = None,
    keyring: Annotated[
        bool, typer.Option("--keyring", help="Also keep the key in the system keyring.")
    ] = False,
    change: Annotated[
        bool, typer.Option("--change", help="Change the passphrase of an encrypted store.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Encrypt all memories with a passphrase.

    You are asked for the passphrase. The memories of all users and the memory bank are encrypted.
    If they already are, shows what opens them, or adds another way to open them. Requires
    pip install 'ltm-cli[encrypted]'

    \b
    Examples:
      ltm encrypt
      ltm encrypt --key-file /media/stick/ltm.key
      ltm encrypt --keyring
      ltm encrypt --change
    """
    from ltm_cli.maintenance import encryption
    from ltm_cli.storage.sqlite import files

    home = options.chosen(context)
    key_file = key_file and key_file.expanduser()
    with files.errors(home.database):
        if not encryption.status(home).encrypted:
            if change:
                raise UsageError(
                    text("the store is not encrypted"),
                    text("leave out --change: ltm encrypt asks for a passphrase"),
                )
            encryption.encrypt(home, key_file, keyring=keyring)
            console.note(
                text(
                    "Keep key.json with every copy of memory.db: it cannot be opened without it."
                    " Earlier backups stay readable, as do remains of the old file on the disk."
                )
            )
        elif key_file or keyring or change:
            encryption.change(home, key_file, keyring=keyring, passphrase=change)
    found = encryption.status(options.chosen(context))
    if json:
        console.document(asdict(found))
    else:
        console.line(text("Encrypted; opened by {ways}.", ways=found.ways))


@app.command()
def decrypt(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    json: options.Json = False,
) -> None:
    """Remove the encryption: anyone who can read the disk can read the memories.

    \b
    Examples:
      ltm decrypt
      ltm decrypt --yes
    """
    from ltm_cli.maintenance import encryption
    from ltm_cli.storage.sqlite import files

    home = options.chosen(context)
    with files.errors(home.database):
        before = encryption.status(home)
        if not before.encrypted:
            raise NothingFound(text("the store is not encrypted"), text("ltm encrypt encrypts it"))
        if not options.confirmed(text("Store all memories unencrypted?"), yes=yes):
            raise typer.Abort
        encryption.decrypt(home)
    if before.key_file:
        console.note(text("{file} is no longer needed; you can delete it.", file=before.key_file))
    if json:
        console.document(asdict(encryption.status(home)))
    else:
        console.line(text("Decrypted."))
