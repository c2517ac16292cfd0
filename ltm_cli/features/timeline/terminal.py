"""The timeline on a terminal: a week a column, a weekday a row, tasks and habits beneath."""

from __future__ import annotations

from datetime import date, timedelta

from ltm_cli.core import console
from ltm_cli.core.sanitize import one_line
from ltm_cli.features.timeline import words
from ltm_cli.features.timeline.timeline import Timeline

Part = tuple[str, str]  # a text and its style, as rich names them

WEEKS = 53  # columns of one block
_LABEL = 12  # columns before the first week
_SHADES = "·░▒▓█"
_STYLES = ("dim", "green", "green", "bold green", "bold green")
_HABITS = 6


def drawn(found: Timeline, lang: str) -> list[list[Part]]:
    """The lines of the picture."""
    lines: list[list[Part]] = []
    monday = _monday(found.first)
    while monday <= found.last:
        end = monday + timedelta(weeks=WEEKS)
        lines += _block(found, monday, min(end, _monday(found.last) + timedelta(weeks=1)), lang)
        monday = end
    return lines + _told(found, lang)


def _block(found: Timeline, begin: date, end: date, lang: str) -> list[list[Part]]:
    """The weeks from one Monday to before another."""
    mondays = [begin + timedelta(weeks=i) for i in range((end - begin).days // 7)]
    lines: list[list[Part]] = [[(_months(mondays, lang), "bold")]]
    for weekday, name in enumerate(words.weekdays(lang)):
        parts: list[Part] = [(_cell(name), "dim")]
        for monday in mondays:
            day = monday + timedelta(days=weekday)
            if not found.first <= day <= found.last:
                parts.append((" ", ""))
            elif day == found.today:
                parts.append((_SHADES[found.level(day)] if found.level(day) else "|", "bold cyan"))
            else:
                level = found.level(day)
                parts.append((_SHADES[level], _STYLES[level]))
        lines.append(parts)
    due = {date.fromisoformat(one.due[:10]): one.state for one in found.tasks if one.due}
    marks = {day: ("△", "dim") if state == "done" else ("▲", "bold yellow")
             for day, state in due.items()}  # fmt: skip
    lines += _lane(words.words(lang).due, marks, mondays)
    for habit in found.habits[:_HABITS]:
        marks = dict.fromkeys(habit.days, ("●", "magenta"))
        marks[habit.next] = ("○", "bold magenta")
        lines += _lane(habit.what, marks, mondays)
    return [*lines, []]


def _lane(name: str, marks: dict[date, Part], mondays: list[date]) -> list[list[Part]]:
    """A row of marks, the last of a week; nothing where no mark falls into these weeks."""
    weeks = {_monday(day): mark for day, mark in sorted(marks.items())}
    if not weeks.keys() & set(mondays):
        return []
    return [[(_cell(name), "dim"), *(weeks.get(monday, (" ", "")) for monday in mondays)]]


def _months(mondays: list[date], lang: str) -> str:
    """The names of months above the week in which each begins."""
    line = _cell(str(mondays[0].year))
    for i, monday in enumerate(mondays):
        sunday = monday + timedelta(days=6)
        if i == 0 or sunday.day <= 7:
            first = sunday if i else monday
            name = words.month(first, lang, year=False)
            if i and first.month == 1:
                name = str(first.year)
            if console.width(line) <= _LABEL + i:
                line += " " * (_LABEL + i - console.width(line)) + name + " "
    return line.rstrip()


def _told(found: Timeline, lang: str) -> list[list[Part]]:
    """The months with how much they have and what happened in them, the last first."""
    most = max(month.count for month in found.months)
    lines: list[list[Part]] = []
    for month in reversed(found.months):
        if not month.count:
            continue
        bar = "█" * max(1, round(12 * month.count / most))
        label = _cell(words.month(month.first, lang))
        lines.append([(label, "bold"), (f"{bar:12} ", "green"),
                      (words.count(month.count, lang), "dim")])  # fmt: skip
        for record in month.told:
            said = console.cut(one_line(record.content), WEEKS + _LABEL)
            lines.append([(f"  {record.at[8:10]}  ", "dim"), (said, "")])
    return lines


def _cell(text: str) -> str:
    """A label, cut and padded to its columns."""
    label = console.cut(one_line(text), _LABEL - 1)
    return label + " " * (_LABEL - console.width(label))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
