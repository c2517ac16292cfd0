"""What is left of memories that were forgotten for good: every byte of every file is searched.

    python bench/residue.py [--check]

Memories of both languages go through all that ltm does with a memory, each with words that nothing
else holds. Then they are forgotten, by real processes, and every file under the home is searched
for each of those words and each four characters of them: in UTF-8 and UTF-16 of both orders, as
JSON escapes, inside zlib streams, and in what the bank's entries say of their tokens. What was
found before the forgetting is counted the same way, for a search that finds nothing proves nothing
by itself. Writes the table to bench/results/residue.md (not with --check); exit status 1 if
anything is left.
"""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import inprocess

from ltm_cli.indexing import tokenizer
from ltm_cli.llm.catalogue import bundled

RESULTS = Path(__file__).parent / "results" / "residue.md"
NOW, LATER = "2024-06-10T20:00:00", "2024-06-11T20:00:01"
SHORT = 6  # bytes that stand by chance among the numbers of the bank: not looked for there
MEGABYTE = 1_000_000
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


@dataclass
class Journey:
    """What some memories went through, and the words that only they hold."""

    name: str
    words: str
    forget: list[str]  # arguments of ltm forget

    @property
    def pieces(self) -> list[str]:
        """Each word and each four characters of it, as typed and as the index folds them."""
        found: dict[str, None] = {}
        for word in (*self.words.split(), *tokenizer.fold(self.words).split()):
            found[word] = None
            found.update((word[i : i + 4], None) for i in range(len(word) - 3))
        return list(found)


class Home:
    """A home, and the folder of what is read into it."""

    def __init__(self, folder: str) -> None:
        self.path = Path(folder) / "home"
        self.folder = Path(folder)

    def __call__(self, *arguments: str, stdin: str = "", ok: tuple[int, ...] = (0,)) -> str:
        """What `ltm ARGUMENTS` prints."""
        done = inprocess.ltm(self.path, *arguments, stdin=stdin, LTM_NOW=NOW)
        if done.status not in ok:
            sys.exit(f"ltm {' '.join(arguments)[:200]}\n{done.err}")
        return done.out

    def process(self, *arguments: str, now: str = NOW) -> str:
        """The same, in a process of its own."""
        environment = os.environ | {"LTM_HOME": str(self.path), "LTM_NOW": now}
        environment["PYTHONPATH"] = str(Path(__file__).parent.parent)
        command = [sys.executable, "-m", "ltm_cli", *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, check=True
        ).stdout.decode()

    def id_of(self, *arguments: str, stdin: str = "") -> str:
        """The id of what `ltm ARGUMENTS --json` stored."""
        stored = json.loads(self(*arguments, "--json", stdin=stdin))
        return str((stored[0] if isinstance(stored, list) else stored)["id"])

    def files(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.path.rglob("*") if path.is_file()}


def main(check: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder)
        journeys = travelled(home)
        files = searched(home)
        size = sum(map(len, files.values()))
        before = count(journeys, files)
        for one in journeys:
            if one.forget:
                home.process("forget", *one.forget, "--yes")
        home.process("list", "--limit", "1", now=LATER)  # a day later, and nobody writes
        files = searched(home)
        after = count(journeys, files)
        kept = json.loads(home.process("list", "--json", now=LATER))
    lines = [
        "| what the memories went through | words and pieces | bytes found before | after |",
        "|---|---:|---:|---:|",
        *(
            f"| {one.name} | {len(one.pieces):,} | {there:,} | {left} |"
            for one, there, left in zip(journeys, before, after, strict=True)
        ),
        "",
        f"{size / 1e6:.0f} MB of files were searched before, and"
        f" {sum(map(len, files.values())) / 1e6:.0f} MB after."
        f" Residue after forget: {sum(after)} bytes.",
    ]
    table = "\n".join(lines)
    print(table)
    if not check:
        RESULTS.write_text(table + "\n", "utf-8")
    blind = [one.name for one, there in zip(journeys, before, strict=True) if not there]
    if blind or not kept:
        print(f"the search is blind: {blind or 'nothing was kept'}", file=sys.stderr)
    return int(bool(sum(after) or blind or not kept))


def travelled(home: Home) -> list[Journey]:
    """Memories that stay, and memories that went through everything."""
    for text in ("Tom moved to Lisbon 🍰", "和王芳去看了电影", "I live in Leeds."):
        home("remember", text)
    return [*_asked(home), *_written(home), *_read(home), *_person(home), *_left(home)]


def _written(home: Home) -> list[Journey]:
    found = []
    for language, forms in {
        "English": ("quokkaberg velvetine", "narwhalsky umbrafoot", "xylophane jubileum"),
        "Chinese": ("摩羯座芙蓉酱油 🦄🪐", "麒麟阁琉璃瓦当 🦜🪁", "饕餮纹青铜方鼎 🦩🪆"),
    }.items():
        first, *others = forms
        id = home.id_of("remember", f"it was {first}", "--speaker", "Ana", "--session", "s")
        for form in others:
            home("edit", id, f"it was {form}", "--tag", form.split()[0])
        found.append(
            Journey(f"remembered, edited twice, {language}", " ".join(forms), [id, "--now"])
        )
    rng = random.Random(1)
    latin = ["".join(rng.choices("bcdfghjklmnpqrstvwxz", k=9)) for _ in range(60)]
    chinese = ["".join(map(chr, rng.sample(range(0x9A00, 0x9F00), 5))) for _ in range(20)]
    words = [*latin, *chinese, "🧿🪬🫀🫁"]
    text = ""
    while len(text.encode()) < MEGABYTE:
        text += " ".join(rng.choices(words, k=2000)) + "\n"
    id = home.id_of("remember", stdin=text)
    found.append(Journey("a text of 1 MB", " ".join(words), [id, "--now"]))
    return found


def _read(home: Home) -> list[Journey]:
    document = home.folder / "vermiculture.md"
    text = (
        "# Gewölbekeller\n\n" + "Zinnoberrot steht im Kalebassenhaus. 蒹葭苍苍白露为霜。\n\n" * 60
    )
    document.write_text(text, "utf-8")
    home("read", str(document), "--tag", "klabautermann")
    document.write_text(text + "Nachtrag: Mondscheintarif.\n", "utf-8")
    home("read", str(document))
    words = "vermiculture Gewölbekeller Zinnoberrot Kalebassenhaus 蒹葭苍苍白露为霜 Mondscheintarif"
    line = {"text": "Imported: quirlzwack 罗刹海市", "at": "2024-05-01", "ref": "rhododendron-7"}
    home("import", "-", stdin=json.dumps(line) + "\n")
    [imported] = json.loads(home("recall", "-k", "quirlzwack", "--json"))
    return [
        Journey("a document, read twice", words, ["--in", "vermiculture", "--now"]),
        Journey("imported", "quirlzwack 罗刹海市 rhododendron", [str(imported["id"]), "--now"]),
    ]


def _asked(home: Home) -> list[Journey]:
    english = home.id_of("remember", "The wifi password of the chalet is zygomorph-42.")
    home("edit", english, "The wifi password of the chalet is quixotry-43.")
    chinese = home.id_of("remember", "山庄的保险柜密码是鹧鸪天九七。")
    rooms = "kitchen garden attic cellar office hall garage porch".split()
    home("import", "-", stdin="".join(
        json.dumps({"text": f"Painted the {room} with Ana in shade {i}0."}) + "\n"
        for i, room in enumerate(rooms)
    ))  # fmt: skip
    questions = ["What is the wifi password of the chalet?", "山庄的保险柜密码是什么？"]
    home("chat", stdin="\n".join(questions), ok=(0, 1))
    home("ask", "--new", "Is quixotry the wifi password of the chalet?", ok=(0, 1))
    for id in (english, chinese):
        home("feedback", id, "good", "--question", f"{'quixotry' if id == english else '鹧鸪天'}?")
    for room in rooms:
        [one, *_] = json.loads(home("recall", "-k", f"the {room} with", "--json"))
        question = f"In what shade was the {room} painted?"
        home("feedback", str(one["id"]), "good", "--question", question)
    home("learn", ok=(0, 1))
    if model := bundled():
        home("bank", "warm", "--limit", "4")
        home("model", "use", "--embed", str(model.path))
        home("config", "unset", "embed")  # the vectors stay; what follows needs none
    return [
        Journey("asked, answered, judged, learned, in the bank, embedded, English",
                "zygomorph quixotry chalet", [english, "--now"]),
        Journey("the same, Chinese", "山庄的保险柜密码 鹧鸪天九七", [chinese, "--now"]),
    ]  # fmt: skip


def _person(home: Home) -> list[Journey]:
    task = home.id_of(
        "task", "add", "Send the hollyhocks invoice to Zsigmondy", "--due", "2024-06-20"
    )
    home("task", "done", task)
    home("facts", "set", "chalet boat", "colour", "zaffreblau", ok=(0,))
    [fact] = json.loads(home("recall", "-k", "zaffreblau", "--json"))
    days = [f"2024-0{m}-{d:02}" for m, d in ((4, 1), (4, 15), (4, 29), (5, 13), (5, 27))]
    home("import", "-", stdin="".join(
        json.dumps({"text": "今天买了貔貅粮，went to the krummhorn lesson", "at": day}) + "\n"
        for day in days
    ))  # fmt: skip
    series = [str(one["id"]) for one in json.loads(home("recall", "-k", "krummhorn", "--json"))]
    home("habits", ok=(0, 1))
    own = home.folder / "own.txt"
    own.write_text("Dear Wilhelmina,\nthe gallimaufry is on. 😺\nToodlepip, Ozymandias\n", "utf-8")
    style = home.id_of("remember", own.read_text("utf-8"), "--kind", "style")
    home("write", "say that the meeting is on", ok=(0, 1, 4))
    return [
        Journey("a task, done", "hollyhocks Zsigmondy", [task, "--now"]),
        Journey("a fact that was set", "zaffreblau", [str(fact["id"]), "--now"]),
        Journey("a habit of five", "貔貅粮 krummhorn", [*series, "--now"]),
        Journey("own writing, drafted with", "Wilhelmina gallimaufry Toodlepip", [style, "--now"]),
    ]


def _left(home: Home) -> list[Journey]:
    """What only time, or the end of a user, or undo erases."""
    id = home.id_of("remember", "Forgotten without --now: bergamotto 金缕玉衣")
    home("remember", "the guest is a nudibranch 🦑 昙花一现", "--user", "Bartholomäus")
    home("ask", "What is the guest?", "--user", "Bartholomäus", "--no-llm", ok=(0, 1))
    home("remember", "a slip of the hand: ichthyosaur")
    home("undo")
    return [
        Journey("forgotten, a day later and only read since", "bergamotto 金缕玉衣", [id]),
        Journey("a user, with forget --all --now", "Bartholomäus nudibranch 昙花一现 🦑",
                ["--all", "--user", "Bartholomäus", "--now"]),
    ]  # fmt: skip


def searched(home: Home) -> dict[Path, bytes]:
    """Every file, with its name; what zlib and the bank's tokens hide of it, as files beside it."""
    found = home.files()
    hidden = {}
    for path, data in found.items():
        for i, place in enumerate(_places(data, _ZLIB)):
            try:
                hidden[path / f"zlib {i}"] = zlib.decompressobj().decompress(data[place:], 1 << 24)
            except zlib.error:
                continue
        hidden[path / "name"] = str(path.relative_to(home.path)).encode()
    tokens = {path: _tokens(data) for path, data in found.items() if path.suffix == ".kv"}
    if tokens and (model := bundled()):
        from ltm_cli.llm.llama import Llama

        with Llama(model.path, context=256) as opened:
            for path, said in tokens.items():
                hidden[path / "tokens"] = b"".join(opened.piece(token) for token in said)
    return found | hidden


def _tokens(data: bytes) -> list[int]:
    """The tokens that the header of a bank's entry names (kvcache/entries.py)."""
    [length] = struct.unpack_from("<I", data, 7)
    tokens: list[int] = json.loads(data[11 : 11 + length])["tokens"]
    return tokens


def _places(data: bytes, marks: Iterable[bytes]) -> list[int]:
    found = []
    for mark in marks:
        place = data.find(mark)
        while place >= 0:
            found.append(place)
            place = data.find(mark, place + 1)
    return found


def count(journeys: Sequence[Journey], files: dict[Path, bytes]) -> list[int]:
    """How many bytes of the files are a piece of each journey, in any of its forms."""
    import numpy as np

    forms: dict[bytes, dict[bytes, int]] = {}  # by their first four bytes
    for number, journey in enumerate(journeys):
        for piece in journey.pieces:
            escaped = json.dumps(piece)[1:-1]
            written = [piece.encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be")]
            for form in (*written, escaped.encode(), _shouted(escaped).encode()):
                forms.setdefault(form[:4], {})[form] = number
    first, second = np.zeros(1 << 16, bool), np.zeros(1 << 16, bool)
    for head in forms:
        first[int.from_bytes(head[:2], "little")] = True
        second[int.from_bytes(head[2:4], "little")] = True
    found = [0] * len(journeys)
    for path, data in files.items():
        least = SHORT if path.suffix == ".kv" else 0
        raw = np.frombuffer(data, np.uint8).astype(np.uint16)
        pairs = raw[:-1] | raw[1:] << 8
        for place in np.flatnonzero(first[pairs[:-2]] & second[pairs[2:]]).tolist():
            for form, number in forms.get(data[place : place + 4], {}).items():
                if len(form) >= least and data.startswith(form, place):
                    found[number] += len(form)
    return found


def _shouted(escaped: str) -> str:
    """JSON escapes in capital letters."""
    return escaped.upper().replace("\\U", "\\u")


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
