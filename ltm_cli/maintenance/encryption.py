"""Encrypting a home and decrypting it, and what opens it: passphrase, key file, keyring.

The bank is emptied in passing: its entries are computed again, and sealed (kvcache/seal.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ltm_cli.core import settings
from ltm_cli.core.errors import UsageError
from ltm_cli.core.messages import text
from ltm_cli.core.settings import Settings
from ltm_cli.features.registry import INDEXER
from ltm_cli.kvcache import cache as kv
from ltm_cli.storage.sqlite import (
    connection,
    driver,
    key_provider,
    keys,
    snapshots,
)
from ltm_cli.storage.sqlite import (
    encryption as file_encryption,
)
from ltm_cli.storage.sqlite.keys import Envelope


@dataclass(frozen=True)
class Status:
    """Whether a home is encrypted, and what opens it."""

    encrypted: bool
    passphrase: bool = False
    key_file: str | None = None
    keyring: bool = False

    @property
    def ways(self) -> str:
        """In words."""
        named = {
            text("a passphrase"): self.passphrase,
            text("the key file {path}", path=self.key_file): self.key_file,
            text("the keyring"): self.keyring,
        }
        return ", ".join(way for way, there in named.items() if there) or text("a key file")


def status(home: Settings) -> Status:
    if not driver.is_encrypted(home.database):
        return Status(False)
    envelope = keys.read(home.home)
    return Status(True, envelope.passphrase is not None, home.key_file, envelope.keyring)


def encrypt(home: Settings, file: Path | None, *, keyring: bool) -> None:
    """Turn a plain store into an encrypted one.

    The passphrase is what `file` holds, or what is typed; where there is no such file yet, a
    random key is written to it instead. `keyring` gives the key to the system's keyring too.
    """
    path = home.database
    connection.connect(path, INDEXER, write=True).close()  # made, and of this format
    made = file is not None and not _outside(home, file).exists()
    if file is None or made:
        key = keys.new()
        envelope = Envelope.of(key)
        if file is None:
            envelope = envelope.wrapped(key, key_provider.new_passphrase())
        else:
            keys.to_file(file, key, envelope)
    elif isinstance(held := keys.in_file(file), str):
        key = keys.new()
        envelope = Envelope.of(key).wrapped(key, held)
    else:  # of an `encrypt` that was killed
        key, id = held
        envelope = Envelope.of(key, id)
    try:
        _keep(home, envelope, key, file, keyring=keyring)
        file_encryption.convert(path, None, key, lambda: _clear(home))
    except BaseException:
        driver.changed(path)
        if not driver.is_encrypted(path):  # else it is too late, and the key is needed
            _drop(home, envelope)
            if file is not None and made:
                file.unlink(missing_ok=True)
        raise


def change(home: Settings, file: Path | None, *, keyring: bool, passphrase: bool) -> None:
    """Add a key file or the keyring to what opens an encrypted store, or change its passphrase.

    A new passphrase is what `file` holds, or what is typed.
    """
    envelope = keys.read(home.home)
    key = key_provider.data_key(home.home)
    if file is not None and not _outside(home, file).exists():
        if passphrase:
            raise UsageError(
                text("{path} does not exist", path=file),
                text("create it first: --change reads the new passphrase from it"),
            )
        keys.to_file(file, key, envelope)
    elif passphrase:
        held = key_provider.new_passphrase() if file is None else keys.in_file(file)
        if not isinstance(held, str):
            raise UsageError(
                text("{path} holds a key, not a passphrase", path=file),
                text("leave out --change to use it as the key file"),
            )
        envelope = envelope.wrapped(key, held)
    elif file is not None:
        key_provider.by_file(file, envelope)
    _keep(home, envelope, key, file, keyring=keyring)


def decrypt(home: Settings) -> None:
    """Turn an encrypted store into a plain one, and forget its key; a key file is left."""
    envelope = keys.read(home.home)
    key = key_provider.data_key(home.home)
    file_encryption.convert(home.database, key, None, lambda: _clear(home))
    _drop(home, envelope)


def _keep(
    home: Settings, envelope: Envelope, key: bytes, file: Path | None, *, keyring: bool
) -> None:
    """Write down how the key is come by."""
    if keyring:
        key_provider.to_keyring(envelope, key)
        envelope = replace(envelope, keyring=True)
    keys.write(home.home, envelope)
    if file is not None:
        settings.set_value(home, "key_file", str(file.expanduser().absolute()))
    key_provider.learn(envelope, key)


def _clear(home: Settings) -> None:
    """Delete what is kept beside the store under the key of before, or under none."""
    kv.clear(home.bank)
    snapshots.drop(home.database)


def _drop(home: Settings, envelope: Envelope) -> None:
    """Take back what `_keep` wrote."""
    if envelope.keyring:
        key_provider.from_keyring(envelope)
    home.key.unlink(missing_ok=True)
    if home.config.exists():
        settings.set_value(home, "key_file", None)


def _outside(home: Settings, file: Path) -> Path:
    if file.expanduser().resolve().is_relative_to(home.home.resolve()):
        raise UsageError(
            text("{path} is in the folder that it would protect", path=file),
            text("choose another folder for --key-file"),
        )
    return file
