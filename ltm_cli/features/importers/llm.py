"""logs.db of simonw/llm: a prompt with its response is an exchange.

llm wrote `responses` until 0.31, and writes `turns` (with the texts in `turn_search`) since 0.32;
a log that was upgraded has both, and some ids in both. Times are UTC.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError
from ltm_cli.features.importers.chat import ASSISTANT, USER, Conversation, Message
from ltm_cli.features.importers.items import (
    EMPTY,
    REASONING,
    SYSTEM,
    TOOLS,
    Advance,
    Item,
    Skipped,
    local,
    mended,
)
from ltm_cli.storage.sqlite import driver

# (the tables a query needs, the query); each gives the columns of _records.
_ROWS = (
    (
        {"turns", "threads", "turn_search"},
        "SELECT turns.id, thread_id, threads.name, turns.model, prompt, response,"
        " turns.datetime_utc FROM turns LEFT JOIN turn_search ON turn_id = turns.id"
        " LEFT JOIN threads ON threads.id = thread_id ORDER BY turns.datetime_utc, turns.id",
    ),
    (
        {"responses", "conversations"},
        "SELECT responses.id, conversation_id, name, responses.model, prompt, response,"
        " datetime_utc FROM responses LEFT JOIN conversations ON conversations.id ="
        " conversation_id ORDER BY datetime_utc, responses.id",
    ),
)
# What was given with a prompt: (the tables, its name, (id, path or URL) of each).
_GIVEN = (
    (
        {"prompt_attachments", "attachments"}, "attachment",
        "SELECT response_id, coalesce(path, url, type) FROM prompt_attachments"
        ' JOIN attachments ON attachments.id = attachment_id ORDER BY response_id, "order"',
    ),
    (
        {"turns", "parts", "part_attachments"}, "attachment",
        "SELECT turns.id, coalesce(path, url, attachments.type) FROM turns JOIN parts"
        " ON message_hash = parent_message_hash JOIN part_attachments ON part_id = parts.id"
        " JOIN attachments ON attachments.id = attachment_id ORDER BY turns.id, position",
    ),
    (
        {"prompt_fragments", "fragments"}, "fragment",
        "SELECT response_id, coalesce(source, substr(hash, 1, 12)) FROM prompt_fragments"
        ' JOIN fragments ON fragments.id = fragment_id ORDER BY response_id, "order"',
    ),
    (
        {"turn_fragments", "fragments"}, "fragment",
        "SELECT turn_id, coalesce(source, substr(hash, 1, 12)) FROM turn_fragments"
        " JOIN fragments ON fragments.id = fragment_id WHERE kind = 'prompt'"
        ' ORDER BY turn_id, "order"',
    ),
)  # fmt: skip
_PASSED = (
    ({"tool_calls"}, TOOLS, "SELECT count(*) FROM tool_calls"),
    ({"parts"}, TOOLS,
     "SELECT count(*) FROM parts WHERE type IN ('tool_call', 'tool_result')"),
    ({"parts"}, REASONING,
     "SELECT count(*) FROM parts WHERE type = 'reasoning'"),
    ({"parts", "messages"}, SYSTEM, "SELECT count(*) FROM messages WHERE role = 'system'"),
    ({"responses"}, SYSTEM,
     "SELECT count(*) FROM responses WHERE ifnull(system, '') != ''"),
)  # fmt: skip


def items(path: Path, advance: Advance) -> Iterator[Item]:
    """The exchanges of a log. Raises InputError for another database, or a broken one."""
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
            db.text_factory = lambda data: data.decode(errors="replace")
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
            wanted = [query for needed, query in _ROWS if needed <= tables]
            if not wanted:
                raise InputError(messages.text(
                    "an SQLite database, but not the logs.db of llm (0.5 or later)"
                ))  # fmt: skip
            yield from _records(db, tables, wanted, advance)
            for needed, reason, query in _PASSED:
                if needed <= tables and (number := db.execute(query).fetchone()[0]):
                    yield Skipped(reason, number=number)
    except UnicodeDecodeError:  # of the message of an error that quotes damaged bytes
        raise InputError(messages.text("the database is damaged")) from None
    except driver.errors() as error:
        raise InputError(
            messages.text("the database cannot be read ({error})", error=error)
        ) from None


def _texts(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Rows with all that is not NULL as text: SQLite's columns hold whatever was put into them."""
    for row in rows:
        yield tuple(
            None
            if one is None
            else one.decode(errors="replace")
            if isinstance(one, bytes)
            else str(one)
            for one in row
        )


def _records(
    db: sqlite3.Connection, tables: set[str], wanted: list[str], advance: Advance
) -> Iterator[Item]:
    given: dict[str, list[str]] = {}
    for needed, kind, query in _GIVEN:
        if needed <= tables:
            for id, name in _texts(db.execute(query)):
                given.setdefault(id, []).append(f"[{kind}: {name}]")
    seen: set[str] = set()
    for query in wanted:
        for id, session, title, model, prompt, response, time in _texts(db.execute(query)):
            if id in seen:
                continue
            seen.add(id)
            question = mended("\n".join(filter(None, [prompt, *given.get(id, ())]))).strip()
            answer = mended(response or "").strip()
            advance(len(question.encode()) + len(answer.encode()))
            at = local(f"{time}+00:00" if time and "+" not in time else time) or ""
            said = [Message(id, USER, question, at)] if question else []
            said += [Message(id, ASSISTANT, answer, at)] if answer else []
            if not said:
                yield Skipped(EMPTY)
            # llm names a conversation by its first words, which are in the memory already
            named = title if title and not question.startswith(title.rstrip("…. ")) else None
            tags = tuple(mended(one) for one in (named, model) if one and one.strip())
            yield from Conversation("llm", model or "llm", session or id, tags).records(said)
