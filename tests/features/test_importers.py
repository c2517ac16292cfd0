"""ltm import of what other programs export, and ltm export --format markdown."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ltm_cli.features.importers import archive, stream
from tests import exports
from tests.conftest import NOW, Ltm

DATA = Path(__file__).parents[1] / "data" / "imports"
BERLIN = {"TZ": "Europe/Berlin"}


def told(ltm: Ltm, **options: Any) -> list[dict[str, Any]]:
    """What is remembered, without what a store adds itself."""
    kept = ltm.json("export", **BERLIN, **options)
    return [{k: v for k, v in one.items() if k not in ("id", "recorded")} for one in kept]


def by_ref(ltm: Ltm) -> dict[str, dict[str, Any]]:
    return {one["ref"]: one for one in told(ltm)}


def imported(ltm: Ltm, path: Path, *more: str, status: int = 0) -> dict[str, Any]:
    done: dict[str, Any] = ltm.json("import", str(path), *more, status=status, **BERLIN)
    return done


def test_chatgpt_is_the_conversation_that_was_shown(ltm: Ltm) -> None:
    done = imported(ltm, DATA / "chatgpt.json", status=5)
    assert (done["added"], done["known"]) == (4, 0)
    assert done["skipped"] == {
        "messages on other branches (import them with --branches)": 3,
        "tool calls and their results": 2,
        "system messages": 1,
        "custom instructions": 1,
        "the assistant's reasoning": 1,
    }
    [broken] = done["broken"]
    text = (DATA / "chatgpt.json").read_text("utf-8")
    at = text.index('{"title": "Half an export"') + 1
    assert f"chatgpt.json, conversation 3 (character {at:,}): not a conversation" in broken
    kept = by_ref(ltm)
    exchange = kept["chatgpt:a1-again"]
    assert exchange["question"] == (
        "[image: maple.jpg]\nWhen are the maples red in Kyoto? My sister Lena lives there."
        " 京都的枫叶什么时候红？\n[attachment: 行程.pdf]"
    )
    assert exchange["answer"] == (
        "From mid November to early December.\n\n十一月中旬到十二月初。🍁"
    )
    assert exchange["at"] == "2023-11-14T23:13:20"  # 22:13:20 UTC
    assert exchange["session"] == "7c1f0000-kyoto"
    assert exchange["tags"] == ["chatgpt", "Trip to Kyoto 🍁"]
    assert kept["chatgpt:u2"]["text"] == "Thank you \ufffd!"  # half of an emoji
    assert kept["chatgpt:u2"]["at"] == "2023-11-14T23:13:26"  # it has none: that of the one before
    assert kept["chatgpt:x"]["speaker"] == "ChatGPT"
    assert kept["chatgpt:b"]["question"] == "Am I in a circle?"


def test_a_second_import_adds_nothing_and_a_later_export_what_is_new(
    ltm: Ltm, tmp_path: Path
) -> None:
    imported(ltm, DATA / "claude.json")
    assert imported(ltm, DATA / "claude.json")["added"] == 0
    later = json.loads((DATA / "claude.json").read_text("utf-8"))
    later[1]["name"] = "renamed"
    later[1]["chat_messages"] += [
        {"uuid": "n3", "text": "再见 👋", "sender": "human", "created_at": "2023-08-01T00:31:00Z"},
        {"uuid": "n4", "text": "再见！", "sender": "assistant", "created_at": None},
    ]
    path = tmp_path / "later.json"
    path.write_text(json.dumps(later))
    assert imported(ltm, path)["added"] == 1
    found = told(ltm, status=0)
    assert [one["session"] for one in found if one["question"] == "再见 👋"] == ["c0ffee00-0002"]


def test_claude_keeps_text_and_names_of_attachments(ltm: Ltm) -> None:
    done = imported(ltm, DATA / "claude.json")
    assert done["added"] == 3
    assert done["skipped"]["messages on other branches (import them with --branches)"] == 1
    kept = by_ref(ltm)
    assert kept["claude:m2"] == {
        "user": "me", "kind": "episode", "text": None, "speaker": None, "ref": "claude:m2",
        "question": "My starter does not rise.\n[attachment: 面粉.txt]\n[attachment: jar.png]",
        "answer": "Keep it warm. 保持温暖。 🥖", "at": "2024-03-09T23:10:05",
        "session": "c0ffee00-0001", "tags": ["claude", "Sourdough 面包"],
    }  # fmt: skip
    assert kept["claude:m4"]["at"] == "2024-03-10T08:00:00"  # +01:00 is Berlin in winter
    assert kept["claude:n2"]["at"] == "2023-08-01T02:30:00"  # and +02:00 in summer


def test_branches_come_with_their_question(ltm: Ltm) -> None:
    imported(ltm, DATA / "chatgpt.json", "--branches", status=5)
    kept = by_ref(ltm)
    assert kept["chatgpt:a1"]["answer"] == "In winter."
    assert kept["chatgpt:a1"]["question"] == kept["chatgpt:a1-again"]["question"]
    assert kept["chatgpt:a1-old"]["question"] == "When are the maples red in Kyotto?"
    assert {ref for ref, one in kept.items() if "branch" in one["tags"]} == {
        "chatgpt:a1", "chatgpt:a1-old",
    }  # fmt: skip


def test_what_an_assistant_says_is_nobodys_task_and_nobodys_home(ltm: Ltm, tmp_path: Path) -> None:
    words = "You live in Paris. I live in Oslo. You have to pay by 20 June. 6月20日之前要交表。"
    mine = "I live in Kyoto. I have to call Lena by 21 June. 6月22日之前要交表。"
    path = tmp_path / "claude.json"
    path.write_text(json.dumps([{"uuid": "c", "name": "", "chat_messages": [
        {"uuid": "1", "text": words, "sender": "assistant", "created_at": "2024-06-09T10:00:00Z"},
        {"uuid": "2", "text": "Hello?", "sender": "human", "created_at": "2024-06-09T10:00:01Z"},
        {"uuid": "3", "text": words, "sender": "assistant", "created_at": "2024-06-09T10:00:02Z"},
    ]}]))  # fmt: skip
    imported(ltm, path)
    ltm("task", "list", status=1)
    assert [f for f in ltm.json("facts", "list", status=0) if f["subject"] == "me"] == []
    ltm("remember", "-Q", mine, "-A", words, "--at", "2024-06-09")
    assert ltm.json("task", "list")
    facts = ltm.json("facts", "list")
    assert [f["value"] for f in facts if f["subject"] == "me"] == ["Kyoto"]


def test_an_archive_is_read_where_it_is(ltm: Ltm, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(DATA / "claude.json", "../../conversations.json")
        file.writestr("data/conversations-001.json", (DATA / "chatgpt.json").read_bytes())
        file.writestr("user.json", "{}")
        file.writestr("images/cat.png", b"png")
    done = imported(ltm, path, status=5)
    assert done["added"] == 7
    assert done["skipped"]["other files in the archive"] == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["export.zip", "home"]
    folder = tmp_path / "unpacked"
    folder.mkdir()
    shutil.copy(DATA / "claude.json", folder / "conversations.json")
    assert imported(ltm, folder) == {
        "added": 0, "known": 3, "broken": [],
        "skipped": {
            "tool calls and their results": 2, "the assistant's reasoning": 1,
            "contents of attachments (only the names are kept)": 1, "entries without text": 1,
            "messages on other branches (import them with --branches)": 1,
        },
    }  # fmt: skip


def test_archives_that_are_none_of_ours(ltm: Ltm, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("conversations.json", b"[" + b" " * (archive._SMALL + 1) + b"]")
    assert "would grow" in ltm("import", str(bomb), status=5).stderr
    assert "whole disk" in ltm("import", "/", "--format", "markdown", status=5).stderr
    other = tmp_path / "photos.zip"
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("cat.png", b"png")
    assert "contains no conversations.json" in ltm("import", str(other), status=5).stderr
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(damaged, "w", zipfile.ZIP_STORED) as file:
        file.write(DATA / "claude.json", "conversations.json")
    data = bytearray(damaged.read_bytes())
    data[2000] ^= 1
    damaged.write_bytes(data)
    assert "damaged.zip, conversations.json" in ltm("import", str(damaged), status=5).stderr
    damaged.write_bytes(data[:1000])
    assert "damaged.zip" in ltm("import", str(damaged), status=5).stderr


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_download_that_broke_off_gives_what_came(ltm: Ltm, tmp_path: Path, cut: float) -> None:
    path = tmp_path / "conversations.json"
    exports.chatgpt(path, 40)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    done = imported(ltm, path, status=5)
    assert done["added"] in range(int(390 * cut), int(400 * cut) + 1)
    [broken] = done["broken"]
    said = re.fullmatch(r"(.*): not JSON at character ([\d,]+) \(the file ends too early\)", broken)
    assert said is not None
    assert said[1] == str(path)
    assert 0 <= int(len(data) * cut) - int(said[2].replace(",", "")) < 20
    path.write_bytes(data)
    assert imported(ltm, path) == {
        "added": 400 - done["added"], "known": done["added"], "skipped": {}, "broken": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ('[{"a": 1}, {"b": }]', 18),
        ('[{"a": 1} {"b": 2}]', 11),
        ('[{"天气": 1}, {"a": "\n"}]', 20),
        ("[", 2),
        ("", 1),
        ("[{}, " + '{"a": ' * 100_000, 6),
    ],
)
def test_broken_json_is_named_by_its_place(text: str, character: int) -> None:
    data = iter([text.encode(), b""])
    with pytest.raises(archive.InputError, match=f"at character {character} "):
        list(stream.elements(lambda size: next(data, b""), lambda size: None))


def test_json_is_read_in_windows_of_any_size() -> None:
    values = [{"n": i, "text": '天气 🌧 \\ " \n' * (i % 7), "list": [[], {}]} for i in range(50)]
    for shape in (values, {"conversations": values}):
        data = json.dumps(shape, ensure_ascii=False, indent=1).encode()
        for step in (3, 50, 4096):
            file = io.BytesIO(data)
            read = functools.partial(lambda file, step, size: file.read(step), file, step)
            found = stream.elements(read, lambda size: None)
            assert [value for _, value in found] == values


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read there")
def test_a_hundred_megabytes_are_read_in_bounded_memory(ltm: Ltm, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    exports.chatgpt(path, 20)
    conversations = json.loads(path.read_text("utf-8"))
    padding = "看图🖼" * 100_000
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, one in enumerate(conversations * 5):
            one["safe_urls"] = [padding]
            file.write(", " if number else "")
            json.dump(one, file, ensure_ascii=False)
        file.write("]")
    assert path.stat().st_size > 100_000_000
    code = (
        "import sys; from ltm_cli.cli import main; sys.argv[0] = 'ltm'\n"
        "try: main()\n"
        "finally: sys.stderr.write(open('/proc/self/status').read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "import", str(path), "--json"],
        env=ltm.environment, capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert json.loads(done.stdout) | {"skipped": 0} == {
        "added": 200, "known": 800, "skipped": 0, "broken": [],
    }  # fmt: skip
    peak = next(line for line in done.stderr.splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) < 120_000  # KiB


def log(path: Path) -> None:
    exports.llm(path, 1, 2)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE conversations SET name = '面包 bread'")
        db.execute(
            "INSERT INTO responses (id, model, prompt, system, response, conversation_id,"
            " datetime_utc) VALUES ('z1', 'gpt-4o', 'What is on it? 🐈', 'Be brief', 'A cat',"
            " 'c0', '2024-07-01T22:30:00.123456+00:00'), ('z2', 'gpt-4o', '', NULL, 'alone',"
            " NULL, '2024-07-02T10:00:00'), ('z3', 'gpt-4o', NULL, NULL, NULL, NULL, NULL)"
        )
        db.execute("INSERT INTO attachments VALUES ('a1', 'image/png', '/tmp/cat.png', NULL, NULL)")
        db.execute("INSERT INTO prompt_attachments VALUES ('z1', 'a1', 0)")
        db.execute("INSERT INTO fragments VALUES (1, 'abc', 'long', '', 'https://e.org/f.txt')")
        db.execute("INSERT INTO prompt_fragments VALUES ('z1', 1, 0)")
        db.execute("INSERT INTO tool_calls VALUES (1, 'z1', 1, 'clock', '{}', 't')")
    db.close()


def test_llm_as_it_logged_until_0_31(ltm: Ltm, tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    log(path)
    done = imported(ltm, path)
    assert done["added"] == 4
    assert done["skipped"] == {
        "entries without text": 1, "tool calls and their results": 1, "system messages": 1,
    }  # fmt: skip
    kept = by_ref(ltm)
    assert kept["llm:z1"]["question"] == (
        "What is on it? 🐈\n[attachment: /tmp/cat.png]\n[fragment: https://e.org/f.txt]"
    )
    assert kept["llm:z1"]["at"] == "2024-07-02T00:30:00"
    assert kept["llm:z1"]["tags"] == ["llm", "面包 bread", "gpt-4o"]
    assert (kept["llm:z1"]["session"], kept["llm:z2"]["session"]) == ("c0", "z2")
    assert kept["llm:z2"]["speaker"] == "gpt-4o"
    assert imported(ltm, path)["known"] == 4


def test_llm_as_it_logs_since_0_32(ltm: Ltm, tmp_path: Path) -> None:
    """The log is made by llm itself: its migrations, its way to store a response."""
    llm = pytest.importorskip("llm")
    if not hasattr(pytest.importorskip("llm.logs"), "LogStore"):
        pytest.skip("an llm before 0.32")
    import sqlite_utils

    class Echo(llm.Model):  # type: ignore[name-defined,misc]
        model_id = "echo"

        def execute(self, prompt, stream, response, conversation):  # type: ignore[no-untyped-def]
            yield f"You said: {prompt.prompt}"

    path = tmp_path / "logs.db"
    db = sqlite_utils.Database(path)
    conversation = Echo().conversation()
    for said in ("明天天气如何？", "And the bread 🥖?"):
        response = conversation.prompt(said)
        response.text()
        response.log_to_db(db)
    db.close()
    assert imported(ltm, path)["added"] == 2
    found = told(ltm)
    assert [(one["question"], one["answer"]) for one in found] == [
        ("明天天气如何？", "You said: 明天天气如何？"),
        ("And the bread 🥖?", "You said: And the bread 🥖?"),
    ]
    assert {one["session"] for one in found} == {conversation.id}
    assert found[0]["tags"] == ["llm", "echo"]


def test_databases_that_are_no_log(ltm: Ltm, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE cats (name)")
    db.close()
    assert "but not the logs.db of llm" in ltm("import", str(path), status=5).stderr
    log(tmp_path / "logs.db")
    data = (tmp_path / "logs.db").read_bytes()
    path.write_bytes(data[: len(data) // 2])
    error = ltm("import", str(path), status=5).stderr
    assert "other.db: the database cannot be read" in error


def test_jrnl(ltm: Ltm) -> None:
    done = imported(ltm, DATA / "jrnl.json", status=5)
    assert done["skipped"] == {"entries without text": 1}
    assert done["broken"] == [f"{DATA / 'jrnl.json'}, entry 3: the date cannot be read"]
    assert [(o["at"], o["text"], o["tags"]) for o in told(ltm)] == [
        ("2024-05-10T09:30:00", "Took @cat to the vet.\nShe weighs 2.3 kg. 🐈",
         ["jrnl", "cat", "starred"]),
        ("2024-05-11T18:05:00", "烤了 @面包。", ["jrnl", "面包"]),
    ]  # fmt: skip
    assert imported(ltm, DATA / "jrnl.json", status=5)["known"] == 2


def test_text_with_dated_lines(ltm: Ltm) -> None:
    done = imported(ltm, DATA / "diary.txt", status=5)
    assert done["skipped"] == {"lines before the first date": 1}
    assert done["broken"] == [f"{DATA / 'diary.txt'}, line 13: this day does not exist"]
    assert [(one["at"], one["text"]) for one in told(ltm)] == [
        ("2024-05-10T09:30:00", "Took Mochi to the vet\nShe weighs 2.3 kg. 🐈"),
        ("2024-05-11T00:00:00", "Lena came by; at 15:00 we left."),
        ("2024-05-12T00:00:00", "和妈妈吃了晚饭"),
        ("2024-05-12T12:30:00", "Lunch: 饺子 🥟"),
        ("2024-05-13T19:05:00", "Sent the report. 2024-05-14 is the deadline."),
        ("2024-05-14T08:15:00", "早饭：面包"),
        ("2024-05-14T21:40:00", 'Read "Dune"'),
        ("2024-06-03T00:00:00", "the 3.14 release came out"),
        ("2024-06-04T00:00:00", "1999 was a good year, and 2024-13 is no month."),
    ]
    assert imported(ltm, DATA / "diary.txt", status=5)["known"] == 9


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_text_in_other_encodings(ltm: Ltm, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "日记"
    path.write_text("2024年5月12日：和妈妈吃了晚饭，今天天气很好，我们去了公园。\n", encoding)
    assert imported(ltm, path)["added"] == 1
    assert told(ltm)[0]["text"] == "和妈妈吃了晚饭，今天天气很好，我们去了公园。"


def test_a_vault_of_notes(ltm: Ltm, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    shutil.copytree(DATA / "vault", vault)
    (vault / ".obsidian").mkdir(exist_ok=True)
    (vault / ".obsidian" / "hidden.md").write_text("not a note")
    os.utime(vault / "Projects" / "Bread.md", (0, 0))
    done = imported(ltm, vault, status=5)
    assert done["skipped"] == {"entries without text": 1, "files that are not Markdown": 1}
    assert done["broken"] == [
        f"{vault}/2023年7月1日.md: the front matter is not valid YAML (line 3)",
        f"{vault}/Broken.md: not a readable text file",
    ]
    found = {one["text"]: one for one in told(ltm)}
    assert found["Written on a train."]["at"] == "2023-07-01T00:00:00"
    vet = next(one for text, one in found.items() if "[[Mochi]]" in text)
    assert vet["at"] == "2024-05-10T09:30:00"
    assert vet["session"] == "Daily/2024-05-10"
    assert vet["tags"] == ["note", "2024-05-10", "diary", "cat/mochi", "09:30 Vet", "面包"]
    bread = found["Feed it with rye flour."]
    assert bread["at"] == "2024-03-09T23:10:00"
    assert bread["tags"] == ["note", "Bread", "baking", "面包", "Starter"]
    assert "hot" not in found["```\n# 250 degrees, #hot\n```"]["tags"]
    assert imported(ltm, vault, status=5)["known"] == 6
    path = vault / "Projects" / "Bread.md"
    path.write_text(path.read_text("utf-8").replace("rye flour", "wheat"), "utf-8")
    assert imported(ltm, vault, status=5)["added"] == 1


def test_a_dry_run_changes_nothing(ltm: Ltm, home: Path) -> None:
    error = ltm("import", str(DATA / "claude.json"), "--dry-run", **BERLIN).stderr
    assert error.startswith("Would import 3 (2023-08-01 to 2024-03-10).\n  skipped 2:")
    assert not home.exists()
    imported(ltm, DATA / "claude.json")
    assert imported(ltm, DATA / "claude.json", "--dry-run")["known"] == 3


def test_one_import_is_one_change(ltm: Ltm) -> None:
    ltm("remember", "before")
    imported(ltm, DATA / "claude.json")
    assert len(ltm.json("undo")["removed"]) == 3
    assert [one["text"] for one in told(ltm)] == ["before"]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("list.json", "[]", ""),
        ("cats.json", '[{"name": "Mochi"}]', "not a conversation of ChatGPT or Claude"),
        ("letter.txt", "Dear Lena,\nhow are you?", "no line begins with a date"),
        ("noise.bin", "\0\1\2\3" * 100, "not a readable text file"),
        ("broken.jsonl", '{"text": "good"}\n{"text": ', "line 2: not valid JSON"),
        ("object.json", '{"text": "good", "colour": "red"}', "line 1: unknown key 'colour'"),
        ("jrnl.json", '{"tags": {}, "entries": [', "jrnl.json: not JSON at line 1, column 26"),
    ],
)
def test_what_is_unknown_or_broken(
    ltm: Ltm, tmp_path: Path, name: str, content: str, error: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert error in ltm("import", str(path), status=5 if error else 0).stderr


def test_formats_are_said_or_told_apart(ltm: Ltm, tmp_path: Path) -> None:
    for name in ("chatgpt", "claude", "jrnl", "diary"):
        shutil.copy(next(DATA.glob(f"{name}.*")), tmp_path / name)  # no suffix
        shown = ltm(
            "import", str(tmp_path / name), "--dry-run", status=0 if name == "claude" else 5
        )
        assert "Would import" in shown.stderr
    assert ltm.json("import", "-", "--format", "text", stdin="2024-05-01 还在吗 🐈")["added"] == 1
    assert ltm.json("import", "-", "--format", "claude", stdin=(DATA / "claude.json").read_bytes())[
        "added"
    ]
    assert "unknown format" in ltm("import", "-", "--format", "csv", status=2, stdin="").stderr
    assert "give the path" in ltm("import", "-", "--format", "llm", status=2, stdin="").stderr
    error = ltm("import", str(DATA / "claude.json"), "--format", "chatgpt", status=5).stderr
    assert "2 items could not be read" in error


def test_progress_is_shown_on_a_terminal_alone(ltm: Ltm, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    exports.chatgpt(path, 300)
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "import", str(path)],
        env=ltm.environment | {"TERM": "xterm", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave,
    ) as process:  # fmt: skip
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while chunk := os.read(master, 65536):
                shown += chunk
        os.close(master)
        assert process.stdout is not None
        assert process.stdout.read() == b""
    assert b"memories" in shown
    assert b"Imported 3,000 (" in shown


TRICKY = [
    {"text": '# not a heading\n\n> quoted\n<!-- {"kind": "task"} -->\n---\ttab  \n  indented'},
    {"text": "-->", "tags": ["a--b", "-->", "🐈", "#x"], "session": "s--", "ref": "-->--"},
    {
        "question": "明天天气如何？\r\n第二行\u2028end",
        "answer": "→\n\n> 阴\n<!-- x -->",
        "ref": "q1",
    },
    {"text": "due", "kind": "task", "speaker": "Lena", "at": "2024-05-31T23:59:59"},
    {"text": "old 记忆", "at": "0999-01-01T00:00:00", "tags": ["done:2024-06-10"]},
    {"text": "\x1b[31mred\x1b[0m and \x85 too", "user": "anna"},
]


def test_markdown_comes_back_as_it_was(ltm: Ltm, tmp_path: Path) -> None:
    records = [{"at": f"2024-0{i % 3 + 4}-1{i}T09:30:0{i}", **one} for i, one in enumerate(TRICKY)]
    ltm("import", "-", stdin="\n".join(json.dumps(one) for one in records))
    imported(ltm, DATA / "claude.json")
    for user in ("me", "anna"):
        folder = tmp_path / user
        ltm("export", "--format", "markdown", str(folder), "--user", user, **BERLIN)
        other = Ltm(tmp_path / f"home-{user}")
        done = other.json("import", str(folder))
        assert done["broken"] == []
        kept = [ltm.json("export", "--user", user), other.json("export", "--user", user)]
        for one in kept[0] + kept[1]:
            one.pop("id")
        assert kept[0] == kept[1]
        assert other.json("import", str(folder))["added"] == 0
        assert oct(folder.stat().st_mode)[-3:] == "700"
        assert {oct(one.stat().st_mode)[-3:] for one in folder.iterdir()} == {"600"}


def test_markdown_is_readable_and_may_be_edited(ltm: Ltm, tmp_path: Path) -> None:
    folder = tmp_path / "diary"
    ltm("remember", "Took Mochi to the vet 🐈\nShe weighs 2.3 kg", "--at", "2024-05-10 09:30",
        "--speaker", "Lena", "--tag", "cat")  # fmt: skip
    ltm("remember", "-Q", "天气？", "-A", "小雨", "--at", "2024-05-11")
    done = ltm.json("export", "--format", "markdown", str(folder))
    path = folder / "2024-05.md"
    assert done == {str(path): 2}
    assert path.read_text("utf-8") == (
        '<!-- ltm-export {"version": 1, "user": "me"} -->\n# 2024-05\n\n## 2024-05-10\n\n'
        "### 09:30 · Lena · #cat\n\n> Took Mochi to the vet 🐈\n> She weighs 2.3 kg\n\n"
        '<!-- {"kind": "episode", "at": "2024-05-10T09:30:00", "recorded": '
        f'"{NOW}", "speaker": "Lena", "tags": ["cat"]}} -->\n\n## 2024-05-11\n\n### 00:00\n\n'
        "> 天气？\n\n→\n\n> 小雨\n\n"
        f'<!-- {{"kind": "episode", "at": "2024-05-11T00:00:00", "recorded": "{NOW}"}} -->\n'
    )
    edited = path.read_text("utf-8").replace("2.3 kg", "2.4 kg").replace("\n", "\r\n")
    path.write_bytes(edited.replace('"kind": "episode", "at": "2024-05-11', '"at": "x').encode())
    other = Ltm(tmp_path / "other")
    done = other.json("import", str(folder), status=5)
    assert f"{path}, line 23: key 'at' is not an ISO 8601 time" in done["broken"][0]
    assert [one["text"] for one in other.json("export")] == [
        "Took Mochi to the vet 🐈\nShe weighs 2.4 kg"
    ]


def test_markdown_replaces_no_file_of_somebody_else(ltm: Ltm, tmp_path: Path) -> None:
    ltm("remember", "x", "--at", "2024-05-10")
    (tmp_path / "2024-05.md").write_text("# My own notes")
    error = ltm("export", "--format", "markdown", str(tmp_path), status=2).stderr
    assert "was not written by ltm export" in error
    assert (tmp_path / "2024-05.md").read_text() == "# My own notes"
    ltm("export", "--format", "markdown", status=2)
    ltm("export", str(tmp_path), status=2)
    ltm("export", "--format", "markdown", str(tmp_path / "new"))
    ltm("export", "--format", "markdown", str(tmp_path / "new"))  # our own is replaced
