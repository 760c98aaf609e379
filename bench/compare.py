#!/usr/bin/env python3
"""Times the programs beside this file in Inlay and in Python with NumPy, in turns, and prints the ratio.

    python3 bench/compare.py [--inlay build/inlay] [--rounds 5]

Inlay is timed as a whole process, starting included; Python times the program alone, without its imports. Both sides take
turns within a round, so that a machine that slows down meets them alike; the best round of each counts. Needs NumPy.
"""
import argparse
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
TIMED = """
import sys, time
from numpy import *
code = compile(open(sys.argv[1]).read(), sys.argv[1], "exec")
start = time.perf_counter()
exec(code)
print(time.perf_counter() - start)
"""


def inlay_seconds(program, path):
    start = time.perf_counter()
    subprocess.run([program, path], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def numpy_seconds(path):
    return float(subprocess.run([sys.executable, "-c", TIMED, path], check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--inlay", default=str(HERE.parent / "build" / "inlay"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'program':16s} {'Inlay':>10s} {'NumPy':>10s}   times faster")
    for path in sorted((HERE / "programs").glob("*.inlay")):
        rounds = [(inlay_seconds(options.inlay, str(path)), numpy_seconds(str(path))) for _ in range(options.rounds)]
        inlay, numpy = (min(times) for times in zip(*rounds))
        print(f"{path.stem:16s} {inlay * 1e3:8.1f} ms {numpy * 1e3:8.1f} ms {numpy / inlay:10.2f}")


if __name__ == "__main__":
    main()
