"""Profile and recommendations: counted, dated, with the memories behind each entry."""

from __future__ import annotations

import pytest

from ltm_cli.core.record import Record
from ltm_cli.features.profile import exercise_results, phrases
from ltm_cli.features.profile.profile import weak_points
from tests.conftest import Ltm


@pytest.fixture
def student(ltm: Ltm) -> Ltm:
    for at, text in (
        ("2024-05-20", "Got the geometry proof wrong again."),
        ("2024-05-27", "Failed the geometry proof today"),
        ("2024-06-01", "Solved the algebra quiz!"),
        ("2024-06-02", "几何证明题又错了 😭"),
        ("2024-06-03", "Watched a video about black holes and loved it"),
        ("2024-06-04", "看了一个讲黑洞的科普视频，太精彩了"),
        ("2024-06-05", "I love science videos. I hate gossip."),
        ("2024-06-06", "和王芳去打羽毛球，then dinner with Ana"),
        ("2024-06-07", "和王芳一起看电影 with Ana"),
    ):
        ltm("remember", text, "--at", at)
    return ltm


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Got the geometry proof wrong again.", [("geometry proof", False)]),
        ("几何证明题又错了", [("几何证明题", False)]),
        ("我今天做错了一道概率题。", [("概率题", False)]),
        ("完形填空这次全对！", [("完形填空", True)]),
        ("Finally got long division right 🎉", [("long division", True)]),
        ("I couldn't solve the second integral", [("second integral", False)]),
        ("Did I get the proof wrong?", []),
        ("If I got the proof wrong, so what.", []),
        ("I was wrong about Tom", []),
        ("你说错了", []),
        ("我没有错", []),
        ("turn right at the church", []),
    ],
)
def test_outcomes(text: str, found: list[tuple[str, bool]]) -> None:
    assert exercise_results.find(text) == found


def test_weak_points_have_rate_recency_and_memories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTM_NOW", "2024-06-10")
    records = [
        Record(text="Got fractions wrong", at="2024-06-01T00:00:00", id=1),
        Record(text="Got fractions right", at="2024-06-02T00:00:00", id=2),
        Record(text="3", tags=["topic:分数 ½", "outcome:wrong"], at="2024-06-09T00:00:00", id=3),
        Record(
            text="old", tags=["topic:spelling", "outcome:wrong"], at="2023-06-09T00:00:00", id=4
        ),
        Record(text="Solved the puzzle", at="2024-06-09T00:00:00", id=5),
    ]
    found = {one.topic: one for one in weak_points(records)}
    assert list(found) == ["分数 ½", "fractions", "spelling"]
    assert (found["fractions"].wrong, found["fractions"].right, found["fractions"].rate) == (
        1,
        1,
        0.5,
    )
    assert found["分数 ½"].memories == [3]


def test_the_profile_of_a_student(student: Ltm) -> None:
    student("remember", "Proof 9", "--tag", "topic:geometry", "--outcome", "wrong")
    student("remember", "x", "--outcome", "splendid", status=2)
    found = student.json("profile")
    assert found["weak_points"][0]["memories"]
    weak = {one["topic"]: one for one in found["weak_points"]}
    assert (weak["geometry proof"]["wrong"], weak["geometry proof"]["rate"]) == (2, 1.0)
    assert {"geometry", "几何证明题"} <= weak.keys()
    assert {one["value"] for one in found["preferences"]} == {"science videos", "gossip"}
    assert {"王芳", "Ana"} <= {one["name"] for one in found["people"]}
    page = student("profile").stdout
    assert "geometry proof: 2 of 2 wrong (last 2024-05-27; memories 1, 2)" in page
    assert "## Weak points" in student("profile", "--markdown").stdout
    student("forget", "1", "2", "--yes")
    assert "geometry proof" not in student("profile").stdout


def test_nothing_is_known_of_nobody(ltm: Ltm) -> None:
    assert "nothing is known" in ltm("profile", status=1).stderr
    ltm("remember", "the sky is blue")
    assert ltm.json("profile", "--user", "other", status=1)["topics"] == []


def test_exercises_for_weak_points_come_first(student: Ltm) -> None:
    found = student.json("recommend", "--from", "demo/exercises.txt")
    assert found[0]["text"].startswith(("Geometry", "几何"))
    assert list(found[0]) == ["id", "text", "score", "why", "memories"]
    by_id = {one["id"]: one for one in found}
    assert "geometry proof: 2 of 2 wrong" in by_id["1"]["why"]
    assert by_id["1"]["memories"] == [1, 2]
    assert "几何证明题: 1 of 1 wrong" in by_id["4"]["why"]
    assert "5" not in by_id


def test_videos_like_those_that_were_liked(student: Ltm) -> None:
    found = student.json("recommend", "--from", "demo/videos.jsonl", "--limit", "3")
    assert [one["id"] for one in found][:2] in (["v1", "v3"], ["v1", "v4"])
    assert "v2" not in [one["id"] for one in found]  # gossip is disliked
    assert "science videos" in found[0]["why"]


def test_what_was_done_is_not_repeated_unless_it_is_done_again_and_again(ltm: Ltm) -> None:
    for day in range(1, 5):
        ltm("remember", f"bought cat food 猫粮 no {day}", "--at", f"2024-0{day}-01")
    ltm("remember", "bought a bread knife", "--at", "2024-05-01")
    catalogue = "cat food\nbread knife\n猫粮\nbread basket\n"
    found = ltm.json("recommend", stdin=catalogue)
    assert {one["text"] for one in found} == {"cat food", "猫粮", "bread basket"}
    assert found[0]["memories"] == [2, 3, 4]


@pytest.mark.parametrize(
    ("catalogue", "says"),
    [
        ('{"text": "ok"}\n{"text": \n', "line 2"),
        ('{"id": "x"}\n', "text"),
        ('{"text": "x", "tags": "y"}\n', "tags"),
        ("\n\n", "no candidates"),
        (b"\xff\n", "UTF-8"),
    ],
)
def test_a_bad_catalogue_is_named(ltm: Ltm, catalogue: str | bytes, says: str) -> None:
    error = ltm("recommend", stdin=catalogue, status=5).stderr
    assert says in error
    assert len(error.splitlines()) == 2


def test_nothing_known_recommends_nothing(ltm: Ltm) -> None:
    ltm("remember", "hello")
    assert ltm.json("recommend", stdin="zebra\n", status=1) == []
    ltm("recommend", "--from", "/nowhere", status=5)


def test_frequent_phrases_of_both_languages() -> None:
    texts = [
        "red wine with Ana",
        "more red wine",
        "red wine again",
        "喝龙井茶",
        "买龙井茶",
        "龙井茶真香",
    ]
    found = dict(phrases.frequent(texts))
    assert found["red wine"] == [0, 1, 2]
    assert found["龙井茶"] == [3, 4, 5]
    assert "red" not in found


def test_a_habit_is_recommended_when_it_is_due(ltm: Ltm) -> None:
    for at in ("2024-05-01", "2024-05-11", "2024-05-21", "2024-05-31"):
        ltm("remember", "bought cat food", "--at", at)
    [due] = ltm.json("recommend", stdin="cat food\n")
    assert "about every 10 days, expected on 2024-06-10" in due["why"]
    ltm("recommend", stdin="cat food\n", status=1, LTM_NOW="2024-06-02T09:00")
