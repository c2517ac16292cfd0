"""Each command as a person or a script uses it, on a real home."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NOW, Ltm

RECORD_KEYS = [
    "id", "user", "kind", "text", "question", "answer", "at", "recorded", "session", "speaker",
    "tags", "ref",
]  # fmt: skip


def test_the_two_exchanges_of_the_request(weather: Ltm) -> None:
    first, second = weather("recall", "--user", "user456").stdout.splitlines()
    assert "明天上海天气如何？" in first
    assert "那适合穿什么衣服？" in second
    [only] = weather("recall", "--keyword", "天气", "--user", "user456").stdout.splitlines()
    assert only == first
    assert weather("recall", "--user", "nobody", status=1).stdout == ""
    assert weather.json("recall", "--user", "nobody", status=1) == []


def test_remember_prints_the_record_of_the_contract(ltm: Ltm) -> None:
    stored = ltm.json(
        "remember", "Bought 猫粮 🐈", "--at", "2024-06-01T09:30", "--tag", "cat", "--tag", "猫",
        "--speaker", "Ana", "--session", "s1", "--ref", "r-1", "--kind", "fact",
    )  # fmt: skip
    assert list(stored) == RECORD_KEYS
    assert stored == {
        "id": 1, "user": "me", "kind": "fact", "text": "Bought 猫粮 🐈", "question": None,
        "answer": None, "at": "2024-06-01T09:30:00", "recorded": NOW, "session": "s1",
        "speaker": "Ana", "tags": ["cat", "猫"], "ref": "r-1",
    }  # fmt: skip
    assert ltm.json("show", "1") == stored


def test_text_comes_from_arguments_a_dash_or_a_pipe(ltm: Ltm) -> None:
    assert ltm.json("remember", "two", "words")["text"] == "two words"
    assert ltm.json("remember", "-", stdin="第一行\n第二行\n")["text"] == "第一行\n第二行"
    assert ltm.json("remember", stdin="piped 🍰")["text"] == "piped 🍰"


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ("昨天", "2024-06-09T00:00:00"),
        ("yesterday", "2024-06-09T00:00:00"),
        ("last Friday", "2024-06-07T00:00:00"),
        ("上周三", "2024-06-05T00:00:00"),
        ("2024-05-10 09:30", "2024-05-10T09:30:00"),
    ],
)
def test_when_it_happened_in_both_languages(ltm: Ltm, when: str, at: str) -> None:
    stored = ltm.json("remember", "something", "--at", when)
    assert (stored["at"], stored["recorded"]) == (at, NOW)


def test_recall_ranks_and_explains(ltm: Ltm) -> None:
    ltm("remember", "Took Mochi to the vet, she weighs 2.1 kg")
    ltm("remember", "和王芳去看了电影《流浪地球》")
    ltm("remember", "Planted tomatoes on the balcony")
    [first, *_] = ltm.json("recall", "What did the vet say about Mochi's weight?")
    assert first["text"].startswith("Took Mochi")
    assert list(first)[:4] == ["id", "ref", "score", "why"]
    assert first["why"]
    assert "流浪地球" in ltm("recall", "我和谁看了电影？").stdout.splitlines()[0]
    assert "vet" in ltm("recall", "vet", "--explain").stdout
    assert ltm.json("recall", "submarine", status=1) == []


def test_filters(ltm: Ltm) -> None:
    ltm("remember", "run in May", "--at", "2024-05-03", "--tag", "sport", "--session", "a")
    ltm("remember", "run in June", "--at", "2024-06-03", "--kind", "fact", "--tag", "sport")

    def found(*arguments: str, status: int = 0) -> list[str]:
        return [hit["text"] for hit in ltm.json("recall", "run", *arguments, status=status)]

    assert found("--since", "2024-06-01") == ["run in June"]
    assert found("--until", "2024-05") == ["run in May"]
    assert found("--on", "2024-05-03") == ["run in May"]
    assert found("--kind", "fact") == ["run in June"]
    assert found("--session", "a") == ["run in May"]
    assert len(found("--tag", "sport")) == 2
    assert len(found("--limit", "1")) == 1
    assert found("--tag", "sport", "--tag", "other", status=1) == []
    ltm("recall", "run", "--on", "2024", "--since", "2024", status=2)


def test_batch_answers_in_order_for_each_user(weather: Ltm) -> None:
    weather("remember", "上海的天气很热", "--user", "other")
    queries = [
        {"qid": "q1", "query": "上海天气", "user": "user456", "limit": 1},
        {"qid": "q2", "query": "上海天气", "user": "other"},
        {"qid": "q3", "query": "???"},
    ]
    lines = "\n".join(json.dumps(query) for query in queries) + "\n\n"
    results = [json.loads(line) for line in
               weather("recall", "--batch", "-", stdin=lines).stdout.splitlines()]  # fmt: skip
    assert [result["qid"] for result in results] == ["q1", "q2", "q3"]
    assert results[0]["results"][0]["question"] == "明天上海天气如何？"
    assert [hit["user"] for hit in results[1]["results"]] == ["other"]
    assert results[2]["results"] == []
    error = weather("recall", "--batch", "-", stdin='{"qid": 1}\n', status=5).stderr
    assert "line 1" in error


def test_edit_forget_and_undo(ltm: Ltm) -> None:
    ltm("remember", "the code is 1234")
    ltm("edit", "1", "the code is 5678", "--at", "2024-06-01")
    assert ltm.json("recall", "-k", "5678")[0]["at"] == "2024-06-01T00:00:00"
    assert ltm.json("recall", "-k", "1234", status=1) == []
    ltm("undo")
    assert ltm.json("show", "1")["text"] == "the code is 1234"
    ltm("forget", "1", status=2)  # nobody can be asked here
    ltm("forget", "1", "--yes")
    ltm("show", "1", status=1)
    assert ltm.json("recall", "code", status=1) == []
    assert ltm.json("undo")["restored"][0]["text"] == "the code is 1234"
    assert ltm.json("recall", "code")[0]["id"] == 1
    ltm("undo")  # takes back the first remember
    assert ltm.json("list", status=1) == []
    assert "nothing to undo" in ltm("undo", status=1).stderr


def test_an_exchange_can_be_edited(weather: Ltm) -> None:
    weather("edit", "1", "--answer", "多云，20℃", "--user", "user456")
    assert weather.json("show", "1", "--user", "user456")["answer"] == "多云，20℃"
    weather("edit", "1", "a text", "--user", "user456", status=5)


def test_forget_now_leaves_no_byte(ltm: Ltm) -> None:
    ltm("remember", "an ordinary sentence that stays")
    ltm("remember", "the passphrase is zyxwvut-摩羯座的秘密")
    ltm("edit", "2", "the passphrase is zyxwvut-天蝎座的秘密")
    ltm("forget", "2", "--now", "--yes")
    everything = b"".join(p.read_bytes() for p in ltm.home.rglob("*") if p.is_file())
    for secret in ("zyxwvut", "摩羯", "天蝎", "passphrase"):
        assert secret.encode() not in everything
        assert secret.encode("utf-16-le") not in everything
    assert ltm.json("list")[0]["text"].startswith("an ordinary")


def test_import_and_export_are_the_same_records(weather: Ltm, tmp_path: Path) -> None:
    weather("remember", "with 🍰, a \u202e mark and\nthree\tlines", "--user", "user456")
    exported = weather("export", "--user", "user456").stdout
    other = Ltm(tmp_path / "other")
    assert other.json("import", "-", stdin=exported) == {"added": 3, "known": 0}
    assert other.json("import", "-", stdin=exported) == {"added": 0, "known": 3}
    assert other("export", "--user", "user456").stdout == exported
    assert weather.json("import", "-", stdin=exported) == {"added": 0, "known": 3}
    other("undo", "--user", "user456")
    assert other("export", "--user", "user456", status=1).stdout == ""


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"text": "x", "colour": "red"}', "'colour'"),
        ('{"text": "x", "at": "someday"}', "'at'"),
        ('{"text": "x", "kind": "dream"}', "kind"),
        ('{"text": "x", "question": "y", "answer": "z"}', "either"),
        ('{"question": "y"}', "answer"),
        ('{"text": "  "}', "empty"),
        ('{"text": "a\\u0000b"}', "NUL"),
        ('{"text": "\\ud800"}', "UTF-8"),
        ('{"text": 5}', "string"),
        ('{"text": "x", "tags": "y"}', "tags"),
        ("[" * 100_000, "nested"),
    ],
)
def test_a_bad_line_is_named_and_those_before_it_are_kept(ltm: Ltm, line: str, says: str) -> None:
    error = ltm("import", "-", stdin=f'{{"text": "good"}}\n{line}\n', status=5).stderr
    assert "line 2" in error
    assert says in error
    assert len(error.splitlines()) == 2
    assert [record["text"] for record in ltm.json("list")] == ["good"]


def test_unknown_keys_can_be_ignored(ltm: Ltm) -> None:
    ltm("import", "-", "--lenient", stdin='{"text": "x", "colour": "red"}\n')
    assert len(ltm.json("list")) == 1


@pytest.mark.parametrize(
    ("arguments", "stdin", "status"),
    [
        (["remember", ""], None, 2),
        (["remember", "   "], None, 2),
        (["remember"], "", 2),
        (["remember"], b"a\0b", 5),
        (["remember"], b"\xff\xfe\x00", 5),
        (["remember", "x", "--at", "the day of never"], None, 2),
        (["remember", "x", "--at", "2月30日"], None, 2),
        (["remember", "x", "--at", "2024-13-45"], None, 2),
        (["remember", "x", "--kind", "dream"], None, 2),
        (["remember", "-Q", "only a question"], None, 2),
        (["remember", "x", "-Q", "q", "-A", "a"], None, 2),
        (["recall", "-k", ""], None, 2),
        (["recall", ""], None, 2),
        (["recall", "x", "--limit", "0"], None, 2),
        (["recall", "x", "--kind", "dream"], None, 2),
        (["recall", "--nonsense"], None, 2),
        (["nonsense"], None, 2),
        (["show", "99"], None, 1),
        (["show", "abc"], None, 2),
        (["forget", "99", "--yes"], None, 1),
        (["edit", "99", "x"], None, 1),
        (["undo"], None, 1),
        (["import", "/does/not/exist"], None, 5),
        (["export"], None, 1),
        (["list"], None, 1),
        (["ask", "   "], None, 2),
        (["ask", "x", "--model", "/does/not/exist.gguf"], None, 4),
    ],
)
def test_bad_input_gets_two_lines_and_a_status(
    ltm: Ltm, arguments: list[str], stdin: str | bytes | None, status: int
) -> None:
    done = ltm(*arguments, stdin=stdin, status=status)
    assert done.stdout == ""
    assert 1 <= len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize(
    "query",
    ['"', "' OR 1=1 --", "AND", "NOT x", "a NEAR b", "x*", "^x", "(", "col:x", "-", "%", "_"],
)
def test_operators_in_a_query_are_text(ltm: Ltm, query: str) -> None:
    ltm("remember", f"before {query} after")
    assert ltm.json("recall", "-k", query)[0]["id"] == 1
    assert ltm.json("recall", f"before {query}")[0]["id"] == 1


@pytest.mark.parametrize("query", ["???", "，。", "the", "是 的"])
def test_a_query_without_a_content_word_is_no_error(ltm: Ltm, query: str) -> None:
    ltm("remember", "something")
    assert ltm.json("recall", query, status=1) == []


@pytest.mark.parametrize(
    "megabytes", [1, pytest.param(10, marks=[pytest.mark.slow, pytest.mark.timeout(300)])]
)
def test_megabytes_of_text(ltm: Ltm, megabytes: int) -> None:
    text = "天气 weather 🍰 " * (50_000 * megabytes)
    ltm("remember", stdin=text)
    assert ltm.json("show", "1")["text"] == text
    assert len(ltm.json("recall", "weather")) == 1
    assert ltm.json("recall", "-k", "weather 🍰 天")[0]["id"] == 1


def test_escape_sequences_never_reach_the_terminal_raw(ltm: Ltm) -> None:
    evil = "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202egnp.exe [bold]not markup[/bold]"
    ltm("remember", evil, "--speaker", "\x1b[5mblink")
    outputs = [
        ltm("list").stdout, ltm("show", "1").stdout, ltm("recall", "markup").stdout,
        ltm("recall", "markup", "--explain").stdout, ltm("list", "--json").stdout,
        ltm("export").stdout, on_a_terminal(ltm, "list"), on_a_terminal(ltm, "list", "--json"),
        ltm("ask", "red markup title?", "--no-llm").stdout,
    ]  # fmt: skip
    for output in outputs:
        cleaned = output.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[2m", "")
        assert not set("\x1b\x07\x9b\u202e") & set(cleaned), output
        assert "[bold]" in output
    assert ltm.json("show", "1")["text"] == evil


def test_a_terminal_gets_a_table_without_colour_if_not_wanted(weather: Ltm) -> None:
    assert "memory" in on_a_terminal(weather, "list", "--user", "user456")
    plain = on_a_terminal(weather, "list", "--user", "user456", NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert "明天上海天气如何？" in plain


def test_one_user_never_sees_another(weather: Ltm) -> None:
    weather("remember", "mine alone")
    assert len(weather.json("list")) == 1
    assert weather.json("recall", "天气", status=1) == []
    weather("show", "1", status=1)
    weather("edit", "1", "stolen", status=1)
    weather("forget", "1", "--yes", status=1)
    assert "上海" not in weather("export").stdout
    assert weather.json("ask", "上海天气如何？", "--no-llm", status=1)["sources"] == []


def test_reading_creates_nothing(ltm: Ltm) -> None:
    ltm("recall", "x", status=1)
    ltm("list", status=1)
    ltm("doctor")
    assert not ltm.home.exists()


def test_files_are_private(ltm: Ltm) -> None:
    ltm("remember", "x")
    assert ltm.home.stat().st_mode & 0o777 == 0o700
    for path in ltm.home.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_doctor_finds_what_is_broken(weather: Ltm) -> None:
    assert {one["state"] for one in weather.json("doctor")} <= {"ok", "note"}
    database = weather.home / "memory.db"
    database.chmod(0o644)
    weather("doctor", status=3)
    database.chmod(0o600)
    import sqlite3

    db = sqlite3.connect(database)
    db.execute("UPDATE memories SET answer = 'changed behind the back' WHERE id = 1")
    db.commit()
    db.close()
    assert "do not match" in weather("doctor", status=3).stdout
    data = bytearray(database.read_bytes())
    data[4096:8192] = bytes(4096)
    database.write_bytes(data)
    weather("doctor", status=3)


def test_a_newer_store_or_a_foreign_file_is_refused(weather: Ltm) -> None:
    import sqlite3

    database = weather.home / "memory.db"
    db = sqlite3.connect(database)
    db.execute("PRAGMA user_version = 99")
    db.close()
    assert "upgrade" in weather("list", "--user", "user456", status=3).stderr
    for path in weather.home.iterdir():
        path.unlink()
    database.write_text("this is no database " * 100)
    weather("list", status=3)
    weather("remember", "x", status=3)
    database.unlink()
    db = sqlite3.connect(database)
    db.execute("CREATE TABLE recipes (x)")
    db.close()
    assert "another program" in weather("remember", "x", status=3).stderr


def test_a_home_that_is_no_folder(ltm: Ltm, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error = ltm("--home", str(tmp_path / "file" / "home"), "remember", "x", status=3).stderr
    assert len(error.splitlines()) == 2
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "memory.db").mkdir()
    ltm("remember", "x", status=3)


def test_settings_come_from_file_environment_and_flag(ltm: Ltm, tmp_path: Path) -> None:
    ltm.home.mkdir()
    config = ltm.home / "config.toml"
    config.write_text("colour = 1\n")
    assert "colour" in ltm("model", "list", status=5).stderr
    config.write_text("model = [\n")
    ltm("model", "list", status=5)
    config.write_text("model = '/nowhere.gguf'\n")
    ltm("model", "list", status=4)
    ltm("model", "list", LTM_MODEL="bundled")
    ltm("model", "list", LTM_THREADS="many", status=2)
    assert ltm("path").stdout.strip() == str(ltm.home / "memory.db")
    assert ltm("--home", str(tmp_path), "path").stdout.strip() == str(tmp_path / "memory.db")
    assert "LTM_NOW" in ltm("remember", "x", LTM_NOW="noon", status=2).stderr


def test_config_sets_and_takes_back(ltm: Ltm) -> None:
    ltm("config", "list")
    assert not ltm.home.exists()
    assert "idle cores" in ltm("config", "get", "threads", status=1).stderr
    assert ltm.json("config", "set", "bank_bytes", "1.5GiB") == {
        "key": "bank_bytes", "value": 1_610_612_736, "origin": "config.toml"}  # fmt: skip
    config = ltm.home / "config.toml"
    config.write_text("# 我的选择 🐈\n" + config.read_text("utf-8"), "utf-8")
    ltm("config", "set", "threads", "3")
    assert ltm("config", "get", "threads").stdout == "3\n"
    assert config.read_text("utf-8") == "# 我的选择 🐈\nbank_bytes = 1610612736\nthreads = 3\n"
    assert config.stat().st_mode & 0o077 == 0
    done = ltm("config", "set", "threads", "5", LTM_THREADS="2")
    assert "LTM_THREADS" in done.stderr
    assert ltm.json("config", "get", "threads", LTM_THREADS="2")["value"] == 2
    ltm("config", "unset", "threads")
    assert ltm.json("config", "get", "threads", status=1)["origin"] == "default"
    assert {one["key"]: one["value"] for one in ltm.json("config", "list")} == {
        "model": None, "embed": None, "threads": None, "context": None,
        "bank_bytes": 1_610_612_736, "bank_form": None, "key_file": None, "engine": None,
        "engine_model": None, "engine_timeout": None}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("500MB", 500_000_000), ("2GiB", 2**31), ("2 g", 2 * 10**9), ("1T", 10**12),
     ("64KiB", 65536)],
)  # fmt: skip
def test_sizes_have_units(ltm: Ltm, text: str, size: int) -> None:
    assert ltm.json("config", "set", "bank_bytes", text)["value"] == size
    assert ltm.json("bank", "status", LTM_BANK_BYTES=text)["budget"] == size


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["set", "colour", "red"], 2),
        (["get", "colour"], 2),
        (["unset", "colour"], 2),
        (["set", "threads", "many"], 2),
        (["set", "threads", "0"], 2),
        (["set", "context", "-5"], 2),
        (["set", "bank_bytes", "2 elephants"], 2),
        (["set", "bank_bytes", "-1"], 2),
        (["set", "bank_bytes", "0"], 2),
        (["set", "bank_form", "q4_0"], 2),
        (["set", "model", "/does/not/exist.gguf"], 4),
        (["set", "threads"], 2),
    ],
)
def test_what_cannot_be_set_changes_nothing(ltm: Ltm, arguments: list[str], status: int) -> None:
    error = ltm("config", *arguments, status=status).stderr
    assert len(error.splitlines()) == 2
    assert not ltm.home.exists()


def test_a_ref_that_is_taken_is_refused_in_words(ltm: Ltm) -> None:
    ltm("remember", "first 第一", "--ref", "r1")
    error = ltm("remember", "second", "--ref", "r1", status=2).stderr
    assert "memory 1" in error
    assert len(error.splitlines()) == 2
    assert len(ltm.json("list")) == 1


def test_a_pipe_that_is_closed_early_is_no_error(ltm: Ltm) -> None:
    # More than a pipe holds.
    lines = "".join(json.dumps({"text": f"memory {i} " + "x" * 999}) + "\n" for i in range(300))
    ltm("import", "-", stdin=lines)
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m ltm_cli list | head -n 1; exit ${{PIPESTATUS[0]}}"],
        env=ltm.environment, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == b""


def test_eight_writers_at_once_lose_nothing(ltm: Ltm) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "ltm_cli", "remember", f"writer {i} 写"],
            env=ltm.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        for i in range(8)
    ]  # fmt: skip
    assert [process.wait() for process in processes] == [0] * 8
    assert len({record["text"] for record in ltm.json("list")}) == 8


def test_feedback_is_learned_checked_and_taken_back(ltm: Ltm) -> None:
    rooms = "kitchen garden attic cellar office hall garage porch studio library".split()
    for i, room in enumerate(rooms):
        ltm("remember", f"painted the {room} with Ana", "--at", f"2024-05-{i + 1:02}")
        ltm("remember", f"在{room}里和王芳喝茶 🍵", "--at", f"2024-05-{i + 1:02}")
    ltm("feedback", "1", "good", status=1)  # no question was asked yet
    ltm("ask", "Who painted the kitchen?", "--no-llm")
    assert "Who painted the kitchen?" in ltm("feedback", "1", "good").stderr
    ltm("feedback", "99", "good", status=1)
    ltm("feedback", "1", "splendid", status=2)
    assert not ltm.json("learn")["kept"]
    for i, room in enumerate(rooms):
        question = ["--question", f"who painted the {room}?"]
        ltm("feedback", str(2 * i + 1), "good", *question)
        ltm("feedback", str(2 * i + 2), "bad", *question)
    learned = ltm.json("learn")
    assert learned["questions"] == 11
    assert learned["kept"]
    assert learned["after"] >= learned["before"]
    assert (ltm.home / "sidenet" / "1.json").exists()
    assert ltm.json("learn", "--reset") == {"reset": True}
    assert ltm.json("learn", "--reset") == {"reset": False}


def test_weights_of_other_features_are_refused_with_a_warning(ltm: Ltm) -> None:
    ltm("remember", "painted the kitchen")
    weights = ltm.home / "sidenet" / "1.json"
    weights.parent.mkdir()
    plain = ltm.json("recall", "kitchen")
    for document in ('{"format": 1, "weights": {"horoscope": 1}}', "no json", '{"format": 9}'):
        weights.write_text(document)
        done = ltm("recall", "kitchen", "--json")
        assert "--reset" in done.stderr
        assert json.loads(done.stdout) == plain


def test_completion_and_version(ltm: Ltm) -> None:
    assert ltm("--version").stdout.startswith("ltm ")
    for shell in ("bash", "zsh", "fish"):
        assert "_LTM_COMPLETE" in ltm("completion", shell).stdout


def on_a_terminal(ltm: Ltm, *arguments: str, **environment: str) -> str:
    """What a command writes when stdout is a terminal."""
    status, shown = ltm.on_a_terminal(
        *arguments, TERM="xterm-256color", COLUMNS="100", **environment
    )
    assert status == 0, shown
    return shown
