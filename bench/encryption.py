"""What encryption costs: the same commands on the same memories, plain and encrypted, in turns.

    python bench/encryption.py

Whole processes on 100,000 synthetic memories; medians of paired rounds. The key comes of a key file
that ltm has written, of a file with the passphrase (scrypt, each time), and of a keyring (here one
that is a file: what is measured is loading the library). Writes bench/results/encryption.md.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

from speed import LTM, MEMORIES, first_word, turns

ROUNDS = 11
FEWER = 3  # rounds of what takes seconds
TURNS = 5_882
AIM, SIZE_AIM = 1.5, 1.1
RESULTS = Path(__file__).parent / "results" / "encryption.md"
DIARY = Path(__file__).parent.parent / "demo" / "diary.jsonl"
KEYRING = """
from pathlib import Path
from keyring.backend import KeyringBackend

class File(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        path = Path(__file__).with_name(username)
        return path.read_text() if path.exists() else None

    def set_password(self, service, username, password):
        Path(__file__).with_name(username).write_text(password)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = "\n".join(measured(Path(folder)))
    print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(table + "\n", "utf-8")


def measured(folder: Path) -> list[str]:
    plain, sealed, ringed = (folder / name for name in ("plain", "sealed", "ringed"))
    base = os.environ | {"PYTHONPATH": str(folder)}
    homes = {
        "plain": base | {"LTM_HOME": str(plain)},
        "key file": base | {"LTM_HOME": str(sealed), "LTM_KEY_FILE": str(folder / "key")},
        "passphrase": base | {"LTM_HOME": str(sealed), "LTM_KEY_FILE": str(folder / "phrase")},
        "keyring": base | {"LTM_HOME": str(ringed), "PYTHON_KEYRING_BACKEND": "ltm_ring.File"},
    }
    (folder / "ltm_ring.py").write_text(KEYRING, "utf-8")
    (folder / "phrase").write_text("correct horse 电池 staple\n", "utf-8")
    (folder / "phrase").chmod(0o600)

    def run(home: str, *command: str, stdin: bytes = b"") -> float:
        began = perf_counter()
        subprocess.run(
            [*LTM, *command], input=stdin, env=homes[home], capture_output=True, check=True
        )
        return 1000 * (perf_counter() - began)

    run("plain", "import", "-", stdin=turns(None, MEMORIES))
    run("plain", "remember", "The needle is in the haystack: 大海捞针")
    run("plain", "import", str(DIARY), "--user", "d")
    shutil.copytree(plain, sealed)
    encrypting = run("passphrase", "encrypt", "--key-file", str(folder / "phrase"))
    run("passphrase", "encrypt", "--key-file", str(folder / "key"))
    run("passphrase", "config", "unset", "key_file")
    shutil.copytree(sealed, ringed)
    homes["keyring"]["LTM_KEY_FILE"] = str(folder / "key")
    run("keyring", "encrypt", "--keyring")
    del homes["keyring"]["LTM_KEY_FILE"]

    rows = [
        "| whole process | plain | encrypted | ratio | aim |",
        "|---|---:|---:|---:|---|",
    ]
    words = f"{MEMORIES:,} memories"
    recall = f"ltm recall QUESTION, {words}"
    commands = {
        f"ltm recall --keyword haystack, {words}": ["recall", "--keyword", "haystack"],
        f"ltm recall --keyword 捞针, {words}": ["recall", "--keyword", "捞针"],
        recall: ["recall", "Where did I put the needle?"],
        "ltm remember, synced to disk": ["remember", "one more 记忆"],
    }
    for name, command in commands.items():
        ways = list(homes) if name == recall else ["plain", "key file"]
        times: dict[str, list[float]] = {way: [] for way in ways}
        for turn in range(ROUNDS + 1):  # the first warms the page cache
            for way in ways:
                spent = run(way, *command)
                if turn:
                    times[way].append(spent)
        for way in ways[1:]:
            label = name if way == "key file" else f"the same, the key from a {way}"
            aim = f"≤ {AIM}×" if "recall" in name else ""
            rows.append(row(label, times["plain"], times[way], aim))
    lines = turns(None, TURNS)
    imports: dict[str, list[float]] = {"plain": [], "key file": []}
    for turn in range(FEWER):
        for way in imports:
            imports[way].append(run(way, "import", "-", "--user", f"i{turn}", stdin=lines))
    rows.append(row(f"ltm import of {TURNS:,} turns", imports["plain"], imports["key file"], ""))
    asked: dict[str, list[float]] = {"plain": [], "key file": []}
    for turn in range(FEWER + 1):  # the first fills the bank
        for way in asked:
            spent = first_word(homes[way])
            if turn:
                asked[way].append(spent)
    rows.append(
        row("ltm ask, first word, the bank restored", asked["plain"], asked["key file"], "")
    )
    for file, about in (("memory.db", "bytes of memory.db"), ("bank", "bytes of bank/")):
        before, after = size(plain / file), size(sealed / file)
        rows.append(
            f"| {about} | {before / 1e6:.1f} MB | {after / 1e6:.1f} MB | {after / before:.2f}×"
            f" | ≤ {SIZE_AIM}× |"
        )
    rows.append(f"| ltm encrypt, {words}, once | | {encrypting / 1000:.1f} s | | |")
    return rows


def row(name: str, plain: list[float], encrypted: list[float], aim: str) -> str:
    """The ratio is the median of the rounds': a slow moment of the machine hits both of one."""
    ratio = statistics.median(b / a for a, b in zip(plain, encrypted, strict=True))
    before, after = statistics.median(plain), statistics.median(encrypted)
    return f"| {name} | {before:.0f} ms | {after:.0f} ms | {ratio:.2f}× | {aim} |"


def size(path: Path) -> int:
    """Bytes of a file with its log, or of all in a folder."""
    files = path.glob("*.kv") if path.is_dir() else path.parent.glob(f"{path.name}*")
    return sum(file.stat().st_size for file in files)


if __name__ == "__main__":
    main()
