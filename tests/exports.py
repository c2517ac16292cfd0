"""Exports of other programs as they are made: of any size for the bench, with traps in tests/data.

Each function writes a file in the documented format of its program and returns how many messages
(of chats: what user and assistant said) it holds.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

START = 1_700_000_000  # 14 November 2023, 22:13:20 UTC
_ENGLISH = (
    "garden river letter yellow market window bicycle doctor winter coffee sister train holiday"
    " bridge music painting dinner office phone weather mountain story bread lamp school forest"
    " the a of to and in is was that it for with my we they on at not very then about could"
).split()
_CHINESE = "天气 上海 北京 医生 音乐 晚饭 电影 朋友 猫粮 火车 作业 会议 花园 信件 河边 咖啡".split()
_TIMES = [
    "We met on Friday.",
    "See you tomorrow!",
    "Is it at 15:00?",
    "That was last week.",
    "下周三见。",
    "他昨天来过。",
]


class Words:
    """Sentences of both languages with what chats hold: questions, times, emoji.

    One message in seven names a time, as in LoCoMo's chats.
    """

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def sentence(self) -> str:
        r = self._random
        if r.random() < 0.3:
            return "".join(r.choices(_CHINESE, k=r.randrange(4, 12))) + r.choice("。？！")
        words = r.choices(_ENGLISH, k=r.randrange(6, 16))
        if r.random() < 0.1:
            words.append(r.choice("🐈🍁🥖🎉"))
        return " ".join(words).capitalize() + r.choice(".?!.")

    def text(self, sentences: int) -> str:
        r = self._random
        said = [self.sentence() for _ in range(sentences)]
        if r.random() < 1 / 7:
            said.append(r.choice(_TIMES))
        return " ".join(said)

    def turns(self, number: int) -> Iterator[tuple[str, str]]:
        """Questions of one or two sentences, answers of three to eight."""
        for _ in range(number):
            yield self.text(self._random.randrange(1, 3)), self.text(self._random.randrange(3, 9))


def chatgpt(path: Path, conversations: int, turns: int = 10, seed: int = 1) -> int:
    words = Words(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for c in range(conversations):
            file.write(", " if c else "")
            json.dump(_conversation(words, c, turns), file)
        file.write("]")
    return 2 * conversations * turns


def _conversation(words: Words, number: int, turns: int) -> dict[str, object]:
    mapping: dict[str, dict[str, object]] = {}
    last = None
    started = START + number * 40_000

    def node(id: str, message: object) -> None:
        nonlocal last
        mapping[id] = {"id": id, "message": message, "parent": last, "children": []}
        if last is not None:
            mapping[last]["children"] = [id]
        last = id

    node(f"{number}-root", None)
    for turn, texts in enumerate(words.turns(turns)):
        for role, text in zip(("user", "assistant"), texts, strict=True):
            id = f"{number:08}-{turn:04}-{role}"
            node(id, {
                "id": id, "author": {"role": role, "name": None, "metadata": {}},
                "create_time": started + turn * 60 + (role == "assistant") * 5 + 0.25,
                "update_time": None, "content": {"content_type": "text", "parts": [text]},
                "status": "finished_successfully", "end_turn": role == "assistant", "weight": 1.0,
                "metadata": {"model_slug": "gpt-4o"}, "recipient": "all",
            })  # fmt: skip
    return {
        "title": f"Chat {number}", "create_time": started, "update_time": started + 600,
        "mapping": mapping, "current_node": last, "conversation_id": f"conversation-{number:08}",
        "moderation_results": [], "is_archived": False,
    }  # fmt: skip


def claude(path: Path, conversations: int, turns: int = 10, seed: int = 1) -> int:
    words = Words(seed)
    found = []
    for c in range(conversations):
        messages = []
        for turn, texts in enumerate(words.turns(turns)):
            for sender, text in zip(("human", "assistant"), texts, strict=True):
                day = f"2024-{c % 12 + 1:02}-{c % 28 + 1:02}"
                at = f"{day}T{turn % 24:02}:00:{sender == 'assistant':02}Z"
                messages.append({
                    "uuid": f"{c:08}-{turn:04}-{sender}", "text": text, "sender": sender,
                    "content": [{"type": "text", "text": text, "citations": []}],
                    "created_at": at, "updated_at": at, "attachments": [], "files": [],
                })  # fmt: skip
        found.append({
            "uuid": f"claude-{c:08}", "name": f"Chat {c}", "created_at": messages[0]["created_at"],
            "account": {"uuid": "me"}, "chat_messages": messages,
        })  # fmt: skip
    path.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return 2 * conversations * turns


def llm(path: Path, conversations: int, turns: int = 10, seed: int = 1) -> int:
    """A log of llm before 0.32; its schema as docs/logging.md of llm 0.26 gives it."""
    words = Words(seed)
    db = sqlite3.connect(path)
    db.executescript(LLM_SCHEMA)
    for c in range(conversations):
        db.execute("INSERT INTO conversations VALUES (?, ?, 'gpt-4o-mini')", (f"c{c}", f"Chat {c}"))
        for turn, (prompt, response) in enumerate(words.turns(turns)):
            at = f"2024-{c % 12 + 1:02}-{c % 28 + 1:02}T{turn % 24:02}:00:00.123456"
            db.execute(
                "INSERT INTO responses (id, model, prompt, system, response, conversation_id,"
                " datetime_utc) VALUES (?, 'gpt-4o-mini', ?, NULL, ?, ?, ?)",
                (f"r{c:08}-{turn:04}", prompt, response, f"c{c}", at),
            )
    db.commit()
    db.close()
    return 2 * conversations * turns


LLM_SCHEMA = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (
  id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT,
  response TEXT, response_json TEXT, conversation_id TEXT REFERENCES conversations(id),
  duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER,
  token_details TEXT, schema_id TEXT, resolved_model TEXT
);
CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
CREATE TABLE prompt_attachments (
  response_id TEXT REFERENCES responses(id), attachment_id TEXT REFERENCES attachments(id),
  "order" INTEGER, PRIMARY KEY (response_id, attachment_id)
);
CREATE TABLE fragments (
  id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT
);
CREATE TABLE prompt_fragments (
  response_id TEXT REFERENCES responses(id), fragment_id INTEGER REFERENCES fragments(id),
  "order" INTEGER, PRIMARY KEY (response_id, fragment_id, "order")
);
CREATE TABLE tool_calls (
  id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, arguments TEXT,
  tool_call_id TEXT
);
"""


def jrnl(path: Path, entries: int, seed: int = 1) -> int:
    words = Words(seed)
    found = [
        {
            "title": words.sentence(), "body": words.text(2), "tags": ["@diary"],
            "date": f"20{10 + i % 14}-{i % 12 + 1:02}-{i % 28 + 1:02}",
            "time": f"{i % 24:02}:{i % 60:02}", "starred": False,
        }
        for i in range(entries)
    ]  # fmt: skip
    journal = {"tags": {"@diary": entries}, "entries": found}
    path.write_text(json.dumps(journal, indent=2), "utf-8")
    return entries


def vault(folder: Path, notes: int, seed: int = 1) -> int:
    """Notes of three sections each."""
    words = Words(seed)
    for i in range(notes):
        path = folder / f"{i % 50:02}" / f"20{10 + i % 14}-{i % 12 + 1:02}-{i % 28 + 1:02} {i}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        sections = "\n\n".join(f"## {words.sentence()}\n\n{words.text(3)}" for _ in range(3))
        path.write_text(f"---\ntags: [diary, t{i % 9}]\n---\n# Day\n\n{sections}\n", "utf-8")
    return 3 * notes


def diary(path: Path, entries: int, seed: int = 1) -> int:
    words = Words(seed)
    lines = (
        f"20{10 + i % 14}-{i % 12 + 1:02}-{i % 28 + 1:02} {i % 24:02}:{i % 60:02} {words.text(2)}"
        for i in range(entries)
    )
    path.write_text("\n".join(lines), "utf-8")
    return entries


def jsonl(path: Path, turns: int, seed: int = 1) -> int:
    """Exchanges as ltm exports them: the measure that the others are compared with."""
    with path.open("w", encoding="utf-8") as file:
        for i, (question, answer) in enumerate(Words(seed).turns(turns)):
            at = f"20{10 + i % 14}-{i % 12 + 1:02}-{i % 28 + 1:02}T{i % 24:02}:{i % 60:02}:00"
            record = {"question": question, "answer": answer, "at": at, "ref": f"j{i}",
                      "session": f"s{i // 10}", "tags": ["chat"]}  # fmt: skip
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return 2 * turns
