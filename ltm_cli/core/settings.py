"""Where things are and what is chosen: flags > LTM_* environment > config.toml > defaults.

home/
  memory.db      the store (the only truth)
  config.toml    the user's choices
  bank/          keys and values that the model computed
  models/        GGUF files that were pulled
  sidenet/       what each user's ranking has learned
  key.json       of an encrypted store: its key, wrapped
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from ltm_cli.core import atomic, home
from ltm_cli.core.errors import InputError, UsageError, unwritable
from ltm_cli.core.messages import text

DEFAULT_USER = "me"
BANK_FORMS = ("f16", "q8_0")


class Key(NamedTuple):
    """A key of config.toml: the type of its value, the LTM_* variable over it, what it is for."""

    kind: type
    variable: str
    about: str
    default: str  # in words
    least: int = 0  # of a number
    most: int = 0
    choices: tuple[str, ...] = ()


KEYS = {
    "model": Key(str, "LTM_MODEL", "GGUF file of the model that answers", "bundled"),
    "engine": Key(str, "", "URL of a server that answers, instead of a file", "none"),
    "engine_model": Key(str, "", "name of the model on that server", "none"),
    "engine_timeout": Key(
        int, "LTM_ENGINE_TIMEOUT", "seconds to wait for the server", "60", 1, 86_400
    ),
    "embed": Key(str, "LTM_EMBED", "GGUF file of the model for semantic search", "none"),
    # So many that llama.cpp can start them: it ends the process for more.
    "threads": Key(int, "LTM_THREADS", "number of CPU threads", "idle cores", 1, 1024),
    "context": Key(
        int, "LTM_CONTEXT", "context size of the model, in tokens", "up to 4096", 256, 1 << 24
    ),
    "bank_bytes": Key(
        int, "LTM_BANK_BYTES", "maximum size of the memory bank, as 2GiB", "1GiB", 1, 1 << 60
    ),
    "bank_form": Key(
        str, "LTM_BANK_FORM", "number format in the memory bank", BANK_FORMS[0], choices=BANK_FORMS
    ),
    "key_file": Key(
        str,
        "LTM_KEY_FILE",
        "file with the key or passphrase of an encrypted store",
        "none",
    ),
}
# The variables that are read beside those of KEYS: `ltm help environment`.
VARIABLES = {
    "LTM_HOME": "folder of all data, unless --home is given",
    "LTM_USER": f"user whose memories are used, unless --user is given (default {DEFAULT_USER})",
    "LTM_NOW": "fixed current time (ISO 8601), for scripts and tests",
    "LTM_ENGINE_KEY": "bearer token of a model server (ltm model use URL)",
    "LC_ALL, LC_MESSAGES, LANG": "language of help and messages: Chinese for zh, otherwise English",
    "VISUAL, EDITOR": "editor that ltm edit opens (default vi)",
    "XDG_DATA_HOME": "folder of the data of all programs, on Linux (default ~/.local/share)",
    "NO_COLOR": "no colours on a terminal, if set to anything",
    "HF_ENDPOINT": "mirror of Hugging Face, for ltm model pull",
}
YEARS = range(1900, 9001)  # those of LTM_NOW: there is time to count in before and after them
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """What one invocation runs with. `values` holds the known keys that were set anywhere."""

    home: Path
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.home / "memory.db"

    @property
    def config(self) -> Path:
        return self.home / "config.toml"

    @property
    def bank(self) -> Path:
        return self.home / "bank"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def bank_bytes(self) -> int | None:
        return self.values.get("bank_bytes")

    @property
    def bank_quantised(self) -> bool:
        """Whether keys and values are kept in half the bytes."""
        return self.values.get("bank_form") == "q8_0"

    def sidenet(self, user: int) -> Path:
        """Where the ranking that a user (by id) has trained is kept."""
        return self.home / "sidenet" / f"{user}.json"

    def weights(self) -> list[Path]:
        """What the rankings of all users have learned."""
        return sorted((self.home / "sidenet").glob("*.json"))

    @property
    def model(self) -> str | None:
        return self.values.get("model")

    @property
    def embed(self) -> str | None:
        """The embedding model of dense recall; without one recall is lexical."""
        return self.values.get("embed")

    @property
    def threads(self) -> int | None:
        return self.values.get("threads")

    @property
    def context(self) -> int | None:
        return self.values.get("context")

    @property
    def key(self) -> Path:
        """What says how an encrypted store is opened."""
        return self.home / "key.json"

    @property
    def key_file(self) -> str | None:
        return self.values.get("key_file")


def load(at: Path | None = None) -> Settings:
    """The settings in force. Raises InputError for a config file or variable that is unreadable."""
    folder = (at or default_home()).expanduser()
    values = _read_config(folder / "config.toml")
    for key, about in KEYS.items():
        if about.variable and (raw := os.environ.get(about.variable)):
            values[key] = parsed(key, raw, about.variable)
    return Settings(folder, values)


def parsed(key: str, raw: str, name: str | None = None) -> str | int:
    """The value that is written `raw`; `name` is how an error calls it. Raises UsageError.

    A number of bytes may have a unit: 500MB, 2GiB, 1.5g.
    """
    name = name or key
    value: str | int = raw
    if known(key).kind is int:
        match = _SIZE.fullmatch(raw.strip()) if key == "bank_bytes" else None
        try:
            if match:
                power = " kmgt".index(match[2].lower() or " ")
                number = float(match[1]) if "." in match[1] else int(match[1])
                value = int(number * (1024 if match[3] else 1000) ** power)
            else:
                value = int(raw)
        except (ValueError, OverflowError):
            if key == "bank_bytes":
                raise UsageError(
                    text("{name}={value!r} is not a size", name=name, value=raw),
                    text("use a value such as {example}", example="2GiB"),
                ) from None
            raise UsageError(
                text("{name}={value!r} is not a whole number", name=name, value=raw),
                text("use a value such as {example}", example="4"),
            ) from None
    if fault := _fault(key, value):
        raise UsageError(f"{name}={raw!r}: {fault}", text("correct {name}, or unset it", name=name))
    return value


def _fault(key: str, value: object) -> str | None:
    """What is wrong with the value of a key, or None."""
    about = KEYS[key]
    if type(value) is not about.kind:
        return text("must be a whole number") if about.kind is int else text("must be a string")
    if isinstance(value, int) and not about.least <= value <= about.most:
        return text("must be from {least} to {most}", least=about.least, most=about.most)
    if about.choices and value not in about.choices:
        return text("must be one of: {choices}", choices=", ".join(about.choices))
    return None


def known(key: str) -> Key:
    """What is known of a key. Raises UsageError for one that there is none of."""
    if key not in KEYS:
        raise UsageError(
            text("unknown key {key!r}", key=key),
            text("choose one of: {names}", names=", ".join(sorted(KEYS))),
        )
    return KEYS[key]


def origin(settings: Settings, key: str) -> str:
    """Where the value of a key comes from: its variable, config.toml or the default."""
    if os.environ.get(KEYS[key].variable):
        return KEYS[key].variable
    return "config.toml" if key in settings.values else "default"


def default_home() -> Path:
    """LTM_HOME, or the platform's directory for a user's data."""
    return Path(home.default_home())


def default_user() -> str:
    return os.environ.get("LTM_USER") or DEFAULT_USER


def now() -> datetime:
    """Local wall time in whole seconds; LTM_NOW (ISO 8601) fixes it for scripts and tests."""
    if fixed := os.environ.get("LTM_NOW"):
        try:
            moment = datetime.fromisoformat(fixed.replace("Z", "+00:00"))
        except ValueError:
            raise UsageError(
                text("LTM_NOW={value!r} is not an ISO 8601 time", value=fixed),
                text("use a value such as {example}", example="2024-05-10T09:30"),
            ) from None
        if moment.year not in YEARS:
            raise UsageError(
                text(
                    "LTM_NOW={value!r}: the year must be from {first} to {last}",
                    value=fixed,
                    first=YEARS[0],
                    last=YEARS[-1],
                ),
                text("correct {name}, or unset it", name="LTM_NOW"),
            )
        if moment.tzinfo is not None:
            moment = moment.astimezone().replace(tzinfo=None)
        return moment.replace(microsecond=0)
    return datetime.now().replace(microsecond=0)


def ensure_home(folder: Path) -> None:
    """Create the home, readable by its owner alone."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # mkdir's mode is cut by the umask
    except OSError as error:
        raise unwritable(folder, error) from None


def set_value(settings: Settings, key: str, value: str | int | None) -> None:
    """Write one key of config.toml (None removes it), keeping the comments. Raises StoreError."""
    import tomlkit

    ensure_home(settings.home)
    path = settings.config
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    if value is None:
        document.pop(key, None)
    else:
        document[key] = value
    try:
        atomic.replace(path, tomlkit.dumps(document).encode())
    except OSError as error:
        raise unwritable(path, error) from None


def parse_toml(document: str) -> dict[str, Any]:
    """A TOML document. Raises ValueError."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(document)
    except RecursionError:
        raise ValueError(text("nested too deeply")) from None


def _read_config(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = parse_toml(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            text("cannot read {path}: {reason}", path=path, reason=error),
            text("correct the file, or delete it"),
        ) from None
    for key, value in found.items():
        if key not in KEYS:
            raise InputError(
                text("{path}: unknown key {key!r}", path=path, key=key),
                text("choose one of: {names}", names=", ".join(sorted(KEYS))),
            )
        if fault := _fault(key, value):
            raise InputError(f"{path}: {key} {fault}", text("correct the file, or delete it"))
    return found
