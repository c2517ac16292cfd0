"""Models are fetched from a hub: a real server on loopback, and all that can go wrong on a wire."""

from __future__ import annotations

import hashlib
import json
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ltm_cli.core.errors import UsageError
from ltm_cli.llm import download, hub
from tests import tiny
from tests.conftest import Ltm, Process
from tests.hub import Hub
from tests.waiting import until

PLAIN = "someone/model-GGUF/model.Q4.gguf"
BYTES = b"GGUF" + random.Random(1).randbytes(3_000_000)


@pytest.fixture
def ltm(process: Process) -> Process:
    """huggingface_hub reads its variables when it is imported: each pull is a process."""
    return process


@pytest.fixture
def server() -> Iterator[Hub]:
    with Hub({PLAIN: BYTES}) as served:
        yield served


def pull(ltm: Ltm, server: Hub, source: str, *more: str, **options: Any) -> Any:
    return ltm("model", "pull", source, *more, HF_ENDPOINT=server.endpoint, **options)


def left(ltm: Ltm) -> list[str]:
    """What is under home/models."""
    folder = ltm.home / "models"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_catalogue_is_whole() -> None:
    found = hub.catalogue()
    assert len({one.name for one in found}) == len({one.basename for one in found}) == len(found)
    for one in found:
        assert one.kind in (hub.CHAT, hub.EMBED)
        assert re.fullmatch("[0-9a-f]{64}", one.sha256 or "")
        assert re.fullmatch("main|[0-9a-f]{40}", one.revision)
        assert one.bytes
        assert one.memory
        assert one.memory * 1e9 > one.bytes
        assert one.licence
        assert one.languages
        assert hub.find(f"hf://{one.repository}@{one.revision}/{one.file}") == one
    by = {kind: [one for one in found if one.kind == kind] for kind in (hub.CHAT, hub.EMBED)}
    for kind, models in by.items():
        assert [one.bytes for one in models] == sorted(one.bytes or 0 for one in models), kind
        assert any({"zh", "en"} <= set(one.languages) for one in models), kind
    assert not any(one.proposes for one in by[hub.EMBED])


def test_a_model_is_fetched_and_nothing_else_is_asked(ltm: Ltm, server: Hub) -> None:
    done = pull(ltm, server, PLAIN, "--json", HF_TOKEN="hf_secret")
    told = json.loads(done.stdout)
    path = ltm.home / "models" / "model.Q4.gguf"
    assert told == {
        "name": "model.Q4.gguf", "path": str(path), "sha256": hashlib.sha256(BYTES).hexdigest(),
        "checked_by": "hub", "fetched": True, "used": False,
    }  # fmt: skip
    assert path.read_bytes() == BYTES
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert left(ltm) == ["model.Q4.gguf"]
    assert [(one.method, one.host) for one in server.requests] == [
        ("HEAD", "127.0.0.1"), ("GET", "localhost"),
    ]  # fmt: skip
    assert "ltm model use model.Q4.gguf" in done.stderr
    for one in server.requests:
        assert "secret" not in str(one.headers)
        assert "agent/" not in one.headers["user-agent"]
    again = json.loads(pull(ltm, server, f"hf://{PLAIN}", "--json").stdout)
    assert again == told | {"fetched": False}
    assert len(server.contents) == 1


def test_names_may_be_chinese(ltm: Ltm) -> None:
    owner, repository, _ = PLAIN.split("/")
    with Hub({f"{owner}/{repository}/{quote('模型 🐈.gguf')}": BYTES}) as chinese:
        pull(ltm, chinese, f"{owner}/{repository}/模型 🐈.gguf")
    assert left(ltm) == ["模型 🐈.gguf"]


def test_a_cut_connection_goes_on_from_where_it_was(ltm: Ltm, server: Hub) -> None:
    server.cuts = [1_000_000, 1_000_000]
    pull(ltm, server, PLAIN)
    assert (ltm.home / "models" / "model.Q4.gguf").read_bytes() == BYTES
    first, second, third = [one.range for one in server.contents]
    assert first is None
    starts = [int(re.findall(r"\d+", asked or "")[0]) for asked in (second, third)]
    assert 700_000 < starts[0] <= 1_000_000
    assert starts[0] + 700_000 < starts[1] <= starts[0] + 1_000_000


def test_ctrl_c_leaves_what_has_arrived(ltm: Ltm, server: Hub) -> None:
    server.pause = 0.05
    process = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "model", "pull", PLAIN],
        env=ltm.environment | {"HF_ENDPOINT": server.endpoint}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    until(lambda: any(path.stat().st_size for path in (ltm.home / "models").rglob("*.gguf.*")))
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in error
    assert b"run the command again" in error
    [part] = (ltm.home / "models" / ".parts").iterdir()
    arrived = part.stat().st_size
    assert 0 < arrived < len(BYTES)
    server.cuts = [0] * 7
    error = pull(ltm, server, PLAIN, status=4).stderr
    assert "resume the download" in error
    assert part.stat().st_size == arrived
    with Hub({PLAIN: BYTES}) as mirror:
        pull(ltm, mirror, PLAIN)
        assert [one.range for one in mirror.contents] == [f"bytes={arrived}-"]
    assert (ltm.home / "models" / "model.Q4.gguf").read_bytes() == BYTES
    assert left(ltm) == ["model.Q4.gguf"]


def test_a_server_without_ranges_sends_all_again(ltm: Ltm, server: Hub) -> None:
    server.ranges = False
    server.cuts = [1_000_000]
    pull(ltm, server, PLAIN)
    assert len(server.contents) == 2
    assert (ltm.home / "models" / "model.Q4.gguf").read_bytes() == BYTES


def test_another_hash_than_stated_is_deleted(ltm: Ltm, server: Hub) -> None:
    server.sha256 = "0" * 64
    error = pull(ltm, server, PLAIN, status=4).stderr
    assert hashlib.sha256(BYTES).hexdigest() in error
    assert "deleted" in error
    assert left(ltm) == []


def test_another_file_than_the_catalogue_names_is_not_kept(ltm: Ltm, server: Hub) -> None:
    known = hub.find("minilm-l6")
    server.files[f"{known.repository}/{known.file}"] = BYTES
    error = pull(ltm, server, "minilm-l6", status=4).stderr
    assert "was replaced" in error
    assert server.contents == []
    server.files[f"{known.repository}/{known.file}"] = b"GGUF".ljust(known.bytes or 0, b"x")
    error = pull(ltm, server, "minilm-l6", status=4).stderr
    assert known.sha256 is not None
    assert known.sha256 in error
    assert left(ltm) == []


def test_what_is_no_gguf_is_deleted(ltm: Ltm, server: Hub) -> None:
    server.files[PLAIN] = "<html>请登录 / please log in</html>".encode()
    assert "not a GGUF" in pull(ltm, server, PLAIN, status=4).stderr
    assert left(ltm) == []


def test_what_is_stated_without_a_hash_is_not_fetched(ltm: Ltm, server: Hub) -> None:
    server.sha256 = "abc"
    assert "no sha256" in pull(ltm, server, PLAIN, status=4).stderr
    assert server.contents == []


@pytest.mark.parametrize(
    ("source", "status", "says"),
    [
        ("someone/model-GGUF/other.gguf", 200, "has no"),
        (PLAIN, 403, "accept its terms"),
        (PLAIN, 500, "answered 500"),
        (PLAIN, 503, "answered 503"),
    ],
)
def test_what_the_hub_refuses_is_said(
    ltm: Ltm, server: Hub, source: str, status: int, says: str
) -> None:
    server.status = status
    error = pull(ltm, server, source, status=4).stderr
    assert says in error
    assert len(error.splitlines()) == 3  # what is fetched, what is wrong, what to do
    assert left(ltm) == []


def test_a_silent_hub_is_named(ltm: Ltm, server: Hub) -> None:
    server.silent = True
    error = pull(ltm, server, PLAIN, status=4, HF_HUB_ETAG_TIMEOUT="1").stderr
    assert "does not respond" in error
    assert "ltm model use PATH" in error


def test_a_transfer_that_stalls_is_given_up_and_kept(ltm: Ltm, server: Hub) -> None:
    server.pause = 0.0
    server.files[PLAIN] = BYTES
    server.cuts = [1_000_000]

    class Stall(list[int]):
        """After the first transfer the server sends nothing more."""

        def pop(self, index: Any = -1) -> int:
            server.pause = 60.0
            return super().pop(index)

    server.cuts = Stall(server.cuts)
    done = pull(ltm, server, PLAIN, status=4, HF_HUB_DOWNLOAD_TIMEOUT="1")
    assert "does not respond" in done.stderr
    assert "resume the download" in done.stderr


def test_offline_the_way_without_a_network_is_named(ltm: Ltm, server: Hub) -> None:
    with Hub() as gone:
        endpoint = gone.endpoint
    error = ltm("model", "pull", "qwen3-4b", status=4, HF_ENDPOINT=endpoint).stderr
    assert "cannot reach" in error
    assert "ltm model use PATH" in error
    error = pull(ltm, server, PLAIN, status=4, HF_HUB_OFFLINE="1").stderr
    assert "ltm model use PATH" in error
    assert server.requests == []


def test_a_disk_that_is_too_small_is_told_before(ltm: Ltm, server: Hub) -> None:
    server.size = 10**15
    error = pull(ltm, server, PLAIN, status=3).stderr
    assert "1000000.0 GB" in error
    assert server.contents == []


def test_of_two_pulls_at_once_one_waits(ltm: Ltm, server: Hub) -> None:
    server.pause = 0.1
    first = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "model", "pull", PLAIN],
        env=ltm.environment | {"HF_ENDPOINT": server.endpoint}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    until(lambda: bool(server.contents))
    assert "another process" in pull(ltm, server, PLAIN, status=4).stderr
    server.pause = 0.0
    assert first.wait(60) == 0
    first.communicate()
    assert left(ltm) == ["model.Q4.gguf"]


def test_another_file_of_that_name_is_not_overwritten(ltm: Ltm, server: Hub) -> None:
    (ltm.home / "models").mkdir(parents=True)
    mine = ltm.home / "models" / "model.Q4.gguf"
    mine.write_bytes(b"GGUF of my own")
    assert "ltm model remove" in pull(ltm, server, PLAIN, status=4).stderr
    assert mine.read_bytes() == b"GGUF of my own"
    assert server.contents == []


@pytest.mark.parametrize(
    "source",
    [
        "qwen", "", "a/b.gguf", "a/b/c.bin", "a/b/../../../etc/x.gguf", "hf://a/b", "/etc/x.gguf",
        "https://example.com/a/b/c.gguf", "a/b/big-00001-of-00002.gguf", "a/b/c.gguf@x",
        "a/b/c d\x1b[31m.txt", "小/模型/x.gguf",
    ],
)  # fmt: skip
def test_what_is_no_source_is_wrong_usage(source: str) -> None:
    with pytest.raises(UsageError):
        hub.find(source)


def test_a_model_that_is_pulled_answers_and_goes(ltm: Ltm, server: Hub, tmp_path: Path) -> None:
    server.files[PLAIN] = tiny.write(tmp_path / "tiny.gguf", "llama").read_bytes()
    path = ltm.home / "models" / "model.Q4.gguf"
    pull(ltm, server, PLAIN, "--use")
    [used] = [one for one in ltm.json("model", "list") if one["used"]]
    assert (used["name"], used["path"], used["installed"]) == ("model.Q4.gguf", str(path), True)
    about = ltm.json("model", "info")
    assert (about["architecture"], about["bank"], about["no_bank"]) == ("llama", True, None)
    ltm("remember", "The lighthouse keeper paints seals. 灯塔看守人画海豹 🦭")
    ltm("ask", "What does the keeper paint?", "--reader", "fused")
    kept = ltm.json("bank", "status")["entries"]
    assert kept
    other = ltm.home / "bank" / "9-0123456789abcdef01234567.kv"
    other.write_bytes(b"LTMKV1\n\x10\0\0\0" + b'{"model": "ab"} ' + b"x" * 32)
    assert "in use" in ltm("model", "remove", path.name, status=2).stderr
    gone = ltm.json("model", "remove", path.name, "--yes")
    assert gone == {"path": str(path), "bytes": gone["bytes"], "entries": kept}
    assert left(ltm) == []
    assert list((ltm.home / "bank").glob("*.kv")) == [other]
    assert str(path) not in (ltm.home / "bank" / "models.json").read_text("utf-8")
    assert ltm("config", "get", "model", status=1).stdout == ""
    assert "no downloaded model" in ltm("model", "remove", path.name, "--yes", status=1).stderr


def test_only_what_was_pulled_is_removed(ltm: Ltm, tmp_path: Path) -> None:
    mine = tiny.write(tmp_path / "mine.gguf", "llama")
    ltm("model", "remove", str(mine), "--yes", status=1)
    ltm("model", "remove", "bundled", "--yes", status=1)
    ltm("model", "remove", "qwen3-4b", "--yes", status=1)
    assert mine.exists()
    (ltm.home / "models").mkdir(parents=True)
    (ltm.home / "models" / "mine.gguf").symlink_to(mine)
    assert "--yes" in ltm("model", "remove", "mine.gguf", status=2).stderr  # nobody can be asked
    ltm("model", "remove", "mine.gguf", "--yes")
    assert mine.exists()
    assert left(ltm) == []


def test_what_is_left_of_a_broken_transfer_can_be_removed(ltm: Ltm, server: Hub) -> None:
    server.cuts = [1_000_000] + [0] * 7
    pull(ltm, server, PLAIN, status=4)
    assert len(left(ltm)) == 1
    gone = ltm.json("model", "remove", "model.Q4.gguf", "--yes")
    assert 700_000 < gone["bytes"] <= 1_000_000
    assert left(ltm) == []


def test_a_name_of_the_catalogue_chooses_its_file(ltm: Ltm) -> None:
    assert "ltm model pull qwen2.5-0.5b" in ltm("model", "use", "qwen2.5-0.5b", status=4).stderr
    assert "--embed bge-m3" not in ltm("model", "use", "bge-m3", status=4).stderr
    [bundled] = [one for one in ltm.json("model", "list") if one["installed"]]
    (ltm.home / "models").mkdir(parents=True)
    for name in ("qwen2.5-0.5b", "bge-m3"):
        file = ltm.home / "models" / hub.find(name).basename
        file.symlink_to(bundled["path"])
    ltm("model", "use", "qwen2.5-0.5b")
    listed = {one["name"]: one for one in ltm.json("model", "list")}
    assert listed["qwen2.5-0.5b"]["used"]
    assert listed["qwen2.5-0.5b"]["licence"] == "Apache-2.0"
    assert "zh" in listed["qwen2.5-0.5b"]["languages"]  # its file states none, or English alone
    assert "zh" in ltm.json("model", "info")["languages"]
    assert "--embed bge-m3" in ltm("model", "use", "bge-m3", status=2).stderr
    lines = ltm("model", "list").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines[:3]] == ["+", "+", "*"]
    assert len(lines) == len(listed)


def test_what_is_not_here_shows_what_the_catalogue_says(ltm: Ltm) -> None:
    about = ltm.json("model", "info", "qwen3-4b")
    assert not about["installed"]
    assert about["repository"] == "bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF"
    assert "memory:             3.4" in ltm("model", "info", "qwen3-4b").stdout


def test_without_the_library_the_rest_is_told(ltm: Ltm) -> None:
    code = "import sys; sys.modules['huggingface_hub'] = None; from ltm_cli.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "model", "pull", "qwen3-4b"],
        env=ltm.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 4
    assert "pip install 'ltm-cli[pull]'" in done.stderr
    assert "ltm model use PATH" in done.stderr


def test_progress_counts_every_byte_once(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, whose endpoint is read when huggingface_hub is imported."""
    import contextlib

    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", server.endpoint)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE",
        server.endpoint + "/{repo_id}/resolve/{revision}/{filename}",
    )  # fmt: skip
    counted: dict[str, int] = {}

    @contextlib.contextmanager
    def progress(what: str, total: int) -> Iterator[download.Advance]:
        assert total == len(BYTES)

        def advance(size: int) -> None:
            counted[what] = counted.get(what, 0) + size

        yield advance

    server.cuts = [500_000]
    done = download.pull(hub.find(PLAIN), tmp_path, progress)
    assert done.path.read_bytes() == BYTES
    assert counted == {"downloading": len(BYTES), "checking": len(BYTES)}
