"""Tasks: found in what is remembered, never in what only looks like one; kept, closed, undone."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from ltm_cli.features.tasks import extraction as task_extraction
from ltm_cli.nlp import dates
from tests.conftest import Ltm

DATA = Path(__file__).parents[1] / "data"
SAID = datetime(2024, 5, 15, 14, 30)  # a Wednesday


def sentences(name: str) -> list[tuple[str, str]]:
    lines = (DATA / name).read_text("utf-8").splitlines()[1:]
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines]


SEEN = sentences("deadlines.tsv")


def understood(text: str) -> str:
    found = task_extraction.find(text, dates.find(text, SAID), SAID)
    return (found[0].due or "open") if found else "-"


@pytest.mark.parametrize(("due", "sentence"), SEEN, ids=lambda value: value)
def test_a_sentence_is_a_task_or_not(due: str, sentence: str) -> None:
    assert understood(sentence) == due


def test_sentences_that_no_rule_was_made_for() -> None:
    cases = sentences("deadlines_unseen.tsv")
    said = [(due, understood(sentence)) for due, sentence in cases]
    right = sum(due == got != "-" for due, got in said)
    assert right / sum(got != "-" for _, got in said) >= 0.95
    assert right / sum(due != "-" for due, _ in said) >= 0.9


def test_the_sentences_are_enough_and_half_of_them_are_traps() -> None:
    assert len(SEEN) >= 100
    assert sum(due == "-" for due, _ in SEEN) * 2 >= len(SEEN)
    for language in ("[\u4e00-\u9fff]", "^[^\u4e00-\u9fff]+$"):
        assert sum(re.search(language, text) is not None for _, text in SEEN) >= 50


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("我周五之前要交季度报告", "交季度报告"),
        ("方案修改还没做完", "方案修改"),
        ("I have to send the report by Friday", "send the report"),
        ("By Friday I have to send the report", "send the report"),
        ("Deadline for the tax return: May 31", "tax return"),
        ("年假申请最晚5月31日交", "年假申请"),
        ("方案修改，下周四之前要交", "方案修改"),
        ("方案修改，下周四之前", "方案修改"),
        ("护照照片要在下周一之前准备好", "护照照片要在下周一之前准备好"),
        ("周五前review一下张三的PR 🙏", "review一下张三的PR 🙏"),
    ],
)
def test_a_task_is_named_without_its_time(text: str, title: str) -> None:
    assert task_extraction.find(text, dates.find(text, SAID), SAID)[0].text == title


def test_each_task_of_a_text_is_found_with_its_own_time() -> None:
    text = "开会纪要。周五之前交季度报告。I have to call Anna tomorrow. 昨天买了猫粮。"
    found = task_extraction.find(text, dates.find(text, SAID), SAID)
    assert [(one.text, one.due) for one in found] == [
        ("交季度报告", "2024-05-17"), ("call Anna", "2024-05-16")
    ]  # fmt: skip


# The command line; the clock stands at Monday, 2024-06-10, 20:00.


def test_a_remembered_deadline_becomes_a_task_and_is_shown_at_once(ltm: Ltm) -> None:
    done = ltm("remember", "I have to send the report by Friday")
    assert "by Friday = 2024-06-14" in done.stderr
    assert "Task 1: send the report (Fri 14 June, 4 days left)" in done.stderr
    assert ltm.json("task", "list") == [
        {"id": 1, "text": "send the report", "due": "2024-06-14", "state": "open", "memories": [1]}
    ]
    ltm("undo")
    ltm("task", "list", status=1)


def test_no_task_refuses(ltm: Ltm) -> None:
    ltm("remember", "--no-task", "周五之前交季度报告")
    ltm("task", "list", status=1)
    assert ltm.json("show", "1")["text"] == "周五之前交季度报告"


def test_the_record_of_a_task_is_that_of_any_memory(ltm: Ltm) -> None:
    record = ltm.json("remember", "周五之前交季度报告")
    assert (record["kind"], record["tags"], record["text"]) == ("episode", [], "周五之前交季度报告")


def test_order_of_tasks(ltm: Ltm) -> None:
    ltm("task", "add", "Water the plants")  # 1
    ltm("task", "add", "报税", "--due", "6月12日")  # 2
    ltm("remember", "--at", "2024-05-20", "--kind", "task", "Renew the visa by 8 June")  # 3
    ltm("remember", "--at", "上周三", "下周四之前完成方案修改")  # 4
    ltm("remember", "--at", "2024-05-01", "--kind", "task", "Read Middlemarch by May 20")  # 5
    assert [one["id"] for one in ltm.json("task", "list")] == [3, 4, 5, 2, 1]


def test_done_drop_reopen_snooze_and_undo(ltm: Ltm) -> None:
    ltm("remember", "周五之前交季度报告")
    ltm("task", "add", "Call Anna", "--due", "tomorrow")
    assert ltm.json("task", "done", "1")[0]["state"] == "done"
    assert "done:2024-06-10" in ltm.json("show", "1")["tags"]
    ltm("task", "drop", "2")
    ltm("task", "list", status=1)
    assert [one["state"] for one in ltm.json("task", "list", "--all")] == ["dropped", "done"]
    assert "task dropped" in ltm("undo").stderr
    assert [one["id"] for one in ltm.json("task", "list")] == [2]
    ltm("task", "reopen", "1")
    assert [one["id"] for one in ltm.json("task", "list")] == [2, 1]
    ltm("task", "snooze", "2", "--until", "3d")
    assert [one["id"] for one in ltm.json("today")["due"]] == [1]
    later = ltm.json("today", LTM_NOW="2024-06-13T08:00")
    assert [one["id"] for one in later["due"]] == [2, 1]
    assert ltm.json("task", "list")[0]["due"] == "2024-06-11"


@pytest.mark.parametrize(
    "arguments", [["done", "7"], ["drop", "1"], ["snooze", "1"], ["reopen", "1"]]
)
def test_a_task_that_is_not_there(ltm: Ltm, arguments: list[str]) -> None:
    ltm("remember", "今天天气很好")
    assert "no task" in ltm("task", *arguments, status=1).stderr


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["add", "x", "--due", "2月30日"], 2, "2月30日"),
        (["add", "x", "--due", "yesterday"], 2, "past"),
        (["add", "x", "--due", "0000-01-01"], 2, "0000-01-01"),
        (["add", ""], 2, "empty"),
        (["snooze", "1", "--until", "yesterday"], 2, "not in the future"),
        (["snooze", "1", "--until", "whenever"], 2, "whenever"),
    ],
)
def test_bad_input(ltm: Ltm, arguments: list[str], status: int, says: str) -> None:
    ltm("task", "add", "Call Anna")
    done = ltm("task", *arguments, status=status, stdin="")
    assert says in done.stderr
    assert len(ltm.json("task", "list")) == 1


def test_years_at_the_end_of_time(ltm: Ltm) -> None:
    ltm("task", "add", "Outlive the sun", "--due", "9999-12-31")
    assert ltm.json("task", "list")[0]["due"] == "9999-12-31"
    assert ltm.json("today", status=1)["due"] == []


def test_an_impossible_date_is_said_and_nothing_inferred(ltm: Ltm) -> None:
    done = ltm("remember", "2月30日之前要交报告")
    assert "2月30日" in done.stderr
    assert "; ignored" in done.stderr
    ltm("task", "list", status=1)


def test_a_deadline_that_is_past_makes_no_task(ltm: Ltm) -> None:
    done = ltm("remember", "--at", "2024-05-01", "周五之前要交季度报告")
    assert "= 2024-05-03" in done.stderr
    ltm("task", "list", status=1)


def test_imported_years_open_no_task_but_what_is_still_due(ltm: Ltm) -> None:
    lines = [
        '{"text": "周五之前要交季度报告", "at": "2023-03-01"}',
        '{"text": "记得买牛奶", "at": "2023-03-01"}',
        '{"text": "I have to renew the passport by 1 July 2024", "at": "2024-01-05"}',
        '{"text": "I have to send it by Friday", "at": "2024-06-10", "speaker": "Tom"}',
        '{"text": "Call Anna", "at": "2023-03-01", "kind": "task"}',
    ]
    ltm("import", "-", stdin="\n".join(lines))
    assert [one["text"] for one in ltm.json("task", "list")] == ["renew the passport", "Call Anna"]


def test_what_was_decided_survives_export_and_import(ltm: Ltm, tmp_path: Path) -> None:
    ltm("remember", "周五之前交季度报告")
    ltm("task", "add", "Call Anna", "--due", "tomorrow 15:00")
    ltm("task", "done", "1")
    dump = ltm("export").stdout
    other = Ltm(tmp_path / "other")
    other("import", "-", stdin=dump)
    assert [one["state"] for one in other.json("task", "list", "--all")] == ["open", "done"]
    assert other.json("task", "list")[0]["due"] == "2024-06-11T15:00:00"


def test_a_moment_stays_the_same_in_another_time_zone(ltm: Ltm) -> None:
    ltm("task", "add", "Call Anna", "--due", "tomorrow 15:00", TZ="Asia/Shanghai")
    assert ltm.json("task", "list", TZ="Asia/Shanghai")[0]["due"] == "2024-06-11T15:00:00"
    assert ltm.json("task", "list", TZ="Europe/Berlin")[0]["due"] == "2024-06-11T09:00:00"
    assert "ok\tindex" in ltm("doctor", TZ="Europe/Berlin", LTM_MODEL="").stdout


def test_an_edited_text_is_read_anew_and_what_is_forgotten_is_gone(ltm: Ltm, home: Path) -> None:
    ltm("remember", "周五之前交季度报告 zyxwvut")
    ltm("edit", "1", "周四之前交年度报告 zyxwvut")
    [one] = ltm.json("task", "list")
    assert (one["text"], one["due"]) == ("交年度报告 zyxwvut", "2024-06-13")
    ltm("forget", "1", "--yes")
    ltm("task", "list", status=1)
    ltm("undo")
    assert len(ltm.json("task", "list")) == 1
    ltm("forget", "1", "--now", "--yes")
    assert b"zyxwvut" not in b"".join(path.read_bytes() for path in home.glob("memory.db*"))


def test_the_same_task_twice_is_one_and_is_done_as_one(ltm: Ltm) -> None:
    ltm("remember", "周五之前交季度报告")
    ltm("remember", "我周五之前要交季度报告")
    [one] = ltm.json("task", "list")
    assert one["memories"] == [1, 2]
    ltm("task", "done", "2")
    ltm("task", "list", status=1)
    ltm("undo")
    assert ltm.json("task", "list")[0]["memories"] == [1, 2]


def test_users_do_not_see_each_other(ltm: Ltm) -> None:
    ltm("remember", "周五之前交季度报告", "--user", "anna")
    ltm("task", "list", status=1)
    ltm("task", "done", "1", status=1)
    assert ltm.json("today", status=1)["due"] == []
    assert len(ltm.json("task", "list", "--user", "anna")) == 1


def test_what_was_asked_is_no_task(ltm: Ltm) -> None:
    ltm("ask", "--no-llm", "周五之前交季度报告吗", status=1)
    ltm("remember", "-Q", "提醒我周五之前交季度报告", "-A", "好的，周四我会提醒你。")
    assert [one["text"] for one in ltm.json("task", "list")] == ["交季度报告"]


@pytest.mark.parametrize(
    ("task", "report", "proposed"),
    [
        ("周五之前交季度报告", "季度报告交了", True),
        ("I have to send the report by Friday", "finished the report", True),
        ("下周四之前完成方案修改", "方案修改终于完成了 🎉", True),
        ("周五之前交季度报告", "季度报告还没交", False),
        ("周五之前交季度报告", "要交季度报告", False),
        ("I have to send the report by Friday", "I finished the book", False),
        ("I have to send the report by Friday", "Did I send the report?", False),
    ],
)
def test_an_end_is_proposed_and_never_assumed(
    ltm: Ltm, task: str, report: str, proposed: bool
) -> None:
    ltm("remember", task)
    done = ltm("remember", report)
    assert ("ltm task done 1" in done.stderr) is proposed
    assert len(ltm.json("task", "list")) >= 1


@pytest.mark.parametrize(("answer", "state"), [("y", "done"), ("n", "open")])
def test_on_a_terminal_the_end_is_confirmed(ltm: Ltm, answer: str, state: str) -> None:
    ltm("remember", "周五之前交季度报告")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "remember", "季度报告交了"],
        env=ltm.environment, stdin=follower, stdout=follower, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while b"Close it?" not in shown:
        shown += os.read(leader, 1024)
    os.write(leader, f"{answer}\n".encode())
    assert process.wait(20) == 0
    os.close(leader)
    assert {one["id"]: one["state"] for one in ltm.json("task", "list", "--all")}[1] == state
