"""Documents cut into passages: what is found, read by the model and named as a source at once.

A passage never reaches beyond its heading. Paragraphs are taken together, and long ones cut at
the ends of sentences, up to `MOST`: about the tokens that the model reads of one memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ltm_cli.features.documents.layout import Block
from ltm_cli.indexing import tokenizer
from ltm_cli.nlp import sentences

MOST = 400  # as `size` measures: 400 Latin letters or 160 Chinese characters, some 100 tokens


def size(text: str) -> int:
    """How long a text is for a model: its characters, those of Chinese counted 2.5 times."""
    return len(text) + tokenizer.dense(text) * 3 // 2


def cut(blocks: Iterable[Block], most: int = MOST) -> Iterator[Block]:
    """Blocks as passages of at most `most`, in order."""
    current: Block | None = None
    for block in blocks:
        if current is not None:
            joined = f"{current.text}\n{block.text}"
            if block.path == current.path and size(joined) <= most:
                current = Block(current.path, joined)
                continue
            yield current
            current = None
        *parts, last = sentences.chunks(block.text, most, size)
        yield from (Block(block.path, part) for part in parts)
        current = Block(block.path, last)
    if current is not None:
        yield current
