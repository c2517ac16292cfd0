"""One entry of the bank as a file: a header that is verified on every load, then the state.

    "LTMKV1\\n", u32 length of the header, header as JSON, u8 check[16] of all that follows, state

The header names everything that the keys and values depend on: the model's sha256, the versions of
the library, the tokens before the entry and its own tokens. A file that does not fit is no entry.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MAGIC = b"LTMKV1\n"
_LENGTH = struct.Struct("<I")
_CHECK = 16  # bytes

Header = Mapping[str, Any]


def write(path: Path, header: Header, state: bytes) -> None:
    """Write an entry so that it is there whole or not at all. Raises OSError."""
    document = json.dumps(header, sort_keys=True).encode()
    body = _LENGTH.pack(len(document)) + document
    replace(path, _MAGIC + body + _check(body, state), state)


def replace(path: Path, *parts: bytes) -> None:
    """Put a file in place at once, readable by its owner alone. Raises OSError."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(parts)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: Path, header: Header) -> memoryview | None:
    """The state of an entry, or None if the file is missing or is not exactly this entry.

    The file is mapped, not copied: what is read of it is read once, where it lies.
    """
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None
    expected = json.dumps(header, sort_keys=True).encode()
    body = _LENGTH.pack(len(expected)) + expected
    start = len(_MAGIC) + len(body)
    if data[:start] != _MAGIC + body:
        return None
    state = data[start + _CHECK :]
    return state if data[start : start + _CHECK] == _check(body, state) else None


def header(path: Path) -> Header:
    """What an entry says of itself; nothing if it is none."""
    with contextlib.suppress(OSError, ValueError, struct.error), path.open("rb") as file:
        if file.read(len(_MAGIC)) == _MAGIC:
            (size,) = _LENGTH.unpack(file.read(_LENGTH.size))
            return dict(json.loads(file.read(size)))
    return {}


def _check(body: bytes, state: bytes | memoryview) -> bytes:
    digest = hashlib.blake2b(body, digest_size=_CHECK)
    digest.update(state)
    return digest.digest()
