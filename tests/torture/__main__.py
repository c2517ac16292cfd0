"""python -m tests.torture [--short] [--seed N] [PART...]"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads must not fork


def main() -> None:
    from tests.torture import kills, process
    from tests import tiny
    from tests.torture.operations import NOW
    from ltm_cli.memory import transfer

    p = argparse.ArgumentParser()
    p.add_argument("--kills", type=int, default=60)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    for name in list(os.environ):
        if name.startswith("LTM_"):
            del os.environ[name]
    process.preload()
    transfer.BATCH = 10
    with tempfile.TemporaryDirectory() as folder:
        model = tiny.write(Path(folder) / "model.gguf", "llama")
        os.environ |= {"LTM_MODEL": str(model), "LTM_NOW": NOW, "LANG": "C.UTF-8"}
        began = time.perf_counter()
        for name, r in kills.torture(a.kills, random.Random(a.seed)).items():
            print(name, r.kills, r.calls, r.whole, r.acknowledged, r.stored, len(r.wrong))
            for w in r.wrong[:8]: print("    ", w[:300])
        print(time.perf_counter() - began)


main()
