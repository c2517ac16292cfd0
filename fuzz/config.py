"""Settings of any bytes are read or refused in one line; so is any record's key and tag."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from fuzz import text_of
from ltm_cli.core import settings
from ltm_cli.core.errors import LtmError
from ltm_cli.core.record import Record, from_json, normalised
from ltm_cli.core.sanitize import one_line

SEEDS = [
    b'model = "bundled"\nthreads = 4\ncontext = 4096\nbank_bytes = 1073741824\n',
    b'bank_form = "q8_0" # half\n[model]\nx = 1', b"threads = 0x7fffffffffffffff", b"2GiB",
    b"1.5g", b"9" * 400 + b"k", b"2024-06-10T20:00:00+08:00", "threads = '四'".encode(),
    b'{"text": "a", "tags": ["x", " "], "at": "0001-01-01T00:00:00+14:00"}',
]  # fmt: skip


def one(data: bytes) -> None:
    text = text_of(data)
    (_home() / "config.toml").write_bytes(data)
    _either(lambda: settings.load(_home()))
    for key in settings.KEYS:
        _either(lambda key=key: settings.parsed(key, text))
    if "\0" not in text:
        os.environ["LTM_NOW"] = text
        _either(settings.now)
    _either(lambda: from_json(text))
    _either(lambda: normalised(Record(text=text, tags=[text], ref=text, at=text[:30])))


def _either(read: Callable[[], object]) -> None:
    """It is read, or refused with a word."""
    said = "read"
    try:
        read()
    except LtmError as error:
        said = one_line(str(error))
    finally:
        with contextlib.suppress(KeyError):
            del os.environ["LTM_NOW"]
    assert said


@lru_cache(maxsize=1)
def _home() -> Path:
    return Path(tempfile.mkdtemp(prefix="ltm-fuzz-"))
