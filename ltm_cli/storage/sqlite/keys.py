"""The key of an encrypted store, and `key.json`, which says how to come by it.

A random key of 256 bits, made once, encrypts everything. `key.json` holds it wrapped (AES-256-GCM)
with a key that scrypt derives of the passphrase: another passphrase rewrites one small file.
A key file that ltm has written, and the system's keyring, hold the key itself: nothing has to be
derived, which costs no time.

    {"format": 1, "id": …, "check": …, "keyring": bool,
     "passphrase": null | {"n", "r", "p", "salt", "nonce", "key"}}       bytes in hexadecimal

`check` is a keyed digest that tells the right key from any other. key.json is not secret, but as
needed as the passphrase: without it the passphrase opens nothing.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltm_cli.core import atomic
from ltm_cli.core.errors import StoreError, unwritable
from ltm_cli.core.messages import N_, text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

INSTALL = "pip install 'ltm-cli[encrypted]'"  # what brings SQLCipher, keys and keyring
FORMAT = 1
BYTES = 32
NAME = "key.json"
_MARK = "ltm-key-1"  # the first word of a key file that holds the key itself
_MOST = 1 << 30  # bytes of memory that scrypt may be told to take


@dataclass(frozen=True)
class Wrapped:
    """The key under a passphrase. n, r and p are those of scrypt: 128·n·r bytes of memory."""

    n: int = 1 << 17
    r: int = 8
    p: int = 1
    salt: str = ""
    nonce: str = ""
    key: str = ""


@dataclass(frozen=True)
class Envelope:
    """What key.json says of the key."""

    id: str
    check: str
    passphrase: Wrapped | None = None
    keyring: bool = False
    format: int = FORMAT

    @classmethod
    def of(cls, key: bytes, id: str = "") -> Envelope:
        return cls(id or secrets.token_hex(8), _digest(key))

    def fits(self, key: bytes) -> bool:
        """Whether it is the key of this store."""
        return hmac.compare_digest(self.check, _digest(key))

    def wrapped(self, key: bytes, passphrase: str) -> Envelope:
        """The same, opened by this passphrase and no earlier one."""
        nonce = secrets.token_bytes(12)
        slot = Wrapped(salt=secrets.token_hex(16), nonce=nonce.hex())
        sealed = _cipher(slot, passphrase).encrypt(nonce, key, self._bound(slot))
        return replace(self, passphrase=replace(slot, key=sealed.hex()))

    def unwrapped(self, passphrase: str) -> bytes:
        """The key. Raises StoreError for another passphrase, or if key.json was tampered with."""
        slot = self.passphrase
        if slot is None:
            raise StoreError(
                text("the store has no passphrase"), text("set LTM_KEY_FILE to its key file")
            )
        cipher = _cipher(slot, passphrase)
        from cryptography.exceptions import InvalidTag

        try:
            return cipher.decrypt(
                bytes.fromhex(slot.nonce), bytes.fromhex(slot.key), self._bound(slot)
            )
        except InvalidTag:
            raise StoreError(
                text("wrong passphrase"),
                text("try again; if {file} was changed, restore it from a backup", file=NAME),
            ) from None

    def _bound(self, slot: Wrapped) -> bytes:
        """What cannot be changed without the passphrase."""
        about = {**asdict(replace(slot, nonce="", key="")), "id": self.id, "check": self.check}
        return json.dumps(about, sort_keys=True).encode()


def new() -> bytes:
    return secrets.token_bytes(BYTES)


def read(home: Path) -> Envelope:
    """What key.json says. Raises StoreError if it is missing or makes no sense."""
    path = home / NAME
    try:
        values = json.loads(path.read_bytes())
        slot = values["passphrase"]
        wrapped = None if slot is None else _slot(slot)
        check = bytes.fromhex(values["check"]).hex()
        found = Envelope(
            str(values["id"]), check, wrapped, values["keyring"] is True, values["format"]
        )
    except OSError as error:
        raise StoreError(
            text("cannot read {path}: {reason}", path=path, reason=error.strerror), text(_RESTORE)
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StoreError(
            text("{path} is damaged: {reason}", path=path, reason=repr(error)), text(_RESTORE)
        ) from None
    if found.format != FORMAT:
        raise StoreError(
            text(
                "{path} has format {version!r}, but this program supports only {known}",
                path=path,
                version=found.format,
                known=FORMAT,
            ),
            text("upgrade ltm: pip install --upgrade ltm-cli"),
        )
    return found


_RESTORE = N_("restore it from a backup: without it the store cannot be opened")


def write(home: Path, envelope: Envelope) -> None:
    """Put key.json in place at once, on the disk when this returns."""
    path = home / NAME
    document = json.dumps(asdict(envelope), indent=1) + "\n"
    try:
        atomic.replace(path, document.encode())
    except OSError as error:
        raise unwritable(path, error) from None


def in_file(path: Path) -> tuple[bytes, str] | str:
    """What a key file holds: the key itself and its id, or a passphrase.

    Raises StoreError if others can read the file.
    """
    try:
        with path.open("rb") as file:  # may be a pipe: LTM_KEY_FILE=<(pass show ltm)
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise StoreError(
                    text("other users can read the key file {path}", path=path),
                    text("run chmod 600 {path}", path=path),
                )
            written = file.read(4096).decode("utf-8-sig")
    except OSError as error:
        raise StoreError(
            text("cannot read the key file {path}: {reason}", path=path, reason=error.strerror),
            text(_ELSE),
        ) from None
    except UnicodeDecodeError:
        raise StoreError(
            text("the key file {path} is not UTF-8 text", path=path), text(_ELSE)
        ) from None
    mark, _, rest = written.partition(" ")
    if mark != _MARK:
        return passphrase(written.rstrip("\r\n"))
    try:
        id, digits = rest.split()
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise StoreError(text("the key file {path} is damaged", path=path), text(_ELSE))
    return key, id


_ELSE = N_(
    "set LTM_KEY_FILE to another file, or run ltm config unset key_file"
    " to be asked for a passphrase"
)


def to_file(path: Path, key: bytes, envelope: Envelope) -> None:
    """Write the key to a new file that only its owner reads. Raises StoreError."""
    try:
        atomic.create(path, f"{_MARK} {envelope.id} {key.hex()}\n".encode())
    except OSError as error:
        raise StoreError(
            text("cannot write the key file {path}: {reason}", path=path, reason=error.strerror),
            text("choose another file"),
        ) from None


def passphrase(typed: str) -> str:
    """A passphrase in one form, however it was typed. Raises StoreError for an empty one."""
    if not typed.strip():
        raise StoreError(text("the passphrase is empty"), text("choose a long one"))
    return unicodedata.normalize("NFC", typed)


def _slot(values: Mapping[str, Any]) -> Wrapped:
    slot = Wrapped(**values)
    for written in (slot.salt, slot.nonce, slot.key):
        bytes.fromhex(written)
    if len(slot.nonce) != 24 or min(slot.n, slot.r, slot.p) < 1:
        raise ValueError("no nonce, or no work for scrypt")
    if 128 * slot.n * slot.r * slot.p > _MOST:
        raise ValueError("scrypt would take too much memory")
    return slot


def _cipher(slot: Wrapped, passphrase: str) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    except ImportError:
        raise StoreError(text("the cryptography library is not installed"), INSTALL) from None
    try:
        kdf = Scrypt(salt=bytes.fromhex(slot.salt), length=BYTES, n=slot.n, r=slot.r, p=slot.p)
    except (ValueError, TypeError) as error:
        raise StoreError(
            text("{path} is damaged: {reason}", path=NAME, reason=error), text(_RESTORE)
        ) from None
    return AESGCM(kdf.derive(passphrase.encode()))


def _digest(key: bytes) -> str:
    return hmac.digest(key, b"ltm key check", "sha256")[:16].hex()
