"""The features of a candidate, by name: what the ranking is made of.

All are computed from the question and the texts, in plain Python, so that a recall needs no numpy.
Those of neighbours and of the style of a turn are zero outside a session, those of speakers where
nobody is named: a diary and a chat are ranked by the same weights.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ltm_cli.core.record import DOCUMENT, Record
from ltm_cli.indexing import tokenizer
from ltm_cli.retrieval.candidates import Candidate, Found
from ltm_cli.retrieval.query import Query

K1 = 0.9  # saturation of a repeated term; low, for memories are short
B = 0.4  # how much a long memory is discounted
DATE = 4.0  # what the day that was asked for is worth against a word as rare
RECENT = 4.0  # what the newest candidate gets when the question asks for the latest
SECOND_HOP = 4.0  # what a memory is worth that speaks of all that the best one speaks of

_TIME = re.compile(
    r"\b(?:yesterday|to(?:day|night|morrow)|ago|last|next|week(?:end|s)?|months?|years?|days?|since"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august"
    r"|(?:sept|nov|dec)ember|october|(?:19|20)\d\d)\b|[昨今明]天|[上下]个?[周月]|周[一二三四五六日末]|\d[月年日号]"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twice|once|couple|few|dozen)\b"
    r"|[一二两三四五六七八九十百千万]"
)
_PLACE = re.compile(r"\b(?:in|at|to|from|near)\s+(?:the\s+)?[A-Z]|[在去到]")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")
_FIRST = re.compile(r"\b(?:I|my|we|our|me)\b|我")
_REASON = re.compile(
    r"\b(?:because|since|so that|due to|reason|inspir\w+|want(?:ed)? to)\b|因为|为了|所以"
)
_ANSWERS = {
    "when": _TIME, "long": _NUMBER, "many": _NUMBER, "where": _PLACE, "who": _NAME, "why": _REASON,
}  # fmt: skip
_ASKS = re.compile(r"[?？]\s*(?:\[[^\]]*\]\s*)?$")

# Pairs that say more together: a turn that answers a question in which the words stood, and so on.
PRODUCTS = (
    ("prev1", "after_asks"), ("session", "after_asks"), ("cover", "asks"), ("first", "asks"),
    ("near_cover", "next1"), ("win_cover", "words"), ("win_cover", "speaker"),
    ("length", "speaker"), ("session", "speaker"), ("length", "after_asks"),
    ("win_cover", "length"), ("length", "session"), ("first", "after_asks"),
    ("clause", "after_asks"), ("top_bm25", "near_cover"), ("top_bm25", "speaker"),
    ("top_bm25", "length"), ("cover", "after_asks"), ("first", "speaker"),
    ("near_cover", "session"), ("top_bm25", "first"), ("win_cover", "first"), ("next1", "length"),
    ("next1", "session"), ("next1", "after_asks"), ("near_cover", "length"), ("asks", "words"),
    ("win_cover", "next1"), ("prev1", "session"), ("prev1", "length"), ("asks", "speaker"),
    ("near_cover", "prev1"), ("cover", "first"), ("cover", "near_cover"), ("cover", "speaker"),
    ("cover", "session"), ("cover", "prev1"), ("cover", "next1"),
)  # fmt: skip
# What any memory has.
GENERAL = (
    "bm25", "win1", "win2", "date", "month", "cover", "words", "clause", "pairs", "kin", "hop",
    "rank_bm25", "log_bm25", "top_bm25", "rank_win1", "log_win1", "top_win1",
    "rank_win2", "log_win2", "top_win2",
)  # fmt: skip
# What only a turn of a session has, or only a question for it.
CHAT = (
    *("chat_" + name for name in GENERAL),
    "near_cover", "near_new", "win_cover", "prev1", "prev2", "next1", "next2", "session",
    "speaker", "not_speaker", "asks", "after_asks", "length", "first", "name", "number", "quote",
    "bracket", "answers_when", "answers_long", "answers_many", "answers_where", "answers_who",
    "answers_why", *(f"{left}*{right}" for left, right in PRODUCTS),
)  # fmt: skip
# What a memory has where an embedding model is in use (semantic.py).
DENSE = ("dense", "rank_dense")
# What a passage has in the gate that mixes what the model says of each (answering/gate.py).
GATE = ("gate_entropy", "gate_divergence", "gate_agreement", "gate_none")
NAMES = frozenset((*GENERAL, "recent", *CHAT, *DENSE, *GATE))


def compute_features(query: Query, found: Found) -> tuple[list[dict[str, float]], list[float]]:
    """(features by name, base score) of each candidate, in the order of `found.candidates`.

    A feature that is left out is 0.
    """
    if not found.candidates:
        return [], []
    scorer = _Scorer(query, found)
    rows = [scorer.row(candidate) for candidate in found.candidates]
    scorer.across(rows)
    for candidate, row in zip(found.candidates, rows, strict=True):
        if _is_turn(candidate.record):
            row.update({"chat_" + name: row[name] for name in GENERAL})
            row.update({f"{left}*{right}": row[left] * row[right] for left, right in PRODUCTS})
    return rows, [scorer.base(row) for row in rows]


def _is_turn(record: Record) -> bool:
    """Whether a memory was said in a conversation; a passage of a document was not."""
    return record.session is not None and DOCUMENT not in record.tags


class _Scorer:
    """What the candidates of one question share."""

    def __init__(self, query: Query, found: Found) -> None:
        self.query, self.found = query, found
        self.place = {term.text: i for i, term in enumerate(found.terms)}
        self.weights = [term.weight for term in found.terms]
        self._balance()
        self.sums: dict[int, float] = {}
        self.dates = self.mask(query.days)
        speakers = {c.record.speaker for c in found.candidates if c.record.speaker}
        asked = set(query.order)
        self.named = {s for s in speakers if not asked.isdisjoint(tokenizer.terms(s))}
        self.names = self.mask(term for s in speakers for term in tokenizer.terms(s))
        self.expansions = self.mask(query.expansions)
        # The question's own words, names left out: what an answer should speak of.
        self.subject = self.mask(query.weights) & ~self.names & ~self.expansions
        self.total = self.sum(self.subject) or 1.0
        self.count = max(1, self.subject.bit_count())
        self.sentences = [mask for s in query.sentences if (mask := self.mask(s))] or [self.subject]
        self.pairs = {
            (a, b): min(self.weights[self.place[a]], self.weights[self.place[b]])
            for a, b in pairwise(query.order)
            if a in self.place and b in self.place
        }
        self.pair_total = sum(self.pairs.values()) or 1.0
        self.bags: list[set[str]] = []
        self.owns: list[int] = []

    def _balance(self) -> None:
        """Give each of several sentences that ask about as much weight as the others."""
        parts = [[self.place[t] for t in s if t in self.place] for s in self.query.sentences]
        totals = [sum(self.weights[i] for i in part) for part in parts]
        parts = [part for part, total in zip(parts, totals, strict=True) if total]
        totals = [total for total in totals if total]
        if len(parts) < 2:
            return
        mean = sum(totals) / len(totals)
        scale: dict[int, float] = {}
        for part, total in zip(parts, totals, strict=True):
            for i in part:
                scale[i] = max(scale.get(i, 0.0), mean / total)
        for i, by in scale.items():
            self.weights[i] *= by

    def base(self, row: dict[str, float]) -> float:
        """The ranking without the SideNet."""
        parts = (
            row["bm25"],
            row["win2"],
            DATE * row["date"],
            SECOND_HOP * row["hop"],
            RECENT * row["recent"],
        )
        return sum(parts)

    def mask(self, terms: Iterable[str]) -> int:
        result = 0
        for term in terms:
            if term in self.place:
                result |= 1 << self.place[term]
        return result

    def sum(self, mask: int) -> float:
        """The weight of the terms of a mask."""
        known = self.sums.get(mask)
        if known is None:
            known, rest = 0.0, mask
            while rest:
                low = rest & -rest
                known += self.weights[low.bit_length() - 1]
                rest ^= low
            self.sums[mask] = known
        return known

    def window(self, masks: Sequence[int]) -> float:
        """BM25 of turns taken together, each holding a term at most once; lengths left out."""
        either = 0
        for mask in masks:
            either |= mask
        score = 0.0
        while either:
            low = either & -either
            times = sum(1 for mask in masks if mask & low)
            score += self.weights[low.bit_length() - 1] * times * (K1 + 1) / (times + K1)
            either ^= low
        return score

    def row(self, candidate: Candidate) -> dict[str, float]:
        """The features of one candidate that can be told without the others."""
        record, place, weights = candidate.record, self.place, self.weights
        body = tokenizer.terms(record.content)
        self.bags.append(set(body))
        counts = Counter([place[term] for term in body if term in place])
        for part in (record.speaker, *record.tags):
            if part:
                counts.update([place[term] for term in tokenizer.terms(part) if term in place])
        norm = K1 * (1 - B + B * len(body) / self.found.average)
        bm25 = sum([weights[i] * n * (K1 + 1) / (n + norm) for i, n in counts.items()])
        own = candidate.mask
        for i in counts:
            own |= 1 << i
        self.owns.append(own)
        days = own & self.dates
        subject = own & self.subject
        row = {
            "bm25": bm25,
            "win1": bm25,
            "win2": bm25,
            "date": max((weights[self.place[day]] for day in self.days(days)), default=0.0),
            "month": float(record.at[5:7] in self.query.months),
            "cover": self.sum(subject) / self.total,
            "words": subject.bit_count() / self.count,
            "kin": self.sum(own & self.expansions) / self.total,
            "clause": max(self.sum(own & s) / (self.sum(s) or 1.0) for s in self.sentences),
            "pairs": self._pairs(body) / self.pair_total,
        }
        before, after = candidate.before, candidate.after
        if before or after:
            spoken = own & ~self.dates
            row["win1"] = self.window([spoken, *before[:1], *after[:1]])
            row["win2"] = self.window([spoken, *before, *after])
        if _is_turn(record):
            self._chat(row, candidate, own & ~self.dates, len(body))
        return row

    def _chat(self, row: dict[str, float], candidate: Candidate, own: int, length: int) -> None:
        """Add what only a turn of a conversation has: what was said around it, by whom, how."""
        record, total, subject = candidate.record, self.total, self.subject
        text = record.content
        before, after = candidate.before, candidate.after
        near = 0
        for mask in (*before, *after):
            near |= mask & subject
        said = candidate.previous.content if candidate.previous is not None else ""
        row["near_cover"] = self.sum(near) / total
        row["near_new"] = self.sum(near & ~own) / total
        row["win_cover"] = self.sum(own & subject | near) / total
        row["speaker"] = float(record.speaker in self.named)
        row["not_speaker"] = float(bool(self.named) and record.speaker not in self.named)
        row["asks"] = float(_ASKS.search(text) is not None)
        row["after_asks"] = float("?" in said or "？" in said)
        row["length"] = math.log(1 + length / self.found.average)
        row["first"] = float(_FIRST.search(text) is not None)
        row["name"] = float(_NAME.search(text) is not None)
        row["number"] = float(_NUMBER.search(text) is not None)
        row["quote"] = float('"' in text)
        row["bracket"] = float("[" in text)
        beside = before[:1], before[1:], after[:1], after[1:]
        for name, masks in zip(("prev1", "prev2", "next1", "next2"), beside, strict=True):
            row[name] = self.sum(masks[0] & subject) / total if masks else 0.0
        for kind in self.query.kinds:
            row["answers_" + kind] = float(_ANSWERS[kind].search(text) is not None)

    def days(self, mask: int) -> list[str]:
        """The days of the question that are in a mask."""
        return [day for day in self.query.days if mask >> self.place[day] & 1] if mask else []

    def _pairs(self, body: Sequence[str]) -> float:
        """The weight of neighbouring words of the question that are near neighbours here too."""
        seen = {pair for pair in pairwise(body) if pair in self.pairs}
        seen.update(pair for pair in zip(body, body[2:], strict=False) if pair in self.pairs)
        return sum(self.pairs[pair] for pair in seen)

    def across(self, rows: list[dict[str, float]]) -> None:
        """Features of a candidate among the others."""
        candidates = self.found.candidates
        for name in ("bm25", "win1", "win2"):
            top = max(row[name] for row in rows) or 1.0
            for rank, row in enumerate(sorted(rows, key=lambda row: -row[name])):
                row["rank_" + name] = 10 / (rank + 10)
                row["log_" + name] = math.log(1 + rank)
                row["top_" + name] = row[name] / top
        sessions: dict[str, int] = {}
        for candidate in candidates:
            session = candidate.record.session
            if session is not None and _is_turn(candidate.record):
                sessions[session] = sessions.get(session, 0) | candidate.mask & self.subject
        moments = sorted({candidate.record.at for candidate in candidates})
        age = {at: i / len(moments) for i, at in enumerate(moments)}
        hops = self._hops(rows)
        for candidate, row, hop in zip(candidates, rows, hops, strict=True):
            session = candidate.record.session
            if session is not None and _is_turn(candidate.record):
                row["session"] = self.sum(sessions[session]) / self.total
            row["recent"] = age[candidate.record.at] * self.query.recent
            row["hop"] = hop

    def _hops(self, rows: list[dict[str, float]]) -> list[float]:
        """The share of what the best memory of each sentence says besides, 0..1.

        "The one whose number is 155…, what is her name?": the best memory says that the number is
        a colleague's, and what else speaks of a colleague may hold the name.
        """
        holding = Counter(term for bag in self.bags for term in bag)
        result = [0.0] * len(rows)
        for sentence in self.sentences[:4]:
            full = self.sum(sentence) or 1.0
            scores = [self.sum(own & sentence) for own in self.owns]
            lead = max(range(len(rows)), key=lambda i: (scores[i], rows[i]["bm25"]))
            trust = scores[lead] / full
            terms = {
                term: math.log(len(rows) / holding[term])
                for term in self.bags[lead]
                if term not in self.place and holding[term] > 1 and not tokenizer.is_stop(term)
            }
            total = sum(terms.values())
            if not total or not trust:
                continue
            for i, bag in enumerate(self.bags):
                if i != lead:
                    share = sum(terms[term] for term in terms.keys() & bag) / total
                    result[i] = max(result[i], trust * share)
        return result
