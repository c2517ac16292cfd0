"""How times, tasks and habits are told to a person, in Chinese ("zh") and English (all else)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ltm_cli.features.habits.habits import Habit
    from ltm_cli.features.tasks.tasks import Task
    from ltm_cli.indexing.spans import Named

_WEEKDAYS_ZH = "一二三四五六日"


def day(one: date, now: datetime, lang: str) -> str:
    """A day as it is said: 6月13日（周四）, Thu 13 June; with the year if it is another."""
    if lang == "zh":
        year = "" if one.year == now.year else f"{one.year}年"
        return f"{year}{one.month}月{one.day}日（周{_WEEKDAYS_ZH[one.weekday()]}）"
    year = "" if one.year == now.year else f" {one.year}"
    return f"{one:%a} {one.day} {one:%B}{year}"


def left(task: Task, now: datetime, lang: str) -> str:
    """How much time is left for a task: 距离截止日期还有3天, 3 days left, overdue by 2 days."""
    days = task.days_left(now)
    if days is None or task.due is None:
        age = (now.date() - datetime.fromisoformat(task.made).date()).days
        if lang == "zh":
            return f"没有期限，{f'{age}天前记下' if age else '今天记下'}"
        return f"no date, open for {_days(age)}" if age else "no date, new today"
    clock = task.due[11:16]
    if days < 0:
        return f"已逾期{-days}天" if lang == "zh" else f"overdue by {_days(-days)}"
    if days == 0 and task.is_overdue(now):
        return f"今天{clock}已到期" if lang == "zh" else f"overdue since {clock}"
    if lang == "zh":
        return f"距离截止日期还有{days}天" if days else f"今天{clock}截止"
    at = f" at {clock}" if clock else ""
    return f"{_days(days)} left" if days else f"due today{at}"


def task(one: Task, now: datetime, lang: str) -> str:
    """A task in a line: what, left over from last week or not, how long is left, until when."""
    said = [one.text]
    if one.is_left_over(now):
        said.append("上周未完成" if lang == "zh" else "left from last week")
    said.append(left(one, now, lang))
    text = " · ".join(said)
    if one.due is None or one.days_left(now) == 0:
        return text
    when = day(date.fromisoformat(one.due[:10]), now, lang)
    clock = f" {one.due[11:16]}" if "T" in one.due else ""
    return f"{text}, {when}{clock}" if lang != "zh" else f"{text}，{when}{clock}"


def short(one: Task, now: datetime, lang: str) -> str:
    """A task in few words, for a shell prompt."""
    return f"{one.text}{'：' if lang == 'zh' else ': '}{left(one, now, lang)}"


def habit(one: Habit, now: datetime, lang: str) -> str:
    """A need in a line: cat food likely runs out around 12 June, bought every 30±3 days."""
    when = day(one.next, now, lang)
    bought = one.key.startswith(("buy ", "买"))
    if lang == "zh":
        often = f"平均每{rhythm(one)}天"
        if bought:
            return f"{one.what}大约在{when}用完，{often}买一次"
        return f"{one.what}：预计{when}前后，{often}一次"
    if bought:
        return f"{one.what} likely runs out around {when}, bought every {rhythm(one)} days"
    return f"{one.what}: expected around {when}, every {rhythm(one)} days"


def recurring(one: Habit, now: datetime, lang: str) -> str:
    """How often something is done, when last, and when likely next."""
    last, next = day(one.last, now, lang), day(one.next, now, lang)
    if lang == "zh":
        return (
            f"{one.what}：平均每{rhythm(one)}天一次，共{one.count}次，最近一次是{last}，"
            f"下一次大约在{next}。"
        )
    return (
        f"{one.what}: every {rhythm(one)} days, {one.count} times so far, last on {last},"
        f" next around {next}."
    )


def more(number: int, lang: str) -> str:
    """That so many more tasks are not shown."""
    return f"还有{number}件：ltm task list" if lang == "zh" else f"{number} more: ltm task list"


def rhythm(one: Habit) -> str:
    """30±3, in days."""
    return f"{one.interval}±{one.spread}" if one.spread else str(one.interval)


def timeline(days: Sequence[date], expected: date, now: datetime, width: int = 48) -> str:
    """The days of a habit on a line that ends with the expected one: ·●···●···●···|··○"""
    last = max(expected, now.date())
    first = max(min(days), last - timedelta(days=400))
    span = max(1, (last - first).days)
    cells = ["·"] * width

    def put(one: date, mark: str) -> None:
        if one >= first:
            cells[round((one - first).days / span * (width - 1))] = mark

    for one in days:
        put(one, "●")
    put(now.date(), "|")
    put(expected, "○")
    return "".join(cells)


def named(one: Named, told: datetime) -> str:
    """What was understood of a time: 2024-06-13, 2024-06-13 15:00, 2024-06-10 to 2024-06-16.

    `told` is when it was said: what recurs may be named by the one that has begun.
    """
    if one.every is not None:
        size = "" if one.every.count == 1 else f"{one.every.count} "
        said = f"every {size}{one.every.unit}{'s' if one.every.count > 1 else ''}"
        return f"{said}, next {one.start.date()}" if one.start >= told else said
    if one.sense == "duration":
        length = one.end - one.start
        return _days(length.days) if not length.seconds else str(length)
    if one.grain in ("hour", "minute", "second"):
        return f"{one.start:%Y-%m-%d %H:%M}"
    last = (one.end - timedelta(microseconds=1)).date()
    first = one.start.date()
    return str(first) if first == last else f"{first} to {last}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
