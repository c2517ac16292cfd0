"""Where the key of an encrypted store comes from, asked for at most once in a process.

    1. the key file       LTM_KEY_FILE, or key_file of config.toml
    2. the keyring        if `ltm encrypt --keyring` has put it there
    3. the person         if stderr is a terminal

Never the command line nor a variable: other processes could read them there.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from ltm_cli.core import settings
from ltm_cli.core.errors import StoreError, UsageError
from ltm_cli.core.messages import N_, text
from ltm_cli.storage.sqlite import keys
from ltm_cli.storage.sqlite.keys import INSTALL, Envelope

_SERVICE = "ltm"  # what the keyring calls us
_known: dict[str, bytes] = {}  # by the id of the key
_asking = threading.Lock()


def data_key(home: Path, *, ask: bool = True) -> bytes:
    """The key of the store in a home. Raises StoreError: no key, a wrong one, nobody to ask."""
    envelope = keys.read(home)
    with _asking:
        key = _known.get(envelope.id)
        if key is None or not envelope.fits(key):
            key = _known[envelope.id] = _found(home, envelope, ask)
    return key


def learn(envelope: Envelope, key: bytes) -> None:
    """Take a key that was just made for known, so that nobody is asked for it."""
    _known[envelope.id] = key


def key_file(home: Path) -> Path | None:
    """The key file that was chosen."""
    chosen = settings.load(home).key_file
    return Path(chosen).expanduser() if chosen else None


def by_file(path: Path, envelope: Envelope) -> bytes:
    """The key that a key file gives. Raises StoreError if it is that of another store."""
    held = keys.in_file(path)
    key = envelope.unwrapped(held) if isinstance(held, str) else held[0]
    if not envelope.fits(key):
        raise StoreError(
            text("{path} is the key of another store", path=path),
            text("set LTM_KEY_FILE to the right key file"),
        )
    return key


def asked(prompt: str) -> str:
    """A passphrase typed on the terminal, not shown. Raises StoreError if there is none."""
    import getpass
    import warnings

    # Where `ltm serve` runs a command for another process, the terminal is not ours to read.
    if sys.stderr is sys.__stderr__ and sys.stderr is not None and sys.stderr.isatty():
        with warnings.catch_warnings():
            # getpass would go on and read from a pipe, or show what is typed.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return keys.passphrase(getpass.getpass(prompt))
            except (getpass.GetPassWarning, EOFError):
                pass
    raise StoreError(
        text("a passphrase is needed, and there is no terminal to ask for it"), text(_HINT)
    )


_HINT = N_("set LTM_KEY_FILE to a file that holds it, or run ltm encrypt --keyring once")


def new_passphrase() -> str:
    """A passphrase typed twice. Raises UsageError if the two differ."""
    first = asked(text("New passphrase: "))
    if asked(text("Repeat the passphrase: ")) != first:
        raise UsageError(text("the two passphrases differ"), text("nothing was changed; try again"))
    return first


def to_keyring(envelope: Envelope, key: bytes) -> None:
    """Give the key to the system's keyring. Raises StoreError where there is none."""
    try:
        import keyring
    except ImportError:
        raise StoreError(text("the keyring library is not installed"), INSTALL) from None
    try:
        keyring.set_password(_SERVICE, envelope.id, key.hex())
        kept = keyring.get_password(_SERVICE, envelope.id) == key.hex()
    except Exception as error:  # each system's keyring raises its own
        raise StoreError(
            text("the keyring refused the key: {reason}", reason=error),
            text("use --key-file FILE instead"),
        ) from None
    if not kept:
        raise StoreError(
            text("the keyring did not keep the key"), text("use --key-file FILE instead")
        )


def from_keyring(envelope: Envelope) -> None:
    """Take the key out of the keyring again, if it is there."""
    import contextlib

    with contextlib.suppress(Exception):  # each system's keyring raises its own
        import keyring

        keyring.delete_password(_SERVICE, envelope.id)


def _found(home: Path, envelope: Envelope, ask: bool) -> bytes:
    if path := key_file(home):
        return by_file(path, envelope)
    if envelope.keyring and (key := _in_keyring(envelope)):
        return key
    if not ask:
        raise StoreError(text("the store is encrypted"), text(_HINT))
    if envelope.passphrase is None:
        raise StoreError(
            text("the store is encrypted, and its key file is not known"),
            text("set LTM_KEY_FILE, or run ltm config set key_file FILE"),
        )
    key = envelope.unwrapped(asked(text("Passphrase for {home}: ", home=home)))
    if not envelope.fits(key):
        raise StoreError(
            text("{path} is damaged", path=home / keys.NAME), text("restore it from a backup")
        )
    return key


def _in_keyring(envelope: Envelope) -> bytes | None:
    """The key that the keyring holds; None if it is locked, gone or wrong: one is asked instead."""
    try:
        import keyring

        key = bytes.fromhex(keyring.get_password(_SERVICE, envelope.id) or "")
    except Exception:  # each system's keyring raises its own
        return None
    return key if envelope.fits(key) else None
