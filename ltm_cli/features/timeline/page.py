"""The timeline as SVG and as a page: each month a small calendar, drawn once for both.

Both follow the reader's dark or light setting, and hold no script and no address: what is in them
was in the memories, escaped.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from html import escape

from ltm_cli.core.sanitize import one_line
from ltm_cli.features.tasks.tasks import Task
from ltm_cli.features.timeline import words
from ltm_cli.features.timeline.timeline import Month, Timeline

_STEP = 16  # from a day to the next
_DAY = 13
_WIDTH, _HEIGHT = 7 * _STEP, 6 * _STEP + 22
_COLUMNS, _GAP = 6, 24
_LANES = 12  # habits that are drawn
_TOLD = 160  # characters of a memory

_STYLE = """
:root{--back:#fcfcfa;--ink:#22272b;--faint:#6b747c;--d0:#e9ecee;--d1:#c3e0d0;--d2:#86c3a3;
--d3:#3f9b70;--d4:#17694a;--due:#c2571a;--habit:#8250c8}
@media (prefers-color-scheme:dark){:root{--back:#14181b;--ink:#e3e8eb;--faint:#8d99a3;--d0:#22292e;
--d1:#1d4a37;--d2:#277452;--d3:#3ba675;--d4:#79dcab;--due:#ff9a57;--habit:#c59bff}}
text{font:11px system-ui,sans-serif;fill:var(--ink)}
.faint{fill:var(--faint)}
.d0{fill:var(--d0)}.d1{fill:var(--d1)}.d2{fill:var(--d2)}.d3{fill:var(--d3)}.d4{fill:var(--d4)}
.today{stroke:var(--ink);stroke-width:1.5}
.due{fill:none;stroke:var(--due);stroke-width:2}
.done{stroke-dasharray:2 2;opacity:.6}
.habit{fill:var(--habit)}.next{fill:none;stroke:var(--habit);stroke-width:1.5}
"""
_PAGE = """
body{background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif;margin:0 auto;
max-width:64rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:.5rem 0 0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p.faint,time,small{color:var(--faint)}
.months{margin-top:1rem;display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:1rem}
.months svg{width:100%;height:auto;overflow:visible}
ul{list-style:none;padding:0;margin:0}li{padding:.15rem 0}
.lane{display:grid;grid-template-columns:minmax(6rem,10rem) 1fr;gap:.75rem;align-items:center}
.lane svg{width:100%;height:auto}
@media (max-width:36rem){.lane{grid-template-columns:1fr;gap:0}}
"""


def svg(found: Timeline, lang: str) -> str:
    """The months as one picture, six in a row."""
    rows = -(-len(found.months) // _COLUMNS)
    columns = min(_COLUMNS, len(found.months))
    width = columns * (_WIDTH + _GAP) + _GAP
    height = rows * (_HEIGHT + _GAP) + _GAP + 20
    parts = []
    for i, month in enumerate(found.months):
        x = _GAP + i % _COLUMNS * (_WIDTH + _GAP)
        y = _GAP + i // _COLUMNS * (_HEIGHT + _GAP)
        parts.append(
            f'<g transform="translate({x} {y})">{"".join(_calendar(found, month, lang))}</g>'
        )
    parts.append(f'<g transform="translate({_GAP} {height - 18})">{_legend(lang)}</g>')
    title = escape(words.words(lang).title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' role="img" aria-label="{title}"><style>{_STYLE}</style>'
        f'<rect width="100%" height="100%" style="fill:var(--back)"/>{"".join(parts)}</svg>\n'
    )


def html(found: Timeline, lang: str) -> str:
    """A page: the months, then tasks, habits, and what happened."""
    said = words.words(lang)
    total = words.count(sum(found.days.values()), lang)
    months = "".join(
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="'
        f'{escape(words.month(month.first, lang))}">{"".join(_calendar(found, month, lang))}</svg>'
        for month in found.months
    )
    parts = [
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(said.title)}</title><style>{_STYLE}{_PAGE}</style></head><body>",
        f"<h1>{escape(said.title)}</h1>",
        f'<p class="faint">{found.first} – {found.last} · {escape(total)}</p>',
        f'<svg viewBox="0 0 {_WIDTH * 2} 18" width="{_WIDTH * 2}">{_legend(lang)}</svg>',
        f'<div class="months">{months}</div>',
        *_tasks(found, said),
        *_habits(found, said),
        *_told(found, lang, said),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _calendar(found: Timeline, month: Month, lang: str) -> Iterator[str]:
    """One month: its name and number, its days as squares, Monday first."""
    yield f'<text x="0" y="10">{escape(words.month(month.first, lang))}</text>'
    yield (
        f'<text class="faint" x="{_WIDTH - 3}" y="10" text-anchor="end">{month.count or ""}</text>'
    )
    due: dict[date, Task] = {
        date.fromisoformat(one.due[:10]): one for one in found.tasks if one.due
    }
    done = {day for habit in found.habits for day in habit.days}
    expected = {habit.next: habit.what for habit in found.habits}
    start = month.first.weekday()
    for number in range(calendar.monthrange(month.first.year, month.first.month)[1]):
        day = month.first + timedelta(days=number)
        if not found.first <= day <= found.last:
            continue
        x, y = (start + number) % 7 * _STEP, 20 + (start + number) // 7 * _STEP
        tip = f"{day} · {words.count(found.days.get(day, 0), lang)}"
        marks = []
        if day in due:
            tip += f" · {one_line(due[day].text)}"
            state = "due done" if due[day].state == "done" else "due"
            marks.append(_square(state, x + 1, y + 1, _DAY - 2))
        if day in expected:
            tip += f" · {one_line(expected[day])}"
            marks.append(_dot("next", x + _DAY / 2, y + _DAY / 2, 3))
        elif day in done:
            marks.append(_dot("habit", x + _DAY / 2, y + _DAY / 2, 2.5))
        kind = f"d{found.level(day)}" + (" today" if day == found.today else "")
        yield f"<g><title>{escape(tip)}</title>{_square(kind, x, y, _DAY)}{''.join(marks)}</g>"


def _legend(lang: str) -> str:
    said = words.words(lang)
    x = 8 * max(len(said.less), 3)
    squares = "".join(_square(f"d{level}", x + _STEP * level, 0, _DAY) for level in range(5))
    end = x + _STEP * 5 + 4
    return (
        f'<text class="faint" x="0" y="11">{escape(said.less)}</text>{squares}'
        f'<text class="faint" x="{end}" y="11">{escape(said.more)}</text>'
    )


def _tasks(found: Timeline, said: words.Words) -> Iterator[str]:
    if not found.tasks:
        return
    yield f"<h2>{escape(said.due)}</h2><ul>"
    for one in sorted(found.tasks, key=lambda one: one.due or ""):
        note = f" <small>({escape(said.done)})</small>" if one.state == "done" else ""
        yield _item((one.due or "")[:10], one_line(one.text), note)
    yield "</ul>"


def _habits(found: Timeline, said: words.Words) -> Iterator[str]:
    """Each habit on a line of time, from the first to the last day of the picture."""
    if not found.habits:
        return
    yield f"<h2>{escape(said.habits)}</h2>"
    last = max(found.last, *(one.next for one in found.habits[:_LANES]))
    span = max(1, (last - found.first).days)
    for one in found.habits[:_LANES]:
        marks = [
            _dot("habit", 8 + 484 * (day - found.first).days / span, 10, 4)
            for day in one.days
            if day >= found.first
        ]
        marks.append(_dot("next", 8 + 484 * (one.next - found.first).days / span, 10, 4))
        yield (
            f'<div class="lane"><span>{escape(one_line(one.what))}'
            f" <small>{escape(said.next)} {one.next}</small></span>"
            f'<svg viewBox="0 0 500 20"><rect class="d0" y="9" width="500" height="2"/>'
            f"{''.join(marks)}</svg></div>"
        )


def _told(found: Timeline, lang: str, said: words.Words) -> Iterator[str]:
    yield f"<h2>{escape(said.told)}</h2>"
    for month in reversed(found.months):
        if not month.told:
            continue
        name, number = words.month(month.first, lang), words.count(month.count, lang)
        yield f"<h3>{escape(name)} <small>{escape(number)}</small></h3><ul>"
        for record in month.told:
            text = one_line(record.content)
            text = text if len(text) <= _TOLD else text[: _TOLD - 1] + "…"
            yield _item(record.at[:10], text)
        yield "</ul>"


def _item(day: str, text: str, note: str = "") -> str:
    return f"<li><time>{escape(day)}</time> {escape(text)}{note}</li>"


def _square(kind: str, x: float, y: float, size: float) -> str:
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" rx="2"/>'


def _dot(kind: str, x: float, y: float, radius: float) -> str:
    return f'<circle class="{kind}" cx="{x:.4g}" cy="{y:.4g}" r="{radius:g}"/>'
