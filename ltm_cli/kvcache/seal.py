"""What seals the entries of the bank of an encrypted store: AES-256-GCM, under keys of its own.

A sealed state is `u8 nonce[12]`, the state encrypted, and its tag. The header of the entry is bound
to it as associated data, so that it opens only for whoever knows what it is of. The name of a file
is a keyed digest of the header, which nobody can compare a guess with.
"""

from __future__ import annotations

import hashlib
import os

from ltm_cli.core.errors import StoreError
from ltm_cli.core.messages import text
from ltm_cli.storage.sqlite.keys import INSTALL

_NONCE = 12  # bytes


class Seal:
    """Seals and opens entries under the key of a store. Raises StoreError without the library."""

    def __init__(self, key: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.hashes import SHA256
            from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
        except ImportError:
            raise StoreError(text("the cryptography library is not installed"), INSTALL) from None
        derived = HKDFExpand(SHA256(), 64, b"ltm bank").derive(key)
        self._cipher = AESGCM(derived[:32])
        self._names = derived[32:]

    def name(self, document: bytes) -> str:
        """What a file is called, for a header written as `document`."""
        return hashlib.blake2b(document, key=self._names, digest_size=12).hexdigest()

    def encrypt(self, state: bytes, document: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, state, document)

    def decrypt(self, sealed: memoryview, document: bytes) -> bytes | None:
        """The state, or None if this is not exactly that of the header."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], document)
        except (InvalidTag, ValueError):  # of another entry, or cut off
            return None
