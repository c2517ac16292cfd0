"""What an answer costs: each lap of the clock, and the tokens."""

from __future__ import annotations

from time import perf_counter

import pytest

import ltm_cli
from ltm_cli.answering.reading import Clock, Reading, since_start


@pytest.fixture
def reading() -> Reading:
    return Reading([], [], [], "text")


def busy(milliseconds: float) -> None:
    end = perf_counter() + milliseconds / 1000
    while perf_counter() < end:
        pass


def test_the_laps_of_an_answer(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ltm_cli, "STARTED", perf_counter() - 10)
    reading.bytes_restored = 7  # of an earlier reading
    clock = Clock(reading)
    assert reading.bytes_restored == 0
    busy(2)
    clock.restored()
    busy(4)
    clock.computed(30)
    clock.computed(12)
    busy(1)
    clock.token()
    told = reading.timings
    assert told["tokens_computed"] == 42
    assert told["tokens_restored"] == 0
    assert told["restore"] >= 2
    assert told["first_token"] >= 7  # of all that came before it
    assert told["cold_first_token"] > 10_000 + 7
    assert "tokens_per_second" not in told
    busy(2)
    clock.token()
    assert 0 < told["tokens_per_second"] <= 500
    first = told["first_token"]
    clock.token()
    assert told["first_token"] == first


def test_the_process_began_before_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ltm_cli, "STARTED", perf_counter() - 0.5)
    assert 500 <= since_start() < 60_000
