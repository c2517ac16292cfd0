"""Results: the shape of `ltm ask --json`, and what a question is asked with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ltm_cli.answering.evidence import Passage
from ltm_cli.answering.result import LIMIT, Answer, Options, Source
from ltm_cli.core.record import Record
from ltm_cli.core.settings import Settings
from ltm_cli.llm.catalogue import Choice
from ltm_cli.llm.openai import Engine


def test_a_source_is_what_was_read_of_a_memory() -> None:
    record = Record(id=3, text="all of it", at="2024-05-01T10:00:00", ref="diary-3")
    source = Source.of(Passage(record, "a part 一段", 1.23456789))
    assert source == Source(3, "diary-3", "2024-05-01T10:00:00", "a part 一段", 1.2346)


def test_an_answer_as_json_has_every_timing_and_rounds() -> None:
    source = Source(1, None, "2024-05-01T10:00:00", "猫", 1.0)
    answer = Answer("A cat.", sources=[source], timings={"total": 12.345, "of a test": 1.0})
    answer.shares = {1: 0.123456}
    told = answer.as_dict()
    assert told["sources"] == [
        {"id": 1, "ref": None, "at": "2024-05-01T10:00:00", "text": "猫", "score": 1.0}
    ]
    assert told["shares"] == {1: 0.123}
    assert told["timings"] == dict.fromkeys(
        ("load", "recall", "restore", "prefill", "first_token", "cold_first_token", "total",
         "tokens_restored", "tokens_computed", "tokens_per_second"), 0.0
    ) | {"total": 12.3}  # fmt: skip


def test_options_come_from_settings_and_the_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTM_NOW", "2024-06-10T20:00")
    home = Settings(tmp_path, {"threads": 3, "context": 512})
    model = Choice(tmp_path / "m.gguf", ("zh",), "--model")
    found = Options.of(home, model, limit=2)
    assert found == Options(
        datetime(2024, 6, 10, 20), limit=2, model=model.path, speaks=("zh",), home=home,
        threads=3, context=512,
    )  # fmt: skip
    assert Options.of(home, model, threads=1).threads == 1
    plain = Options.of(home, None)
    assert (plain.model, plain.engine, plain.speaks, plain.limit) == (None, None, (), LIMIT)


def test_an_engine_takes_the_place_of_a_model(tmp_path: Path) -> None:
    engine = Engine("http://127.0.0.1:1/v1", "x")
    found = Options.of(Settings(tmp_path), engine)
    assert (found.engine, found.model, found.speaks) == (engine, None, ())
