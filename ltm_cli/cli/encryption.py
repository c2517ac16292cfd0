"""ltm encrypt, decrypt"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ltm_cli.cli import options
from ltm_cli.core import console
from ltm_cli.core.errors import NothingFound, UsageError
from ltm_cli.storage.sqlite import files

app = typer.Typer(rich_markup_mode=None)


@app.command()
def encrypt(
    context: typer.Context,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            metavar="FILE",
            help="Holds the passphrase; if it is not there, a random key is written to it.",
        ),
    ] = None,
    keyring: Annotated[
        bool, typer.Option("--keyring", help="Keep the key in the system's keyring too.")
    ] = False,
    change: Annotated[
        bool, typer.Option("--change", help="Another passphrase for an encrypted store.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Encrypt the store and the bank, of all users, with a passphrase that is asked for.

    Of a store that is encrypted, say what opens it, or add to that. Needs the extra `encrypted`:
    pip install 'ltm-cli[encrypted]'

    \b
    Examples:
      ltm encrypt
      ltm encrypt --key-file /media/stick/ltm.key
      ltm encrypt --keyring
      ltm encrypt --change
    """
    from ltm_cli.maintenance import encryption

    home = options.chosen(context)
    key_file = key_file and key_file.expanduser()
    with files.errors(home.database):
        if not encryption.status(home).encrypted:
            if change:
                raise UsageError("the store is not encrypted", "ltm encrypt asks for a passphrase")
            encryption.encrypt(home, key_file, keyring=keyring)
            console.note(
                "Encrypted. Keep key.json with every copy of memory.db: neither opens without it."
                " Earlier backups, and what the disk has kept of the plain file, stay readable."
            )
        elif key_file or keyring or change:
            encryption.change(home, key_file, keyring=keyring, passphrase=change)
    found = encryption.status(options.chosen(context))
    if json:
        console.document(asdict(found))
    else:
        console.line(f"Encrypted, opened by {found.ways}.")


@app.command()
def decrypt(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: options.Json = False,
) -> None:
    """Write the store in plain again, for everybody who can read the disk.

    \b
    Examples:
      ltm decrypt
      ltm decrypt --yes
    """
    from ltm_cli.maintenance import encryption

    home = options.chosen(context)
    with files.errors(home.database):
        before = encryption.status(home)
        if not before.encrypted:
            raise NothingFound("the store is not encrypted", "ltm encrypt encrypts it")
        if not options.confirmed("Write all memories in plain?", yes=yes):
            raise typer.Abort
        encryption.decrypt(home)
    if before.key_file:
        console.note(f"{before.key_file} is of no use any more, and is left for you to delete.")
    if json:
        console.document(asdict(encryption.status(home)))
    else:
        console.line("Decrypted.")
