"""Encryption: a home that is unreadable without its key and works the same with it."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ltm_cli.api import LongTermMemory
from ltm_cli.core.errors import StoreError
from ltm_cli.kvcache import entries
from ltm_cli.kvcache.seal import Seal
from ltm_cli.storage.sqlite import driver, keys
from tests.conftest import NOW, Ltm, Process
from tests.server.test_serve import serving
from tests.waiting import killed_when

PLAIN = b"SQLite format 3\0"
PASSPHRASE = "correct horse 电池 staple 🔑"
TEXTS = (
    ("The vet of Mochi is Dr. Zyxwvut", "2024-05-01 09:00"),
    ("阿摩羯的生日是三月七号，她喜欢芒果 🥭", "2024-05-02 10:00"),
    ("In Suzhou 我和王芳去看了拙政园", "2024-05-03 11:00"),
    ("Zyxwvut recommends raw 三文鱼 for cats 🐈", "2024-05-04 12:00"),
)
SECRETS = "zyxwvut Zyxwvut Mochi 摩羯 芒果 拙政园 三文鱼 港口 swordfish correct 电池".split()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "stick" / "ltm.key"


@pytest.fixture
def plain(ltm: Ltm) -> Ltm:
    for text, at in TEXTS:
        ltm("remember", text, "--at", at)
    return ltm


@pytest.fixture
def sealed(plain: Ltm, key_file: Path) -> Ltm:
    """The same memories, under a key that a file holds."""
    key_file.parent.mkdir()
    plain("encrypt", "--key-file", str(key_file))
    return plain


def phrase(folder: Path, text: str = PASSPHRASE, name: str = "phrase") -> Path:
    path = folder / name
    path.write_text(text + "\n", "utf-8")
    path.chmod(0o600)
    return path


def readable(home: Path) -> list[str]:
    """Which of the secret words stand in some file or name under a home, in UTF-8 or UTF-16."""
    everything = b"".join(p.name.encode() + p.read_bytes() for p in home.rglob("*") if p.is_file())
    forms = ("utf-8", "utf-16-le", "utf-16-be")
    return [word for word in SECRETS if any(word.encode(form) in everything for form in forms)]


def refused(ltm: Ltm, *arguments: str, **environment: str) -> str:
    """What a command says that ends with status 3, in one line and a hint."""
    error = ltm(*arguments, status=3, **environment).stderr
    assert len(error.splitlines()) == 2
    return error


def on_a_terminal(ltm: Ltm, *arguments: str, typed: tuple[str, ...] = ()) -> tuple[int, str]:
    """(status, what is shown) of a command whose terminal types a line at each "phrase"."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", *arguments], env=ltm.environment | {"TERM": "xterm"},
        stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    shown, left = b"", list(typed)
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        shown += part
        if left and shown.rstrip().endswith(b":"):
            time.sleep(0.1)  # getpass throws away what was typed before it asked
            os.write(leader, left.pop(0).encode() + b"\n")
    os.close(leader)
    assert not left
    return process.wait(), shown.decode()


def test_everything_is_the_same_and_nothing_is_readable(
    plain: Ltm, tmp_path: Path, key_file: Path
) -> None:
    twin = Ltm(tmp_path / "twin")
    shutil.copytree(plain.home, twin.home)
    assert "Zyxwvut" in readable(plain.home)
    key_file.parent.mkdir()
    done = plain("encrypt", "--key-file", str(key_file))
    assert "key.json" in done.stderr
    assert readable(plain.home) == []
    report = tmp_path / "report.md"
    report.write_text(
        "# The harbour 港口\n\nIts crane is swordfish blue.\n\n王芳负责采购。\n", "utf-8"
    )
    lines = "".join(
        json.dumps({"ref": f"r{i}", "text": f"swordfish {i} 剑鱼", "at": "2024-05-05"}) + "\n"
        for i in range(50)
    )
    for arguments, stdin in [
        (["recall", "--keyword", "三文", "--json"], None),
        (["recall", "who is the vet of Mochi?", "--explain"], None),
        (["recall", "她喜欢什么水果？", "--json"], None),
        (["remember", "明天 the harbour opens, buy 芒果", "--json"], None),
        (["edit", "1", "The vet of Mochi is Dr. Swordfish now"], None),
        (["forget", "2", "--now", "--yes"], None),
        (["forget", "3", "--yes"], None),
        (["undo"], None),
        (["import", "-", "--json"], lines),
        (["recall", "swordfish 7 剑鱼", "--json"], None),
        (["read", str(report)], None),
        (["ask", "--in", "harbour", "What colour is the crane?", "--no-llm"], None),
        (["ask", "王芳在哪里？", "--no-llm", "--new", "--no-remember"], None),
        (["facts", "set", "vet", "phone", "555-港口"], None),
        (["today", "--lang", "zh"], None),
        (["suggest", "In Suz"], None),
        (["profile"], None),
        (["export"], None),
    ]:
        here, there = (one_of(home, *arguments, stdin=stdin) for home in (plain, twin))
        assert here == there, arguments
    assert readable(plain.home) == []
    states = {one["check"]: one["state"] for one in plain.json("doctor")}
    assert set(states.values()) <= {"ok", "note"}
    assert states["encryption"] == "ok"
    before = plain("export").stdout
    assert plain.json("decrypt", "--yes")["encrypted"] is False
    assert (plain.home / "memory.db").read_bytes().startswith(PLAIN)
    assert not (plain.home / "key.json").exists()
    assert plain("export").stdout == before
    plain("decrypt", "--yes", status=1)


def one_of(ltm: Ltm, *arguments: str, stdin: str | None) -> tuple[int, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "ltm_cli", *arguments], env=ltm.environment, capture_output=True,
        **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin.encode()}),
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_the_bank_is_sealed_too(plain: Ltm, key_file: Path, tiny_gguf: Path) -> None:
    plain.environment["LTM_MODEL"] = str(tiny_gguf)
    question = ["ask", "Who is the vet of Mochi?", "--new", "--no-remember"]
    first = plain.json(*question)
    before = {path.name for path in (plain.home / "bank").glob("*.kv")}
    assert before
    key_file.parent.mkdir()
    plain("encrypt", "--key-file", str(key_file))
    assert list((plain.home / "bank").glob("*.kv")) == []
    second = plain.json(*question)
    entries = sorted((plain.home / "bank").glob("*.kv"))
    assert len(entries) == len(before)
    assert not before & {path.name for path in entries}  # no digest to compare a guess with
    assert all(path.read_bytes()[:7] == b"LTMKV2\n" for path in entries)
    third = plain.json(*question)
    assert first["answer"] == second["answer"] == third["answer"]
    assert third["timings"]["tokens_restored"] > 0
    for path in entries:  # one bit of each
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    fourth = plain.json(*question)
    assert fourth["answer"] == first["answer"]
    assert fourth["timings"]["tokens_restored"] == 0
    assert readable(plain.home) == []
    plain("forget", "1", "--now", "--yes")
    held = [path.name.partition("-")[0].split(".") for path in (plain.home / "bank").glob("*.kv")]
    assert not any("1" in ids for ids in held)


@given(state=st.binary(max_size=200), at=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(max_examples=100, deadline=None)
def test_an_entry_opens_only_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, state: bytes, at: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("bank") / "1-x.kv"
    seal, header = Seal(b"k" * 32), {"model": "m", "tokens": [1, 2, 3]}
    entries.save(path, header, state, seal)
    found = entries.load(path, header, seal)
    assert found is not None
    assert bytes(found) == state
    assert b"tokens" not in path.read_bytes()
    assert entries.load_header(path) == {"model": "m"}
    assert entries.load(path, {"model": "m", "tokens": [1, 2, 4]}, seal) is None
    assert entries.load(path, header, Seal(b"q" * 32)) is None
    assert entries.load(path, header) is None
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    path.write_bytes(data)
    assert entries.load(path, header, seal) is None
    path.write_bytes(data[: at % len(data)])
    assert entries.load(path, header, seal) is None
    name = hashlib.sha256(json.dumps(header, sort_keys=True).encode()).hexdigest()[:24]
    assert entries.file_name(header, None) == name
    assert entries.file_name(header, seal) not in (name, entries.file_name(header, Seal(b"q" * 32)))


def test_a_passphrase_is_typed_and_asked_for_once(plain: Ltm) -> None:
    typed = (PASSPHRASE, PASSPHRASE)
    status, shown = on_a_terminal(plain, "encrypt", typed=(PASSPHRASE, "another 另一个"))
    assert status == 2
    assert "differ" in shown
    assert not (plain.home / "key.json").exists()
    status, shown = on_a_terminal(plain, "encrypt", typed=typed)
    assert status == 0
    assert PASSPHRASE not in shown
    assert readable(plain.home) == []
    status, shown = on_a_terminal(plain, "recall", "--keyword", "芒果", typed=(PASSPHRASE,))
    assert status == 0
    assert "阿摩羯" in shown
    # This one opens the store, its ranking and its bank.
    status, shown = on_a_terminal(
        plain, "ask", "Who is the vet of Mochi?", "--no-remember", typed=(PASSPHRASE,)
    )
    assert status == 0
    assert "Zyxwvut" in shown
    status, shown = on_a_terminal(plain, "list", typed=("wrong 错",))
    assert status == 3
    assert "wrong passphrase" in shown
    assert "no terminal to ask" in refused(plain, "list")
    assert "no terminal to ask" in refused(plain, "remember", "-", stdin="from a pipe 管道")
    assert "no terminal to ask" in refused(plain, "suggest", "The vet")


def test_another_passphrase_rewrites_only_the_key(plain: Ltm, tmp_path: Path) -> None:
    old, new = phrase(tmp_path), phrase(tmp_path, "a better one 更好的 🗝", "new")
    plain("encrypt", "--change", status=2)
    plain("encrypt", "--key-file", str(old))
    plain("config", "unset", "key_file")
    database = (plain.home / "memory.db").read_bytes()
    plain("encrypt", "--change", "--key-file", str(tmp_path / "none"), status=2,
          LTM_KEY_FILE=str(old))  # fmt: skip
    plain("encrypt", "--change", "--key-file", str(new), LTM_KEY_FILE=str(old))
    assert (plain.home / "memory.db").read_bytes() == database
    assert "wrong passphrase" in refused(plain, "list", LTM_KEY_FILE=str(old))
    assert len(plain.json("list")) == len(TEXTS)  # config.toml names the new one
    # The same characters, typed as other code points, with the newline of another system.
    (tmp_path / "typed").write_bytes("\ufeffcafé 更好的\r\n".encode())
    (tmp_path / "typed").chmod(0o600)
    plain("encrypt", "--change", "--key-file", str(tmp_path / "typed"), LTM_KEY_FILE=str(new))
    decomposed = phrase(tmp_path, "cafe\u0301 更好的", "decomposed")
    assert len(plain.json("list", LTM_KEY_FILE=str(decomposed))) == len(TEXTS)


def test_a_key_file_that_does_not_fit_is_refused(
    sealed: Ltm, tmp_path: Path, key_file: Path
) -> None:
    other = Ltm(tmp_path / "other")
    other("encrypt", "--key-file", str(tmp_path / "other.key"))
    assert other("list", status=1).stdout == ""  # an empty store, encrypted
    assert "another store" in refused(sealed, "list", LTM_KEY_FILE=str(tmp_path / "other.key"))
    assert "no passphrase" in refused(sealed, "list", LTM_KEY_FILE=str(phrase(tmp_path)))
    assert "cannot read" in refused(sealed, "list", LTM_KEY_FILE=str(tmp_path / "nowhere"))
    assert "damaged" in refused(sealed, "list", LTM_KEY_FILE=str(phrase(tmp_path, "ltm-key-1 x")))
    assert "empty" in refused(sealed, "list", LTM_KEY_FILE=str(phrase(tmp_path, "")))
    (tmp_path / "phrase").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused(sealed, "list", LTM_KEY_FILE=str(tmp_path / "phrase"))
    key_file.chmod(0o640)
    assert "other users can read" in refused(sealed, "list")
    key_file.chmod(0o600)
    sealed("encrypt", "--key-file", str(sealed.home / "beside.key"), status=2)
    assert not (sealed.home / "beside.key").exists()
    key_file.rename(tmp_path / "lost")
    assert str(key_file) in refused(sealed, "recall", "--keyword", "芒果")
    refused(sealed, "remember", "nothing is lost 没丢")
    sealed("doctor", status=3)
    (tmp_path / "lost").rename(key_file)
    assert len(sealed.json("list")) == len(TEXTS)


def test_the_passphrase_may_come_through_a_pipe(plain: Ltm, tmp_path: Path) -> None:
    plain("encrypt", "--key-file", str(phrase(tmp_path)))
    script = f"LTM_KEY_FILE=<(echo '{PASSPHRASE}') {sys.executable} -m ltm_cli list"
    done = subprocess.run(
        ["bash", "-c", script], env=plain.environment, capture_output=True, check=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "摩羯" in done.stdout.decode()


def test_no_option_takes_a_key() -> None:
    import typer

    from ltm_cli.cli.app import app
    from ltm_cli.cli.commands import COMMANDS

    group = typer.main.get_command(app)
    context = typer.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        for one in [command, *getattr(command, "commands", {}).values()]:
            for option in one.params:
                words = {"key", "pass", "passphrase", "password", "secret", "pin"}
                if words & set((option.name or "").split("_")) and name != "config":
                    takes_no_key = option.type.name in ("path", "boolean")
                    assert takes_no_key, (name, option.name)


def test_what_was_tampered_with_is_refused(plain: Ltm, tmp_path: Path) -> None:
    plain("encrypt", "--key-file", str(phrase(tmp_path)))
    path = plain.home / "key.json"
    good = path.read_text("utf-8")
    document = json.loads(good)
    slot = document["passphrase"]
    assert slot["n"] >= 1 << 17
    for changed in (
        {"salt": "00" * 16}, {"key": "00" * 48}, {"nonce": "00" * 12}, {"r": 4}, {"p": 2},
        {"n": 1 << 40}, {"n": 0}, {"n": 100_000}, {"n": "many"}, {"salt": "x"}, {"more": 1},
    ):  # fmt: skip
        path.write_text(json.dumps(document | {"passphrase": slot | changed}))
        with pytest.raises(StoreError):
            keys.read(plain.home).unwrapped(PASSPHRASE)
    for whole in (document | {"format": 2}, document | {"check": "é"}, {"format": 1}, [], ""):
        path.write_text(json.dumps(whole))
        with pytest.raises(StoreError):
            keys.read(plain.home)
    for changed in ({"check": "0" * 32}, {"id": "0" * 16}):
        path.write_text(json.dumps(document | changed))
        assert "restore it" in refused(plain, "list")
    path.write_text("no json 不是")
    refused(plain, "remember", "x")
    plain("doctor", status=3)
    path.unlink()
    assert "key.json" in refused(plain, "list")
    path.write_text(good)
    path.chmod(0o600)
    assert len(plain.json("list")) == len(TEXTS)
    database = plain.home / "memory.db"
    data = bytearray(database.read_bytes())
    for at in (20, len(data) // 2):
        broken = data.copy()
        broken[at] ^= 1
        database.write_bytes(broken)
        plain("doctor", status=3)


PASSPHRASES = st.text(min_size=1).filter(lambda text: text.isprintable() and text.strip())


@given(PASSPHRASES.map(keys.passphrase), PASSPHRASES.map(keys.passphrase))
@settings(max_examples=4, deadline=None)
def test_any_text_is_a_passphrase(passphrase: str, wrong: str) -> None:
    assume(passphrase != wrong)
    key = keys.new()
    envelope = keys.Envelope.of(key).wrapped(key, passphrase)
    assert envelope.unwrapped(passphrase) == key
    with pytest.raises(StoreError):
        envelope.unwrapped(wrong)


RING = """
from pathlib import Path
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

class File(KeyringBackend):
    priority = 1
    folder = Path(__file__).parent / "ring"

    def get_password(self, service, username):
        path = self.folder / f"{service}-{username}"
        return path.read_text() if path.exists() else None

    def set_password(self, service, username, password):
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{service}-{username}").write_text(password)

    def delete_password(self, service, username):
        (self.folder / f"{service}-{username}").unlink()
"""


def test_the_keyring_opens_the_store(plain: Ltm, process: Process, tmp_path: Path) -> None:
    plain = process  # keyring looks for its backend when it is imported
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "ltm_ring.py").write_text(RING)
    held = phrase(tmp_path)
    none = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "PYTHONWARNINGS": "default"}
    refused(plain, "encrypt", "--keyring", "--key-file", str(held), **none)
    assert not (plain.home / "key.json").exists()
    assert plain.json("list")[0]["text"] == TEXTS[0][0]
    ring = {
        "PYTHON_KEYRING_BACKEND": "ltm_ring.File", "PYTHONPATH": str(modules), "PYTHONWARNINGS": "",
    }  # fmt: skip
    plain.environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    ring["PYTHONPATH"] += os.pathsep + plain.environment["PYTHONPATH"]
    found = plain.json("encrypt", "--keyring", "--key-file", str(held), **ring)
    assert found == {
        "encrypted": True, "passphrase": True, "key_file": str(held), "keyring": True
    }  # fmt: skip
    plain("config", "unset", "key_file")
    assert len(plain.json("list", **ring)) == len(TEXTS)
    refused(plain, "list", **none)  # no keyring there, and nobody to ask
    assert len(plain.json("list", LTM_KEY_FILE=str(held), **none)) == len(TEXTS)
    (entry,) = (modules / "ring").iterdir()
    entry.write_text("00" * 32)
    refused(plain, "list", **ring)
    plain("decrypt", "--yes", LTM_KEY_FILE=str(held), **ring)
    assert list((modules / "ring").iterdir()) == []
    assert len(plain.json("list")) == len(TEXTS)


def test_a_kill_at_any_moment_leaves_a_store(ltm: Ltm, tmp_path: Path) -> None:
    key, database = tmp_path / "key", ltm.home / "memory.db"
    copy = ltm.home / "memory.db.converted"
    lines = "".join(
        json.dumps({"text": f"memory {i} 记忆 " + "x" * 300}) + "\n" for i in range(600)
    )
    ltm("import", "-", stdin=lines)
    ltm.environment["LTM_KEY_FILE"] = str(key)
    expected = ltm("list", "--json").stdout
    encrypt, decrypt = ["encrypt", "--key-file", str(key)], ["decrypt", "--yes"]

    def is_plain() -> bool:
        return database.read_bytes()[: len(PLAIN)] == PLAIN

    # The command, what is seen when it is killed, and whether the store is plain then.
    for command, seen, plain in (
        (encrypt, (ltm.home / "key.json").exists, True),
        (encrypt, copy.exists, True),
        (encrypt, lambda: copy.exists() and copy.stat().st_size > 100_000, True),
        (encrypt, lambda: not is_plain(), False),
        (decrypt, copy.exists, False),
        (decrypt, lambda: copy.exists() and copy.stat().st_size > 100_000, False),
        (decrypt, is_plain, True),
        (encrypt, copy.exists, True),
    ):
        assert killed_when(seen, ltm.environment, *command), command
        assert is_plain() == plain
        assert ltm("list", "--json").stdout == expected
    (ltm.home / "config.toml.1234567.new").touch(mode=0o600)  # as a kill may leave it
    found = json.loads(ltm("doctor", "--json", status=3).stdout)
    assert [one["check"] for one in found if one["state"] == "broken"] == ["leftovers"]
    ltm("doctor", "--fix")
    assert {one["state"] for one in ltm.json("doctor")} <= {"ok", "note"}
    ltm(*encrypt)
    copy.touch(mode=0o600)  # as another kill may leave it
    copy.write_text("half a plain copy")
    assert "was left by an interrupted" in ltm("doctor").stdout
    ltm("remember", "the last 最后")
    ltm("undo")
    assert sorted(path.name for path in ltm.home.iterdir()) == [
        "config.toml",
        "key.json",
        "memory.db",
    ]
    assert ltm("list", "--json").stdout == expected


def test_a_disk_that_is_full_changes_nothing(ltm: Ltm, key_file: Path) -> None:
    key_file.parent.mkdir()
    lines = "".join(
        json.dumps({"text": f"memory {i} 记忆 " + "x" * 300}) + "\n" for i in range(800)
    )
    ltm("import", "-", stdin=lines)
    before = ltm("list").stdout
    encrypt = f"{sys.executable} -m ltm_cli encrypt --key-file {key_file}"
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; ulimit -f 300; {encrypt}"],  # no file beyond 300 KiB
        env=ltm.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 2
    assert not key_file.exists()
    assert {path.name for path in ltm.home.iterdir()} <= {"memory.db", "config.toml"}
    assert ltm("list").stdout == before


def test_whoever_writes_meanwhile_loses_nothing(plain: Ltm, key_file: Path) -> None:
    key_file.parent.mkdir()
    open_before = LongTermMemory(plain.home)
    open_before.remember("me", "kept by a program 程序", at=NOW)
    turns = [
        ["encrypt", "--key-file", str(key_file)],
        *(["remember", f"w{i} 写"] for i in range(8)),
    ]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "ltm_cli", *turn], env=plain.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        for turn in turns
    ]  # fmt: skip
    assert [process.wait() for process in processes] == [0] * 9
    texts = {record["text"] for record in plain.json("list")}
    assert texts >= {f"w{i} 写" for i in range(8)}
    assert len(texts) == len(TEXTS) + 1 + 8
    # That program goes on, with the key that config.toml names.
    again = LongTermMemory(plain.home)
    assert len(open_before.recall("me")) == len(again.recall("me")) == len(texts)
    again.remember("me", "and again 又", at=NOW)
    assert driver.is_encrypted(plain.home / "memory.db")
    assert readable(plain.home) == []


def test_a_backup_is_sealed_under_the_same_key(sealed: Ltm, key_file: Path, tmp_path: Path) -> None:
    told = [one["text"] for one in sealed.json("list")]
    backup = tmp_path / "elsewhere" / "ltm.db"
    backup.parent.mkdir()
    sealed("backup", str(backup))
    assert readable(backup.parent) == []
    sealed("remember", "later 之后")
    sealed("restore", str(backup), "--yes")
    assert [one["text"] for one in sealed.json("list")] == told
    [kept] = sealed.home.glob("memory.db.*.old")
    assert readable(sealed.home) == []
    assert len(sealed.json("doctor")) > 3
    # On another machine it needs its envelope and the key; a plain home is told so.
    other = Ltm(tmp_path / "other")
    said = other("restore", str(backup), "--yes", status=3).stderr
    assert f"cp {backup}.key.json" in said
    other.home.mkdir(mode=0o700)
    shutil.copy(f"{backup}.key.json", other.home / "key.json")
    other("restore", str(backup), "--yes", LTM_KEY_FILE=str(key_file))
    assert [one["text"] for one in other.json("list", LTM_KEY_FILE=str(key_file))] == told
    plain = Ltm(tmp_path / "plain")
    plain("remember", "in plain")
    plain("backup", str(tmp_path / "plain.db"))
    error = sealed("restore", str(tmp_path / "plain.db"), "--yes", status=3).stderr
    assert "is not encrypted" in error
    assert "another --home" in plain("restore", str(backup), "--yes", status=3).stderr
    sealed("decrypt", "--yes")
    assert not kept.exists()


def test_without_the_libraries_it_says_so(sealed: Ltm, tmp_path: Path) -> None:
    change = ["encrypt", "--change", "--key-file", str(phrase(tmp_path))]
    for module, command in {"sqlcipher3": ["list"], "cryptography": change}.items():
        code = f"import sys; sys.modules[{module!r}] = None; from ltm_cli.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, *command], env=sealed.environment,
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 3
        assert "pip install 'ltm-cli[encrypted]'" in done.stderr


def test_a_server_holds_the_key(sealed: Ltm, key_file: Path, tiny_gguf: Path) -> None:
    sealed.environment["LTM_MODEL"] = str(tiny_gguf)
    question = ["ask", "Who is the vet of Mochi?", "--new", "--no-remember"]
    server = serving(sealed)
    try:
        sealed("config", "unset", "key_file")
        assert "Zyxwvut" in sealed(*question).stdout
        refused(sealed, "list")  # not served, and without a key
    finally:
        server.terminate()
        server.communicate(timeout=30)
    refused(sealed, *question)
    assert len(sealed.json("list", LTM_KEY_FILE=str(key_file))) == len(TEXTS)
