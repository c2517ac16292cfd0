"""ChatGPT's export: conversations.json, each conversation a tree of nodes under `mapping`.

`current_node` is the last message shown; the way up from it by `parent` is the conversation, and
the other children are what was edited or answered again. Times are seconds since 1970, or null.
There is no official description; this follows exports of 2023 to 2026.
"""

from __future__ import annotations

import re
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

NAME = "ChatGPT"
# Marks of citations, which mean nothing without the page: 【4†source】, and private characters.
_CITED = re.compile(" ?\ue200[^\ue201]*\ue201|【\\d+(?::\\d+)?†[^】]*】|[\ue200-\ue206]")
_THOUGHT = ("thoughts", "reasoning_recap")


def is_conversation(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("mapping"), dict)


def items(value: dict[str, Any], branches: bool) -> Iterator[Item]:
    """The memories of one conversation."""
    nodes = {id: one for id, one in value["mapping"].items() if isinstance(one, dict)}
    parents = {
        id: node["parent"] if isinstance(node.get("parent"), str) else None
        for id, node in nodes.items()
    }
    started = local(value.get("create_time")) or local(value.get("update_time")) or ""
    said: dict[str, Message] = {}
    for id, node in nodes.items():
        message = node.get("message")
        if not isinstance(message, dict):
            continue  # a root, or an answer that never came
        found = _said(message)
        if found is None:
            yield Skipped(_reason(message))
            continue
        role, text = found
        said[id] = Message(id, role, text, _time(message) or "")
    leaf = value.get("current_node")
    if not isinstance(leaf, str) or leaf not in parents:
        leaf = max(said, key=lambda id: said[id].at, default=None)
    if leaf is None:
        return
    title = value.get("title")
    yield from chat.tree(
        Conversation(
            "chatgpt", NAME, str(value.get("conversation_id") or value.get("id") or leaf),
            (mended(title),) if isinstance(title, str) and title.strip() else (), started,
        ),
        parents, said, leaf, branches,
    )  # fmt: skip


def _time(message: dict[str, Any]) -> str | None:
    return local(message.get("create_time")) or local(message.get("update_time"))


def _said(message: dict[str, Any]) -> tuple[str, str] | None:
    """(role, text) of what user or assistant said to each other; None for all else."""
    role = _of(message, "author").get("role")
    if role not in (USER, ASSISTANT) or message.get("recipient") not in ("all", None):
        return None
    details = _of(message, "metadata")
    if details.get("is_visually_hidden_from_conversation"):
        return None
    content = _of(message, "content")
    type = content.get("content_type")
    if type in ("text", "multimodal_text"):
        parts = content.get("parts")
    elif type == "code":
        parts = [content.get("text")]
    else:
        return None
    files = {
        str(one.get("id") or one.get("name")): str(one.get("name") or one.get("id"))
        for one in objects(details.get("attachments"))
        if one.get("id") or one.get("name")
    }
    texts = [_part(part, files) for part in parts] if isinstance(parts, list) else []
    texts += [f"[attachment: {name}]" for name in files.values()]
    text = _CITED.sub("", mended("\n".join(text for text in texts if text))).strip()
    return (role, text) if text else None


def _part(part: Any, files: dict[str, str]) -> str:
    """The text of one part of a message; images and sounds are named, once."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    if isinstance(part.get("text"), str):  # what was spoken
        return str(part["text"])
    pointer = part.get("asset_pointer")
    if not isinstance(pointer, str) or "image" not in str(part.get("content_type")):
        return ""
    id = pointer.rpartition("/")[2]
    return f"[image: {files.pop(id, id)}]"


def _reason(message: dict[str, Any]) -> str:
    """Why a message is passed over."""
    role = _of(message, "author").get("role")
    if role == "tool" or (role == ASSISTANT and message.get("recipient") not in ("all", None)):
        return TOOLS
    if role not in (USER, ASSISTANT):
        return SYSTEM
    type = _of(message, "content").get("content_type")
    if type in _THOUGHT:
        return REASONING
    if type in ("user_editable_context", "model_editable_context"):
        return N_("custom instructions")
    if _of(message, "metadata").get("is_visually_hidden_from_conversation"):
        return N_("hidden messages")
    return EMPTY


def _of(value: dict[str, Any], key: str) -> dict[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}
