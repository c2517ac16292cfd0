"""Documents: read, read again, asked alone, forgotten whole; in real processes on a real home."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltm_cli.features.documents import layout, passages
from tests.conftest import NOW, Ltm
from tests.waiting import until

REPORT = """\
---
author: Ana
---
# The harbour report 港口报告

Commissioned in March. 🚢

## Chapter 1: the sites

The second site was led by Marta Ruiz, who had come from Lisbon for it.
Its crane was painted green.

```sh
# not a heading
```

## 第二章 人员

王芳负责采购。她是杭州人，去年才来。

| role | name |
|---|---|
| diver | 李雷 |
"""
NEW = REPORT.replace("green", "yellow")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.md"
    path.write_text(REPORT, "utf-8")
    return path


def texts(ltm: Ltm, title: str) -> list[str]:
    return [record["text"] for record in ltm.json("list", "--in", title)]


def test_a_report_is_read_and_asked_alone(ltm: Ltm, report: Path) -> None:
    ltm("remember", "The second site I dreamt of was led by a heron")
    done = ltm("read", str(report))
    assert "3 passages" in done.stderr
    assert done.stdout == ""
    answer = ltm.json("ask", "--in", "harbour", "Who led the second site?", "--no-llm")
    assert "Marta Ruiz" in answer["answer"]
    assert "heron" not in answer["answer"]
    answer = ltm.json("ask", "--in", "harbour", "--new", "谁负责采购？", "--no-llm")
    assert "王芳" in answer["answer"]
    [hit, *_] = ltm.json("recall", "--in", "HARBOUR.md", "crane")
    assert hit["session"] == "harbour"
    assert hit["tags"] == ["document", "harbour", "The harbour report 港口报告",
                           "Chapter 1: the sites"]  # fmt: skip
    assert hit["ref"] == "harbour#2"
    assert "# not a heading" in hit["text"]
    assert ltm.json("recall", "--in", "harb", "-k", "李雷")[0]["tags"][-1] == "第二章 人员"


def test_reading_again_changes_only_what_changed(ltm: Ltm, report: Path) -> None:
    first = ltm.json("read", str(report))
    assert first == {"title": "harbour", "passages": first["passages"], "added": first["passages"],
                     "changed": 0, "removed": 0}  # fmt: skip
    before = ltm.json("list")
    assert ltm.json("read", str(report), LTM_NOW="2024-06-11T08:00") == {**first, "added": 0}
    assert ltm.json("list") == before
    report.write_text(NEW, "utf-8")
    assert ltm.json("read", str(report)) == {**first, "added": 0, "changed": 1}
    assert [one["id"] for one in ltm.json("list")] == [one["id"] for one in before]
    assert "yellow" in "".join(texts(ltm, "harbour"))
    assert ltm.json("recall", "-k", "green", status=1) == []
    assert ltm.json("undo")["action"] == "read"
    assert ltm.json("list") == before
    ltm("undo")
    assert ltm.json("list", status=1) == []
    assert ltm.json("doctor")[1]["state"] == "ok"


def test_passages_come_and_go_in_their_place(ltm: Ltm, report: Path) -> None:
    ltm("read", str(report))
    before = ltm.json("list")
    longer = REPORT.replace("## 第二章", "## Chapter 1½\n\nThe tide was high.\n\n## 第二章")
    report.write_text(longer, "utf-8")
    done = ltm.json("read", str(report))
    assert (done["changed"], done["added"], done["removed"]) == (0, 2, 1)
    after = ltm.json("list", "--in", "harbour")
    assert [one["ref"] for one in after] == [f"harbour#{n}" for n in range(1, len(after) + 1)]
    assert [one["id"] for one in after] == sorted(one["id"] for one in after)
    assert after[2]["text"] == "The tide was high."
    assert after[:2] == before[:2]
    ltm("undo")
    assert ltm.json("list") == before
    ltm("read", str(report))
    report.write_text(REPORT, "utf-8")
    ltm("read", str(report))
    assert texts(ltm, "harbour") == [one["text"] for one in before]
    assert {one["state"] for one in ltm.json("doctor")} <= {"ok", "note"}


def test_a_passage_that_was_forgotten_comes_back_with_its_document(ltm: Ltm, report: Path) -> None:
    ltm("read", str(report))
    before = [(one["ref"], one["text"]) for one in ltm.json("list")]
    ltm("forget", "2", "--yes")
    assert ltm.json("read", str(report))["added"] == len(before) - 1
    assert [(one["ref"], one["text"]) for one in ltm.json("list")] == before
    ltm("undo")
    assert [(one["ref"], one["text"]) for one in ltm.json("list")] == [before[0], *before[2:]]
    ltm("remember", "taken 已占", "--ref", "other#1")
    error = ltm("read", str(report), "--title", "other", status=2).stderr
    assert "other#1" in error
    assert len(error.splitlines()) == 2


def test_another_document_of_the_same_name_is_not_taken_for_it(ltm: Ltm, tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / year).mkdir()
    (tmp_path / "2023" / "report.txt").write_text("The sea was calm. Nobody drowned.")
    (tmp_path / "2024" / "report.txt").write_text("风很大。The mast broke.")
    ltm("read", str(tmp_path / "2023" / "report.txt"))
    error = ltm("read", str(tmp_path / "2024" / "report.txt"), status=2).stderr
    assert "--replace" in error
    assert texts(ltm, "report") == ["The sea was calm. Nobody drowned."]
    ltm("read", str(tmp_path / "2024" / "report.txt"), "--title", "report 2024")
    assert [one["title"] for one in ltm.json("read", "--list")] == ["report", "report 2024"]
    ltm("recall", "--in", "epor", "mast", status=2)  # which of the two?
    ltm("read", str(tmp_path / "2024" / "report.txt"), "--replace")
    assert texts(ltm, "report") == ["风很大。The mast broke."]
    ltm("undo")
    assert texts(ltm, "report") == ["The sea was calm. Nobody drowned."]


@pytest.mark.parametrize(
    ("first", "second", "filler", "question"),
    [
        ("Ingrid learned the cello from a retired captain called Aurel Popescu.",
         "Aurel Popescu was born among salt miners, in Turda.",
         "On day {} the sea was grey and the boats stayed in the harbour of the village.",
         "Where does Ingrid's cello teacher come from?"),
        ("苏念之的大提琴是跟退休船长蒲奥列学的。", "蒲奥列出生在产盐的图尔达。",
         "第{}天海是灰色的，船都停在村子的港口里，没有人来。", "教苏念之大提琴的老师是哪里人？"),
    ],
)  # fmt: skip
def test_what_stands_chapters_apart_is_found_together(
    ltm: Ltm, first: str, second: str, filler: str, question: str
) -> None:
    chapters = [f"# {n}\n\n" + " ".join(filler.format(100 * n + i) for i in range(8))
                for n in range(1, 21)]  # fmt: skip
    chapters[2] += f" {first}"
    chapters[17] += f" {second}"
    ltm("read", "-", "--title", "novel", stdin="\n\n".join(chapters))
    hits = ltm.json("recall", "--in", "novel", question)
    assert first in hits[0]["text"]
    [led] = [hit for hit in hits[:5] if second in hit["text"]]
    assert led["why"]["bridge"]
    scores = [hit["score"] for hit in hits]
    assert scores[:5] == sorted(scores[:5], reverse=True)


@pytest.mark.parametrize("how", [[], ["--now"]])
def test_a_whole_document_is_forgotten_at_once(ltm: Ltm, report: Path, how: list[str]) -> None:
    ltm("remember", "mine 我的")
    ltm("read", str(report))
    ltm("forget", "--in", "harbour", *how, status=2)  # nobody can be asked here
    ltm("forget", "--in", "harbour", "1", "--yes", status=2)
    ltm("forget", "--yes", status=2)
    ltm("forget", "--in", "harbour", "--yes", *how)
    assert [one["text"] for one in ltm.json("list")] == ["mine 我的"]
    ltm("ask", "--in", "harbour", "Who?", status=1)
    ltm("read", "--list", status=1)
    if how:
        everything = b"".join(p.read_bytes() for p in ltm.home.rglob("*") if p.is_file())
        assert b"Marta" not in everything
        assert "杭州".encode() not in everything
    else:
        ltm("undo")
        assert ltm.json("read", "--list")[0]["title"] == "harbour"


def test_what_was_read_is_listed_for_its_user_alone(ltm: Ltm, report: Path) -> None:
    ltm("read", str(report), "--at", "2024-03-01", "--tag", "work", "--user", "ana")
    [one] = ltm.json("read", "--list", "--user", "ana")
    assert list(one) == ["title", "passages", "characters", "at", "recorded"]
    assert (one["at"], one["recorded"]) == ("2024-03-01T00:00:00", NOW)
    assert one["characters"] > 200
    assert "harbour\t" in ltm("read", "--list", "--user", "ana").stdout
    ltm("read", "--list", status=1)
    ltm("recall", "--in", "harbour", status=1)
    assert ltm.json("recall", "--tag", "work", "crane", "--user", "ana")


def test_standard_input_takes_its_title_from_its_heading(ltm: Ltm) -> None:
    assert ltm.json("read", "-", stdin="# 会议记录\n\n下周三交货。")["title"] == "会议记录"
    assert ltm.json("read", "-", "--title", "notes", stdin="plain 文本")["title"] == "notes"
    assert "--title" in ltm("read", "-", stdin="plain 文本", status=2).stderr


def test_a_document_with_headings_alone_is_its_headings(ltm: Ltm) -> None:
    ltm("read", "-", stdin="# Plan\n## Buy a boat\n## 学游泳\n")
    [one] = ltm.json("list")
    assert (one["text"], one["tags"][-1]) == ("Buy a boat\n学游泳", "Plan")


def test_plain_text_of_both_languages_has_chapters(ltm: Ltm) -> None:
    english = (
        "CHAPTER I. Down the Rabbit-Hole\n\nAlice was beginning to get very tired of sitting by\n"
        "her sister on the bank, and of having nothing to do.\n\nChapter 2\n\nShe swam.\n"
    )
    chinese = (
        "第三章 婚礼\n　　那天下午，王芳在外滩等人。\n　　没有等到。\n第四章 旅行\n　　去了苏州。\n"
    )
    ltm("read", "-", "--title", "en", stdin=english)
    ltm("read", "-", "--title", "zh", stdin=chinese.encode("gb18030"))
    found = {one["ref"]: (one["tags"][2:], one["text"]) for one in ltm.json("list")}
    assert found["en#1"] == (["CHAPTER I. Down the Rabbit-Hole"],
        "Alice was beginning to get very tired of sitting by her sister on the bank, and of having"
        " nothing to do.")  # fmt: skip
    assert found["en#2"] == (["Chapter 2"], "She swam.")
    assert found["zh#1"] == (["第三章 婚礼"], "那天下午，王芳在外滩等人。\n没有等到。")
    assert found["zh#2"][0] == ["第四章 旅行"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("王芳在外滩的咖啡馆里等了两个小时，最后还是没有等到她的老师。", name)
     for name in ("gb18030", "big5", "utf-16", "utf-16-le", "utf-8-sig", "utf-32")]
    + [("It wasn’t until the café closed that Anna’s teacher came.", name)
       for name in ("cp1252", "utf-16", "utf-16-be")],
)  # fmt: skip
def test_encodings_are_recognised_or_named(ltm: Ltm, text: str, encoding: str) -> None:
    data = text.replace("闆", "").encode(encoding, "replace" if encoding == "big5" else "strict")
    named = ["--encoding", encoding] if encoding == "big5" else []
    expected = data.decode(encoding).strip()
    ltm("read", "-", "--title", "x", *named, stdin=data)
    assert texts(ltm, "x") == [expected]


@pytest.mark.parametrize(
    ("data", "says", "status"),
    [
        (b"", "no text", 5),
        (b" \n\n\t\n", "no text", 5),
        (bytes(range(256)) * 40, "", 5),
        (b"\x7fELF\x02\x01\x01\0" + b"\0\x01" * 500, "", 5),
        (b"text with a \0 inside", "", 5),
        (b"%PDF-1.4 and nothing more", "PDF", 5),
        (b"PK\x03\x04 and nothing more", "ZIP", 5),
    ],
)
def test_what_is_no_document_gets_two_lines(ltm: Ltm, data: bytes, says: str, status: int) -> None:
    done = ltm("read", "-", "--title", "x", stdin=data, status=status)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2
    assert says in done.stderr
    assert ltm.json("list", status=1) == []


def test_bad_usage(ltm: Ltm, tmp_path: Path) -> None:
    ltm("read", str(tmp_path / "none.txt"), status=5)
    ltm("read", str(tmp_path), status=5)
    ltm("read", status=2)
    ltm("read", "-", "--encoding", "klingon", "--title", "x", stdin="x", status=2)
    ltm("read", "-", "--encoding", "utf-8", "--title", "x", stdin="天".encode("gbk"), status=5)
    assert not ltm.home.exists()
    ltm("read", "-", "--title", "", stdin="x", status=2)
    ltm("ask", "--in", "nothing", "Who?", status=1)
    ltm("recall", "--in", "a", "--session", "b", status=2)
    assert ltm.json("list", status=1) == []


def test_megabytes_on_one_line(ltm: Ltm) -> None:
    done = ltm.json("read", "-", "--title", "log", stdin="天气x" * 200_000 + " the needle 🪡")
    assert done["passages"] > 1000
    assert len(ltm.json("recall", "--in", "log", "-k", "needle 🪡")) == 1


def test_ctrl_c_leaves_nothing_half_read(ltm: Ltm, tmp_path: Path) -> None:
    ltm("remember", "before 之前")
    book = tmp_path / "book.txt"
    book.write_text("".join(f"Sentence {i} of 一本很长的书。\n\n" * 3 for i in range(60_000)))
    process = subprocess.Popen(
        [sys.executable, "-m", "ltm_cli", "read", str(book)],
        env=ltm.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    log = ltm.home / "memory.db-wal"
    until(lambda: log.exists() and log.stat().st_size > 500_000)  # it is writing
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in error
    assert [one["text"] for one in ltm.json("list")] == ["before 之前"]
    assert {one["state"] for one in ltm.json("doctor")} <= {"ok", "note"}


def test_a_follow_up_is_understood_after_a_book_was_read(ltm: Ltm, report: Path) -> None:
    ltm("remember", "-Q", "推荐一本机器学习的书", "-A", "周志华的《机器学习》，又叫西瓜书。")
    ltm("read", "-", "--title", "long", stdin="\n\n".join(f"# {i}\n第{i}句。" for i in range(40)))
    assert ltm.json("ask", "它的作者还有什么著作？", "--no-llm")["sources"][0]["id"] == 1


def word(path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_heading("Year in review", 0)
    document.add_heading("First half 上半年", 1)
    document.add_paragraph("Revenue came mostly from the ferry to Malmö.")
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "渡轮", "Aurora"
    document.save(path)


PAGE = "The keeper of the lighthouse was Otto Lind."


def pdf(path: Path, *, text: str = PAGE, key: str = "") -> None:
    pypdf = pytest.importorskip("pypdf")
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = pypdf.PdfWriter()
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })  # fmt: skip
    for line in ("An introduction.", text):
        page = writer.add_blank_page(400, 400)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({line if text else ''}) Tj ET".encode())
        page[NameObject("/Contents")] = stream
    writer.add_outline_item(title="The keepers", page_number=1)
    if key:
        writer.encrypt(key, algorithm="RC4-128")
    writer.write(path)


def test_a_word_document_is_read_with_headings_and_tables(ltm: Ltm, tmp_path: Path) -> None:
    word(tmp_path / "review.docx")
    ltm("read", str(tmp_path / "review.docx"))
    [one] = ltm.json("list", "--in", "review")
    assert one["tags"] == ["document", "review", "Year in review", "First half 上半年"]
    assert "Malmö" in one["text"]
    assert "渡轮 | Aurora" in one["text"]
    broken = (tmp_path / "review.docx").read_bytes()[:3000]
    ltm("read", "-", "--title", "x", stdin=broken, status=5)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("word/document.xml", "<not><xml")
    error = ltm("read", "-", "--title", "x", stdin=archive.getvalue(), status=5).stderr
    assert len(error.splitlines()) == 2


def test_a_pdf_is_read_with_its_outline_and_pages(ltm: Ltm, tmp_path: Path) -> None:
    pdf(tmp_path / "light.pdf")
    ltm("read", str(tmp_path / "light.pdf"))
    [first, second] = ltm.json("list", "--in", "light")
    assert first["tags"] == ["document", "light", "p. 1"]
    assert second["tags"] == ["document", "light", "The keepers", "p. 2"]
    assert "Otto Lind" in ltm("ask", "--in", "light", "Who was its keeper?", "--no-llm").stdout
    pdf(tmp_path / "scan.pdf", text="")
    assert "OCR" in ltm("read", str(tmp_path / "scan.pdf"), status=5).stderr
    pdf(tmp_path / "locked.pdf", key="secret")
    assert "encrypted" in ltm("read", str(tmp_path / "locked.pdf"), status=5).stderr


@given(st.text("ab。.!? \n#天气－-", max_size=400), st.integers(8, 60))
def test_passages_fit_and_lose_nothing(text: str, most: int) -> None:
    found = list(passages.cut(layout.blocks(layout.plain(text)), most))
    assert all(passages.size(one.text) <= most for one in found)
    assert "".join("".join(one.text for one in found).split()) == "".join(text.split())
