"""Models that can be fetched: those of data/models.toml, and any GGUF file on the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath

from ltm_cli.core import settings
from ltm_cli.core.errors import UsageError
from ltm_cli.core.messages import text

CHAT, EMBED = "chat", "embed"
_SOURCE = re.compile(
    r"(?:hf://)?(?P<repository>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w.-]+))?/(?P<file>[^@]+\.gguf)",
    re.ASCII | re.IGNORECASE,
)
_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


@dataclass(frozen=True)
class Published:
    """A GGUF file on the hub; of one that is not in the catalogue little more is known."""

    name: str
    repository: str
    file: str
    revision: str = "main"
    kind: str = CHAT  # or EMBED
    bytes: int | None = None
    sha256: str | None = None  # None: as the hub states it
    licence: str | None = None
    languages: tuple[str, ...] = ()  # ISO 639-1; empty: not known
    memory: float | None = None  # GB, about, with 4096 tokens of context
    proposes: bool = False  # whether it can be expected to propose facts
    about: str = ""

    @property
    def basename(self) -> str:
        return PurePosixPath(self.file).name


@cache
def catalogue() -> tuple[Published, ...]:
    """The models of data/models.toml: those that answer, then those that embed, by size."""
    document = (Path(__file__).parent.parent / "data" / "models.toml").read_text("utf-8")
    return tuple(
        Published(name, **{**about, "languages": tuple(about["languages"])})
        for name, about in settings.parse_toml(document).items()
    )


def find_by_name(name: str) -> Published | None:
    """A model of the catalogue by its name."""
    return next((one for one in catalogue() if one.name == name.lower()), None)


def find_by_file(path: Path) -> Published | None:
    """What the catalogue knows of a file, by its name."""
    return next((one for one in catalogue() if one.basename == path.name), None)


def find(source: str) -> Published:
    """NAME of the catalogue, OWNER/REPO/FILE.gguf or hf://OWNER/REPO[@REVISION]/FILE.gguf.

    Raises UsageError.
    """
    if known := find_by_name(source):
        return known
    match = _SOURCE.fullmatch(source)
    if match is None or ".." in source:
        raise UsageError(
            text("{name!r} is not a model that can be downloaded", name=source),
            text("choose one of ltm model list, or give OWNER/REPO/FILE.gguf"),
        )
    repository, revision, file = match["repository"], match["revision"], match["file"]
    if _PART.search(file):
        raise UsageError(
            text("{file} is only one part of a model", file=file),
            text("choose a model in a single file"),
        )
    for one in catalogue():
        if (one.repository, one.file) == (repository, file) and revision in (None, one.revision):
            return one
    found = Published(PurePosixPath(file).name, repository, file)
    return replace(found, revision=revision) if revision else found
