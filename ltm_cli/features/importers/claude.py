"""Claude's export: conversations.json, each conversation a list of `chat_messages`.

A message has `sender` (human or assistant), `content` blocks (text, thinking, tool_use,
tool_result) and, in older exports, `text` alone; times are ISO 8601 in UTC. Newer exports name the
message above in `parent_message_uuid`: then the messages are a tree, shown down to the last one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ltm_cli.core.messages import N_
from ltm_cli.features.importers import chat
from ltm_cli.features.importers.chat import ASSISTANT, USER, Conversation, Message
from ltm_cli.features.importers.items import (
    EMPTY,
    REASONING,
    SYSTEM,
    TOOLS,
    Item,
    Skipped,
    local,
    mended,
    objects,
)

NAME = "Claude"
_ROLES = {"human": USER, "user": USER, "assistant": ASSISTANT}
_INNER = {
    "thinking": REASONING,
    "tool_use": TOOLS,
    "tool_result": TOOLS,
}


def is_conversation(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("chat_messages"), list)


def items(value: dict[str, Any], branches: bool) -> Iterator[Item]:
    """The memories of one conversation."""
    started = local(value.get("created_at")) or ""
    parents: dict[str, str | None] = {}
    said: dict[str, Message] = {}
    id = None
    linear = True  # an export that names no parents
    for number, message in enumerate(value["chat_messages"]):
        if not isinstance(message, dict):
            yield Skipped(EMPTY)
            continue
        before, id = id, str(message.get("uuid") or f"{value.get('uuid')}/{number}")
        above = message.get("parent_message_uuid", before)
        linear = linear and "parent_message_uuid" not in message
        parents[id] = above if isinstance(above, str) else None
        text, passed = _text(message)
        yield from passed
        role = _ROLES.get(str(message.get("sender")))
        if role is None:
            yield Skipped(SYSTEM)
        elif not text:
            if not passed:
                yield Skipped(EMPTY)
        else:
            said[id] = Message(id, role, text, local(message.get("created_at")) or "")
    leaf = value.get("current_leaf_message_uuid")
    if not isinstance(leaf, str) or leaf not in parents:
        leaf = id if linear else max(said, key=lambda one: said[one].at, default=None)
    if leaf is None:
        return
    title = value.get("name")
    yield from chat.tree(
        Conversation(
            "claude", NAME, str(value.get("uuid") or leaf),
            (mended(title),) if isinstance(title, str) and title.strip() else (), started,
        ),
        parents, said, leaf, branches,
    )  # fmt: skip


def _text(message: dict[str, Any]) -> tuple[str, list[Skipped]]:
    """What a message says, with the names of its attachments; and what of it is passed over."""
    texts: list[str] = []
    passed: list[Skipped] = []
    for block in objects(message.get("content")):
        if block.get("type") == "text" and isinstance(block.get("text"), str):
            texts.append(block["text"])
        elif reason := _INNER.get(str(block.get("type"))):
            passed.append(Skipped(reason))
    if not any(text.strip() for text in texts) and isinstance(message.get("text"), str):
        texts = [message["text"]]
    for key in ("attachments", "files"):
        for one in objects(message.get(key)):
            name = one.get("file_name") or one.get("file_uuid") or "pasted text"
            texts.append(f"[attachment: {name}]")
            if one.get("extracted_content"):
                passed.append(Skipped(N_("contents of attachments (only the names are kept)")))
    return mended("\n".join(text for text in texts if text)).strip(), passed
