"""Coverage-guided fuzzing of every target, one after the other.

    python -m fuzz [TARGET...] [--minutes 10]

Each runs under atheris in a process of its own, beginning from its seeds. The first input that
breaks a promise stops its target, and is kept in fuzz/found/. Writes bench/results/fuzz.md: what
was run, not what could be. Needs the extra `fuzz`; exit status 1 if anything was found.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz import TARGETS

ROOT = Path(__file__).parent.parent
FOUND = ROOT / "fuzz" / "found"
RESULTS = ROOT / "bench" / "results" / "fuzz.md"
LONGEST = 2000  # bytes of an input
PATIENCE = 20  # seconds that one input may take under instrumentation, the machine being shared
MEMORY = 3000  # MB
_STATUS = re.compile(rb"^#(\d+)\t.*?cov: (\d+) ft: (\d+) corp: (\d+)", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz what reads input.")
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each target")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if unknown := set(chosen.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    try:
        importlib.import_module("atheris")
    except ImportError:
        print("atheris is missing: pip install '.[fuzz]' (it has wheels for Python 3.11 to 3.13)")
        return 2
    if chosen.work:
        _under_atheris(chosen.targets[0], chosen.minutes, chosen.work)
        return 0
    runs = json.loads(_kept()) if RESULTS.exists() else {}
    broken = 0
    for target in chosen.targets:
        runs[target] = _run(target, chosen.minutes)
        broken += runs[target]["found"]
        _write(runs)
    print(RESULTS.read_text("utf-8"))
    return 1 if broken else 0


def _run(target: str, minutes: float) -> dict[str, float]:
    """One target in a process of its own; what libFuzzer counted."""
    FOUND.mkdir(exist_ok=True)
    before = set(FOUND.iterdir())
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        command = [sys.executable, "-m", "fuzz", target, "--minutes", str(minutes), "--work", work]
        done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE)
    spent = time.monotonic() - start
    statuses = _STATUS.findall(done.stderr) or [(b"0",) * 4]
    executions, coverage, features, corpus = map(int, statuses[-1])
    found = len(set(FOUND.iterdir()) - before)
    if done.returncode or found:
        print(done.stderr.decode("utf-8", "replace")[-3000:], file=sys.stderr)
        found = max(found, 1)
    return {
        "minutes": round(spent / 60, 1), "executions": executions, "coverage": coverage,
        "features": features, "corpus": corpus, "found": found,
    }  # fmt: skip


def _under_atheris(target: str, minutes: float, work: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["ltm_cli"]):
        module = importlib.import_module(f"fuzz.{target}")
        for seed in module.SEEDS:  # much is imported only when it is needed: instrument that too
            module.one(seed)
    for number, seed in enumerate(module.SEEDS):
        (work / f"seed{number}").write_bytes(seed)
    options = [
        f"-max_total_time={round(60 * minutes)}", f"-max_len={LONGEST}", f"-timeout={PATIENCE}",
        f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={FOUND}/{target}-",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(work)], module.one)
    atheris.Fuzz()


_DATA = re.compile(r"<!-- (\{.*\}) -->")


def _kept() -> str:
    """What was measured before, so that one target can be run again by itself."""
    match = _DATA.search(RESULTS.read_text("utf-8"))
    return match[1] if match else "{}"


def _write(runs: dict[str, dict[str, float]]) -> None:
    """The table, and under it the numbers that it was written from."""
    lines = [
        "| target | what it feeds | minutes | executions | coverage | features | found |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for target, run in runs.items():
        lines.append(
            f"| `{target}` | {TARGETS[target]} | {run['minutes']:.1f} | {run['executions']:,}"
            f" | {run['coverage']:,} | {run['features']:,} | {run['found']} |"
        )
    RESULTS.write_text("\n".join(lines) + f"\n<!-- {json.dumps(runs)} -->\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
