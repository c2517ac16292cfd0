"""Dates are read or refused, never guessed outside the text, and never fatal."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from fuzz import dated, seeds
from ltm_cli.features.tasks import extraction as task_extraction
from ltm_cli.nlp import dates

SEEDS = seeds("""
Tomorrow I have a meeting at 3pm; from Monday to Friday I am in Lisbon, until 5 May 2025.
last Friday, the day before yesterday, in 2 and a half weeks, every other Monday at noon
before 13/5/2024, 2024-05-10T09:30:15+08:00, Q3 2024, early next month, the 31st of February
twice a week, EOM, half an hour ago, 12:75, 24:00, May 3-5, on the 1st of every month
明天下午三点开会，上上周五和下个月底之前交报告，每两周一次，二〇二四年五月二十日。
三天后、半个月前、过去三天、5月8日到10日、周一三五、初三、八月十五、年底、第三季度、9999年12月31日
下周一 and next Friday 之前，２０２４年５月１日 at 15:00，🍰 大后天凌晨两点半
""")


def one(data: bytes) -> None:
    now, text = dated(data)
    check(now, text, whole=now.day % 4 == 0)  # dateparser, which knows the rest, is slow


def check(now: datetime, text: str, *, whole: bool = True) -> None:
    spans = dates.find(text, now)
    edge = 0
    for span in spans:
        assert edge <= span.begin < span.finish <= len(text), span
        assert span.text == text[span.begin : span.finish], span
        assert span.start <= span.end, span
        edge = span.finish
    assert dates.find(text, now) == spans
    for past in (False, True):
        dates.find(text, now, past=past)
    assert all(said in text for said, _ in dates.find_rejected(text, now))
    tokens = dates.search_tokens(spans)
    assert len(set(tokens)) == len(tokens)
    if whole:
        with suppress(dates.DateError):
            said = dates.parse(text, now)
            assert said.start <= said.end
    for task in task_extraction.find(text, spans, now):
        assert task.text.strip()
        assert task.due is None or not task_extraction.is_over(task.due, now)
