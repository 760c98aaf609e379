#!/usr/bin/env python3
"""Times the workloads with one thread and with all, while another process keeps one processor busy.

    python3 bench/busy.py [NAME...] [--inlay build/inlay] [--sizes N...] [--rounds R]

With threads that wait for each other a busy processor makes parallel loops many times slower than serial ones. Prints the
time with all threads ÷ the time with one, and ends with status 1 if one ratio is above 1.3.

Invariant: the neighbour runs from before the first timing until after the last, and ends with this process.
"""
import argparse
import subprocess
import sys
from contextlib import contextmanager

from engines import HERE, Inlay
from run import time_text
from workload import Workload

LIMIT = 1.3
SPIN = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100000))"


@contextmanager
def busy_processor():
    """Keeps one processor busy."""
    neighbour = subprocess.Popen([sys.executable, "-c", SPIN])
    try:
        yield
    finally:
        neighbour.kill()
        neighbour.wait()


def best_times(options, work, size):
    """With one thread and with all, in turns."""
    engines = [Inlay(options.inlay, 1), Inlay(options.inlay, None)]
    rounds = [[engine.seconds(work, size, options.budget) for engine in engines] for _ in range(options.rounds)]
    return [min(times) for times in zip(*rounds)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="workloads; all without")
    parser.add_argument("--inlay", default=str(HERE.parent / "build" / "inlay"))
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=float, default=0.2, help="seconds per timing")
    options = parser.parse_args()
    too_slow = 0
    with busy_processor():
        for name in options.names or sorted(path.stem for path in (HERE / "workloads").glob("*.bench")):
            work = Workload(HERE / "workloads" / f"{name}.bench")
            for size in work.sizes if not options.sizes else [size for size in work.sizes if size in options.sizes]:
                one, many = best_times(options, work, size)
                too_slow += many > LIMIT * one
                print(f"{name:18s} {size:>10,} {time_text(one):>9s} with one thread, {time_text(many):>9s} with all: "
                      f"{many / one:.2f}", flush=True)
    print(f"{too_slow} above {LIMIT}")
    return 1 if too_slow else 0


if __name__ == "__main__":
    sys.exit(main())
