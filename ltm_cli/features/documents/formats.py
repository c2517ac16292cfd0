"""The files that `ltm read` takes, each as parts (layout.py): text, Markdown, PDF, Word.

Told apart by what they begin with, not by their names.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ltm_cli.core import messages
from ltm_cli.core.errors import InputError
from ltm_cli.features.documents import layout
from ltm_cli.features.documents.layout import Block, Part
from ltm_cli.nlp import charset

if TYPE_CHECKING:
    from docx.document import Document
    from pypdf import PdfReader

_MOST_UNPACKED = 1 << 29  # bytes; a small ZIP archive can be made to hold any number of them
_INSTALL = "pip install 'ltm-cli[documents]'"


class Text(NamedTuple):
    """A document's blocks, and the encoding that had to be guessed for it."""

    blocks: list[Block]
    guessed: str | None = None


def read(data: bytes, what: str, encoding: str | None = None) -> Text:
    """The blocks of a document; `what` names it in errors. Raises InputError, UsageError."""
    guessed = None
    if data.startswith(b"%PDF-"):
        parts = _pdf(data, what)
    elif data.startswith(b"PK\x03\x04"):
        parts = _word(data, what)
    else:
        text, guessed = charset.decode(data, what, encoding)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        parts = layout.markdown(text) if layout.is_markdown(text) else layout.plain(text)
    found = list(layout.blocks(parts))
    if not found:
        raise InputError(messages.text("{what} contains no text", what=what),
                         messages.text("choose a file that contains text"))  # fmt: skip
    return Text(found, guessed)


def _pdf(data: bytes, what: str) -> Iterator[Part]:
    """The outline's headings, the pages, and the text of each."""
    try:
        import pypdf
    except ImportError:
        raise InputError(
            messages.text(
                "{what} is a PDF; reading it needs pypdf, which is not installed", what=what
            ),
            messages.text("install it with {command}", command=_INSTALL),
        ) from None
    import logging

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of what it can mend
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError(messages.text("{what} is encrypted", what=what),
                             messages.text("save it without a password first"))  # fmt: skip
        chapters = _outline(reader)
        texts = [page.extract_text() for page in reader.pages]
        if not any(map(str.strip, texts)):
            raise InputError(messages.text("{what} contains no text", what=what),
                             messages.text("a scan needs OCR first: ocrmypdf IN OUT"))  # fmt: skip
        for number, text in enumerate(texts):
            yield from chapters.get(number, [])
            if text.strip():
                yield Part(_PAGE, f"p. {number + 1}")
                yield from (part for part in layout.plain(text) if not part.level)
    except InputError:
        raise
    except Exception as error:  # pypdf raises whatever a broken file makes it stumble over
        raise InputError(
            messages.text("{what} is a PDF that cannot be read: {error}", what=what, error=error),
            messages.text("print it to a new PDF, or convert it to text"),
        ) from None


_PAGE = 9  # pages stand below every chapter


def _outline(reader: PdfReader) -> dict[int, list[Part]]:
    """The headings of a PDF's outline by the page they begin on, counted from 0."""
    found: dict[int, list[Part]] = {}

    def walk(items: list[Any], level: int) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item, level + 1)
                continue
            page = reader.get_destination_page_number(item)
            if page is not None and item.title:
                found.setdefault(page, []).append(Part(min(level, _PAGE - 1), str(item.title)))

    walk(reader.outline, 1)
    return found


def _word(data: bytes, what: str) -> Iterator[Part]:
    """The headings, paragraphs and tables of a Word document."""
    try:
        inside = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        inside = []
    if sum(one.file_size for one in inside) > _MOST_UNPACKED:
        raise InputError(
            messages.text(
                "{what} unpacks to more than {size} MiB", what=what, size=_MOST_UNPACKED >> 20
            ),
            messages.text("save it without its pictures, or convert it to text"),
        )
    if "word/document.xml" not in [one.filename for one in inside]:
        raise InputError(
            messages.text("{what} is a ZIP archive, but not a Word document", what=what),
            messages.text("give a text, Markdown, PDF or Word document"),
        )
    try:
        import docx
    except ImportError:
        raise InputError(
            messages.text(
                "{what} is a Word document; reading it needs python-docx, which is not installed",
                what=what,
            ),
            messages.text("install it with {command}", command=_INSTALL),
        ) from None
    try:
        document: Document = docx.Document(io.BytesIO(data))
        for item in document.iter_inner_content():
            if isinstance(item, docx.table.Table):
                rows = [[cell.text.strip() for cell in row.cells] for row in item.rows]
                yield Part(0, "\n".join(" | ".join(dict.fromkeys(row)) for row in rows))
                continue
            style = item.style.name if item.style is not None else ""
            word, _, number = (style or "").rpartition(" ")
            level = int(number) + 1 if word == "Heading" and number.isdigit() else 0
            yield Part(1 if style == "Title" else level, item.text)
    except Exception as error:  # as pypdf: of XML, ZIP and what is missing in either
        raise InputError(
            messages.text(
                "{what} is a Word document that cannot be read: {error}", what=what, error=error
            ),
            messages.text("save it again, or convert it to text"),
        ) from None
