"""A model from Hugging Face, or a mirror of it (HF_ENDPOINT), into a folder.

1. A file that is there already is checked, not fetched.
2. The hub says how large the file is; another size than the catalogue's ends it.
3. What is missing is fetched behind what an earlier try has left, if there is room for it.
4. The whole is checked against the sha256 of the catalogue, or for a file that it does not name the
   one that the hub states; only then is it a model.

This is the only module that opens a network connection. No token of the user is sent, and nothing
but the name of the file is asked for.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ltm_cli
from ltm_cli.core import atomic
from ltm_cli.core.errors import LtmError, ModelError, StoreError, UsageError
from ltm_cli.core.messages import N_, text
from ltm_cli.llm import file_hash
from ltm_cli.llm.hub import Published

if TYPE_CHECKING:
    from huggingface_hub.file_download import HfFileMetadata

Advance = Callable[[int], None]
Progress = Callable[[str, int], contextlib.AbstractContextManager[Advance]]  # what, bytes

SPARE = 100_000_000  # bytes that stay free on the disk
CHUNK = 1 << 18  # bytes that a broken transfer loses at most; huggingface_hub's are 10 MB
_PARTS = ".parts"  # folder of what is not whole: FILE.gguf.SHA256
_LOCAL = N_("use a GGUF file from elsewhere: ltm model use PATH")
_AGAIN = N_(
    "run it again to resume the download, or use a GGUF file from elsewhere: ltm model use PATH"
)


@dataclass(frozen=True)
class Pulled:
    """A model file that is in place."""

    path: Path
    sha256: str
    fetched: bool  # False: it was there


def pull(what: Published, folder: Path, progress: Progress) -> Pulled:
    """Fetch a model into `folder`. Raises ModelError, StoreError.

    KeyboardInterrupt leaves what has arrived, and the next call goes on from there.
    """
    target = folder / what.basename
    if target.exists() and what.sha256:
        return _verify_existing(target, what.sha256, progress)
    with _errors(what):
        told = _fetch_metadata(what)
        expected = _expected_sha256(what, told)
        if target.exists():
            return _verify_existing(target, expected, progress)
        part = folder / _PARTS / f"{what.basename}.{expected[:16]}"
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        with _lock(part):
            _fetch(told, part, what.bytes, progress)
            _check(part, expected, progress)
            part.chmod(0o600)
            atomic.move(part, target)
    return Pulled(target, expected, fetched=True)


def find_partial(target: Path) -> list[Path]:
    """What a transfer that was broken off has left of a file."""
    folder = target.parent / _PARTS
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if path.stem == target.name]


def _verify_existing(target: Path, expected: str, progress: Progress) -> Pulled:
    """A file that is there, if it is the one that is wanted."""
    with progress(text("checking"), target.stat().st_size) as advance:
        found = file_hash.compute(target, advance)
    if found != expected:
        raise ModelError(
            text("{path} already exists, but its sha256 is {sha256}", path=target, sha256=found),
            text("run ltm model remove {name}, then pull it again", name=target.name),
        )
    return Pulled(target, expected, fetched=False)


def _fetch_metadata(what: Published) -> HfFileMetadata:
    hub = _hub()
    url = hub.hf_hub_url(what.repository, what.file, revision=what.revision)
    told: HfFileMetadata = hub.get_hf_file_metadata(
        url, token=False, library_name="ltm", library_version=ltm_cli.__version__
    )
    return told


def _expected_sha256(what: Published, told: HfFileMetadata) -> str:
    """The sha256 that the file must have: the catalogue's, else the one that the hub states."""
    if told.size and what.bytes not in (None, told.size):
        raise ModelError(
            text(
                "{file} at {host} has {bytes} bytes instead of {expected}: it was replaced",
                file=what.file,
                host=_host(),
                bytes=told.size,
                expected=what.bytes,
            ),
            text(_LOCAL),
        )
    expected = what.sha256 or told.etag
    if not re.fullmatch("[0-9a-f]{64}", expected or ""):
        raise ModelError(
            text("{host} gives no sha256 for {file}", host=_host(), file=what.file), text(_LOCAL)
        )
    return str(expected)


def _fetch(told: HfFileMetadata, part: Path, size: int | None, progress: Progress) -> None:
    """Get what of a file is not in `part` yet."""
    size = told.size or size
    arrived = part.stat().st_size if part.exists() else 0
    if size is not None and arrived > size:
        part.unlink()
        arrived = 0
    free = shutil.disk_usage(part.parent).free
    if size is not None and free < size - arrived + SPARE:
        raise StoreError(
            text(
                "not enough disk space in {folder}: {needed} needed, {free} free",
                folder=part.parent.parent,
                needed=_gb(size - arrived),
                free=_gb(free),
            ),
            text("free some space, or choose a smaller model or another --home"),
        )
    with progress(text("downloading"), size or 0) as advance, part.open("ab") as file:
        if size is not None and arrived == size:
            return
        _hub().http_get(
            told.location,
            file,
            resume_size=arrived,
            headers={"user-agent": f"ltm/{ltm_cli.__version__}"},
            expected_size=size,
            tqdm_class=_progress_class(advance),
        )


def _check(part: Path, expected: str, progress: Progress) -> None:
    """Delete what is not the file that is expected. Raises ModelError."""
    with progress(text("checking"), part.stat().st_size) as advance:
        found = file_hash.compute(part, advance)
    with part.open("rb") as file:
        magic = file.read(4)
    if found != expected:
        fault = text(
            "the downloaded file is wrong: its sha256 is {found}, not {expected}",
            found=found,
            expected=expected,
        )
    elif magic != b"GGUF":
        fault = text("the downloaded file is not a GGUF model")
    else:
        return
    part.unlink()
    raise ModelError(fault, text("it was deleted; try again, or use another mirror (HF_ENDPOINT)"))


def _hub() -> Any:
    """The module of huggingface_hub that fetches files."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when it is imported
    try:
        from huggingface_hub import constants, file_download
    except ImportError as error:
        raise ModelError(
            text("huggingface_hub is not installed ({reason})", reason=error),
            text(
                "run pip install 'ltm-cli[pull]',"
                " or use a GGUF file from elsewhere: ltm model use PATH"
            ),
        ) from None
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # we say what goes wrong
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK
    return file_download


def _host() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def _progress_class(advance: Advance) -> Any:
    """What http_get takes for a progress bar."""

    class Bar:
        def __init__(self, *_: Any, initial: int = 0, **__: Any) -> None:
            advance(initial)

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, size: int) -> None:
            advance(size)

    return Bar


@contextlib.contextmanager
def _lock(part: Path) -> Iterator[None]:
    """Keep a second process from fetching the same file. Raises ModelError."""
    from filelock import FileLock, Timeout

    lock = part.with_name(part.name + ".lock")
    try:
        with FileLock(lock, timeout=0):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    except Timeout:
        raise ModelError(
            text("another process is downloading {name}", name=part.name),
            text("wait until it has finished"),
        ) from None
    finally:
        with contextlib.suppress(OSError):  # there are other parts
            part.parent.rmdir()


@contextlib.contextmanager
def _errors(what: Published) -> Iterator[None]:
    """Turn what the network and the disk raise into our errors."""
    _hub()
    import httpx2  # as huggingface_hub does, from 2.0 on
    from huggingface_hub import errors

    try:
        yield
    except LtmError:
        raise
    except errors.HFValidationError as error:
        raise UsageError(str(error), text("check the name: OWNER/REPO/FILE.gguf")) from None
    except errors.GatedRepoError:
        raise ModelError(
            text("{repository} requires that you accept its terms", repository=what.repository),
            text("download the file with a browser, then run ltm model use PATH"),
        ) from None
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        if status == 404 or isinstance(error, errors.RepositoryNotFoundError):
            raise ModelError(
                text(
                    "{host} has no {name} (revision {revision})",
                    host=_host(),
                    name=f"{what.repository}/{what.file}",
                    revision=what.revision,
                ),
                text("check the name; ltm model list shows known models"),
            ) from None
        raise ModelError(
            text(
                "{host} answered {status} for {file}", host=_host(), status=status, file=what.file
            ),
            text(_AGAIN),
        ) from None
    except (httpx2.ConnectError, errors.OfflineModeIsEnabled) as error:
        raise ModelError(
            text("cannot reach {host}: {reason}", host=_host(), reason=error),
            text(
                "check the network, set HF_ENDPOINT to a mirror,"
                " or use a GGUF file from elsewhere: ltm model use PATH"
            ),
        ) from None
    except httpx2.TimeoutException:
        raise ModelError(
            text("{host} does not respond", host=_host()),
            text(
                "run it again to resume the download (HF_HUB_DOWNLOAD_TIMEOUT=60 waits longer),"
                " or use a GGUF file from elsewhere: ltm model use PATH"
            ),
        ) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ModelError(
            text("the download of {file} stopped: {reason}", file=what.file, reason=error),
            text(_AGAIN),
        ) from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StoreError(
                text("the disk is full"), text("free some space, then try again")
            ) from None
        if error.errno is None:  # http_get: fewer bytes than there should be
            raise ModelError(
                text("the download of {file} stopped early", file=what.file), text(_AGAIN)
            ) from None
        raise StoreError(
            text("cannot write {path}: {reason}", path=error.filename, reason=error.strerror),
            text(_LOCAL),
        ) from None


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
