"""Threads: a question may lean on the exchange before it ("What else did its author write?")."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ltm_cli.core.filter import Filter
from ltm_cli.core.record import ASKED as ASKED
from ltm_cli.core.record import Record, iso
from ltm_cli.indexing import tokenizer

if TYPE_CHECKING:
    from ltm_cli.answering.result import Options
    from ltm_cli.storage.store import Store

# Tags of exchanges that `ask` itself stored, beside ASKED. What says only that there is no memory,
# or quotes memories, is no evidence of its own.
ABSTAINED = "abstained"
QUOTED = "quoted"

PAUSE = timedelta(minutes=30)  # a longer one begins a new thread
TURNS = 2  # how many exchanges before are looked at

# Words that stand for something said before.
_LEANS = re.compile(
    r"\b(it|its|he|him|his|she|her|hers|they|them|their|theirs|that|this|those|these|there|one|ones"
    r"|else|same|another|then|why|how come|what about|how about|and)\b"
    r"|[它他她其]|[这那][个本些位里种样家]?|^还|还[有是要]|别的|另外|刚才|刚刚|前者|后者|呢[？?]?$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:else|other|others|another|more|besides|apart from)\b|还有|其他|其它|别的|另外|除了",
    re.IGNORECASE,
)
# Fewer content terms than this cannot stand alone ("Why?", "In which city?").
_ALONE = 2


@dataclass(frozen=True)
class Thread:
    """The conversation a question belongs to; `turns` are its last exchanges, oldest first."""

    session: str
    turns: list[Record] = field(default_factory=list)


def of_question(store: Store, options: Options) -> Thread:
    """The thread of a question: that of its session, the last one, or a new one.

    Exchanges that may hold secrets are left out, unless those may be read.
    """
    now, session = options.now, options.session
    if options.new:
        return Thread(session or _fresh(store, now))
    since = None if session else iso(now - PAUSE)
    until = iso(now + timedelta(seconds=1))
    which = Filter(
        since=since, until=until, session=session, exchanges=True, secrets=options.secrets
    )
    exchanges = list(store.memories.select(which, newest=20))
    if not exchanges:
        return Thread(session or _fresh(store, now))
    current = session or exchanges[-1].session
    turns = [record for record in exchanges if record.session == exchanges[-1].session]
    return Thread(current or _fresh(store, now), turns[-TURNS:])


def last_question(store: Store) -> str | None:
    """What the user asked last, ever."""
    last = next(store.memories.select(Filter(tags=(ASKED,)), newest=1), None)
    return last.question if last else None


def context(question: str, thread: Thread) -> str:
    """The words of the turns before, if the question leans on them; otherwise nothing.

    Numbers stay out: in quoted answers they are the dates of memories.
    """
    if not leans(question):
        return ""
    said = [
        part
        for turn in thread.turns
        for part in ([turn.question] if ABSTAINED in turn.tags else turn.parts)
        if part
    ]
    return re.sub(r"\d[\d:.-]*", " ", "\n".join(said))


def leans(question: str) -> bool:
    """Whether a question can only be understood with the one before."""
    words = [term for term in tokenizer.query_terms(question) if term not in tokenizer.STOP_WORDS]
    return _LEANS.search(question) is not None or len(words) < _ALONE


def asks_for_more(question: str) -> bool:
    """Whether what was said before is not the answer ("What else …?")."""
    return _MORE.search(question) is not None


def _fresh(store: Store, now: datetime) -> str:
    """A name that no conversation of the user has yet."""
    name = base = f"ask-{now:%Y%m%d-%H%M%S}"
    number = 1
    while any(store.memories.select(Filter(session=name), newest=1)):
        number += 1
        name = f"{base}-{number}"
    return name
