"""Habits: what is found among other memories, and whether the next time is foreseen.

    python bench/habits.py [DATA]

1. Simulated series (seeded): the events of one habit with jitter, with gaps (something is not
   written down), with a change of pace, and events of chance (independent, exponential intervals).
   The last event is hidden, and predicted from those before it. A forecast is counted as sure from
   a confidence of 0.8 on.
2. Diaries (seeded): twenty habits of a person, in Chinese and English words that vary, among chance
   events and other entries; the last fifth of the time is hidden. Measured through the store, from
   texts alone.
3. With DATA (a folder with timelineqa/): its one diary of 27 years, without its tags, which name
   the kind of each entry; the last fifth of the time is hidden. A series of the diary is held to be
   periodic if at least nine in ten of the weeks, months or years between its first and last event
   hold exactly one: that is all the rhythm its generator gives to anything. What is reported
   belongs to the kind that nine in ten of its memories are of.

Writes bench/results/habits.md.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from stores import keep, opened

from ltm_cli.core.record import Record
from ltm_cli.features.habits import habits
from ltm_cli.features.habits.forecast import Forecast, predict
from ltm_cli.features.habits.habits import Habit

RESULTS = Path(__file__).parent / "results" / "habits.md"
SURE = 0.8
TRIALS = 400
START = date(2021, 1, 4).toordinal()


def main(data: Path | None) -> None:
    lines = [*simulated(), "", *diaries()]
    if data is not None:
        lines += ["", *timeline(data / "timelineqa" / "memories.jsonl")]
    table = "\n".join(lines)
    print(table)
    RESULTS.write_text(table + "\n", "utf-8")


# 1. simulated series


def simulated() -> list[str]:
    lines = [
        "| simulated | events before | reported | next within | sure (≥ 0.8) | next within |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    rng = random.Random(1)
    for name, settings in {
        "every 30 days, jitter 3": {"jitter": 3.0},
        "every 7 days, jitter 1": {"mean": 7, "jitter": 1.0},
        "every 30 days, one in eight not written down": {"jitter": 2.0, "gaps": 0.125},
        "every 30 days, later every 15": {"jitter": 2.0, "later": 15},
        "chance, every 30 days on average": {"chance": True},
    }.items():
        for events in (3, 6, 12, 24):
            found = []
            for _ in range(TRIALS):
                days = series(rng, events + 1, **settings)  # type: ignore[arg-type]
                if (forecast := predict(days[:-1])) is not None:
                    found.append((forecast, days[-1]))
            sure = [one for one in found if one[0].confidence >= SURE]
            lines.append(
                f"| {name} | {events} | {len(found) / TRIALS:.0%} | {within(found)}"
                f" | {len(sure) / TRIALS:.0%} | {within(sure)} |"
            )
    return lines


def series(
    rng: random.Random,
    events: int,
    *,
    mean: int = 30,
    jitter: float = 0.0,
    gaps: float = 0.0,
    later: int = 0,
    chance: bool = False,
) -> list[int]:
    days = [START + rng.randrange(mean)]
    while len(days) < events:
        pace = later if later and len(days) > events // 2 else mean
        if chance:
            step = rng.expovariate(1 / mean)
        else:
            step = pace * (1 + (rng.random() < gaps)) + rng.gauss(0, jitter)
        days.append(days[-1] + max(1, round(step)))
    return days


def within(found: Iterable[tuple[Forecast, int]]) -> str:
    hits = [abs(day - one.next) <= one.spread for one, day in found]
    return f"{sum(hits) / len(hits):.0%}" if hits else "–"


# 2. diaries

HABITS: dict[str, tuple[int, float, list[str]]] = {
    "cat food": (30, 3, ["Bought cat food", "Ordered a bag of cat food online 🐈",
                         "Picked up some more cat food for Mochi"]),
    "猫粮": (30, 3, ["买了猫粮", "又囤了两袋猫粮", "下单了皇家猫粮，花了120元", "猫粮又买了一袋"]),
    "rent": (30, 1, ["Paid the rent", "I paid my rent today"]),
    "房租": (30, 1, ["交了房租", "今天交房租"]),
    "hair": (42, 4, ["Got a haircut", "got a haircut at the corner shop"]),
    "头发": (40, 4, ["剪了头发", "下班去剪了头发"]),
    "plants": (7, 1, ["Watered the plants", "watered all the plants again"]),
    "绿植": (7, 1, ["浇了绿植", "给家里浇了绿植"]),
    "swim": (7, 0, ["Went for a swim", "went for a swim with Tom"]),
    "游泳": (7, 0, ["去游泳了", "下班后去游泳"]),
    "water filter": (90, 6, ["Changed the water filter", "replaced the water filter, finally"]),
    "滤芯": (90, 6, ["换了净水器滤芯", "净水器滤芯换了"]),
    "car": (180, 9, ["Serviced the car", "had the car serviced"]),
    "coffee beans": (14, 2, ["Bought coffee beans", "ordered coffee beans from the roaster"]),
    "咖啡豆": (14, 2, ["买了咖啡豆", "咖啡豆又订了一包", "网购了一袋咖啡豆"]),
    "windows": (28, 2, ["Cleaned the windows", "I finally cleaned the windows"]),
    "电费": (61, 3, ["交了电费", "缴了电费86元"]),
    "vet": (120, 7, ["Took Mochi to the vet", "took Mochi to the vet for a check"]),
    "隐形眼镜": (30, 2, ["买了隐形眼镜", "下单了一盒隐形眼镜"]),
    "newsletter": (7, 0, ["Sent the newsletter", "sent out the newsletter late at night"]),
}  # fmt: skip
CHANCE = (
    "Bought a new lamp|Went to the cinema with Anna|买了一本书|去看了话剧|Called my sister|吃了火锅"
    "|bought a birthday present|Fixed the kitchen tap|去了一趟医院|bought shoes|看了电影"
    "|Visited grandma|买了一双鞋|Went to a concert|Lost my umbrella|修了自行车"
).split("|")
OTHER = (
    "It rained all day|和王芳聊了很久|I want to learn Italian|今天很累，早点睡"
    "|I should buy cat food|明天要不要买猫粮？|Mochi sleeps on the sofa|Tom bought cat food"
).split("|")


def diaries() -> list[str]:
    """Three diaries of three years, each with the twenty habits and as many other entries."""
    true = false = found = sure = hits = sure_hits = 0
    for seed in range(3):
        rng = random.Random(seed)
        entries: list[tuple[int, str, str]] = []
        for name, (mean, jitter, said) in HABITS.items():
            days = series(rng, 2 + 1095 // mean, mean=mean, jitter=jitter)
            entries += [(day, rng.choice(said), name) for day in days if day < START + 1095]
        for text in CHANCE:
            day = START
            while (day := day + max(1, round(rng.expovariate(1 / 45)))) < START + 1095:
                entries.append((day, text, "chance"))
        entries += [(START + rng.randrange(1095), rng.choice(OTHER), "other") for _ in range(500)]
        cut = START + int(0.8 * 1095)
        with tempfile.TemporaryDirectory() as folder:
            reported, kinds = foreseen(Path(folder), entries, cut)
        true += len(HABITS)
        named = set()
        for habit in reported:
            kind = kinds.kind(habit)
            named |= {kind} & HABITS.keys()
            false += kind not in HABITS
            hit = kinds.hit(habit)
            hits, sure = hits + hit, sure + (habit.confidence >= SURE)
            sure_hits += hit and habit.confidence >= SURE
        found += len(named)
    reported_all = found + false
    return [
        "| diaries | periodic series | found | false | next within | sure (≥ 0.8) | next within |",
        "|---|---:|---:|---:|---:|---:|---:|",
        f"| three of three years | {true} | {found} | {false} | {hits / max(1, reported_all):.0%}"
        f" | {sure} | {sure_hits / max(1, sure):.0%} |",
    ]


@dataclass
class Kinds:
    """Which kind of entry each memory is, and on which days each kind happens in all."""

    of: dict[int, str] = field(default_factory=dict)
    days: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    cut: int = 0

    def kind(self, habit: Habit) -> str:
        """What nine in ten of a habit's memories are; empty for a mixture."""
        name, count = Counter(self.of[id] for id in habit.memories).most_common(1)[0]
        return name if count >= 0.9 * len(habit.memories) else ""

    def hit(self, habit: Habit) -> bool:
        """Whether the next hidden event of the kind lies in the predicted interval."""
        coming = [day for day in self.days[self.kind(habit)] if day >= self.cut]
        return bool(coming) and abs(min(coming) - habit.next.toordinal()) <= habit.spread


def foreseen(
    folder: Path, entries: list[tuple[int, str, str]], cut: int
) -> tuple[list[Habit], Kinds]:
    """The habits among the entries (day, text, kind) before the day `cut`, as of that day."""
    kinds = Kinds(cut=cut)
    records = []
    for day, text, kind in sorted(entries):
        kinds.days[kind].append(day)
        if day < cut:
            at = f"{date.fromordinal(day)}T12:00:00"
            records.append((Record(text=text, at=at), kind))
    with opened(folder) as store:
        ids = keep(store, [record for record, _ in records])
        kinds.of = dict(zip(ids, (kind for _, kind in records), strict=True))
        return habits.find(store, datetime.fromordinal(cut)), kinds


# 3. TimelineQA


def timeline(path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    entries = [
        (date.fromisoformat(row["at"][:10]).toordinal(), row["text"], kind_of(row)) for row in rows
    ]
    first, last = min(day for day, _, _ in entries[1:]), max(day for day, _, _ in entries)
    cut = first + int(0.8 * (last - first))
    with tempfile.TemporaryDirectory() as folder:
        reported, kinds = foreseen(Path(folder), entries, cut)
    periodic = {kind for kind, days in kinds.days.items() if is_periodic(days)}
    found = {kinds.kind(one) for one in reported} & periodic
    false = [one for one in reported if kinds.kind(one) not in periodic]
    sure = [one for one in reported if one.confidence >= SURE]
    hits, sure_hits = sum(map(kinds.hit, reported)), sum(map(kinds.hit, sure))
    lines = [
        "| TimelineQA | periodic series | found | false | next within | sure (≥ 0.8)"
        " | next within |",
        "|---|---:|---:|---:|---:|---:|---:|",
        f"| from texts alone | {len(periodic)} | {len(found)} | {len(false)}"
        f" | {share(hits, len(reported))} | {len(sure)} | {share(sure_hits, len(sure))} |",
    ]
    # the arithmetic by itself: the series as the tags give them
    given = []
    for kind, days in kinds.days.items():
        past = sorted({day for day in days if day < cut})
        coming = [day for day in days if day >= cut]
        forecast = predict(past, cut) if past else None
        if forecast is not None and coming:
            given.append((kind, forecast, abs(min(coming) - forecast.next) <= forecast.spread))
    sure_given = [one for one in given if one[1].confidence >= SURE]
    known = {one[0] for one in given}
    lines.append(
        f"| its {len(kinds.days)} series as tagged | {len(periodic)} | {len(known & periodic)}"
        f" | {len(known - periodic)} | {share(sum(one[2] for one in given), len(given))}"
        f" | {len(sure_given)} | {share(sum(one[2] for one in sure_given), len(sure_given))} |"
    )
    return lines


def kind_of(row: dict[str, object]) -> str:
    """The tag, and what of three medical check-ups it was."""
    tag, text = str(row["tags"][0]), str(row["text"]).lower()  # type: ignore[index]
    if "medical" in tag:
        tag += "".join(f" {what}" for what in ("dental", "physical", "vision") if what in text)
    return tag


def is_periodic(days: list[int]) -> bool:
    """Whether nine in ten weeks, months or years from the first to the last hold exactly one."""
    dates = [date.fromordinal(day) for day in days]
    for period in (
        [(day - 1) // 7 for day in days],
        [12 * day.year + day.month for day in dates],
        [day.year for day in dates],
    ):
        count = Counter(period)
        size = max(period) - min(period) + 1
        if size >= 4 and sum(number == 1 for number in count.values()) >= 0.9 * size:
            return True
    return False


def share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
