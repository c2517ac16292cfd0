"""What tests share: a home of their own, the real `ltm`, and models that are opened once.

Tests run on several processes (pytest-xdist). Those that read with the bundled model run on one of
them, so that it is loaded once; a module whose fixtures are dear names itself a group.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ltm_cli.core.settings import Settings
from ltm_cli.llm import catalogue, pool
from ltm_cli.llm.llama import Llama
from ltm_cli.session import Session
from ltm_cli.storage.sqlite.store import SqliteStore
from tests import tiny
from tests.command_line import NOW, Ltm, Process

__all__ = ["NOW", "Ltm", "Process"]

settings.register_profile("thorough", max_examples=1000)  # make test-all
settings.register_profile("long", max_examples=5000)

# A job in the background of a shell ignores Ctrl-C, and so would everything that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

_BUNDLED = {"bundled", "primed", "_opened", "_instructions"}  # fixtures that open the bundled model


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _BUNDLED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("bundled model"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[SqliteStore]:
    """The memory of `me` under the home, empty, opened to be written."""
    with Session(Settings(home), "me", write=True) as session:
        yield session.store


@pytest.fixture
def ltm(home: Path) -> Ltm:
    """The command line, run in this process."""
    return Ltm(home)


@pytest.fixture
def process(home: Path) -> Process:
    """The command line on the same home, each command in a process of its own."""
    return Process(home)


@pytest.fixture
def weather(ltm: Ltm) -> Ltm:
    """The two exchanges of user456."""
    for question, answer, at in EXCHANGES:
        ltm("remember", "-Q", question, "-A", answer, "--at", at, "--user", "user456")
    return ltm


EXCHANGES = (
    ("明天上海天气如何？", "明天上海阴转小雨，气温18-22℃，建议带伞。", "2024-05-10 09:30"),
    ("那适合穿什么衣服？", "建议穿薄外套+长袖T恤，避免淋雨着凉。", "2024-05-10 09:32"),
)


# ---- models


@pytest.fixture(scope="session", autouse=True)
def _models_stay_open() -> Iterator[None]:
    """A model that a command has opened in this process answers the next one, too."""
    with pool.keep_open():
        yield


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model file of some kilobytes: whatever it says is chance, but always the same."""
    return tiny.write(tmp_path_factory.mktemp("model") / "tiny.gguf", "llama")


@pytest.fixture
def bundled(_opened: Llama) -> Llama:
    """The bundled model, as if just opened."""
    _opened.reset()
    return _opened


@pytest.fixture
def primed(ltm: Ltm, _instructions: Path) -> Ltm:
    """A home where a question was read before: its bank holds the instructions of the model.

    To compute them takes seconds, in which nothing else of a test happens.
    """
    ltm.home.mkdir(mode=0o700)
    shutil.copytree(_instructions, ltm.home / "bank")
    return ltm


@pytest.fixture(scope="session")
def _opened() -> Iterator[Llama]:
    choice = catalogue.bundled()
    assert choice is not None
    with Llama(choice.path, context=2048) as model:
        yield model


@pytest.fixture(scope="session")
def _instructions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank that holds no memory."""
    ltm = Ltm(tmp_path_factory.mktemp("instructions") / "home")
    ltm("remember", "The door of the shed is green.")
    ltm("ask", "What colour is the door of the shed?", "--no-remember", "--reader", "fused")
    ltm("forget", "1", "--now", "--yes")
    bank = ltm.home / "bank"
    (bank / "used.json").unlink()
    assert len(list(bank.glob("*.kv"))) == 2  # what comes before a memory, and what after it
    return bank
