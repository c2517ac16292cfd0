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

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError
from ltm_cli.core.messages import N_
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
            place = messages.text("{file}, {part}", file=path, part=member.filename)
            if member.flag_bits & _ENCRYPTED:
                yield broken(
                    InputError(messages.text("encrypted; unpack the archive first")), place
                )
                continue
            try:
                with archive.open(member) as file:
                    yield from conversations(file, place, format, branches, advance)
            except _DAMAGED as error:
                damaged = messages.text("damaged in the archive ({error})", error=error)
                yield broken(InputError(damaged), place)
        wanted = {one.filename for one in members}
        others = [one for one in archive.infolist() if one.filename not in wanted]
        if number := sum(1 for one in others if not one.is_dir()):
            yield Skipped(N_("other files in the archive"), number=number)


def conversations(
    file: IO[bytes], place: str, format: str | None, branches: bool, advance: Advance
) -> Iterator[Item]:
    """The memories of one file of conversations; what is broken in it is passed over, and said."""
    try:
        for number, (character, value) in enumerate(stream.elements(file.read, advance), 1):
            kind = _kind(value, format)
            if kind is None:
                where = messages.text(
                    "{file}, conversation {number} (character {character:,})",
                    file=place, number=number, character=character,
                )  # fmt: skip
                yield broken(InputError(_unlike(format)), where)
                continue
            yield from _KINDS[kind].items(value, branches)
    except InputError as error:
        yield broken(error, place)


def _kind(value: Any, format: str | None) -> str | None:
    for name, module in _KINDS.items():
        if format in (name, None) and module.is_conversation(value):
            return name
    return None


def _unlike(format: str | None) -> str:
    """What to say of something that is no conversation of this format."""
    if format is None:
        return messages.text("not a conversation of ChatGPT or Claude")
    return messages.text("not a conversation of {program}", program=_KINDS[format].NAME)


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if _WANTED.fullmatch(one.name))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise InputError(
            messages.text("{path} is a damaged archive ({error})", path=path, error=error),
            messages.text("download it again"),
        ) from None
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
            messages.text("{path} contains no conversations.json", path=archive.filename),
            messages.text("give an archive that ChatGPT or Claude has exported"),
        )
    for one in found:
        grows = one.file_size > max(_SMALL, RATIO * one.compress_size)
        if grows or one.file_size > LARGEST:
            raise InputError(
                messages.text(
                    "{path}: {part} would grow from {packed:,} to {unpacked:,} bytes",
                    path=archive.filename, part=one.filename,
                    packed=one.compress_size, unpacked=one.file_size,
                ),
                messages.text("if you trust this archive, unpack it and import the folder"),
            )  # fmt: skip
    return found
