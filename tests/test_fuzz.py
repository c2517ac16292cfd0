"""What no input may do: fuzz/ with hypothesis, what once broke something, and the time it takes.

python -m pytest tests/test_fuzz.py --hypothesis-profile=long     # 50 times as many inputs
make fuzz                                                         # guided by coverage
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ltm_cli
from fuzz import TARGETS, blob, config, documents, exports, importers
from fuzz import dates as date_rules
from fuzz import rules as text_rules
from ltm_cli.core.errors import InputError, StoreError, UsageError
from ltm_cli.core.record import Record, from_json
from ltm_cli.core.settings import load, parsed
from ltm_cli.features.documents import formats, passages
from ltm_cli.features.facts import extraction as fact_extraction
from ltm_cli.features.habits import events
from ltm_cli.features.profile import exercise_results, phrases
from ltm_cli.features.style import measure
from ltm_cli.features.tasks import extraction as task_extraction
from ltm_cli.indexing import tokenizer, writer
from ltm_cli.kvcache import entries, layout, quantise
from ltm_cli.nlp import dates, sentences
from ltm_cli.retrieval import query, reranker
from ltm_cli.storage.sqlite import files
from ltm_cli.storage.sqlite.store import SqliteStore
from tests import pumps, tiny
from tests.conftest import Ltm, Process

NOW = datetime(2024, 6, 10, 20)
freely = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
seldom = settings(freely, max_examples=max(1, settings().max_examples // 4))

WORDS = st.sampled_from(
    """on by before until since last next every the in 2 31 May Friday March 3pm 12:30 24:00 Q3
    2024-05-10 13/5/2024 9999-12-31 weeks days ago half hour early mid from to and I we have must
    send bought my sister is lives allergic wrong got ? . ! , ; “ ” " ' ( ) ’ 🍰 e\u0301 ﬁ İ \ue000
    昨天 上上 下 周 三 周一 五月 5月 20日 号 下午 三点 半 之前 以前 前 后 每 隔 两 天 个月 年 底 到
    要 记得 我 妈妈 生日 是 住在 杭州 过敏 买了 猫粮 错了 了 不 。 ！ ，
    、 ： 《 》 ２０２４ 〇 零 第""".split()
)
TEXTS = st.lists(WORDS | st.sampled_from([" ", "\n"]) | st.text(max_size=4), max_size=14).map(
    lambda words: " ".join(words) if len(words) % 2 else "".join(words)
)


def mutated(originals: list[bytes]) -> st.SearchStrategy[bytes]:
    """One of these with some bytes replaced, and perhaps cut off."""
    edit = st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=9))

    def made(original: bytes, edits: list[tuple[float, int, bytes]], rest: float) -> bytes:
        for place, gone, put in edits:
            at = int(place * len(original))
            original = original[:at] + put + original[at + gone :]
        return original[: int(rest * len(original))] if rest < 0.5 else original

    return st.builds(made, st.sampled_from(originals), st.lists(edit, max_size=4), st.floats(0, 1))


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_of_every_target_hold(target: str) -> None:
    module = importlib.import_module(f"fuzz.{target}")
    for seed in module.SEEDS:
        module.one(seed)


@given(st.datetimes(), TEXTS)
@freely
def test_any_text_is_read_for_dates_and_tasks(now: datetime, text: str) -> None:
    date_rules.check(now.replace(microsecond=0), text, whole=len(text) < 12)


@given(st.datetimes(), TEXTS)
@freely
def test_any_text_is_read_by_every_rule(now: datetime, text: str) -> None:
    text_rules.check(now, text)


@given(mutated(importers.SEEDS))
@seldom
def test_any_lines_are_imported_or_refused_and_the_store_is_sound(data: bytes) -> None:
    importers.one(data)


@given(mutated(exports.SEEDS))
@seldom
def test_any_export_is_imported_or_named_and_the_store_is_sound(data: bytes) -> None:
    exports.one(data)


ODD = (None, True, 7, -1e300, 10**40, "", "x\0\ud800", [], [[]], {"a": []})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values of a JSON document stand."""
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = with_value(document[path[0]], path[1:], value)
    return copy


EVERY = pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(600)], id="every")


@pytest.mark.parametrize("one_in", [pytest.param(4, id="some"), EVERY])
@pytest.mark.parametrize("export", [[exports.CHATGPT], [exports.CLAUDE], exports.JRNL])
def test_any_value_of_an_export_may_be_of_another_kind(export: Any, one_in: int) -> None:
    tried = 0
    for number, (path, odd) in enumerate(itertools.product(places(export), ODD)):
        if number % one_in == 0:
            exports.one(json.dumps(with_value(export, path, odd)).encode())
            tried += 1
    assert tried > 20


@pytest.mark.parametrize("odd", [None, 0, 7, 1.5, b"\xff\x00", "x\0y"])
def test_any_column_of_a_log_may_be_of_another_type(odd: object) -> None:
    for table, columns in (
        ("responses", "id model prompt system response conversation_id datetime_utc"),
        ("conversations", "id name model"),
    ):
        for column in columns.split():
            with contextlib.closing(sqlite3.connect(":memory:")) as db:
                db.deserialize(exports.log())
                db.execute(f"UPDATE {table} SET {column} = ?", (odd,))
                db.commit()
                exports.one(db.serialize())


@given(mutated([*documents.SEEDS, documents.word()]))
@seldom
def test_any_file_is_read_or_refused(data: bytes) -> None:
    documents.one(data)


@given(mutated(blob.SEEDS))
@freely
def test_any_state_is_taken_apart_or_refused(data: bytes) -> None:
    blob.one(data)


@given(mutated(config.SEEDS))
@freely
def test_any_setting_is_read_or_refused(data: bytes) -> None:
    config.one(data)


# Bugs that fuzzing found, one test each.


def test_a_size_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(UsageError, match=r"must be from 1 to|is not a size"):
        parsed("bank_bytes", "9" * 400 + "k")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ('{"text": ' + "[" * 100_000, "nested too deeply"),
        ('{"text": ' + "9" * 5000 + "}", "Exceeds the limit|must be a string"),
        ('{"text": NaN}', "NaN is not a JSON number"),
    ],
    ids=["deep", "long", "nan"],
)
def test_json_that_python_cannot_hold_is_refused(document: str, said: str, ltm: Ltm) -> None:
    with pytest.raises(InputError, match=said):
        from_json(document)
    for words in (["recall", "--batch", "-"], ["recommend", "--from", "-"]):
        assert "Error" not in ltm(*words, stdin=document, status=5).stderr
    with pytest.raises(reranker.WeightsError):
        reranker.parse(document)


def test_weights_that_are_no_numbers_are_refused() -> None:
    net = json.loads(reranker.serialise(reranker.load_shipped()))
    name = next(iter(net["weights"]))
    for bad in ("NaN", "1e999", "9" * 400):
        document = json.dumps(net).replace(str(net["weights"][name]), bad, 1)
        with pytest.raises(reranker.WeightsError):
            reranker.parse(document)


@pytest.mark.parametrize("now", ["9999-12-31", "0001-01-01T00:00+14:00"])
def test_a_clock_at_the_ends_of_time_is_refused(now: str, ltm: Ltm) -> None:
    assert "LTM_NOW" in ltm("today", status=2, LTM_NOW=now).stderr


def test_a_config_that_nests_too_deeply_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("x = " + "[" * 5000)
    with pytest.raises(InputError, match=r"config\.toml"):
        load(home)


def test_a_query_asks_for_at_least_one(ltm: Ltm) -> None:
    for limit in ("-5", "1e999"):
        line = f'{{"qid": "a", "query": "cat", "limit": {limit}}}'
        assert "limit" in ltm("recall", "--batch", "-", stdin=line, status=5).stderr


def test_a_pdf_whose_parts_are_missing_is_refused() -> None:
    broken = documents.SEEDS[7].replace(b"/Type/Pages/Kids[3 0 R]", b"/Typees/Kids[3 0 R]")
    assert broken.startswith(b"%PDF")
    with pytest.raises(InputError, match="PDF"):
        formats.read(broken, "broken.pdf")


def test_a_small_archive_that_holds_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "_MOST_UNPACKED", 1 << 12)
    with pytest.raises(InputError, match="unpacks to more"):
        formats.read(documents.word(), "bomb.docx")


def test_a_row_wider_than_the_file_is_refused() -> None:
    with pytest.raises(layout.LayoutError):
        layout.parse(blob.SEEDS[-1])


@pytest.mark.parametrize("header", [b"7", b"[" * 100_000, b"[[1]]", b"\xff"])
def test_a_header_that_is_none_says_nothing(header: bytes, tmp_path: Path) -> None:
    path = tmp_path / "1-0.kv"
    path.write_bytes(b"LTMKV1\n" + len(header).to_bytes(4, "little") + header)
    assert entries.load_header(path) == {}


def test_numbers_that_are_not_finite_are_kept_as_they_are() -> None:
    state = layout.parse(blob.state(1, 1))
    rows = np.full((1, 32), np.inf, np.float16).view(np.uint8)
    broken = layout.State(state.magic, state.positions, state.types, [rows, rows])
    assert quantise.dequantise(quantise.quantise(broken)) is broken


def test_a_model_file_that_would_end_the_process_is_refused(
    tmp_path: Path, process: Process
) -> None:
    path = tiny.write(tmp_path / "tiny.gguf", "llama")
    path.write_bytes(path.read_bytes().replace(b"<0x41>", b"<0x42>"))  # a token twice
    assert "llama.cpp" in process("model", "info", str(path), status=4).stderr
    assert "llama.cpp" in process("model", "use", str(path), status=4).stderr


@pytest.mark.parametrize("kind", ["queries", pytest.param("pipes", marks=pytest.mark.slow)])
def test_bad_inputs_are_handled(kind: str) -> None:
    """Some kinds of bench/bad_inputs.py, which runs them all."""
    command = [sys.executable, "bench/bad_inputs.py", kind]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_damaged_store_whose_error_is_no_text_is_reported(home: Path) -> None:
    with pytest.raises(StoreError, match="malformed"), files.errors(home / "memory.db"):
        b"table \xe5x".decode("utf-8")


def test_an_argument_that_is_no_text_is_refused(ltm: Ltm) -> None:
    ltm("remember", "cat")
    assert "UTF-8" in ltm("recall", "cat", "--tag", "\udcff", status=2).stderr


def test_a_file_that_somebody_put_into_the_bank_is_left_alone(ltm: Ltm, home: Path) -> None:
    ltm("remember", "cat")
    (home / "bank").mkdir()
    (home / "bank" / "x.kv").write_bytes(b"")
    ltm("forget", "1", "--yes")
    assert (home / "bank" / "x.kv").exists()


# Time: twice the text, twice the time. These took seconds for 4,000 characters, or never ended.

PATTERNS = [
    *"""on |5 May |Q1 |3pm |12:00 |Monday |from 3 to |before |I have to |Dr. |e.g. |a, |1|1/|1.
    |2024-|(|"|“|'|- |....|a b |please |bought a |my sister's |I live in |got the |thanks |hi
    |每|周一|下|上上|5月|5月1日|三天|三点|上午|年底|之前|要|我|我喜欢|是|买了|错了|对|的|。|，|第|一|了|🍰
    |\ue000|e\u0301|İ|> |[|# |* |ed |没|和""".replace("\n    ", "").split("|"),
    " ", "\t", "\n", "|", "a\n", "下" * 99 + "月", "5 May" + " " * 99,
]  # fmt: skip
READERS: dict[str, Callable[[str], object]] = {
    "dates": lambda text: dates.find(text, NOW),
    "tasks": lambda text: task_extraction.find(text, dates.find(text[:200], NOW), NOW),
    "title": lambda text: task_extraction.title(text, ()),
    "query": lambda text: query.parse_query(text, NOW),
    "events": events.keys,
    "facts": fact_extraction.find,
    "outcomes": exercise_results.find,
    "phrases": lambda text: phrases.frequent([text] * 3),
    "segment": tokenizer.terms,
    "sentences": sentences.split,
    "streamed": sentences.end_of_first,
    "style": lambda text: measure.measure([text]),
    "passages": lambda text: list(passages.cut(formats.read(b"# x\n" + text.encode(), "x").blocks)),
}


def seconds(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start


@pytest.mark.parametrize("reader", READERS)
def test_twice_the_text_takes_twice_the_time(reader: str) -> None:
    read, size = READERS[reader], 1000
    for pattern in PATTERNS:
        short, long = ((pattern * size)[:length] + "x 年" for length in (size, 2 * size))
        once, twice = seconds(read, short), seconds(read, long)
        if twice > 3 * once + 0.05:  # another process may have been in the way: try again
            once, twice = (min(seconds(read, text) for _ in range(3)) for text in (short, long))
        assert twice < 3 * once + 0.05, (pattern, once, twice)


def test_no_expression_doubles_its_work_with_every_repetition() -> None:
    """Forty repetitions of any part of any regular expression of ours: at once, or never."""

    def never(*_: object) -> None:
        raise TimeoutError(f"{(before + part)!r} and so on: {pattern.pattern}")

    earlier = signal.signal(signal.SIGALRM, never)
    tried = 0
    try:
        for pattern in pumps.patterns(ltm_cli).values():
            for before, part in pumps.pumps(pattern):
                signal.alarm(5)
                pattern.search(before + 40 * part + "\1")
                tried += 1
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)
    assert tried > 5000


@pytest.mark.parametrize(
    "text",
    ["1" * 40 + "是我买的单号", f"密码{' ' * 60}我忘了", "todo: " * 40, f"wrong made {'a ' * 40}x"],
)
def test_what_once_never_ended_is_remembered_at_once(text: str, ltm: Ltm) -> None:
    assert ltm.json("remember", text)["text"] == text
    ltm("profile", status=1)  # reads how things went


@pytest.mark.parametrize("pattern", ["5 May ", "周一", "("])
def test_a_long_hostile_text_is_remembered_in_bounded_time(
    pattern: str, store: SqliteStore
) -> None:
    start = time.process_time()
    writer.remember(store, Record(text=(pattern * 20_000)[:20_000]))
    assert time.process_time() - start < 20  # 2 s on the machine where it was written
