import argparse, random, time
from tests.torture import kills, process, full
p = argparse.ArgumentParser()
p.add_argument("--kills", type=int, default=60)
p.add_argument("--seed", type=int, default=1)
a = p.parse_args()
with process.prepared():
    for name, r in kills.torture(a.kills, random.Random(a.seed)).items():
        print(name, r.kills, r.calls, r.whole, r.acknowledged, r.stored, len(r.wrong))
        for w in r.wrong[:8]: print("    ", w[:300])
