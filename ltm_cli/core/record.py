"""The record of one memory: the shape that import, export and every --json share."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from ltm_cli.core.errors import InputError, UsageError
from ltm_cli.core.messages import text

KINDS = ("episode", "fact", "task", "habit", "style")
# The tag of passages of a document that was read: somebody else's text, not what the user did.
DOCUMENT = "document"
# The tag of exchanges that `ask` itself stored.
ASKED = "asked"
# The tag of what is kept out of answers, exports and whatever else is made of memories.
SECRET = "secret"
MASK = "••••••"


@dataclass(slots=True)
class Record:
    """One memory. Either `text`, or `question` and `answer` (an exchange), is set.

    `at` is when it happened and `recorded` when it was stored, both local wall time in ISO 8601.
    """

    text: str | None = None
    question: str | None = None
    answer: str | None = None
    kind: str = "episode"
    at: str = ""
    recorded: str = ""
    session: str | None = None
    speaker: str | None = None
    tags: list[str] = field(default_factory=list)
    ref: str | None = None
    user: str = ""
    id: int = 0

    @property
    def parts(self) -> list[str]:
        """The texts of the memory, each for itself."""
        return [part for part in (self.text, self.question, self.answer) if part is not None]

    @property
    def content(self) -> str:
        """All that was said, as one text."""
        return "\n".join(self.parts)

    @property
    def masked(self) -> Record:
        """The memory as it may be shown unasked: of a secret, without its texts."""
        if SECRET not in self.tags:
            return self
        texts = {
            name: MASK for name in ("text", "question", "answer") if getattr(self, name) is not None
        }
        return replace(self, **texts)  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape, its keys in the documented order."""
        values = asdict(self)
        return {key: values[key] for key in JSON_KEYS}


JSON_KEYS = ("id", "user", "kind", "text", "question", "answer", "at", "recorded", "session",
             "speaker", "tags", "ref")  # fmt: skip
_STRINGS = frozenset(JSON_KEYS) - {"id", "tags"}


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def moment(value: str) -> datetime:
    """An ISO 8601 time as naive local wall time; one with an offset is converted.

    Raises ValueError for anything else.
    """
    parsed = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
    if parsed.tzinfo is not None:
        parsed = parsed.astimezone().replace(tzinfo=None)
    return parsed.replace(microsecond=0)


def from_json(line: str, *, lenient: bool = False) -> Record:
    """One line of JSONL as a record; raises InputError that says what is wrong with it.

    `id` is ignored: a store numbers its memories itself.
    """
    from ltm_cli.core.sanitize import json_value

    try:
        values = json_value(line)
    except ValueError as error:
        raise InputError(text("not valid JSON: {reason}", reason=error)) from None
    if not isinstance(values, dict):
        raise InputError(text("not a JSON object"))
    return from_dict(values, lenient=lenient)


def from_dict(values: dict[str, Any], *, lenient: bool = False) -> Record:
    record = Record()
    for key, value in values.items():
        if key in _STRINGS:
            if value is None:
                continue
            if not isinstance(value, str):
                raise InputError(text("key {key!r} must be a string", key=key))
            setattr(record, key, value)
        elif key == "tags":
            if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
                raise InputError(text("key 'tags' must be a list of strings"))
            record.tags = value
        elif key != "id" and not lenient:
            raise InputError(
                text("unknown key {key!r}", key=key), text("use --lenient to ignore unknown keys")
            )
    try:
        return normalised(record)
    except UsageError as error:
        raise InputError(str(error)) from None


def normalised(record: Record) -> Record:
    """The same record, checked and in its one form. Raises InputError, UsageError if empty."""
    from ltm_cli.core.sanitize import checked

    if record.kind not in KINDS:
        raise InputError(
            text("unknown kind {kind!r}", kind=record.kind),
            text("choose one of: {names}", names=", ".join(KINDS)),
        )
    if record.question is not None or record.answer is not None:
        if record.text is not None:
            raise InputError(text("a memory has either a text, or a question and an answer"))
        record.question = checked(record.question or "", "question")
        record.answer = checked(record.answer or "", "answer")
    else:
        record.text = checked(record.text or "")
    for key in ("session", "speaker", "ref", "user"):
        if value := getattr(record, key):
            checked(value, key)
    record.tags = list(dict.fromkeys(checked(tag, "tag").strip() for tag in record.tags))
    for key in ("at", "recorded"):
        if value := getattr(record, key):
            try:
                setattr(record, key, iso(moment(value)))
            except (ValueError, OverflowError):
                raise InputError(
                    text("key {key!r} is not an ISO 8601 time: {value!r}", key=key, value=value)
                ) from None
    return record
