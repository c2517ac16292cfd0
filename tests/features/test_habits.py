"""Habits: found without being declared, foreseen with an interval, never read into chance."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from ltm_cli.features.habits import events
from ltm_cli.features.habits.forecast import predict
from tests.conftest import Ltm

START = date(2024, 1, 1).toordinal()


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("买猫粮", ["买了猫粮", "今天给Mochi买了一袋猫粮", "猫粮又买了一袋", "囤了两袋猫粮🐱",
                 "下单了猫粮"]),
        ("buy cat food", ["Bought cat food", "Ordered a 2kg bag of cat food from Zooplus",
                          "picked up more cat food for Mochi", "Cat food ordered again",
                          "I went out, then I bought some food for the cat"]),
        ("交房租", ["交了房租", "交房租3000元", "今天终于交了房租"]),
        ("pay rent", ["Paid the rent", "I've paid my rent", "The rent was paid"]),
        ("change water filter", ["We replaced the water filter", "changed the water filter"]),
        ("buy 猫粮", ["bought 猫粮 again"]),
    ],
)  # fmt: skip
def test_other_words_for_the_same_deed(key: str, texts: list[str]) -> None:
    for text in texts:
        assert key in events.keys(text), text


@pytest.mark.parametrize(
    "text",
    [
        "要买猫粮", "明天买猫粮吗？", "没买猫粮", "记得买猫粮", "想买猫粮", "妈妈买了猫粮",
        "I need to buy cat food", "I didn't buy cat food", "Did I buy cat food?",
        "I will buy cat food", "I almost bought cat food", "cat food is expensive", "猫粮很贵", "",
    ],
)  # fmt: skip
def test_plans_denials_and_questions_are_no_events(text: str) -> None:
    assert not any("cat food" in key or "猫粮" in key for key in events.keys(text))


def days(*steps: int) -> list[int]:
    found = [START]
    for step in steps:
        found.append(found[-1] + step)
    return found


def test_an_even_series() -> None:
    found = predict(days(30, 29, 31, 30, 30, 30))
    assert found is not None
    assert abs(found.next - (START + 210)) <= 1
    assert (found.interval, found.spread) == (30, 2)


def test_fewer_than_three_are_nothing() -> None:
    for size in range(3):
        assert predict(days(*[30] * size)[:size]) is None
    assert predict(days(30)) is None


def test_the_same_weekday() -> None:
    found = predict(days(7, 7, 14, 7, 7, 7))
    assert found is not None
    assert found.next % 7 == START % 7


def test_the_same_day_of_the_month() -> None:
    dates = [date(2024, month, 1).toordinal() for month in range(1, 8)]
    found = predict(dates)
    assert found is not None
    assert (date.fromordinal(found.next), found.pattern) == (date(2024, 8, 1), "monthday")
    last = [date(2024, m, d).toordinal() for m, d in ((1, 31), (2, 29), (3, 31), (4, 30), (5, 31))]
    found = predict(last)
    assert found is not None
    assert abs(found.next - date(2024, 6, 30).toordinal()) <= 1


def test_once_a_year_on_any_day() -> None:
    rng = random.Random(4)
    yearly = [date(year, 1, 1).toordinal() + rng.randrange(365) for year in range(2010, 2024)]
    found = predict(yearly)
    assert found is not None
    assert found.pattern == "yearly"
    assert date.fromordinal(found.next).year == 2024


def test_a_change_of_pace_is_followed() -> None:
    found = predict(days(*[30] * 10, *[15] * 8))
    assert found is not None
    assert found.interval == 15


def test_a_gap_does_no_harm() -> None:
    found = predict(days(30, 30, 60, 30, 31, 29, 30, 30))
    assert found is not None
    assert (found.interval, found.spread) == (30, 2)


def test_chance_is_no_habit() -> None:
    rng = random.Random(7)
    claimed = sum(
        predict(days(*(max(1, round(rng.expovariate(1 / 30))) for _ in range(12)))) is not None
        for _ in range(300)
    )
    assert claimed <= 6


def test_the_next_one_falls_within_the_interval_as_often_as_is_said() -> None:
    rng = random.Random(8)
    hits = sure = 0
    for _ in range(300):
        series = days(*(max(1, round(rng.gauss(30, 3))) for _ in range(12)))
        found = predict(series[:-1])
        if found is not None and found.confidence >= 0.8:
            sure += 1
            hits += abs(series[-1] - found.next) <= found.spread
    assert sure >= 200
    assert hits / sure >= 0.85


@pytest.mark.parametrize("days", [[1, 2, 3], [3652058, 3652059], [START] * 5])
def test_the_ends_of_time(days: list[int]) -> None:
    predict(days)


def kept(ltm: Ltm, text: str, *at: str) -> None:
    lines = [f'{{"text": "{text}", "at": "{day}T10:00:00"}}' for day in at]
    ltm("import", "-", stdin="\n".join(lines))


def every(step: int, count: int, last: str) -> list[str]:
    end = date.fromisoformat(last)
    return [(end - timedelta(days=step * back)).isoformat() for back in reversed(range(count))]


def test_the_list_and_its_json(ltm: Ltm) -> None:
    kept(ltm, "Bought cat food 🐈", *every(30, 6, "2024-05-13"))
    [one] = ltm.json("habits")
    assert one == {
        "what": "cat food", "count": 6, "interval_days": 30, "spread_days": one["spread_days"],
        "last": "2024-05-13", "next": "2024-06-12", "confidence": one["confidence"],
        "memories": [1, 2, 3, 4, 5, 6],
    }  # fmt: skip
    shown = ltm("habits").stdout
    assert "cat food likely runs out around Wed 12 June" in shown
    assert "●" in shown
    assert "○" in shown
    assert "cat food大约在6月12日（周三）用完" in ltm("habits", "--lang", "zh").stdout


def test_none_is_said_and_exits_1(ltm: Ltm) -> None:
    kept(ltm, "买了猫粮", "2024-05-01", "2024-05-31")
    assert "no habits" in ltm("habits", status=1).stderr
    assert ltm.json("habits", status=1) == []


def test_event_time_counts_not_when_it_was_written(ltm: Ltm) -> None:
    kept(ltm, "买了猫粮", *every(30, 4, "2024-05-10"))
    ltm("remember", "昨天买了猫粮")
    [one] = ltm.json("habits")
    assert one["last"] == "2024-06-09"


def test_a_habit_that_stopped_is_none(ltm: Ltm) -> None:
    kept(ltm, "买了猫粮", *every(30, 6, "2023-09-01"))
    assert ltm.json("habits", status=1) == []
    assert len(ltm.json("habits", LTM_NOW="2023-09-20T08:00")) == 1


def test_what_is_forgotten_is_no_habit_and_users_are_apart(ltm: Ltm) -> None:
    kept(ltm, "买了猫粮", *every(30, 3, "2024-06-01"))
    assert ltm.json("habits", "--user", "anna", status=1) == []
    ltm("forget", "1", "--yes")
    assert ltm.json("habits", status=1) == []
    ltm("undo")
    assert len(ltm.json("habits")) == 1
