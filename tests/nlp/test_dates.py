"""The tables in data/dates_*.tsv, text that holds no time, impossible dates; jionlp as oracle."""

from __future__ import annotations

import doctest
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ltm_cli.nlp import dates
from ltm_cli.nlp.dates import DateError, Recurrence, Span, find, find_rejected, parse, search_tokens

DATA = Path(__file__).parents[1] / "data"
NOW = {
    "W": datetime(2024, 5, 15, 14, 30),  # a Wednesday
    "S": datetime(2024, 5, 19, 12, 0),  # a Sunday
    "L": datetime(2024, 2, 29, 10, 0),  # the leap day, a Thursday
    "E": datetime(2024, 1, 31, 9, 0),  # a month end before a short month
    "M": datetime(2024, 3, 31, 12, 0),  # a month end after a short month, a Sunday
    "Y": datetime(2023, 12, 30, 20, 0),  # the last Saturday of the year
    "N": datetime(2025, 1, 2, 8, 0),  # the first Thursday of the year
}
W = NOW["W"]


class Case(NamedTuple):
    now: datetime
    sentence: str
    expression: str
    running: bool  # find() sees it in running text
    start: datetime
    end: datetime
    grain: str
    sense: str
    every: Recurrence | None


def natural_end(start: datetime, grain: str) -> datetime:
    months = {"month": 1, "quarter": 3, "year": 12}
    if grain in months:
        count = start.year * 12 + start.month - 1 + months[grain]
        return datetime(count // 12, count % 12 + 1, 1)
    units = {"weekend": timedelta(days=2), "week": timedelta(days=7)}
    return start + (units.get(grain) or timedelta(**{grain + "s": 1}))


def recurrence(text: str) -> Recurrence | None:
    if not text:
        return None
    unit, count, *day = text.split("/")
    if not day:
        return Recurrence(unit, int(count))  # type: ignore[arg-type]
    if unit == "week":
        return Recurrence("week", int(count), weekday=int(day[0]))
    month, _, monthday = day[0].rpartition("-")
    of = int(month) if month else None
    return Recurrence(unit, int(count), month=of, monthday=int(monthday))  # type: ignore[arg-type]


def table(name: str) -> list[Case]:
    cases = []
    for line in (DATA / name).read_text("utf-8").splitlines()[1:]:
        now, text, begin, end, grain, sense, every = (line.split("\t") + [""] * 7)[:7]
        start = datetime.fromisoformat(begin)
        expression = text.partition("[")[2].partition("]")[0] or text.lstrip("=")
        cases.append(
            Case(
                NOW[now],
                text.lstrip("=").replace("[", "").replace("]", ""),
                expression,
                not text.startswith("="),
                start,
                datetime.fromisoformat(end) if end else natural_end(start, grain),
                grain,
                sense,
                recurrence(every),
            )
        )
    return cases


CHINESE, ENGLISH = table("dates_zh.tsv"), table("dates_en.tsv")
NONE = (DATA / "dates_none.tsv").read_text("utf-8").splitlines()[1:]


def check(span: Span, case: Case) -> None:
    assert (span.start, span.end) == (case.start, case.end)
    assert (span.grain, span.sense, span.every) == (case.grain, case.sense, case.every)


def name(case: Case) -> str:
    return case.sentence


def test_the_tables_are_large_enough() -> None:
    assert len(CHINESE) >= 110
    assert len(ENGLISH) >= 110
    assert len(NONE) >= 60


@pytest.mark.parametrize("case", [c for c in CHINESE + ENGLISH if c.running], ids=name)
def test_find(case: Case) -> None:
    spans = find(case.sentence, case.now)
    assert [span.text for span in spans] == [case.expression]
    check(spans[0], case)
    assert case.sentence[spans[0].begin : spans[0].finish] == case.expression


@pytest.mark.parametrize(
    "case", [c for c in CHINESE + ENGLISH if c.sentence == c.expression], ids=name
)
def test_when(case: Case) -> None:
    check(parse(case.expression, case.now), case)


@pytest.mark.parametrize("text", NONE)
def test_no_time(text: str) -> None:
    assert find(text, W) == []


@pytest.mark.parametrize(
    "text",
    [
        "2月30日", "2024年2月30日", "13月1日", "5月32号", "2024-13-01", "2024-02-30", "2023-02-29",
        "0000-01-01", "2024-05-10T25:00", "2024-05-10T10:61", "30 February", "31 April 2024",
        "Friday 11 May 2024", "5月10日周四", "明天25点", "上午13点", "14pm", "99999 years ago",
        "每0天", "every 0 days", "每月32号", "every 30 February", "05/06/2024", "32/13/2024",
        "", " ", "7", "3.10", "blah", "昨", "上上", "周杰伦", "a few days ago", "几天前",
        "两三天后",
        "yesterday tomorrow", "昨天和今天", "the first Monday of June", "2024.5", "10000-01-01",
        "农历八月十五", "tomorrow maybe", "x" * 5000,
    ],
)  # fmt: skip
def test_when_refuses(text: str) -> None:
    with pytest.raises(DateError) as caught:
        parse(text, W)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize(
    "text",
    ["2月30日开会", "due 30 February", "2024-13-01 it broke", "5月10日周四见", "每月32号还款"],
)
def test_find_infers_nothing_from_the_impossible(text: str) -> None:
    assert find(text, W) == []


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("2月30日之前要交报告", "2月30日之前"), ("due 30 February", "due 30 February"),
        ("2024-13-01 it broke", "2024-13-01"), ("Next week we meet at 3pm", "3pm"),
        ("上午13点开会 🙂", "上午13点"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named_with_its_reason(text: str, expression: str) -> None:
    [(said, why)] = find_rejected(text, W)
    assert said == expression
    assert why
    assert find_rejected("明天见, see you tomorrow", W) == []


@pytest.mark.parametrize(
    ("zone", "now", "text", "start"),
    [
        ("Europe/Berlin", "2024-03-31T01:30", "in 2 hours", "2024-03-31T04:30"),
        ("Europe/Berlin", "2024-03-31T01:30", "两小时后", "2024-03-31T04:30"),
        ("Europe/Berlin", "2024-10-27T04:00", "two hours ago", "2024-10-27T02:00"),
        ("Europe/Berlin", "2024-03-30T12:00", "tomorrow at 3pm", "2024-03-31T15:00"),
        ("America/New_York", "2024-03-10T01:30", "in 45 minutes", "2024-03-10T03:15"),
        ("Asia/Shanghai", "2024-03-31T01:30", "in 2 hours", "2024-03-31T03:30"),
    ],
)
def test_hours_pass_as_they_do_when_the_clocks_change(
    zone: str, now: str, text: str, start: str
) -> None:
    code = (
        "from datetime import datetime; from ltm_cli.nlp.dates import parse;"
        f"print(parse({text!r}, datetime.fromisoformat({now!r})).start.isoformat()[:16])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env={"TZ": zone, "PATH": ""}, cwd=DATA.parent.parent,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == start


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("Tomorrow I have a meeting at 3pm", ["2024-05-16T00:00", "2024-05-16T15:00"]),
        ("At 3pm I have a meeting tomorrow", ["2024-05-16T15:00", "2024-05-16T00:00"]),
        ("Next week we meet at 3pm", ["2024-05-20T00:00"]),
        ("明天我要下午三点去开会", ["2024-05-16T00:00", "2024-05-16T15:00"]),
        ("昨天8点起床，9点上班", ["2024-05-14T08:00", "2024-05-14T09:00"]),
        ("2023年5月1日出发，5月8日回来", ["2023-05-01T00:00", "2023-05-08T00:00"]),
        ("In 2022 I came in May and left in August",
         ["2022-01-01T00:00", "2022-05-01T00:00", "2022-08-01T00:00"]),
        ("去年5月去了上海，6月回来", ["2023-05-01T00:00", "2023-06-01T00:00"]),
        ("下周一和周三开会", ["2024-05-20T00:00", "2024-05-22T00:00"]),
        ("every Monday and Thursday", ["2024-05-20T00:00", "2024-05-16T00:00"]),
        ("下周五 by 3pm", ["2024-05-24T15:00"]),
        ("I left Paris yesterday，明天到北京", ["2024-05-14T00:00", "2024-05-16T00:00"]),
    ],
)  # fmt: skip
def test_sentences_with_several_times(text: str, starts: list[str]) -> None:
    assert [span.start.isoformat()[:16] for span in find(text, W)] == starts


def test_offsets_become_local_time() -> None:
    expected = datetime.fromisoformat("2024-05-10T09:30+08:00").astimezone().replace(tzinfo=None)
    for text in ("2024-05-10T09:30+08:00", "2024-05-10T01:30Z", "2024-05-10 09:30 +0800"):
        assert parse(text, W).start == expected


def test_tense_can_be_given() -> None:
    assert parse("Friday", W, past=True).start == datetime(2024, 5, 10)
    assert parse("周一", W, past=True).start == datetime(2024, 5, 13)
    assert parse("12月1日", W, past=True).start == datetime(2023, 12, 1)
    assert parse("5月1日", W, past=False).start == datetime(2025, 5, 1)


@pytest.mark.parametrize(
    "now", [datetime.min, datetime.max, datetime(1, 1, 2), datetime(9999, 12, 30)]
)
def test_the_ends_of_time_do_not_overflow(now: datetime) -> None:
    for case in CHINESE + ENGLISH:
        for span in find(case.sentence, now):
            assert span.start <= span.end
        with suppress(DateError):
            parse(case.expression, now)
    assert parse("9999-12-31", now).end == datetime.max


def test_letters_that_grow_when_small_keep_their_places() -> None:
    text = "İİ went out yesterday, ２０２４年５月１０日"
    assert [text[s.begin : s.finish] for s in find(text, W)] == [
        "yesterday",
        "２０２４年５月１０日",
    ]


def test_search_tokens() -> None:
    def tokens(text: str, now: datetime) -> list[str]:
        return search_tokens(find(text, now))

    assert tokens("昨天买了猫粮", W) == ["d2024-05-14", "m2024-05"]
    assert tokens("Send it by 31 May", W) == ["d2024-05-31", "m2024-05"]
    assert tokens("in May 2023, and in 2022", W) == ["m2023-05", "y2022"]
    assert tokens("明天下午三点", W) == ["d2024-05-16", "m2024-05"]
    assert tokens("every Monday for two hours", W) == []
    assert tokens("nothing here", W) == []


def loaded(code: str) -> list[str]:
    """The heavy modules that a fresh interpreter has loaded after the code."""
    code = f"{code}\nimport sys; print(*(m for m in {HEAVY + GRAMMARS!r} if m in sys.modules))"
    root = Path(__file__).parents[2]
    return subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True).split()


HEAVY = ["dateparser", "dateutil", "jionlp", "numpy", "regex"]
GRAMMARS = ["ltm_cli.nlp.dates.zh", "ltm_cli.nlp.dates.en"]
START = "from ltm_cli.nlp.dates import *; from datetime import *; w = datetime(2024, 5, 15)"


def test_nothing_heavy_is_imported() -> None:
    assert loaded(f"{START}; find('the cat sat on the mat', w); parse('2024-05-10T09:30', w)") == []
    assert loaded(f"{START}; find('猫坐在垫子上', w)") == []
    assert loaded(f"{START}; find('see you tomorrow or on May 3rd', w)") == GRAMMARS[1:]
    assert loaded(f"{START}; find('明天见', w)") == GRAMMARS[:1]


def test_the_examples_of_the_package_hold() -> None:
    failed, tried = doctest.testmod(dates)
    assert tried > 10
    assert not failed


def test_the_package_stands_alone(tmp_path: Path) -> None:
    """Copied out of ltm, without any other package, it understands both languages."""
    copied = tmp_path / "ltm_cli" / "nlp" / "dates"
    shutil.copytree(Path(dates.__file__).parent, copied)
    for folder in (copied.parent, copied.parent.parent):
        (folder / "__init__.py").touch()
    code = (
        f"{START}\n"
        "print(*(span.start.date() for span in find('明天 or last Friday, 2024-05-01', w)))\n"
        "try: parse('gestern', w)\n"
        "except DateError as error: print(error)"
    )
    alone = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '')\n{code}"]
    said = subprocess.check_output(alone, cwd=tmp_path, text=True)
    assert said.splitlines() == [
        "2024-05-16 2024-05-10 2024-05-01", "cannot understand the time 'gestern'"
    ]  # fmt: skip


def test_other_languages_with_dateparser() -> None:
    pytest.importorskip("dateparser")
    assert parse("gestern", W).start == datetime(2024, 5, 14)
    assert parse("il y a 3 jours", W).start == datetime(2024, 5, 12)
    assert parse("5 mai 2024", W).start == datetime(2024, 5, 5)


# Where ours is meant to differ from jionlp, and why.
EVENING = "the evening, not the whole day"
WEEKEND = "Saturday and Sunday, not Sunday alone"
COMING = "a bare weekday or day of the month is the coming one, not that of this week or month"
DAY = "so many weeks or months from now is that day, not a whole week or several months"
MOMENT = "a distance in hours or less is that minute (second), not the whole unit"
NEAREST = "a date more than nine months away is of the neighbouring year"
DECIDED = {
    "今晚": EVENING, "昨晚": EVENING,
    "周末": WEEKEND, "下周末": WEEKEND, "上周末": WEEKEND, "这个周末": WEEKEND,
    "周一": COMING, "周一到周三": COMING, "5号": COMING,
    "两周前": DAY, "两个星期后": DAY, "半个月前": DAY, "半年后": DAY, "三个月前": DAY,
    "一个月前": DAY, "一个月后": DAY, "十五天之后": "the day itself, not all time from it on",
    "3个小时后": MOMENT, "十分钟前": MOMENT, "半小时后": MOMENT, "一个半小时前": MOMENT,
    "30秒前": MOMENT, "两小时内": MOMENT, "下午三点整": "to the minute, as 整 says",
    "1月5日": NEAREST, "12月28日": NEAREST, "12月31日到1月2日": NEAREST,
    "大后年": "three years from now, not two", "昨晚2点": "the two o'clock after that evening",
    "今晚12点": "the midnight that ends the day",
    "２０２４年５月１０日": "jionlp misreads wide digits",
}  # fmt: skip


def delta(every: Recurrence) -> dict[str, float]:
    days = {"day": 1, "workday": 1, "week": 7, "weekend": 7}
    months = {"month": 1, "quarter": 3}
    if every.unit in days:
        return {"day": days[every.unit] * every.count}
    if every.unit in months:
        return {"month": months[every.unit] * every.count}
    return {every.unit: every.count}


def agrees(case: Case, kind: str, time: object) -> bool:
    if case.sense == "recurrence" and case.every:
        return isinstance(time, dict) and time.get("delta") == delta(case.every)
    if case.sense == "duration":
        lengths = {"day": 24, "hour": 1}
        total = sum(lengths[unit] * n for unit, n in time.items()) if isinstance(time, dict) else 0
        return case.end - case.start == timedelta(hours=total)
    if kind not in ("time_point", "time_span") or not isinstance(time, list) or "inf" in time:
        return False
    start, end = (datetime.fromisoformat(t) for t in time)
    ends = case.end in (end, end + timedelta(seconds=1))
    return ends and (case.sense == "deadline" or start == case.start)


def compared(jionlp: Any) -> tuple[list[str], list[str]]:
    """The Chinese expressions that jionlp knows and nobody had to decide: agreed, and not."""
    right: list[str] = []
    wrong: list[str] = []
    for case in CHINESE:
        if case.sentence != case.expression or case.expression in DECIDED:
            continue
        try:
            said = jionlp.parse_time(case.expression, time_base=case.now.timestamp())
        except Exception:  # it raises many kinds of error for what it does not know
            continue
        (right if agrees(case, said["type"], said["time"]) else wrong).append(case.expression)
    return right, wrong


def test_agreement_with_jionlp() -> None:
    right, wrong = compared(pytest.importorskip("jionlp"))
    assert len(right) >= 110
    assert len(right) / (len(right) + len(wrong)) >= 0.97, wrong
