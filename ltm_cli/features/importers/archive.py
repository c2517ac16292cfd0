"""The conversations of an export: in a ZIP archive, in the folder it was unpacked to, or alone.

Nothing is unpacked: what is wanted is known by its name, and read from where it is. An archive
that would grow without measure is refused before it is read, and while it is.
"""

from __future__ import annotations

import contextlib
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ltm_cli.core.errors import InputError
from ltm_cli.features.importers import chatgpt, claude, stream
from ltm_cli.features.importers.items import Advance, Item, Skipped, broken

LARGEST = 8 << 30  # bytes of one file of an archive
RATIO = 200  # times that one may grow; exports grow five- to twenty-fold
_SMALL = 64 << 20  # bytes that any file may have
_ENCRYPTED = 1  # a bit of ZipInfo.flag_bits
_WANTED = re.compile(r"conversations(?:[-_]\d+)?\.json")
# What Python raises of an archive whose bytes are wrong.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError,
    EOFError, NotImplementedError, OSError, ValueError,
)  # fmt: skip
_KINDS = {"chatgpt": chatgpt, "claude": claude}


def has_conversations(folder: Path) -> bool:
    return any(_WANTED.fullmatch(path.name) for path in folder.glob("conversations*.json"))


def size(path: Path) -> int:
    """The bytes of conversations that `items` will read."""
    if path.is_dir():
        return sum(one.stat().st_size for one in _files(path))
    if zipfile.is_zipfile(path):
        with _opened(path) as archive:
            return sum(one.file_size for one in _members(archive))
    return path.stat().st_size


def items(path: Path, format: str | None, branches: bool, advance: Advance) -> Iterator[Item]:
    """The memories of an archive or folder; `format` is chatgpt or claude, None for either.

    Raises InputError for an archive that cannot be read, or holds no conversations.
    """
    if path.is_dir():
        for one in _files(path):
            with one.open("rb") as file:
                yield from conversations(file, str(one), format, branches, advance)
        return
    with _opened(path) as archive:
        members = _members(archive)
        for member in members:
            place = f"{path}, {member.filename}"
            if member.flag_bits & _ENCRYPTED:
                yield broken(InputError("encrypted: unpack it first"), place)
                continue
            try:
                with archive.open(member) as file:
                    yield from conversations(file, place, format, branches, advance)
            except _DAMAGED as error:
                yield broken(InputError(f"damaged in the archive ({error})"), place)
        wanted = {one.filename for one in members}
        others = [one for one in archive.infolist() if one.filename not in wanted]
        if number := sum(1 for one in others if not one.is_dir()):
            yield Skipped("other files of the archive", number=number)


def conversations(
    file: IO[bytes], place: str, format: str | None, branches: bool, advance: Advance
) -> Iterator[Item]:
    """The memories of one file of conversations; what is broken in it is passed over, and said."""
    try:
        for number, (character, value) in enumerate(stream.elements(file.read, advance), 1):
            kind = _kind(value, format)
            if kind is None:
                where = f"{place}, conversation {number} (character {character:,})"
                yield broken(
                    InputError(f"no conversation of {format or 'ChatGPT or Claude'}"), where
                )
                continue
            yield from _KINDS[kind].items(value, branches)
    except InputError as error:
        yield broken(error, place)


def _kind(value: Any, format: str | None) -> str | None:
    for name, module in _KINDS.items():
        if format in (name, None) and module.is_conversation(value):
            return name
    return None


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if _WANTED.fullmatch(one.name))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise InputError(f"{path} is a damaged archive ({error})", "download it again") from None
    with archive:
        yield archive


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of conversations in an archive. Raises InputError."""
    found = sorted(
        (one for one in archive.infolist() if _WANTED.fullmatch(PurePosixPath(one.filename).name)),
        key=lambda one: one.filename,
    )
    if not found:
        raise InputError(
            f"{archive.filename} holds no conversations.json",
            "ltm import reads the archives that ChatGPT and Claude export",
        )
    for one in found:
        grows = one.file_size > max(_SMALL, RATIO * one.compress_size)
        if grows or one.file_size > LARGEST:
            raise InputError(
                f"{archive.filename}, {one.filename} would grow from {one.compress_size:,}"
                f" to {one.file_size:,} bytes",
                "that is no export; if you trust it, unpack it and import the folder",
            )
    return found
