"""A file of any bytes is read as passages of bounded size, or refused in one line."""

from __future__ import annotations

import functools
import io
import zipfile

from ltm_cli.core.errors import LtmError
from ltm_cli.features.documents import formats, passages

_MARKDOWN = "---\ntitle: x\n---\n# Report\n\nIt rained.\n\n## 第二章\n\n- a\n- b\n\n| a |\n|---|\n"
_PLAIN = "Chapter 1\n\nA line that was broken\nto fit a width.\n\n第三章 婚礼\n\n他们结婚了。\f末页"
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R
/Resources<</Font<</F 6 0 R>>>>>>endobj
4 0 obj<</Length 35>>stream
BT /F 9 Tf 9 9 Td (Hello you) Tj ET
endstream endobj
5 0 obj<</First 7 0 R/Last 7 0 R/Count 1>>endobj
6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
7 0 obj<</Title(One)/Parent 5 0 R/Dest[3 0 R/Fit]>>endobj
trailer<</Root 1 0 R>>
startxref
0
%%EOF"""


@functools.lru_cache(maxsize=1)
def word() -> bytes:
    """A small Word document, its parts not compressed so that changes reach them."""
    import docx

    packed, plain = io.BytesIO(), io.BytesIO()
    document = docx.Document()
    document.add_heading("One", 1)
    document.add_paragraph("It rained. 下雨了。")
    document.add_table(2, 2)
    document.save(packed)
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(plain, "w") as new:
        for name in old.namelist():
            if "theme" not in name and "styles" not in name and "Thumb" not in name:
                new.writestr(name, old.read(name))
    return plain.getvalue()


SEEDS = [
    _MARKDOWN.encode(), _PLAIN.encode(), _PLAIN.encode("gb18030"), _PLAIN.encode("big5", "ignore"),
    _PLAIN.encode("utf-16"), _PLAIN.encode("utf-16-le"), _MARKDOWN.encode("utf-32"), _PDF,
    "Füße, naïve café".encode("latin-1"), b"\x00\x01\x02\xff" * 20, b"PK\x03\x04" + bytes(30),
]  # fmt: skip


def one(data: bytes) -> None:
    try:
        found = formats.read(data, "a file")
    except LtmError:
        return
    assert found.blocks
    for block in passages.cut(found.blocks):
        assert block.text.strip()
        assert passages.size(block.text) <= passages.MOST
