#!/usr/bin/env python3
"""Times the workloads beside this file in Inlay and in NumPy, and prints a table of both and their ratio.

    python3 bench/run.py [NAME...] [--sizes N...] [--threads T] [--rounds R] [--write docs/performance.md]

A workload is a file workloads/NAME.bench: the sizes it is run at, a setup and the statement that is timed, one text for both.
`{n}` is the size, `{r}` its square root, `{k}` the lesser of the size and of the file's `picks`.
Both take turns within a round, so that a machine that slows down meets them alike; the best of all rounds counts. Without
NumPy in `--numpy PYTHON` the table has Inlay's times alone.

Invariant: each timing is a process of its own, so none finds the memory or the caches of another.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- table: ./dev bench --write -->", "<!-- end of the table -->"

# The statement runs in batches of about 5 ms, which hide the clock; as `inlay timeit` does it.
NUMPY = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
setup, statement, budget = json.load(sys.stdin)
namespace = {}
exec("from numpy import *", namespace)
exec(setup, namespace)
code = compile(statement, "statement", "exec")
def batch(count):
    start = time.perf_counter()
    for _ in range(count): exec(code, namespace)
    return (time.perf_counter() - start) / count
batch(1)
count = max(1, int(0.005 / max(batch(1), 1e-8)))
best, end = 1e30, time.perf_counter() + budget
while True:
    best = min(best, batch(count))
    if time.perf_counter() > end: break
print(json.dumps(best))
"""


class Workload:
    """One file of workloads/."""

    def __init__(self, path):
        head, rest = path.read_text(encoding="utf-8").split("--- setup\n")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        self.name = path.stem
        self.sizes = [int(size) for size in fields["sizes"].split()]
        self.picks = int(fields.get("picks", 0))
        self.setup, self.statement = rest.split("--- statement\n")

    def texts(self, size):
        """Setup and statement for a size."""
        values = {"{n}": size, "{r}": int(size ** 0.5), "{k}": min(self.picks, size)}
        texts = self.setup, self.statement
        for name, value in values.items():
            texts = tuple(text.replace(name, str(value)) for text in texts)
        return texts


def inlay_seconds(options, setup, statement):
    """The best time of `inlay timeit`; None, with a message, where the statement fails."""
    command = [options.inlay, "timeit", "--json", "--budget", str(options.budget), "--setup", setup, statement]
    if options.threads:
        command[2:2] = ["--threads", str(options.threads)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    return json.loads(done.stdout)["best_s"]


def numpy_seconds(options, setup, statement):
    """The best time in Python; None where it fails."""
    done = subprocess.run([options.numpy, "-c", NUMPY], input=json.dumps([setup, statement, options.budget]),
                          capture_output=True, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    return json.loads(done.stdout)


def measure(options, work, size):
    """The best of all rounds of both; None for one that failed."""
    texts = work.texts(size)
    engines = [inlay_seconds] + ([numpy_seconds] if options.has_numpy else [])
    rounds = [[engine(options, *texts) for engine in engines] for _ in range(options.rounds)]
    return [min(times) if None not in times else None for times in zip(*rounds)] + [None] * (2 - len(engines))


def time_text(seconds):
    """"12.3 us", in ten columns."""
    if seconds is None:
        return "-"
    for unit, scale in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        if seconds * scale < 999.5:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds:.3g} s"


def row(name, size, times):
    """One line of the table: name, size, Inlay, NumPy, ratio."""
    inlay, numpy = times
    ratio = f"{numpy / inlay:.2f}" if inlay and numpy else "-"
    return f"| {name:18s} | {size:>10,} | {time_text(inlay):>9s} | {time_text(numpy):>9s} | {ratio:>7s} |"


HEAD = ["| workload           |   elements |     Inlay |     NumPy | NumPy ÷ Inlay |",
        "|---|---:|---:|---:|---:|"]


def machine(options):
    """What the figures were measured on."""
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    threads = options.threads or len(os.sched_getaffinity(0))
    return f"{date.today():%Y-%m-%d}, {model}, {threads} threads, best of {options.rounds} rounds of {options.budget} s."


def rewrite(path, lines):
    """Puts the lines between the two marks of a document."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    path.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="workloads; all without")
    parser.add_argument("--inlay", default=str(HERE.parent / "build" / "inlay"))
    parser.add_argument("--numpy", default=sys.executable, metavar="PYTHON", help="a Python that has NumPy 2")
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--threads", type=int, help="of Inlay; as many as there are processors without")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=float, default=0.2, help="seconds per timing")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace its table")
    options = parser.parse_args()
    options.has_numpy = subprocess.run([options.numpy, "-c", "import numpy"], capture_output=True).returncode == 0
    known = sorted(path.stem for path in (HERE / "workloads").glob("*.bench"))
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no workload {', '.join(sorted(unknown))}; there are: {' '.join(known)}")
    options.names = options.names or known
    return options


def main():
    options = parse_arguments()
    lines, ratios = list(HEAD), []
    print("\n".join(lines))
    for name in options.names:
        work = Workload(HERE / "workloads" / f"{name}.bench")
        for size in work.sizes:
            if options.sizes and size not in options.sizes:
                continue
            times = measure(options, work, size)
            lines.append(row(name, size, times))
            print(lines[-1], flush=True)
            if None not in times:
                ratios.append(times[1] / times[0])
    if ratios:
        product = 1.0
        for ratio in ratios:
            product *= ratio ** (1 / len(ratios))
        summary = f"Geometric mean of {len(ratios)} ratios: {product:.2f}. " + machine(options)
        lines += ["", summary]
        print("\n" + summary)
    if options.write:
        rewrite(options.write, lines)


if __name__ == "__main__":
    main()
