"""One entry of the bank as a file: a header that is verified on every load, then the state.

    "LTMKV1\\n", u32 length of the header, header as JSON, u8 check[16] of all that follows, state

The header names everything that the keys and values depend on: the model's sha256, the versions of
the library, the tokens before the entry and its own tokens. A file that does not fit is no entry.

That of an encrypted store begins with "LTMKV2\\n", shows of the header only what says nothing of
the words, and ends with the sealed state (seal.py) in place of check and state.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltm_cli.core import atomic
from ltm_cli.core.sanitize import json_value

if TYPE_CHECKING:
    from ltm_cli.kvcache.seal import Seal

_MAGIC, _SEALED = b"LTMKV1\n", b"LTMKV2\n"
_SHOWN = {"model", "library", "form"}
_LENGTH = struct.Struct("<I")
_CHECKSUM = 16  # bytes

Header = Mapping[str, Any]


def file_name(header: Header, seal: Seal | None) -> str:
    """What tells the file of an entry from those of others, in hexadecimal."""
    document = _serialise(header)
    return seal.name(document) if seal else hashlib.sha256(document).hexdigest()[:24]


def save(path: Path, header: Header, state: bytes, seal: Seal | None = None) -> None:
    """Write an entry so that it is there whole or not at all. Raises OSError."""
    # Not synced: what a power failure damages does not verify, and is made again.
    if seal:
        sealed = seal.encrypt(state, _serialise(header))
        atomic.replace(path, _SEALED, _public_header(header), sealed, sync=False)
    else:
        body = _frame(header)
        atomic.replace(path, _MAGIC, body, _checksum(body, state), state, sync=False)


def load(path: Path, header: Header, seal: Seal | None = None) -> memoryview | None:
    """The state of an entry, or None if the file is missing or is not exactly this entry.

    The file is mapped, not copied: what is read of it is read once, where it lies. A sealed one is
    decrypted into memory.
    """
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None
    start = (_SEALED + _public_header(header)) if seal else (_MAGIC + _frame(header))
    if data[: len(start)] != start:
        return None
    rest = data[len(start) :]
    if seal:
        opened = seal.decrypt(rest, _serialise(header))
        return None if opened is None else memoryview(opened)
    state = rest[_CHECKSUM:]
    return state if rest[:_CHECKSUM] == _checksum(_frame(header), state) else None


def _public_header(header: Header) -> bytes:
    return _frame({key: value for key, value in header.items() if key in _SHOWN})


def _frame(header: Header) -> bytes:
    document = _serialise(header)
    return _LENGTH.pack(len(document)) + document


def _serialise(header: Header) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


def load_header(path: Path) -> Header:
    """What an entry says of itself, which is little if it is sealed; nothing if it is none."""
    with contextlib.suppress(OSError, ValueError, TypeError, struct.error), path.open("rb") as file:
        if file.read(len(_MAGIC)) in (_MAGIC, _SEALED):
            (size,) = _LENGTH.unpack(file.read(_LENGTH.size))
            return dict(json_value(file.read(size)))
    return {}


def _checksum(body: bytes, state: bytes | memoryview) -> bytes:
    digest = hashlib.blake2b(body, digest_size=_CHECKSUM)
    digest.update(state)
    return digest.digest()
