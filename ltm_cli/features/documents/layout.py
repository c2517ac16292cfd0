"""A document as blocks (paragraphs, lists, tables), each under the headings it stands below.

Markdown is read by its grammar. Of plain text a heading is a line that says it is one
("Chapter 3", "第三章 婚礼"); paragraphs are told by blank lines, and lines that were broken to
fit a width are joined again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ltm_cli.indexing.tokenizer import is_dense

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_LONGEST_HEADING = 80
_WIDEST = 100  # characters; text with longer lines was not broken to fit a width

_NUMERAL = "0-9零〇一二两三四五六七八九十百千"
_CHAPTER = re.compile(
    rf"(?:第\s*[{_NUMERAL}]+\s*(?P<unit>[部篇卷编集章回节])(?:\s|[:：、.．]|$)"
    r"|(?:序[言章]?|前言|引言|楔子|尾声|后记|附录[一二三四五六七八九十A-Z0-9]?)(?:\s|[:：]|$)"
    r"|(?P<word>book|part|volume|chapter|section|appendix)\s+(?:[0-9]+|[ivxlc]+|[a-z])\b"
    r"|(?:preface|prologue|epilogue|introduction|conclusion)$)",
    re.IGNORECASE,
)
_OUTER = frozenset("部篇卷编集") | {"book", "part", "volume"}
_INNER = frozenset("节") | {"section"}
_ENDS = re.compile(r"[。！？!?.…;；：:][\"'”’」』）)]*$")
_BLANK = re.compile(r"\n[^\S\n]*\n|\f")
_FRONT_MATTER = re.compile(r"\A---\n(.*?\n)?(?:---|\.\.\.)\n", re.DOTALL)
_ATX = re.compile(r"^#{1,6} +\S", re.MULTILINE)


class Block(NamedTuple):
    """A stretch of text, and the headings above it, the outermost first."""

    path: tuple[str, ...]
    text: str


class Part(NamedTuple):
    """A heading with its level, 1 the outermost; or with level 0 a stretch of text."""

    level: int
    text: str


def is_markdown(text: str) -> bool:
    """Whether a text has headings of Markdown."""
    return _ATX.search(text) is not None


def markdown(text: str) -> Iterator[Part]:
    """The parts of a Markdown text. What stands in front matter is none."""
    text = _FRONT_MATTER.sub("", text, count=1)
    lines = text.split("\n")
    tokens = _parser().parse(text)
    for place, token in enumerate(tokens):
        if token.level or token.map is None or token.type == "hr":
            continue
        if token.type == "heading_open":
            yield Part(int(token.tag[1:]), tokens[place + 1].content)
        else:
            yield Part(0, "\n".join(lines[slice(*token.map)]))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """Making it takes as long as reading a note."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("inline")


def plain(text: str) -> Iterator[Part]:
    """The parts of a plain text."""
    for paragraph in _BLANK.split(text):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            if level := _level(line.strip()):
                yield Part(0, "\n".join(lines))
                yield Part(level, line)
                lines = []
            else:
                lines.append(line)
        yield Part(0, "\n".join(lines))


def blocks(parts: Iterable[Part]) -> Iterator[Block]:
    """Texts with the headings above them. A heading with nothing below it is a text itself."""
    above: list[Part] = []
    bare = False  # whether the innermost heading has nothing below it yet
    for level, text in (*parts, Part(1, "")):
        if not level:
            if text.strip():
                yield Block(_path(above), unwrapped(text.strip("\n")))
                bare = False
            continue
        if bare and level <= above[-1].level:
            yield Block(_path(above[:-1]), above[-1].text)
        above = [one for one in above if one.level < level]
        heading = " ".join(text.split())
        if bare := bool(heading):
            above.append(Part(level, heading))


def _path(above: Iterable[Part]) -> tuple[str, ...]:
    return tuple(heading.text[:_LONGEST_HEADING] for heading in above)


def unwrapped(block: str) -> str:
    """A paragraph with the lines joined that were broken only to fit a width."""
    lines = [line.strip() for line in block.split("\n")]
    width = max(map(len, lines))
    if width > _WIDEST or len(lines) == 1:
        return "\n".join(lines)
    joined = lines[0]
    for before, line in pairwise(lines):
        broken = len(before) > 0.6 * width and line[:1].isalnum()
        if not broken or (_ENDS.search(before) and is_dense(line[0])):
            joined += "\n" + line
        else:
            joined += line if is_dense(before[-1]) and is_dense(line[0]) else " " + line
    return joined


def _level(line: str) -> int | None:
    """How deep a heading a line of plain text is; None if it is none."""
    match = _CHAPTER.match(line) if len(line) <= _LONGEST_HEADING else None
    if match is None or line.endswith(("。", "，", ",", ";", "；")):
        return None
    unit = (match["unit"] or match["word"] or "").lower()
    return 1 if unit in _OUTER else 3 if unit in _INNER else 2
