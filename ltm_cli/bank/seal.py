"""Entries of the bank of an encrypted store: AES-256-GCM, under keys derived from the store's.

    "LTMKV2\\n", u8 nonce[12], the state encrypted with its tag

The header, which holds the words as tokens, is not written: it is bound to the state as associated
data, so that an entry opens only for whoever knows what it is of. The name of a file is a keyed
digest of it, which nobody can compare a guess with.
"""

from __future__ import annotations

import hashlib
import os

from ltm_cli.errors import StoreError
from ltm_cli.store.driver import INSTALL

_MAGIC = b"LTMKV2\n"
_NONCE = 12  # bytes


class Seal:
    """Seals and opens entries under the key of a store. Raises StoreError without the library."""

    def __init__(self, key: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.hashes import SHA256
            from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
        except ImportError:
            raise StoreError("the cryptography library is not installed here", INSTALL) from None
        derived = HKDFExpand(SHA256(), 64, b"ltm bank").derive(key)
        self._cipher = AESGCM(derived[:32])
        self._names = derived[32:]

    def name(self, document: bytes) -> str:
        return hashlib.blake2b(document, key=self._names, digest_size=12).hexdigest()

    def closed(self, state: bytes, document: bytes) -> tuple[bytes, bytes, bytes]:
        """The parts of the file."""
        nonce = os.urandom(_NONCE)
        return _MAGIC, nonce, self._cipher.encrypt(nonce, state, _MAGIC + document)

    def opened(self, data: memoryview, document: bytes) -> bytes | None:
        """The state, or None if this is not exactly that entry."""
        from cryptography.exceptions import InvalidTag

        start = len(_MAGIC) + _NONCE
        if data[: len(_MAGIC)] != _MAGIC or len(data) < start:
            return None
        try:
            return self._cipher.decrypt(data[len(_MAGIC) : start], data[start:], _MAGIC + document)
        except InvalidTag:
            return None
