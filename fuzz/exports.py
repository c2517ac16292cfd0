"""What other programs export is imported, or named with its place; the store is sound."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path

from fuzz.importers import empty
from ltm_cli.core.errors import LtmError
from ltm_cli.core.filter import EVERYTHING
from ltm_cli.features.importers import formats, monthly_notes, transfer
from tests.soundness import faults

CHATGPT = {
    "title": "面包", "create_time": 1.7e9, "current_node": "b", "conversation_id": "c1",
    "mapping": {
        "r": {"id": "r", "message": None, "parent": None, "children": ["a"]},
        "a": {"parent": "r", "message": {
            "author": {"role": "user"}, "create_time": 1.7e9, "recipient": "all",
            "content": {"content_type": "multimodal_text", "parts": [
                "Why? 为什么？", {"content_type": "image_asset_pointer", "asset_pointer": "f://1"}]},
            "metadata": {"attachments": [{"id": "1", "name": "图.png"}]}}},
        "b": {"parent": "a", "message": {
            "author": {"role": "assistant"}, "create_time": None, "recipient": "all",
            "content": {"content_type": "text", "parts": ["Keep it warm. 🥖【4†source】"]}}},
    },
}  # fmt: skip
CLAUDE = {
    "uuid": "u1", "name": "Bread", "created_at": "2024-03-09T22:10:00.123Z",
    "current_leaf_message_uuid": "m2", "chat_messages": [
        {"uuid": "m1", "sender": "human", "text": "Hi 你好", "created_at": "2024-03-09T22:10:00Z",
         "attachments": [{"file_name": "a.txt", "extracted_content": "x"}], "files": []},
        {"uuid": "m2", "sender": "assistant", "created_at": "2024-03-09T22:11:00+08:00",
         "content": [
            {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hello! 🍞"},
            {"type": "tool_use", "name": "x", "input": {}}]},
    ],
}  # fmt: skip
JRNL = {
    "tags": {"@work": 1},
    "entries": [
        {
            "date": "2024-05-10",
            "time": "09:30",
            "title": "Met Priya.",
            "body": "在咖啡馆。",
            "tags": ["@work"],
        }
    ],
}
_NOTE = (
    "---\ndate: 2024-05-10\ntags: [a, 工作]\n---\n# One\n\nRain.\n\n## 09:30\n\n- [ ] 下周五交\n"
)
_DATED = "2024-05-10 09:30 Met Priya.\nand again\n\n2024年5月11日 下雨了。\n\n[2024-05-12] 🍰\n"


@functools.lru_cache(maxsize=1)
def _month() -> str:
    """A file that `ltm export --format markdown` writes."""
    with empty() as store, tempfile.TemporaryDirectory() as folder:
        line = json.dumps(
            {"question": "去哪？\n# no", "answer": "> Home", "at": "2024-05-10T09:30:00"}
        )
        transfer.import_lines(store, [line.encode()])
        [file] = monthly_notes.export(store, EVERYTHING, Path(folder))
        return file.read_text("utf-8")


def _zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("conversations.json", text)
        archive.writestr("user.json", "{}")
    return packed.getvalue()


def log() -> bytes:
    """A logs.db of llm, as small as SQLite makes it."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(
            "PRAGMA page_size = 512; CREATE TABLE conversations (id, name, model);"
            " CREATE TABLE responses (id, model, prompt, system, response, conversation_id,"
            " datetime_utc);"
            " INSERT INTO conversations VALUES ('c', 'Bread', 'm');"
            " INSERT INTO responses VALUES"
            " ('r', 'm', 'Why? 为什么？', 's', 'Warm. 🥖', 'c', '2024-05-10T09:30:00')"
        )
        return db.serialize()


SEEDS = [
    json.dumps([CHATGPT], ensure_ascii=False).encode(),
    json.dumps([CLAUDE, 7, CHATGPT]).encode(),
    json.dumps([CLAUDE], ensure_ascii=False).encode("utf-16"),
    json.dumps(JRNL, ensure_ascii=False).encode(),
    _NOTE.encode(), _NOTE.replace("\n", "\r\n").encode("gb18030"), _month().encode(),
    _DATED.encode(), _zipped(json.dumps([CLAUDE])), log(),
]  # fmt: skip


def one(data: bytes) -> None:
    """The last byte chooses a format, or leaves that to what is in the file."""
    path = _folder() / "export"
    path.write_bytes(data)
    kinds = ["auto", formats.FORMATS[data[-1] % len(formats.FORMATS)] if data else "auto"]
    for kind in dict.fromkeys(kinds):
        with empty() as store:
            with contextlib.suppress(LtmError):
                format = formats.format_of(path) if kind == "auto" else kind
                if format != "jsonl":  # fuzz/importers.py
                    found = formats.items(path, format, bool(len(data) % 2), lambda size: None)
                    transfer.import_items(store, transfer.normal(found))
            assert faults(store) == []


@functools.lru_cache(maxsize=1)
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ltm-fuzz-"))
