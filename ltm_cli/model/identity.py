"""Which model a file holds, told by its content: what one has made is never used with another."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from ltm_cli.text.clean import json_value


def sha256(model: Path, folder: Path) -> str:
    """The sha256 of a model file, computed again only when the file has changed.

    `folder` is where the known ones are kept, in models.json. Raises OSError.
    """
    about = model.stat()
    cache = folder / "models.json"
    key = f"{model.resolve()}:{about.st_size}:{about.st_mtime_ns}"
    known: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError, TypeError):
        known = dict(json_value(cache.read_text("utf-8")))
    if key not in known:
        with model.open("rb") as file:
            digest = hashlib.sha256()
            while part := file.read(1 << 20):
                digest.update(part)
        known[key] = digest.hexdigest()
        with contextlib.suppress(OSError):  # a read-only home computes it each time
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            cache.write_text(json.dumps(known), "utf-8")
            cache.chmod(0o600)
    return known[key]
