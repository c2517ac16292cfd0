"""The brief of a day and the questions that it answers; the scenes that ltm was asked for."""

from __future__ import annotations

import pytest

from tests.conftest import Ltm

CAT_FOOD = ("2024-01-12", "2024-02-11", "2024-03-13", "2024-04-12", "2024-05-11")
SAID = ("买了猫粮", "又囤了两袋猫粮", "下单了皇家猫粮，花了120元", "猫粮又买了一袋", "买了猫粮🐈")


@pytest.fixture
def life(ltm: Ltm) -> Ltm:
    """An unfinished task of last week, one of this week, and cat food every month."""
    ltm("remember", "--at", "上周三", "下周四之前完成方案修改")  # 1
    ltm("remember", "I have to send the report by Friday")  # 2
    for day, text in zip(CAT_FOOD, SAID, strict=True):
        ltm("remember", "--at", day, text)  # 3 to 7
    ltm("remember", "--at", "2023-06-10", "和王芳去看了电影《流浪地球》")  # 8
    return ltm


def test_an_empty_memory_is_a_friendly_line(ltm: Ltm) -> None:
    done = ltm("today", status=1)
    assert done.stdout == ""
    assert done.stderr == "Nothing is due today.\n"
    assert ltm("today", "--lang", "zh", status=1).stderr == "今天没有待办事项。\n"
    assert ltm("today", "--quiet", status=1).stdout == ""
    assert not ltm.home.exists()


def test_the_scene_of_the_unfinished_plan(life: Ltm) -> None:
    lines = life("today", "--lang", "zh").stdout.splitlines()
    assert lines[0] == "待办"
    assert lines[1] == "  1  完成方案修改 · 上周未完成 · 距离截止日期还有3天，6月13日（周四）"


def test_the_scene_of_the_cat_food(life: Ltm) -> None:
    assert (
        "  猫粮大约在6月12日（周三）用完，平均每30±2天买一次"
        in life("today", "--lang", "zh").stdout.splitlines()
    )


def test_the_whole_brief_in_english(life: Ltm) -> None:
    assert life("today").stdout.splitlines() == [
        "Due",
        "  1  完成方案修改 · left from last week · 3 days left, Thu 13 June",
        "  2  send the report · 4 days left, Fri 14 June",
        "Soon",
        "  猫粮 likely runs out around Wed 12 June, bought every 30±2 days",
        "On this day",
        "  2023-06-10  和王芳去看了电影《流浪地球》",
    ]


def test_the_shape_of_json(life: Ltm) -> None:
    found = life.json("today")
    assert found["due"][0] == {
        "id": 1, "text": "完成方案修改", "due": "2024-06-13", "days_left": 3
    }  # fmt: skip
    assert found["predicted"] == [
        {"what": "猫粮", "next": "2024-06-12", "days_left": 2, "interval_days": 30,
         "confidence": 0.75, "memories": [3, 4, 5, 6, 7]}
    ]  # fmt: skip
    assert [record["id"] for record in found["on_this_day"]] == [8]


def test_the_locale_chooses_the_language(life: Ltm) -> None:
    assert life("today", LANG="zh_CN.UTF-8").stdout.startswith("待办\n")
    assert life("today", LANG="zh_CN.UTF-8", LC_ALL="en_US.UTF-8").stdout.startswith("Due\n")
    assert "fr" in life("today", "--lang", "fr", status=2).stderr


def test_one_line_per_item_for_cron_and_prompts(life: Ltm) -> None:
    quiet = life("today", "--due-within", "3d", "--quiet", "--lang", "zh").stdout
    assert quiet.splitlines() == [
        "完成方案修改：距离截止日期还有3天",
        "猫粮大约在6月12日（周三）用完，平均每30±2天买一次",
    ]
    assert life("today", "--due-within", "1d", "--quiet", status=1).stdout == ""
    assert "soon" in life("today", "--due-within", "soon", status=2).stderr


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2024-06-13T09:00", "今天截止"),
        ("2024-06-14T09:00", "已逾期1天"),
        ("2024-06-20T09:00", "已逾期7天"),
    ],
)
def test_as_the_deadline_comes_and_goes(life: Ltm, now: str, says: str) -> None:
    assert says in life("today", "--lang", "zh", LTM_NOW=now).stdout.splitlines()[1]


def test_a_clock_set_back_shows_nothing_from_the_future(life: Ltm) -> None:
    assert life.json("today", LTM_NOW="2024-01-01T09:00", status=1)["due"] == []
    life("habits", LTM_NOW="2024-03-01T09:00", status=1)


def test_what_was_said_of_this_day(ltm: Ltm) -> None:
    ltm("remember", "Dentist next Wednesday at 10")
    ltm("remember", "下周三是妈妈的生日 🎂")
    found = ltm.json("today", LTM_NOW="2024-06-19T07:00")["on_this_day"]
    assert {record["id"] for record in found} == {1, 2}


def test_recall_goes_by_the_time_that_is_named(ltm: Ltm) -> None:
    ltm("remember", "昨天买了猫粮")
    ltm("remember", "--at", "昨天", "Rain all day")
    ltm("remember", "Coffee with Anna last Friday")
    ltm("remember", "今天很累")
    assert {one["id"] for one in ltm.json("recall", "--on", "昨天")} == {1, 2}
    assert [one["id"] for one in ltm.json("recall", "--on", "last Friday")] == [3]
    assert {one["id"] for one in ltm.json("recall", "--since", "昨天")} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("question", "answer", "sources"),
    [
        ("when is my report due?", "send the report · 4 days left, Fri 14 June", [2]),
        ("How many days are left until the report is due?", "4 days left", [2]),
        ("方案修改什么时候截止？", "距离截止日期还有3天，6月13日（周四）", [1]),
        ("方案修改还有几天？", "距离截止日期还有3天", [1]),
        ("我多久买一次猫粮？", "猫粮：平均每30±2天一次，共5次", [3, 4, 5, 6, 7]),
        ("How often do I buy 猫粮?", "every 30±2 days, 5 times so far", [3, 4, 5, 6, 7]),
        ("下次什么时候该买猫粮？", "下一次大约在6月12日（周三）", [3, 4, 5, 6, 7]),
        ("what have I not finished?", "left from last week", [1, 2]),
        ("What is due on Friday?", "send the report", [2]),
        ("我还有什么没做完？", "上周未完成", [1, 2]),
        ("上周有什么没做完的？", "完成方案修改", [1]),
    ],
)
def test_questions_about_what_is_ahead_need_no_model(
    life: Ltm, question: str, answer: str, sources: list[int]
) -> None:
    found = life.json("ask", question, "--no-llm", "--new", "--no-remember")
    assert answer in found["answer"]
    assert [one["id"] for one in found["sources"]] == sources
    assert (found["reader"], found["abstained"]) == ("schedule", False)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("和谁看了电影？", 0),
        ("When is the library open?", 1),
        ("When is my tax return due?", 1),
        ("How often do I see Anna?", 1),
        ("我多久去一次健身房？", 1),
    ],
)
def test_other_questions_are_left_to_reading(life: Ltm, question: str, status: int) -> None:
    found = life.json("ask", question, "--no-llm", "--new", "--no-remember", status=status)
    assert found["reader"] == "quote"


def test_an_answer_is_no_new_task_and_no_evidence(life: Ltm) -> None:
    life("ask", "--no-llm", "when is my report due?")
    assert len(life.json("task", "list")) == 2
    assert {"asked", "quoted"} <= set(life.json("show", "9")["tags"])


def test_a_follow_up_keeps_its_subject(life: Ltm) -> None:
    life("remember", "The report is about otters")
    life("ask", "--no-llm", "What is the report about?")
    assert "4 days left" in life.json("ask", "--no-llm", "And when is it due?")["answer"]


def test_a_question_names_a_task_by_its_object_alone(ltm: Ltm) -> None:
    ltm("remember", "I have to send the invoice to the new accountant by Friday 📨")
    ltm("remember", "下周一之前把预算发给张三")
    found = ltm.json("ask", "--no-remember", "--no-llm", "When is the invoice due?")
    assert found["answer"].startswith("send the invoice to the new accountant 📨 · 4 days left")
    found = ltm.json("ask", "--no-remember", "--no-llm", "预算什么时候截止？")
    assert [source["id"] for source in found["sources"]] == [2]
    ltm("ask", "--no-remember", "--no-llm", "When is my visa due?", status=1)
