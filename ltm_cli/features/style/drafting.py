"""Drafts in the user's own way of writing.

1. examples   the user's own texts that are nearest to the request        features/style/style.py
2. draft      the model writes, with the examples before the request; their keys and values, and
              those of the instructions, come from the bank
3. rules      what a small model cannot: the user's greeting and sign-off, contractions and
              exclamation marks as they use them, no placeholder, no word they avoid
4. template   no model that speaks the language, or nothing left of its draft: the nearest own
              text, to be changed by hand
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from ltm_cli.answering.reading import Clock, Reading
from ltm_cli.core import messages
from ltm_cli.core.record import Record
from ltm_cli.core.sanitize import legible
from ltm_cli.core.settings import Settings
from ltm_cli.features.style import measure
from ltm_cli.features.style import style as memory
from ltm_cli.features.style.measure import Style
from ltm_cli.kvcache import cache as kv
from ltm_cli.kvcache.cache import KVCache
from ltm_cli.kvcache.encoder import IsCurrent, always_current
from ltm_cli.nlp import sentences
from ltm_cli.nlp.language import language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ltm_cli.llm.llama import Llama
    from ltm_cli.storage.store import Store

EXAMPLES = 2
LONGEST = 160  # tokens of a draft
_EXAMPLE_CHARACTERS = 700
_DRAFT = 1  # the sequence that it is written in
_PENALTY = 1.2  # on tokens that were written already: a small model repeats itself
_SYSTEM = {
    "en": "You write short messages for the user, in the first person, in the user's own style."
    " Write only the message itself.",
    "zh": "你用用户自己的口吻替用户写简短的信息，用第一人称。只写信息本身。",
}
_ASK = {"en": "Write a short message that does this: {}.", "zh": "写一条简短的信息：{}。"}
_PLACEHOLDER = re.compile(r"\[[^\]]*\]|^(?:subject|to|from|date|主题)\s*[:：].*$", re.I | re.M)
_CONTRACTIONS = (
    ("do not", "don't"), ("does not", "doesn't"), ("did not", "didn't"), ("can not", "can't"),
    ("cannot", "can't"), ("will not", "won't"), ("is not", "isn't"), ("are not", "aren't"),
    ("I am", "I'm"), ("I will", "I'll"), ("I have", "I've"), ("I would", "I'd"),
    ("it is", "it's"), ("that is", "that's"), ("we are", "we're"), ("you are", "you're"),
)  # fmt: skip


@dataclass
class Draft:
    """A draft, or a template with the reason why it is no more than that."""

    text: str
    template: bool = False
    reason: str | None = None
    memories: list[int] = field(default_factory=list)  # the own texts it leans on
    distance: float | None = None  # to the user's style (features/style/measure.py)
    plain: str | None = None  # what the model writes without memory
    plain_distance: float | None = None
    timings: dict[str, float] = field(default_factory=dict)  # of reading the prompt (reading.py)

    def as_dict(self) -> dict[str, Any]:
        values = asdict(self)
        for key in ("distance", "plain_distance"):
            if values[key] is not None:
                values[key] = round(values[key], 3)
        values["timings"] = {name: round(value, 1) for name, value in self.timings.items()}
        return values


def draft(
    store: Store,
    request: str,
    home: Settings | None = None,
    *,
    to: str | None = None,
    model: Llama | None = None,
    compare: bool = False,
) -> Draft:
    """Write what the request says, as the user would. Without a model: a template.

    The bank is that of `home`; without one nothing is kept or restored.

    Raises NothingFound when no text of the user's own is known.
    """
    texts = memory.own(store)
    own = memory.measured(texts)
    nearest = memory.closest(store, f"{request} {to or ''}".strip(), EXAMPLES)
    ids = [record.id for record in nearest]
    found = None
    timings: dict[str, float] = {}
    bank = kv.open_cache(home, model) if home is not None and model is not None else None
    if model is not None:
        raw, timings = _written(model, bank, request, nearest, store.unchanged)
        said = _as_the_user(raw, own, memory.avoided(store))
        if said:
            found = Draft(_enclosed(said, own, to), memories=ids)
    if found is None:
        why = (
            messages.text("there is no model for this language")
            if model is None
            else messages.text("the model's draft was not usable")
        )
        body = measure.body(nearest[0].text or "")
        found = Draft(_enclosed(body, own, to), True, why, ids[:1])
    found.timings = timings
    found.distance = measure.distance(found.text, own)
    if compare and model is not None:
        found.plain, _ = _written(model, bank, request, [], always_current)
        with_memory, without = measure.same_length(found.text, found.plain)
        found.distance = measure.distance(with_memory, own)
        found.plain_distance = measure.distance(without, own)
    if bank is not None:
        bank.save_usage()
    return found


def _written(
    model: Llama,
    bank: KVCache | None,
    request: str,
    examples: list[Record],
    is_current: IsCurrent,
) -> tuple[str, dict[str, float]]:
    """What the model writes, after examples of the user's own texts if there are any; timings.

    The instructions, and the examples after them, are restored from the bank instead of being read.
    """
    from ltm_cli.kvcache.encoder import PREFIX, Encoder
    from ltm_cli.llm.chat_template import Message, tokenize_around

    lang = language(request)
    lang = lang if lang in _ASK else "en"
    messages = [Message("system", _SYSTEM[lang])]
    for record in reversed(examples):  # the nearest last
        about = legible(record.text or "")[:_EXAMPLE_CHARACTERS]
        first = " ".join(sentences.split(measure.body(about))[:1])
        messages += [
            Message("user", _ASK[lang].format(first.rstrip(".。"))), Message("assistant", about)
        ]  # fmt: skip
    last = Message("user", _ASK[lang].format(legible(request).rstrip(".。")))
    before, after = tokenize_around(model, [*messages, last])
    asked = [*model.tokenize(last.content), *after]
    instructions = _common(before, tokenize_around(model, [messages[0], last])[0])
    shown = before[len(instructions) :]
    reading = Reading([], [shown], asked, "text")
    clock = Clock(reading)
    for sequence in (PREFIX, _DRAFT):
        model.clear(sequence)
    if len(before) + len(asked) + LONGEST > model.context:  # the end says what to write
        asked = [*before, *asked][-model.context + LONGEST :]
    elif model.uncacheable:  # no sequence can begin with another one's cells
        asked = before + asked
    else:
        encoder = Encoder(model, bank, is_current)
        encoder.begin_with(instructions)
        encoder.begin(reading)
        if shown:
            encoder.attend(_DRAFT, shown, examples, reading)
        else:
            model.share(PREFIX, _DRAFT)
    clock.restored()
    logits = model.extend({_DRAFT: asked})[0]
    clock.computed(len(asked))
    return _generated(model, logits), reading.timings


def _common(one: list[int], other: list[int]) -> list[int]:
    """What two lists begin with."""
    return [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]


def _generated(model: Llama, logits: NDArray[np.float32]) -> str:
    """What the model goes on with after a prompt, the likeliest tokens first."""
    import numpy as np

    written: list[int] = []
    for _ in range(LONGEST):
        seen = np.array(sorted(set(written)), dtype=np.int64)
        if len(seen):
            values = logits[seen]
            logits[seen] = np.where(values > 0, values / _PENALTY, values * _PENALTY)
        token = int(logits.argmax())
        if model.is_end(token):
            break
        written.append(token)
        logits = model.extend({_DRAFT: [token]})[0]
    return b"".join(model.piece(token) for token in written).decode("utf-8", "replace").strip()


def _as_the_user(raw: str, own: Style, avoided: list[str]) -> str:
    """What may stay of a draft, with the marks that the user would set."""
    said = measure.body(_PLACEHOLDER.sub("", raw))
    parts = [" ".join(part.split()) for part in sentences.split(said)]
    most = max(3, round(own.sentences / max(1, own.texts)) + 1)
    whole = [part for part in parts if re.search(r"[.!?。！？…][\"'”’」)]*$", part)]
    kept: list[str] = []
    for part in whole or parts[:1]:
        folded = part.casefold()
        if part in kept or any(word.casefold() in folded for word in avoided):
            continue
        kept.append(part)
    text = _joined(kept[:most])
    informal = own.rate("'") > 0.5
    for full, short in _CONTRACTIONS:
        before, after = (full, short) if informal else (short, full)
        text = re.sub(rf"\b{re.escape(before)}\b", after, text)
    if own.rate("p !") < 0.2:
        text = text.replace("!", ".").replace("！", "。")
    return text.strip()


def _joined(parts: list[str]) -> str:
    return "".join(
        part if i == 0 or part[0] >= "\u2e80" else f" {part}" for i, part in enumerate(parts)
    )


def _enclosed(body: str, own: Style, to: str | None) -> str:
    """A body between the user's greeting and sign-off."""
    lines = [body]
    if opening := own.has(own.greetings):
        word, _, end = opening.partition("\n")
        name = f" {to}" if to and word.isascii() else to or ""
        lines.insert(0, f"{word}{name}{end}\n" if word.isascii() else f"{name}{word}{end}\n")
    if closing := own.has(own.sign_offs):
        lines.append(f"\n{closing}")
    return "\n".join(lines)
