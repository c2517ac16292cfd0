"""Bad input of every kind, given to the real command line: refused in one line, nothing lost.

    python bench/bad_inputs.py [KIND... [--write]]

Each case is a process of its own, forked from one that has imported ltm, with a home of its own.
It must end by itself, within `PATIENCE`, with a documented exit status; say at most one line and a
hint, and no raw control character; and leave the store sound, or exactly as broken as it was. What
fails is printed, with exit status 1. Writes the table to bench/results/bad_inputs.md, of some KINDs
their rows with --write.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results" / "bad_inputs.md"
sys.path[:0] = [str(ROOT)]

PATIENCE = 60  # seconds of CPU
DOCUMENTED = {0, 1, 2, 3, 4, 5}
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NOW = "2024-06-10T20:00:00"


@dataclass
class Case:
    """One call of ltm. `files` are put into the home first."""

    kind: str
    arguments: list[str]
    stdin: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    refused: bool = False  # whether status 0 would be wrong


VALUES = [
    "", " ", "\udcff", "\x1b[2J\x07", "99999999999999999999", "-1", "0", "1e309", "NaN", "٣",
    "9999-99-99", "10000-01-01", "0000-00-00", "2024-02-30", "9999-12-31", "0001-01-01",
    "0001-01-01T00:00+14:00", "999999天前", "in 99999999 years", "上" * 300 + "周", "A" * 20_000,
    "../../../etc/passwd", "/", "/dev/null", "/proc/self/mem", "'; DROP TABLE memories; --", '"',
    "* OR %", "\u202eabc", "🍰" * 60, "[[[[", "nobody@nowhere", "-", "--", "\ue000", "a\nb",
]  # fmt: skip
# Where each of VALUES is put: the word {} of a command.
PLACES = """
remember {} | remember again --at {} | remember again --kind {} | remember again --session {}
remember again --speaker {} | remember again --tag {} | remember again --ref {}
remember -Q {} -A yes | recall {} | recall cat --since {} | recall cat --until {} | recall --on {}
recall --kind {} | recall cat --session {} | recall cat --tag {} | recall cat --limit {}
recall --keyword {} | recall --batch {} | recall cat --in {} | recall cat --user {}
list --since {} | list --limit {} | show {} | edit 1 {} | edit 1 --at {} | edit 1 --tag {}
edit {} text | forget {} --yes | forget --in {} --yes | task add {} | task add call --due {}
task done {} | task snooze 3 --until {} | today --due-within {} | today --lang {} | facts list {}
facts why {} | facts drop {} | facts set {} phone 1 | facts set me {} 1 | facts set me phone {}
facts history {} | feedback {} good | feedback 1 {} | export --on {} | export --tag {}
config set threads {} | config set bank_bytes {} | config set bank_form {} | config get {}
config unset {} | model info {} | model use {} | model use --embed {} | import {} | read {}
read - --title {} | read - --title t --at {} | read - --title t --encoding {}
recommend --from {} | style learn {} | style avoid {} | suggest {} | ask --no-llm {}
ask --no-llm --at {} cat | ask --no-llm --session {} cat | write --no-llm {} | completion {} | {}
--home {} list | bank {} | undo --user {} | profile --user {} | doctor {}
"""
ENVIRONMENT = "LTM_NOW LTM_USER LTM_MODEL LTM_EMBED LTM_THREADS LTM_CONTEXT LTM_BANK_BYTES".split()


def options() -> Iterator[Case]:
    places = [place.split() for place in PLACES.replace("\n", " | ").split(" | ")]
    for number, place in enumerate(filter(None, places)):
        for value in VALUES[number % 4 :: 4]:  # a quarter of them, in turn: all take too long
            words = [value if word == "{}" else word for word in place]
            yield Case("options and arguments", words, b"It rained.\n")


def environment() -> Iterator[Case]:
    commands = (["list"], ["today"], ["remember", "due tomorrow: call Tom"])
    for number, name in enumerate(ENVIRONMENT):
        for place, value in enumerate(VALUES[number % 2 :: 2]):
            yield Case("environment", commands[place % 3], environment={name: value})


LINES = [
    b"{", b"[]", b"1", b'"a"', b"null", b"NaN", b"{}", b'{"text": 1}', b'{"text": null}',
    b'{"text": ""}', b'{"text": "  "}', b'{"text": "a\\u0000b"}', b'{"text": "\\ud800"}',
    b'{"text": "a", "question": "b"}', b'{"answer": ""}', b'{"text": "a", "nonsense": 1}',
    b'{"text": "a", "tags": "x"}', b'{"text": "a", "tags": [1]}', b'{"text": "a", "tags": [""]}',
    b'{"text": "a", "tags": {"x": 1}}', b'{"text": "a", "kind": "thing"}',
    b'{"text": "a", "at": "yesterday"}', b'{"text": "a", "at": "9999-99-99"}',
    b'{"text": "a", "at": "10000-01-01"}', b'{"text": "a", "at": "0001-01-01T00:00:00+14:00"}',
    b'{"text": "a", "at": 1718000000}', b'{"text": "a", "recorded": "2024-02-30"}',
    b'{"text": "a", "ref": 7}', b'{"text": "a", "user": ["me"]}', b'{"text": "a", "session": {}}',
    b'{"text": "a", "speaker": "\\u0000"}', b'{"text": "a"} {"text": "b"}', b"{'text': 'a'}",
    b'{"text": "a",}', b'{"text": "\xff\xfe"}', b"\xff\xfe{\x00", b"\x00", b"PK\x03\x04",
    b"[" * 100_000, b'{"a":' * 100_000, b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"text": ' + b"9" * 5000 + b"}", b'{"text": 1e999}', b'{"text": Infinity}',
    b'{"text": "a"' + b" " * 10_000, b"\xef\xbb\xbf\xef\xbb\xbf{}", b'{"text": "\x1b[2J"}',
    b"<xml/>", b"text,at", b'{"text": true}', b'{"kind": "episode"}', b'{"tags": ["a"]}',
]  # fmt: skip
GOOD = b'{"text": "kept before the bad line", "at": "2024-01-01T00:00:00"}\n'


def imports() -> Iterator[Case]:
    for line in LINES:
        yield Case("JSONL", ["import", "-"], GOOD + line + b"\n", refused=True)
        yield Case("JSONL", ["import", "-", "--lenient"], line)
    for line in (*LINES, b'{"qid": 1}', b'{"qid": "a", "query": 1}', b'{"query": "cat"}',
                 b'{"qid": "a", "query": "cat", "limit": 0}', b'{"qid": "a", "query": ""}',
                 b'{"qid": "a", "query": "cat", "limit": 1e18}',
                 b'{"qid": "a", "query": "cat", "limit": 1000000000000000000000}',
                 b'{"qid": "a", "query": "cat", "at": "9999-99-99"}',
                 b'{"qid": "a", "query": "\\ud800"}'):  # fmt: skip
        yield Case("queries", ["recall", "--batch", "-"], line)


def documents() -> Iterator[Case]:
    from fuzz.documents import SEEDS, word

    chance = random.Random(5)
    for seed in [*SEEDS, word()]:
        for data in (
            seed,
            seed[: len(seed) // 2],
            b"%PDF-1.7\n" + seed,
            b"PK\x03\x04" + seed,
            bytes(chance.randrange(256) for _ in range(400)) + seed,
            bytes(b if chance.random() > 0.02 else chance.randrange(256) for b in seed),
        ):
            yield Case("documents", ["read", "-", "--title", "x"], data)
    for text in (
        "",
        "\n" * 1000,
        " " * 50_000,
        "#" * 20_000,
        "((" * 10_000,
        "> " * 5000 + "a",
        "每" * 20_000,
        "5 May " * 4000,
        "- " * 10_000,
        "[" * 10_000,
        "a," * 10_000,
    ):
        yield Case("documents", ["read", "-", "--title", "x"], text.encode())
        yield Case("texts", ["remember", "-"], text.encode())
        yield Case("texts", ["recall", "--", text or "?"])
    for data in (b"\xff\xfe\x00", b"\x80abc", b"a\x00b", b"\xef\xbb\xbf", b"\xed\xa0\x80"):
        yield Case("texts", ["remember", "-"], data, refused=True)


def stores(good: bytes) -> Iterator[Case]:
    """A store of other bytes: reported with status 3, or harmless; never made worse."""
    chance = random.Random(7)
    other = _database("CREATE TABLE memories (x)")
    newer = _database("CREATE TABLE meta (key TEXT, value TEXT)", "PRAGMA user_version = 99")
    bad: list[bytes] = [b"SQLite format 3\0", b"garbage" * 999, bytes(8192), other, newer]
    bad += [good[: len(good) * part // 10] for part in range(1, 10)]
    bad += [good[:100] + bytes(len(good) - 100), good[:4096] + os.urandom(len(good) - 4096)]
    for _ in range(12):
        data = bytearray(good)
        for _ in range(chance.choice([1, 20, 400])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        bad.append(bytes(data))
    commands = (["list"], ["recall", "cat"], ["remember", "one more"], ["doctor"], ["export"],
                ["forget", "1", "--yes", "--now"], ["today"])  # fmt: skip
    for number, data in enumerate(bad):
        for words in (commands + commands)[number % 7 :][:3]:
            yield Case("broken store", words, files={"memory.db": data})
    for log in (b"", b"garbage" * 99, os.urandom(9000)):
        yield Case("broken store", ["list"], files={"memory.db-wal": log})


def settings() -> Iterator[Case]:
    for data in (
        b"[", b"\xff", b"\x00", b"threads = 'a'", b"threads = 0", b"threads = true", b"model = 1",
        b"x = 1", b"context = 99999999999999999999", b"bank_bytes = -1", b"threads = nan",
        b"bank_form = 'q4'", b"[model]\na = 1", b"a" * 100_000, b"a.b" + b".c" * 5000 + b" = 1",
        b"x = " + b"[" * 5000, b"threads = 1\nthreads = 2", b"model = '/nowhere.gguf'",
    ):  # fmt: skip
        for words in (["list"], ["config", "list"], ["config", "set", "threads", "2"], ["doctor"]):
            yield Case("config.toml", words, files={"config.toml": data})


def derived() -> Iterator[Case]:
    """What can be made again: trained weights, the bank."""
    for data in (
        b"", b"{", b"[]", b"null", b'{"weights": []}', b'{"version": 1}', b"[" * 100_000, b"\xff",
        b'{"weights": [NaN]}', b'{"weights": {"a": "b"}}', b'{"scale": 1e999}',
    ):  # fmt: skip
        yield Case("weights", ["recall", "cat"], files={"sidenet/1.json": data})
        yield Case("weights", ["learn"], files={"sidenet/1.json": data})
        yield Case("bank", ["bank", "status"], files={"bank/models.json": data})
        yield Case("bank", ["bank", "status"], files={"bank/1-" + "0" * 32 + ".kv": data})
        yield Case("bank", ["forget", "1", "--yes"], files={"bank/1-x.kv": data, "bank/x.kv": data})


def models(folder: Path) -> Iterator[Case]:
    from tests import tiny

    good = tiny.write(folder / "tiny.gguf", "llama").read_bytes()
    chance = random.Random(3)
    huge = (1 << 62).to_bytes(8, "little")
    bad = [b"", b"GGUF", good[:8], good[:100], good[:5000], good[:-1], b"gguf" + good[4:],
           good[:4] + b"\xff" * 4 + good[8:], good[:8] + huge + good[16:],
           good[:16] + huge + good[24:], good[:24] + huge + good[32:],
           good.replace(b"<0x41>", b"<0x42>"), good.replace(b"llama", b"nosuc")]  # fmt: skip
    for _ in range(12):
        data = bytearray(good[:20_000])
        for _ in range(3):
            place = chance.randrange(8, 3000)
            data[place : place + 8] = chance.choice([huge, bytes(8), b"\xff" * 8])
        bad.append(bytes(data) + good[20_000:])
    for number, data in enumerate(bad):
        command = ("info", "use")[number % 2]
        yield Case("GGUF", ["model", command, "bad.gguf"], files={"bad.gguf": data})


class Homes:
    """Homes with the same few memories of two users, one for each case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template"
        texts = ["I bought cat food", "明天下午三点开会", "I have to call Tom by Friday", "🍰"]
        lines = [json.dumps({"text": text, "at": f"2024-06-0{i + 1}"}).encode()
                 for i, text in enumerate(texts)]  # fmt: skip
        self.run(["import", "-"], b"\n".join(lines), self.template)
        self.run(["remember", "hers", "--user", "anna"], b"", self.template)
        self.good = (self.template / "memory.db").read_bytes()

    def prepared(self, case: Case) -> Path:
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.template, home)
        for name, data in case.files.items():
            (home / name).parent.mkdir(exist_ok=True)
            (home / name).write_bytes(data)
        return home

    def run(
        self, words: list[str], stdin: bytes, home: Path, **environment: str
    ) -> tuple[int, str, str]:
        """(exit status, standard output, standard error); a signal is -N."""
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            streams[0].write(stdin)
            streams[0].seek(0)
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                _child(words, [stream.fileno() for stream in streams], home, environment)
            _, status = os.waitpid(child, 0)
            for stream in streams[1:]:
                stream.seek(0)
            out, err = (stream.read().decode("utf-8", "surrogateescape") for stream in streams[1:])
        return os.waitstatus_to_exitcode(status), out, err


def _child(words: list[str], streams: list[int], home: Path, environment: dict[str, str]) -> None:
    """Become `ltm WORDS`: never returns."""
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            for number, mode in enumerate(("r", "w", "w"))
        )
        os.environ.clear()
        os.environ |= {"PATH": os.defpath, "LTM_HOME": str(home), "LTM_NOW": NOW, **environment}
        os.chdir(home.parent if not home.exists() else home)
        sys.argv = ["ltm", *words]
        from ltm_cli.cli import main

        main()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1 if error.code else 0
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 70
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def fault(case: Case, homes: Homes) -> tuple[int, str]:
    """(exit status, what is wrong with how a case ended; "" if nothing)"""
    home = homes.prepared(case)
    before = case.files.get("memory.db")
    status, out, err = homes.run(case.arguments, case.stdin, home, **case.environment)
    said = [line for line in err.splitlines() if line.strip()]
    if status not in DOCUMENTED:
        return status, f"exit status {status}: {' / '.join(said[-2:])[:300]}"
    if case.refused and status == 0:
        return status, "was taken for good"
    if status and len(said) > 2:
        return status, f"{len(said)} lines of error: {said[:3]}"
    if status > 1 and not said and case.arguments[:1] != ["doctor"]:
        return status, "failed without a word"
    if "Traceback" in err or _RAW.search(err) or _RAW.search(out):
        return status, f"a traceback or raw control character: {(err or out)[:200]!r}"
    if before is not None:  # what cannot be read must not be changed by reading it
        return status, ""
    return status, _unsound(home, status)


def _unsound(home: Path, status: int) -> str:
    """What is wrong with the store afterwards."""
    from ltm_cli.features.registry import INDEXER
    from ltm_cli.maintenance.doctor import store as doctor
    from ltm_cli.storage.sqlite import connection

    with connection.open_reading(home / "memory.db", INDEXER) as store:
        found = [one.detail for one in doctor.inspect(store, full=True) if one.state == "broken"]
        if found:
            return f"the store is unsound: {found}"
        held = sum(memories for _, _, memories in store.users())
    return f"{5 - held} memories are lost" if held < 5 and status else ""


def _database(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            for statement in statements:
                db.execute(statement)
        return path.read_bytes()


def pipes(homes: Homes) -> Iterator[tuple[int, str]]:
    """Nobody reads the output, or it cannot be written: real processes."""
    variables = os.environ | {"LTM_HOME": str(homes.template), "LTM_NOW": NOW}
    for words in (["list"], ["export"], ["export", "--json"], ["--help"], ["recall", "cat"]):
        ltm = [sys.executable, "-m", "ltm_cli", *words]
        run = subprocess.Popen(ltm, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
                               env=variables)  # fmt: skip
        assert run.stdout
        assert run.stderr
        run.stdout.close()
        err = run.stderr.read().decode()
        yield run.wait(), err if run.returncode or err else ""
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(ltm, stdout=full, stderr=subprocess.PIPE, cwd=ROOT, env=variables)
        said = done.stderr.decode()
        good = done.returncode in DOCUMENTED and len(said.splitlines()) <= 2
        yield done.returncode, "" if good else said[-300:]


def main(kinds: list[str], *, write: bool) -> int:
    from ltm_cli.cli.commands import COMMANDS

    for module in set(COMMANDS.values()):
        __import__(f"ltm_cli.cli.{module}")
    start = time.monotonic()
    statuses: dict[str, Counter[int]] = defaultdict(Counter)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        homes = Homes(Path(folder))
        cases = [*options(), *environment(), *imports(), *documents(), *stores(homes.good),
                 *settings(), *derived(), *models(Path(folder))]  # fmt: skip
        for case in cases:
            if kinds and case.kind not in kinds:
                continue
            status, wrong = fault(case, homes)
            statuses[case.kind][status if not wrong else -1] += 1
            if wrong:
                bad += 1
                shown = " ".join(case.arguments)[:90]
                files = [data[:30] for data in case.files.values()]
                print(f"{case.kind}: ltm {shown!a} {case.environment} {case.stdin[:60]!r} {files}")
                print(f"    {wrong}")
        if not kinds or "pipes" in kinds:
            for status, wrong in pipes(homes):
                statuses["output that nobody takes"][status if not wrong else -1] += 1
                bad += bool(wrong)
                if wrong:
                    print(f"output that nobody takes:\n    {wrong}")
    table = _table(statuses)
    print(table, f"{time.monotonic() - start:.0f} s", sep="\n")
    if write or not kinds:
        RESULTS.write_text(_table(_kept() | statuses if kinds else statuses) + "\n", "utf-8")
    return 1 if bad else 0


_ROW = re.compile(r"^\| ([\w. -]+) \| ([\d,]+) \| ([\d,]+) \| (.*) \|$", re.MULTILINE)


def _kept() -> dict[str, Counter[int]]:
    """The rows as they were written, so that one kind can be run again by itself."""
    found = {}
    for kind, cases, handled, ends in _ROW.findall(RESULTS.read_text("utf-8")):
        counted = Counter[int]()
        for end in filter(None, ends.split(", ")):
            number, status = end.split(" × ")
            counted[int(status)] = int(number.replace(",", ""))
        counted[-1] = int(cases.replace(",", "")) - int(handled.replace(",", ""))
        found[kind] = counted
    return found


def _table(statuses: Mapping[str, Counter[int]]) -> str:
    lines = ["| bad input | cases | handled | exit statuses |", "|---|--:|--:|---|"]
    total = sum(statuses.values(), Counter[int]())
    for kind, counted in [*statuses.items(), ("**all**", total)]:
        wrong = counted[-1]
        ends = ", ".join(f"{n:,} × {s}" for s, n in sorted(counted.items()) if s >= 0)
        cases = sum(counted.values())
        lines.append(f"| {kind} | {cases:,} | {cases - wrong:,} | {ends} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main([one for one in sys.argv[1:] if one != "--write"], write="--write" in sys.argv))
