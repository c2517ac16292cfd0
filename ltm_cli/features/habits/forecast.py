"""When a series of days goes on: the arithmetic behind habits (habits.py), on ordinals of days.

1. regular?  the last intervals lie close to their median, unlike those of chance
2. models    the median of the last few intervals, or of more; the same weekday; the same day of
             the month; the same day of the year. Each is run through the past, predicting every
             event from those before it, and the one that missed least is taken: so a change of
             pace is followed, and a gap does no harm. Where none fits: once in every week, month
             or year, on any day of it
3. interval  `next` ± `spread`: nine in ten of those past misses lie within, leaving out the few
             that skipped a whole turn (something was not written down, or the pace changed)
4. confidence  the share of past events that fell within the interval as it was before them
             (Laplace: one success and one failure are added), times the probability that so even
             a series is no chance: were the events independent, an interval would lie as close to
             the median with a probability that follows from the exponential distribution

Fewer than three days, a confidence below one half, misses of more than half the interval, and a
series that stopped give nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

LEAST = 3  # days on which something happened, before anything is said of it
RECENT = 40  # the last days of a series that are looked at
SHARE = 0.9  # of past misses that the interval holds
NOISE = 0.5  # a spread of more than this part of the interval is no habit
LONGEST = 400  # days; what happens more rarely cannot be told from chance
STOPPED = 2.5  # intervals without an event end a habit
SURE = 0.5  # the least confidence that is worth a word
_FAR, _GAPS = 0.7, 0.25  # misses by more of the interval are gaps, if no more of them are
_ONCE = 0.75  # the least confidence in "once a year", which says little of when
_CALENDAR = 0.75  # of the days that must fit a weekday, or a day of the month or year


@dataclass(frozen=True)
class Forecast:
    """What follows from the days of a series: the next one, within `spread` days."""

    next: int  # an ordinal, as the days are
    interval: int
    spread: int
    confidence: float
    pattern: str


def predict(days: Sequence[int], today: int | None = None) -> Forecast | None:
    """When a series of days (ordinals, rising) goes on; None for fewer than three, or for noise.

    With `today` also None for a series that has stopped by then.
    """
    days = list(days)[-RECENT:]
    if len(days) < LEAST:
        return None
    found = _steady(days) or _once(days)
    if found and today is not None and today - days[-1] > STOPPED * found.interval + 1:
        return None
    return found


def _steady(days: Sequence[int]) -> Forecast | None:
    """The forecast of the model that missed least, if it is good for anything."""
    gaps = [b - a for a, b in pairwise(days)]
    tail = gaps[-8:]
    middle = median(tail)
    if median(abs(gap - middle) for gap in tail) > NOISE * middle:
        return None
    best: tuple[float, str, list[int]] | None = None
    for name, model in _MODELS.items():
        if model(days) is None:
            continue
        misses = _misses(days, model)
        cost = sum(min(abs(miss), middle) for miss in misses[-8:]) / max(1, len(misses[-8:]))
        if best is None or cost < best[0] - 1e-9:
            best = (cost, name, misses)
    if best is None:
        return None
    name, misses = best[1], best[2]
    next = _MODELS[name](days)
    interval = max(1, round(median(gaps[-_WINDOW.get(name, 8) :])))
    spread = _spread(misses, interval)
    if next is None or spread > NOISE * interval or interval > LONGEST:
        return None
    first = 1 if len(misses) > 2 else 0  # the first has nothing before it to go by
    hits = [
        abs(misses[place]) <= _spread(misses[:place], interval)
        for place in range(first, len(misses))
    ][-20:]
    kept = (sum(hits) + 1) / (len(hits) + 2)
    confidence = round(kept * (1 - _chance(gaps[-12:], spread)), 2)
    if confidence < SURE:
        return None
    return Forecast(next, interval, spread, confidence, name if name in _PATTERNS else "")


def _once(days: Sequence[int]) -> Forecast | None:
    """Once in every week, month or year: the next one is in the period after that of the last."""
    for name, (number, start) in _PERIODS.items():
        found = [number(date.fromordinal(day)) for day in days]
        steps = [b - a for a, b in pairwise(found)]
        kept = (steps.count(1) + 1) / (len(steps) + 2)
        chance = (1 / math.e) ** steps.count(1)  # one event, of independent ones, in each period
        confidence = round(kept * (1 - chance), 2)
        if confidence < _ONCE:
            continue
        first, end = start(found[-1] + 1), start(found[-1] + 2)
        return Forecast((first + end - 1) // 2, end - first, (end - first) // 2, confidence, name)
    return None


_PERIODS: dict[str, tuple[Callable[[date], int], Callable[[int], int]]] = {
    "weekly": (lambda day: (day.toordinal() - 1) // 7, lambda week: 7 * week + 1),
    "monthly": (
        lambda day: 12 * day.year + day.month - 1,
        lambda month: date(month // 12, month % 12 + 1, 1).toordinal(),
    ),
    "yearly": (lambda day: day.year, lambda year: date(year, 1, 1).toordinal()),
}


def median(values: Iterable[float]) -> float:
    """The middle one, or the mean of the middle two; importing statistics costs 10 ms."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _median_of(size: int) -> Callable[[Sequence[int]], int | None]:
    def model(days: Sequence[int]) -> int | None:
        gaps = [b - a for a, b in pairwise(days)][-size:]
        return days[-1] + max(1, round(median(gaps))) if gaps else None

    return model


def _weekday(days: Sequence[int]) -> int | None:
    """The same weekday, one or more weeks later."""
    plain = _MODELS["recent"](days)
    recent = [day % 7 for day in days[-8:]]
    usual = max(set(recent), key=recent.count)
    if plain is None or plain - days[-1] < 6 or recent.count(usual) < _CALENDAR * len(recent):
        return None
    return plain + (usual - plain + 3) % 7 - 3


def _monthday(days: Sequence[int]) -> int | None:
    """The same day of the month, one or more months later; the 31st is the last day."""
    plain = _MODELS["recent"](days)
    if plain is None or plain - days[-1] < 26:
        return None
    dates = [date.fromordinal(day) for day in days[-8:]]
    months = round((plain - days[-1]) / 30.44)
    usual = round(median(day.day for day in dates))
    near = [
        one for one in dates if abs(_of_month(one.year, one.month, usual) - one.toordinal()) <= 2
    ]
    if len(near) < _CALENDAR * len(dates) or months < 1:
        return None
    # the occurrence that the last day stands for may lie a little before or after it
    month = dates[-1].year * 12 + dates[-1].month - 1 + months
    return _of_month(month // 12, month % 12 + 1, usual)


def _yearday(days: Sequence[int]) -> int | None:
    """The same day of the next year."""
    plain = _MODELS["recent"](days)
    if plain is None or not 340 <= plain - days[-1] <= 390:
        return None
    dates = [date.fromordinal(day) for day in days[-8:]]
    usual = round(median(day.timetuple().tm_yday for day in dates))
    return date(dates[-1].year + 1, 1, 1).toordinal() + usual - 1


_MODELS: dict[str, Callable[[Sequence[int]], int | None]] = {
    "monthday": _monthday,
    "weekday": _weekday,
    "yearday": _yearday,
    "recent": _median_of(8),
    "latest": _median_of(4),
    "all": _median_of(RECENT),
}
_PATTERNS = frozenset(("weekday", "monthday", "yearday"))
_WINDOW = {"latest": 4, "all": RECENT}


def _of_month(year: int, month: int, day: int) -> int:
    after = date(year + month // 12, month % 12 + 1, 1).toordinal()
    return min(date(year, month, 1).toordinal() + day - 1, after - 1)


def _misses(days: Sequence[int], model: Callable[[Sequence[int]], int | None]) -> list[int]:
    """By how many days the model would have missed each event, knowing those before it."""
    found = []
    for place in range(2, len(days)):
        said = model(days[:place])
        if said is None:
            said = 2 * days[place - 1] - days[place - 2]
        found.append(days[place] - said)
    return found


def _spread(misses: Sequence[int], interval: int) -> int:
    """How far off the next one may be: the quantile SHARE of the misses, more for few of them."""
    least = 0 if interval < 3 else max(1, round(interval / 15))
    if not misses:
        return max(least, round(0.2 * interval))
    sizes = sorted(abs(miss) for miss in misses[-20:])
    near = [size for size in sizes if size <= _FAR * interval]
    if len(sizes) - len(near) <= _GAPS * len(sizes):
        sizes = near
    rank = math.ceil(SHARE * (len(sizes) + 1))
    if rank > len(sizes):
        return max(least, math.ceil(sizes[-1] * (1 + 1 / len(sizes))))
    return max(least, sizes[rank - 1])


def _chance(gaps: Sequence[int], spread: int) -> float:
    """How likely independent events would lie so evenly: the upper tail of a binomial."""
    middle = median(gaps)
    width = min(1.0, (spread + 0.5) / middle)
    each = 2 ** -(1 - width) - 2 ** -(1 + width)  # of an exponential interval, whose median is 1
    tried = len(gaps) - 1  # one of them made the median
    inside = min(tried, sum(abs(gap - middle) <= spread for gap in gaps))
    return sum(
        math.comb(tried, k) * each**k * (1 - each) ** (tried - k) for k in range(inside, tried + 1)
    )
