"""ltm serve: the same answers sooner, and nobody who notices when it is not there."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ltm_cli.server import protocol
from tests.conftest import Ltm
from tests.waiting import until

ASKED = "What is the wifi password of the cabin?"


@pytest.fixture
def told(ltm: Ltm, tiny_gguf: Path) -> Ltm:
    ltm.environment["LTM_MODEL"] = str(tiny_gguf)
    for text in ("The wifi password of the cabin is heron-42", "上周在杭州和李娜跑了十公里 🏃"):
        ltm("remember", text)
    return ltm


def serving(ltm: Ltm, *options: str) -> subprocess.Popen[bytes]:
    """A server that has said that it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "serve", *options],
        env=ltm.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    assert b"Serving" in process.stderr.readline()
    return process


@pytest.fixture
def server(told: Ltm) -> Iterator[subprocess.Popen[bytes]]:
    process = serving(told)
    yield process
    process.terminate()
    process.communicate(timeout=30)


def answered(ltm: Ltm) -> int:
    return int(ltm.json("serve", "status")["answered"])


def same(document: Any) -> Any:
    """What does not depend on when it was answered."""
    return {key: document[key] for key in ("answer", "abstained", "reader", "model", "shares")}


@pytest.mark.parametrize("question", [ASKED, "我在杭州和谁跑步？", "Who ate my socks?"])
def test_a_served_answer_is_the_answer(told: Ltm, question: str) -> None:
    arguments = ("ask", question, "--no-remember", "--new", "--reader", "fused", "--json")
    alone = [told.json(*arguments[:-1], status=int(question.startswith("Who"))) for _ in range(2)]
    process = serving(told)
    for _ in range(2):
        done = told(*arguments, status=int(question.startswith("Who")))
        assert same(json.loads(done.stdout)) == same(alone[1])
    assert answered(told) == 2
    assert told.json("serve", "stop") == {"stopping": True}
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not (told.home / protocol.NAME).exists()


def test_the_streams_and_the_status_are_those_of_the_command(
    told: Ltm, server: subprocess.Popen[bytes]
) -> None:
    done = told("ask", ASKED)
    assert "heron-42" in done.stdout
    assert "[1]" in done.stderr
    assert "heron-42" in told("ask", "-", stdin=ASKED).stdout
    assert "李娜" in told("ask", "--no-llm", stdin="我在杭州和谁跑步？").stdout
    assert told("ask", "谁偷了我的自行车？", status=1).stdout == "我没有关于这件事的记忆。\n"
    assert "--nonsense" in told("ask", "--nonsense", status=2).stderr
    assert "does not exist" in told("ask", ASKED, "--model", "gone.gguf", status=4).stderr
    assert "NUL" in told("ask", "-", stdin="a\0b", status=5).stderr
    assert answered(told) == 7
    assert "Examples:" in told("ask", "--help").stdout
    assert answered(told) == 7  # help needs no server


def test_variables_folder_and_user_are_the_callers(
    told: Ltm, server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    told("remember", "Parked the bicycle at the station", "--user", "ana")
    assert "station" in told("ask", "Where did I park the bicycle?", LTM_USER="ana").stdout
    told("ask", "Where did I park the bicycle?", status=1)
    found = told.json("ask", ASKED, LTM_NOW="2031-01-01T08:00:00")
    [exchange] = told.json("list", "--since", "2031-01-01", LTM_NOW="2031-02-01T08:00:00")
    assert exchange["at"] == "2031-01-01T08:00:00"
    assert found["timings"]["cold_first_token"] > 0
    assert answered(told) == 3


def test_who_hangs_up_is_not_waited_for(told: Ltm, server: subprocess.Popen[bytes]) -> None:
    before = len(told.json("list"))
    asking = _asking(told)
    asking.send_signal(signal.SIGINT)
    _, said = asking.communicate(timeout=20)
    assert asking.returncode == 130
    assert b"interrupted" in said
    assert "heron-42" in told("ask", ASKED).stdout
    assert len(told.json("list")) == before + 1  # nothing of the question that was given up


def _asking(ltm: Ltm) -> subprocess.Popen[bytes]:
    """A question that is being answered, as far as it waits for its words."""
    if not Path("/proc/self/wchan").exists():
        pytest.skip("this system does not say what a process waits for")
    process = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "ask", "-"],
        env=ltm.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    until(lambda: _reads(process))
    return process


def _reads(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process waits for its standard input."""
    return "pipe" in Path(f"/proc/{process.pid}/wchan").read_text()


def test_a_server_that_was_killed_is_not_missed(told: Ltm) -> None:
    process = serving(told)
    process.kill()
    process.communicate()
    assert (told.home / protocol.NAME).exists()
    assert "heron-42" in told("ask", ASKED).stdout
    told("serve", "status", status=1)
    again = serving(told)
    assert stat.S_IMODE((told.home / protocol.NAME).stat().st_mode) == 0o600
    assert "already" in told("serve", status=3).stderr
    assert "heron-42" in told("ask", ASKED).stdout
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=30)
    assert again.returncode == 0
    assert "no server is running for" in told("serve", "stop", status=1).stderr


@pytest.mark.parametrize("signals", [(signal.SIGTERM,), (signal.SIGTERM, signal.SIGINT)])
def test_it_is_stopped_while_it_answers(told: Ltm, signals: tuple[signal.Signals, ...]) -> None:
    """Once: after the command that runs; the second time that is interrupted, too."""
    process = serving(told)
    asking = _asking(told)
    for one in signals:
        process.send_signal(one)
    once = len(signals) == 1
    said, _ = asking.communicate(ASKED.encode() if once else b"", timeout=30)
    assert (b"heron-42" in said, asking.returncode) == ((True, 0) if once else (False, 130))
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not (told.home / protocol.NAME).exists()


def test_it_stops_by_itself(told: Ltm) -> None:
    process = serving(told, "--idle", "0.02")
    process.communicate(timeout=30)
    assert process.returncode == 0
    told("serve", "status", status=1)


def test_a_server_of_another_version_is_left_alone(told: Ltm) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(told.home / protocol.NAME))
        listening.listen()
        child = os.fork()
        if not child:
            connection, _ = listening.accept()
            connection.recv(1 << 16)
            connection.sendall(b'{"other": "0.0.1"}\n')
            os._exit(0)
        assert "heron-42" in told("ask", ASKED, "--no-llm").stdout
        os.waitpid(child, 0)
