"""How times, tasks and habits are told to a person, in Chinese ("zh") and English (all else)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ltm_cli.core.messages import text_in

if TYPE_CHECKING:
    from ltm_cli.features.habits.habits import Habit
    from ltm_cli.features.tasks.tasks import Task
    from ltm_cli.indexing.spans import Named
    from ltm_cli.nlp.dates import Recurrence

_WEEKDAYS_ZH = "一二三四五六日"
_UNITS_ZH = {  # one of them, and after a number
    "year": ("年", "年"), "half": ("半年", "个半年"), "quarter": ("季度", "个季度"),
    "month": ("月", "个月"), "week": ("周", "周"), "weekend": ("个周末", "个周末"),
    "workday": ("个工作日", "个工作日"), "day": ("天", "天"), "hour": ("小时", "小时"),
    "minute": ("分钟", "分钟"), "second": ("秒", "秒"),
}  # fmt: skip


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
        if not age:
            return text_in(lang, "no date, added today")
        if age == 1:
            return text_in(lang, "no date, added yesterday")
        return text_in(lang, "no date, added {days} days ago", days=age)
    clock = task.due[11:16]
    if days < 0:
        return (
            text_in(lang, "overdue by 1 day")
            if days == -1
            else text_in(lang, "overdue by {days} days", days=-days)
        )
    if days:
        return (
            text_in(lang, "1 day left")
            if days == 1
            else text_in(lang, "{days} days left", days=days)
        )
    if task.is_overdue(now):
        return text_in(lang, "overdue since {clock}", clock=clock)
    return (
        text_in(lang, "due today at {clock}", clock=clock) if clock else text_in(lang, "due today")
    )


def task(one: Task, now: datetime, lang: str) -> str:
    """A task in a line: what, left over from last week or not, how long is left, until when."""
    said = [one.text]
    if one.is_left_over(now):
        said.append(text_in(lang, "left from last week"))
    said.append(left(one, now, lang))
    line = " · ".join(said)
    if one.due is None or one.days_left(now) == 0:
        return line
    when = day(date.fromisoformat(one.due[:10]), now, lang)
    clock = f" {one.due[11:16]}" if "T" in one.due else ""
    return text_in(lang, "{first}, {second}", first=line, second=f"{when}{clock}")


def short(one: Task, now: datetime, lang: str) -> str:
    """A task in few words, for a shell prompt."""
    return text_in(lang, "{task}: {left}", task=one.text, left=left(one, now, lang))


def habit(one: Habit, now: datetime, lang: str) -> str:
    """A need in a line: cat food likely runs out around 12 June, bought every 30±3 days."""
    when = day(one.next, now, lang)
    if one.key.startswith(("buy ", "买")):
        return text_in(
            lang, "{what} likely runs out around {when}, bought {often}",
            what=one.what, when=when, often=_often(one, lang),
        )  # fmt: skip
    return text_in(
        lang, "{what}: expected around {when}, {often}",
        what=one.what, when=when, often=_often(one, lang),
    )  # fmt: skip


def recurring(one: Habit, now: datetime, lang: str) -> str:
    """How often something is done, when last, and when likely next."""
    return text_in(
        lang,
        "{what}: {often}, {count} times so far, last on {last}, next around {next}.",
        what=one.what, often=_often(one, lang), count=one.count,
        last=day(one.last, now, lang), next=day(one.next, now, lang),
    )  # fmt: skip


def more(number: int, lang: str) -> str:
    """How many more tasks there are than are shown."""
    return text_in(lang, "{count} more: ltm task list", count=number)


def _often(one: Habit, lang: str) -> str:
    """How often something is done: every 30±3 days."""
    if one.interval == 1 and not one.spread:
        return text_in(lang, "every day")
    days = f"{one.interval}±{one.spread}" if one.spread else one.interval
    return text_in(lang, "every {days} days", days=days)


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


def named(one: Named, told: datetime, lang: str) -> str:
    """What was understood of a time: 2024-06-13, 2024-06-13 15:00, 2024-06-10 to 2024-06-16.

    `told` is when it was said: what recurs may be named by the one that has begun.
    """
    if one.every is not None:
        often = _every(one.every, lang)
        if one.start < told:
            return often
        return text_in(lang, "{often}, next {day}", often=often, day=one.start.date())
    if one.sense == "duration":
        length = one.end - one.start
        return _days(length.days, lang) if not length.seconds else str(length)
    if one.grain in ("hour", "minute", "second"):
        return f"{one.start:%Y-%m-%d %H:%M}"
    last = (one.end - timedelta(microseconds=1)).date()
    first = one.start.date()
    if first == last:
        return str(first)
    return text_in(lang, "{first} to {last}", first=first, last=last)


def _every(one: Recurrence, lang: str) -> str:
    """every week, every 2 months; 每周, 每2个月."""
    if lang == "zh":
        return f"每{one.count if one.count > 1 else ''}{_UNITS_ZH[one.unit][one.count > 1]}"
    unit = "half-year" if one.unit == "half" else one.unit
    return f"every {unit}" if one.count == 1 else f"every {one.count} {unit}s"


def _days(number: int, lang: str) -> str:
    return text_in(lang, "1 day") if number == 1 else text_in(lang, "{count} days", count=number)
